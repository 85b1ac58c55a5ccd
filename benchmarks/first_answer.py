"""The first answer of a tool, from the shell: `mcp-sdkgen call` against `mcporter call`.

    python -m benchmarks.first_answer --mcporter FOLDER [--runs N] [--json FILE]

FOLDER is where `npm install mcporter` was run. The method is told in `benchmarks/README.md`.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from benchmarks.measuring import Json, show, write_json

SERVERS = Path(__file__).parents[1] / "examples" / "servers"
OURS, PEER = "mcp-sdkgen call", "mcporter call"


@dataclass(frozen=True)
class Call:
    """One call. `holds` is in every right answer; the server serves HTTP if `has_http`."""

    server: str
    tool: str
    arguments: Mapping[str, str]
    holds: str
    has_http: bool = True


CALLS = (
    Call("library", "find_member", {"member_id": "m-1812"}, "Quillfeather"),
    Call("weather", "get_weather", {"location": "Oslo"}, "Oslo"),
    Call("json_rpc", "shout", {"text": "hello"}, "HELLO!", has_http=False),
)


@dataclass(frozen=True)
class Cost:
    """What one command took, in seconds; CPU time counts the processes that it started."""

    wall_s: float
    cpu_s: float


def cost(command: Sequence[str], holds: str) -> Cost:
    """Run a command. Raises `RuntimeError` for another answer than the right one."""
    began, before = time.perf_counter(), os.times()
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    wall_s, after = time.perf_counter() - began, os.times()
    if done.returncode or holds not in done.stdout:
        raise RuntimeError(f"{command[0]}: no right answer: {done.stdout}{done.stderr}")
    cpu_s = after.children_user + after.children_system
    return Cost(wall_s, cpu_s - before.children_user - before.children_system)


@contextmanager
def serving(server: str) -> Iterator[str]:
    """A server that is running already: its URL."""
    command = [sys.executable, str(SERVERS / f"{server}.py"), "--http", "0"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stderr is not None
            for line in process.stderr:
                if line.startswith("ready "):
                    yield line.split()[1]
                    return
            raise RuntimeError(f"{server} did not start")
        finally:
            process.terminate()


def commands(call: Call, config: Path, mcporter: Path) -> dict[str, list[str]]:
    """The command of each side for a call."""
    given = [f"{name}={value}" for name, value in call.arguments.items()]
    target = [call.server, call.tool, *given, "--config", str(config)]
    return {
        OURS: [str(Path(sys.executable).with_name("mcp-sdkgen")), "call", *target],
        PEER: [
            str(mcporter / "node_modules" / ".bin" / "mcporter"),
            "call", f"{call.server}.{call.tool}", *given, "--config", str(config),
        ],
    }  # fmt: skip


def compared(call: Call, entry: Json, folder: Path, mcporter: Path, runs: int) -> Json:
    """The medians of both sides, which take turns, after one run of each that is not counted."""
    config = folder / f"{call.server}.json"
    config.write_text(json.dumps({"mcpServers": {call.server: entry}}), encoding="utf-8")
    found: dict[str, list[Cost]] = {OURS: [], PEER: []}
    for _ in range(runs + 1):
        for side, command in commands(call, config, mcporter).items():
            found[side].append(cost(command, call.holds))
    sides = {
        side: {
            "wall_s": median(one.wall_s for one in costs[1:]),
            "cpu_s": median(one.cpu_s for one in costs[1:]),
        }
        for side, costs in found.items()
    }
    ratios = {kind: sides[PEER][kind] / sides[OURS][kind] for kind in ("wall_s", "cpu_s")}
    return {"sides": sides, "peer_over_ours": ratios}


def measure(mcporter: Path, runs: int) -> list[Json]:
    """Every call, to a server that it starts (cold) and to one that is running (warm)."""
    results: list[Json] = []
    with TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        for call in CALLS:
            program = [str(SERVERS / f"{call.server}.py")]
            entries: dict[str, Json] = {"cold": {"command": sys.executable, "args": program}}
            if call.has_http:
                entries["warm"] = {"url": stack.enter_context(serving(call.server))}
            for kind, entry in entries.items():
                result = compared(call, entry, folder, mcporter, runs)
                results.append({"server": call.server, "kind": kind, **result})
    return results


def main() -> None:
    """Measure, print a table with the ratios, write the JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--mcporter", type=Path, required=True, metavar="FOLDER")
    parser.add_argument("--runs", type=int, default=7, help="runs of each side (median)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures here too")
    given = parser.parse_args()

    results = measure(given.mcporter, given.runs)
    rows = [
        (
            f"{one['server']}, {one['kind']}",
            *(one["sides"][side][kind] for kind in ("wall_s", "cpu_s") for side in (OURS, PEER)),
            *one["peer_over_ours"].values(),
        )
        for one in results
    ]
    show(
        f"The first answer (above 1, {OURS} is faster)",
        ("server", "ours s", "mcporter s", "ours cpu s", "mcporter cpu s", "ratio", "cpu ratio"),
        rows,
    )
    write_json(given.json, {"runs": given.runs, "calls": results})


if __name__ == "__main__":
    main()
