"""The first answer of a tool, from the shell: `mcp-sdkgen call` against `mcporter call`.

    python -m benchmarks.first_answer [--quick] [--mcporter FOLDER] [--runs N] [--json FILE]

FOLDER is where `npm install mcporter` was run; without it, that is done once in a folder of caches.
The method is told in `benchmarks/README.md`.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory, TemporaryFile

from platformdirs import user_cache_path

from benchmarks.measuring import Json, show, write_json

SERVERS = Path(__file__).parents[1] / "examples" / "servers"
OURS, PEER = "mcp-sdkgen call", "mcporter call"
PEER_PACKAGE = "mcporter"
START_S = 60.0
"""How long a server may take to start, and npm to install."""
RUN_S = 60.0
"""How long one command may take."""
CELL_S = 120.0
"""After this long, a cell of the table makes do with the runs that it has."""
ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
"""Both sides without settings of this Python, such as that it keeps no bytecode."""


@dataclass(frozen=True)
class Call:
    """One call. `holds` is in every right answer; the server serves HTTP if `has_http`."""

    server: str
    tool: str
    arguments: Mapping[str, str]
    holds: str
    has_http: bool = True


CALLS = (
    Call("weather", "get_weather", {"location": "Oslo"}, "Oslo"),
    Call("json_rpc", "shout", {"text": "hello"}, "HELLO!", has_http=False),
    Call("library", "find_member", {"member_id": "m-1812"}, "Quillfeather"),
)
QUICK = CALLS[:2]


@dataclass(frozen=True)
class Cost:
    """What one command took, in seconds; CPU time counts the processes that it started."""

    wall_s: float
    cpu_s: float


def cost(command: Sequence[str], holds: str) -> Cost:
    """Run a command. Raises `RuntimeError` for another answer than the right one, or none."""
    began, before = time.perf_counter(), os.times()
    # Files, not pipes: a process that is left behind would hold a pipe open for ever.
    with TemporaryFile("w+") as out, TemporaryFile("w+") as err:
        with started(command, stdout=out, stderr=err) as process:
            try:
                code = process.wait(RUN_S)
            except subprocess.TimeoutExpired:
                raise RuntimeError(f"{command[0]}: no answer within {RUN_S:g} s") from None
        wall_s, after = time.perf_counter() - began, os.times()
        out.seek(0)
        err.seek(0)
        answer = out.read()
        if code or holds not in answer:
            raise RuntimeError(f"{command[0]}: no right answer: {answer}{err.read()}")
    cpu_s = after.children_user + after.children_system
    return Cost(wall_s, cpu_s - before.children_user - before.children_system)


@contextmanager
def started(command: Sequence[str], **streams: object) -> Iterator[subprocess.Popen[str]]:
    """A process in a group of its own, of which nothing is left when the block is."""
    process: subprocess.Popen[str] = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, text=True, env=ENVIRONMENT, start_new_session=True,
        **streams,  # type: ignore[call-overload]
    )  # fmt: skip
    try:
        yield process
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


@contextmanager
def serving(server: str, folder: Path) -> Iterator[str]:
    """A server that is running already: its URL."""
    command = [sys.executable, str(SERVERS / f"{server}.py"), "--http", "0"]
    # A file, not a pipe that nobody reads later: the server logs each request.
    log = folder / f"{server}.log"
    with log.open("w") as file, started(command, stdout=file, stderr=file) as process:
        deadline = time.monotonic() + START_S
        while process.poll() is None and time.monotonic() < deadline:
            for line in log.read_text().splitlines():
                if line.startswith("ready "):
                    yield line.split()[1]
                    return
            time.sleep(0.05)
        raise RuntimeError(f"{server} did not start: {log.read_text()}")


def installed_peer() -> Path:
    """The folder of caches where npm has installed the peer, which is done once."""
    folder = user_cache_path("mcp-sdkgen-benchmarks") / PEER_PACKAGE
    if not binary(folder).exists():
        folder.mkdir(parents=True, exist_ok=True)
        npm = shutil.which("npm")
        if npm is None:
            raise SystemExit("npm is needed for the peer, or --mcporter FOLDER")
        install = [npm, "install", "--prefer-offline", "--no-fund", "--no-audit", PEER_PACKAGE]
        subprocess.run(install, cwd=folder, check=True, timeout=5 * START_S)
    return folder


def binary(folder: Path) -> Path:
    """The peer's command."""
    return folder / "node_modules" / ".bin" / PEER_PACKAGE


