"""A trial: servers are built, type-checked, called and answered; what goes wrong is told by server.

It runs in a process of its own, for the SDKs stay imported and may do anything to it.
"""

from __future__ import annotations

import json
import re
import resource
import subprocess
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

from mcp_sdkgen import Snapshot, build

from benchmarks.fuzz.echo import Echo
from benchmarks.fuzz.literals import literal_calls
from benchmarks.packages import Package, read_package
from benchmarks.programs import type_errors
from benchmarks.roundtrip import round_trip

Stage = Literal["build", "types", "arguments", "invalid", "results", "process"]
Tools = list[dict[str, Any]]
"""A server, given as the definitions of its tools, whose names are `t` and a number."""
SAMPLES = 8
MAX_CPU_S = 900
"""A trial of some seconds that computes for so long is hung; on a busy machine it may last."""
HANG_S = 7200
"""After so many seconds, one that does not compute either is hung."""

_QUOTED = re.compile(r"""'[^']*'|"[^"]*"|`[^`]*`|\d+""")


@dataclass(frozen=True)
class Failure:
    """What went wrong with a tool, or with an unknown one of a server: then `tool` is empty."""

    stage: Stage
    tool: str
    message: str

    @property
    def kind(self) -> str:
        """The same for failures that differ in names and values only."""
        told = re.sub("^as (dicts|models): ", "", self.message.split(" became ")[0])
        words = _QUOTED.sub("_", told)
        return f"{self.stage}: {words[:60]}"


@dataclass
class Result:
    """What a trial found: how much was tried, and the failures of each server, in their order."""

    samples: int
    failures: list[list[Failure]]


def try_servers(servers: list[Tools], folder: Path, cache: Path, *, types: bool) -> Result:
    """Put servers through all stages, or through all without the type checker. Works in `folder`;
    `cache` is the type checker's, and stays."""
    result = Result(0, [[] for _ in servers])
    packages: dict[int, Package] = {}
    for number, tools in enumerate(servers):
        try:
            packages[number] = _built(f"s{number}", tools, folder)
        except Exception as error:
            result.failures[number].append(Failure("build", "", f"{type(error).__name__}: {error}"))
    checked = list(packages.values()) if types else []
    errors = type_errors(checked, folder / "programs", cache, literal_calls) if checked else {}
    for number, package in packages.items():
        found = result.failures[number]
        found += [Failure("types", _tool(e), e) for e in errors.get(package.name, ())]
        try:
            trip = round_trip(package.folder.parent, SAMPLES, Echo(), invalid=True)
        except Exception as error:
            found.append(Failure("process", "", f"{type(error).__name__}: {error}"))
            continue
        result.samples += trip.given + trip.returned + trip.spoiled.total()
        for line in trip.failures:
            tool, what, message = line.split(" ", 2)
            stage: Stage = "arguments" if what == "arguments" else "results"
            found.append(Failure(stage, tool, message))
        found += [Failure("invalid", *line.split(" ", 1)) for line in trip.let_through]
    return result


def _built(name: str, tools: list[dict[str, Any]], folder: Path) -> Package:
    snapshot = Snapshot.of(name, tools)
    report = build([snapshot], out=folder, make_wheels=False, run_check=False, jobs=1)
    server = report.servers[0]
    if server.error:
        raise ValueError(server.error)
    package = read_package(folder / server.slug)
    if missing := package.unreachable(tools):
        raise ValueError(f"no method for {', '.join(missing)}")
    return package


def _tool(line: str) -> str:
    """The tool that an error of the type checker is about: its module's or its method's name."""
    found = re.match(r"(t\d+)\.py: ", line) or re.search(r'"(t\d+)" of "', line)
    return found[1] if found else ""


def run_trial(servers: list[Tools], cache: Path, *, types: bool = True) -> Result:
    """`try_servers` in a process and a folder of its own, whatever happens to these."""
    command = [sys.executable, "-m", "benchmarks.fuzz.trial", str(cache), str(int(types))]
    with TemporaryDirectory() as folder:
        try:
            done = subprocess.run(
                [*command, folder],
                input=json.dumps(servers),
                capture_output=True,
                text=True,
                timeout=HANG_S,
            )
        except subprocess.TimeoutExpired:
            return _all_failed(servers, f"not done after {HANG_S} s")
    if done.returncode:
        return _all_failed(servers, f"exit code {done.returncode}: {done.stderr[-2000:]}")
    told = json.loads(done.stdout.splitlines()[-1])
    failures = [[Failure(**one) for one in found] for found in told["failures"]]
    return Result(told["samples"], failures)


def _all_failed(servers: list[Tools], message: str) -> Result:
    return Result(0, [[Failure("process", "", message)] for _ in servers])


def main() -> int:
    resource.setrlimit(resource.RLIMIT_CPU, (MAX_CPU_S, MAX_CPU_S))
    cache, types, folder = sys.argv[1:]
    servers = json.load(sys.stdin)
    result = try_servers(servers, Path(folder), Path(cache), types=types == "1")
    print(json.dumps(asdict(result)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
