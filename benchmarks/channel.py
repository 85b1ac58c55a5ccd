"""A typed call out of a sandbox, through its channel and the broker, against the same call without
them.

    python -m benchmarks.channel [--calls N] [--rounds N] [--json FILE]

The method is told in `benchmarks/README.md`.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import subprocess
import sys
from pathlib import Path
from statistics import median
from typing import Any

from mcp_sdkgen_codemode.broker.broker import Broker, Run
from mcp_sdkgen_codemode.limits import Limits
from mcp_sdkgen_runtime import RawResult

from benchmarks.measuring import Json, show, write_json
from tests.codemode.broker.guests import (
    SDKS,
    WEATHER,
    Fake,
    definition,
    guest_process,
    weather_service,
)

TYPED = """
import time
from weather_sdk import weather
weather.get_forecast(city="Oslo")
def timed(calls):
    start = time.perf_counter()
    for _ in range(calls):
        weather.get_forecast(city="Oslo")
    return (time.perf_counter() - start) / calls * 1000
"""
BARE = """
import time
from mcp_sdkgen_runtime.guest.broker_session import BrokerSession
session = BrokerSession(channel, "fake")
session.call("read", {})
def timed(calls):
    start = time.perf_counter()
    for _ in range(calls):
        session.call("read", {})
    return (time.perf_counter() - start) / calls * 1000
"""
DIRECT, BROKERED, CHANNEL = (
    "typed call, stdio server",
    "the same through a channel",
    "channel alone",
)


class Nothing(Fake):
    """A server that answers at once."""

    async def call(self, tool: str, arguments: Json, *, options: Any = None) -> RawResult:
        """The same small answer every time."""
        return _ANSWER


_ANSWER = RawResult([{"type": "text", "text": "done"}])


def direct_ms(calls: int) -> float:
    """Milliseconds of one call in a process that speaks to the server itself."""
    program = f"{TYPED}\nprint(timed({calls}))"
    found = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True,
        env={**os.environ, "PYTHONPATH": SDKS, "MCP_BINDING_WEATHER": " ".join(WEATHER)},
    )  # fmt: skip
    return float(found.stdout)


async def channel_ms(program: str, broker: Broker, calls: int) -> float:
    """Milliseconds of one call in a process behind a channel."""
    run = Run(broker, limits=Limits(calls=calls + 10, time_s=600))
    async with guest_process(run.limits) as channel:
        result = await run.serve(channel, f"{program}\nvalue = timed({calls})")
    if result.error is not None:
        raise SystemExit(f"{result.error.type}: {result.error.message}")
    return float(result.value)


async def measured(calls: int, rounds: int) -> dict[str, list[float]]:
    """Milliseconds a call of each kind, a figure a round; the kinds take turns."""
    weather = Broker({"weather": weather_service()})
    nothing = Broker({"fake": Nothing().service(definition("read"))})
    found: dict[str, list[float]] = {DIRECT: [], BROKERED: [], CHANNEL: []}
    for _ in range(rounds):
        found[DIRECT].append(await asyncio.to_thread(direct_ms, calls))
        found[BROKERED].append(await channel_ms(TYPED, weather, calls))
        found[CHANNEL].append(await channel_ms(BARE, nothing, calls))
    await weather.aclose()
    return found


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=300, help="calls a round")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    found = asyncio.run(measured(options.calls, options.rounds))
    direct = median(found[DIRECT])
    ratios = [b / d for b, d in zip(found[BROKERED], found[DIRECT], strict=True)]
    show(
        f"{options.calls} calls one after the other, {options.rounds} rounds",
        ("", "ms a call", "least", "against direct"),
        [(k, median(v), min(v), f"{median(v) / direct:.2f}") for k, v in found.items()],
    )
    print(f"a channel costs {median(ratios):.2f} times the direct call (median of rounds)")
    write_json(options.json, {"ms": found, "ratio": median(ratios)})


if __name__ == "__main__":
    main()