@dataclass(frozen=True)
class Sides:
    """The two programs, and how often each is run."""

    ours: Path
    mcporter: Path
    runs: int


def commands(call: Call, config: Path, sides: Sides) -> dict[str, list[str]]:
    """The command of each side for a call."""
    given = [f"{name}={value}" for name, value in call.arguments.items()]
    # mcporter asks nobody; without this, a tool that does not say that it only reads is refused.
    allowed = ["--allow", f"{call.server}/{call.tool}"]
    target = [call.server, call.tool, *given, "--config", str(config), *allowed]
    peer = ["call", f"{call.server}.{call.tool}", *given, "--config", str(config)]
    return {
        OURS: [str(sides.ours), "call", *target],
        PEER: [str(binary(sides.mcporter)), *peer],
    }


def compared(call: Call, entry: Json, folder: Path, programs: Sides) -> Json:
    """What both sides took, who take turns, after one run of each that is not counted.

    The median of the time on the wall, and the least of the CPU time: what more it is, other
    programs on the machine cause.
    """
    config = folder / f"{call.server}.json"
    config.write_text(json.dumps({"mcpServers": {call.server: entry}}), encoding="utf-8")
    found: dict[str, list[Cost]] = {OURS: [], PEER: []}
    deadline = time.monotonic() + CELL_S
    for number in range(programs.runs + 1):
        if number > 1 and time.monotonic() > deadline:
            break
        for side, command in commands(call, config, programs).items():
            found[side].append(cost(command, call.holds))
    sides = {
        side: {
            "wall_s": median(one.wall_s for one in costs[1:]),
            "cpu_s": min(one.cpu_s for one in costs[1:]),
        }
        for side, costs in found.items()
    }
    ratios = {kind: sides[PEER][kind] / sides[OURS][kind] for kind in ("wall_s", "cpu_s")}
    return {"runs": len(found[OURS]) - 1, "sides": sides, "peer_over_ours": ratios}


def measure(programs: Sides, calls: Sequence[Call]) -> Iterator[Json]:
    """Every call, to a server that it starts (cold) and to one that is running (warm)."""
    with TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        for call in calls:
            program = [str(SERVERS / f"{call.server}.py")]
            entries: dict[str, Json] = {"cold": {"command": sys.executable, "args": program}}
            if call.has_http:
                entries["warm"] = {"url": stack.enter_context(serving(call.server, folder))}
            for kind, entry in entries.items():
                result = compared(call, entry, folder, programs)
                yield {"server": call.server, "kind": kind, **result}


def row(one: Json) -> tuple[object, ...]:
    """A row of the table."""
    return (
        f"{one['server']}, {one['kind']}",
        *(one["sides"][side][kind] for kind in ("wall_s", "cpu_s") for side in (OURS, PEER)),
        *one["peer_over_ours"].values(),
    )


def main() -> None:
    """Measure, telling each result as it comes; print a table with the ratios, write the JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--mcporter", type=Path, metavar="FOLDER")
    parser.add_argument(
        "--program", type=Path, metavar="FILE", help="the mcp-sdkgen to measure, if not this one"
    )
    parser.add_argument("--runs", type=int, help="runs of each side; 7, with --quick 2")
    parser.add_argument("--quick", action="store_true", help="two servers, two runs")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures here too")
    given = parser.parse_args()
    runs = max(1, given.runs or (2 if given.quick else 7))

    ours = given.program or Path(sys.executable).with_name("mcp-sdkgen")
    programs = Sides(ours, given.mcporter or installed_peer(), runs)
    results = []
    for one in measure(programs, QUICK if given.quick else CALLS):
        results.append(one)
        ratios = one["peer_over_ours"]
        told = f"wall {ratios['wall_s']:.2f}, CPU {ratios['cpu_s']:.2f} ({one['runs']} runs)"
        print(f"{one['server']}, {one['kind']}: mcporter / ours: {told}", flush=True)
    show(
        f"The first answer (above 1, {OURS} is faster)",
        ("server", "ours s", "mcporter s", "ours cpu s", "mcporter cpu s", "ratio", "cpu ratio"),
        [row(one) for one in results],
    )
    write_json(given.json, {"runs": runs, "calls": results})


if __name__ == "__main__":
    main()
