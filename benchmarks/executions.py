"""Executions: programs from the warm pool against starting Python, and calls from inside a sandbox.

    python -m benchmarks.executions [--runs N] [--json FILE]

The method is told in `benchmarks/README.md`.
"""

from __future__ import annotations

import argparse
import asyncio
import subprocess
import sys
import time
from pathlib import Path
from statistics import median

from mcp_sdkgen_codemode import Executor, Outcome
from mcp_sdkgen_codemode.catalog import at

from benchmarks.measuring import Json, show, write_json

ROOT = Path(__file__).parents[1]
WEATHER = ROOT / "generated" / "weather"
SERVER = ROOT / "examples" / "servers" / "weather.py"
ONE_CALL = "from weather_sdk import weather\nweather.get_weather(location='Oslo').temperature\n"
NO_CALL = "from weather_sdk import weather\n1\n"
CALLS = 200
TIMED_CALLS = f"""\
import time
from statistics import median
from weather_sdk import weather
weather.get_weather(location="Oslo")
took = []
for _ in range({CALLS}):
    start = time.perf_counter()
    weather.get_weather(location="Oslo")
    took.append(time.perf_counter() - start)
result = median(took)
result
"""


def executor(sandboxes: int = 2) -> Executor:
    """An executor over the weather SDK and its server on stdio."""
    binding = [sys.executable, str(SERVER)]
    return Executor(sdks=[at(WEATHER)], bindings={"weather": binding}, sandboxes=sandboxes)


def finished(outcome: Outcome) -> Outcome:
    """The outcome; a figure of a failed run would mean nothing."""
    if not outcome.ok:
        raise SystemExit(f"{outcome.status}: {outcome.reason or outcome.error or outcome.stderr}")
    return outcome


async def dispatches(runs: int) -> tuple[float, float]:
    """Median seconds from dispatch to result, without and with one tool call, sandbox at hand."""
    async with executor() as own:
        await own.start()
        found = []
        for program in (NO_CALL, ONE_CALL):
            took = []
            for _ in range(runs):
                await asyncio.sleep(
                    0.3
                )  # the next sandbox warms up: a program waits for dispatch only
                outcome = finished(await own.run_async(program, typecheck=False))
                took.append(outcome.timings.start_s + outcome.timings.run_s)
            found.append(median(took[1:]))
        return found[0], found[1]


async def throughput(count: int) -> float:
    """Programs per second with one tool call each, two sandboxes at a time, starts included."""
    async with executor() as own:
        await own.start()
        finished(await own.run_async(ONE_CALL, typecheck=False))
        slots = asyncio.Semaphore(2)

        async def one() -> None:
            async with slots:
                finished(await own.run_async(ONE_CALL, typecheck=False))

        start = time.perf_counter()
        await asyncio.gather(*(one() for _ in range(count)))
        return count / (time.perf_counter() - start)


def starts_of_python(runs: int) -> float:
    """Median seconds of `python -c pass`."""
    took = []
    for _ in range(runs):
        start = time.perf_counter()
        subprocess.run([sys.executable, "-c", "pass"], check=True)
        took.append(time.perf_counter() - start)
    return median(took[1:])


def calls_inside() -> float:
    """Median seconds of one typed call from inside a sandbox."""
    with executor() as own:
        value = finished(own.run(TIMED_CALLS, typecheck=False)).value
        assert isinstance(value, float)
        return value


def calls_outside() -> float:
    """Median seconds of the same typed call in a plain process, on the same server."""
    code = (
        f"import sys; sys.path.insert(0, {str(WEATHER)!r})\n"
        "from mcp_sdkgen_runtime import configure\n"
        f"configure(weather=[{sys.executable!r}, {str(SERVER)!r}])\n"
    )
    program = code + TIMED_CALLS + "print(result)\n"
    done = subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True
    )
    return float(done.stdout)


def measure(runs: int) -> Json:
    """Milliseconds, programs per second, and the ratios that the project promises."""
    python_s = starts_of_python(runs)
    empty_s, one_call_s = asyncio.run(dispatches(runs))
    inside_s, outside_s = calls_inside(), calls_outside()
    return {
        "python -c pass, ms": python_s * 1e3,
        "warm pool, dispatch to result, ms": empty_s * 1e3,
        "the same with one tool call, ms": one_call_s * 1e3,
        "dispatch to result / python -c pass": empty_s / python_s,
        "call inside a sandbox, ms": inside_s * 1e3,
        "call outside, ms": outside_s * 1e3,
        "call inside / call outside": inside_s / outside_s,
        "programs per second, one call each": asyncio.run(throughput(runs)),
    }


def main() -> None:
    """Measure and show."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    found = measure(options.runs)
    show("executions", ("what", "figure"), [(n, f"{v:.3g}") for n, v in found.items()])
    write_json(options.json, found)


if __name__ == "__main__":
    main()
