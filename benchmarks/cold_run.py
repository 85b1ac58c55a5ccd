"""What one command costs in processor time, such as `check` and `run`: against `import pydantic`.

    python -m benchmarks.cold_run [--runs N] [--program FILE] [--json FILE]

The method is told in `benchmarks/README.md`.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.first_answer import ENVIRONMENT, SERVERS
from benchmarks.measuring import Json, show, write_json

SERVER = SERVERS / "json_rpc.py"
PROGRAMS = {
    "calls.py": 'from json_rpc_sdk import json_rpc\nprint(json_rpc.shout(text="hello"))\n',
    "wrong.py": 'from json_rpc_sdk import json_rpc\nprint(json_rpc.shout(txt="hello"))\n',
    "plain.py": 'words = ["one", "two"]\nprint(" ".join(words))\n',
}
PYDANTIC, ALONE = "import pydantic", "the server alone"
REJECTED = 3
"""How `run` ends for a program that the check rejects."""


@dataclass(frozen=True)
class Command:
    """What is run, and how it has to end."""

    words: Sequence[str]
    code: int = 0


def commands(program: Sequence[str]) -> dict[str, Command]:
    """What is measured, by what it stands for."""
    pydantic = [sys.executable, "-c", "from pydantic import BaseModel"]
    calls = [*program, "run", "calls.py", "--allow", "json_rpc/*"]
    return {
        PYDANTIC: Command(pydantic),
        ALONE: Command([sys.executable, str(SERVER)]),
        "--version": Command([*program, "--version"]),
        "--help": Command([*program, "--help"]),
        "check, right": Command([*program, "check", "calls.py"]),
        "check, wrong": Command([*program, "check", "wrong.py"], REJECTED),
        "run, rejected": Command([*program, "run", "wrong.py"], REJECTED),
        "run, no call": Command([*program, "run", "plain.py"]),
        "run, one call": Command(calls),
    }


def cpu_ms(command: Command, folder: Path, environment: Mapping[str, str]) -> float:
    """Processor time of a command and of all that it starts. Raises `RuntimeError` for another end
    than the right one."""
    report = folder / "perf.csv"
    perf = shutil.which("perf")
    words = list(command.words)
    if perf is not None:
        words = [perf, "stat", "-x", ",", "-e", "task-clock", "-o", str(report), "--", *words]
    before = os.times()
    done = subprocess.run(
        words, cwd=folder, env=environment, stdin=subprocess.DEVNULL, capture_output=True,
        text=True, check=False,
    )  # fmt: skip
    after = os.times()
    if done.returncode != command.code:
        raise RuntimeError(f"{words}: ended with {done.returncode}: {done.stdout}{done.stderr}")
    if perf is None:
        ours = after.children_user + after.children_system
        return (ours - before.children_user - before.children_system) * 1e3
    [line] = [line for line in report.read_text().splitlines() if "task-clock" in line]
    return float(line.split(",")[0])


def prepared(folder: Path, program: Sequence[str], environment: Mapping[str, str]) -> None:
    """Write the programs, and build the SDK that they use."""
    for name, text in PROGRAMS.items():
        (folder / name).write_text(text, encoding="utf-8")
    entry = {"command": sys.executable, "args": [str(SERVER)]}
    config = json.dumps({"mcpServers": {"json_rpc": entry}})
    (folder / "mcp.json").write_text(config, encoding="utf-8")
    build = Command([*program, "build", "mcp.json"])
    cpu_ms(build, folder, environment)


def measure(program: Sequence[str], runs: int) -> Json:
    """The least processor time of each command in milliseconds, all taking turns after two runs
    that are not counted, and what it is in `import pydantic`."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        own = {f"XDG_{kind}_HOME": str(folder / kind) for kind in ("CACHE", "DATA", "STATE")}
        environment = {**ENVIRONMENT, **own}
        prepared(folder, program, environment)
        found: dict[str, list[float]] = {}
        for number in range(runs + 2):
            for what, command in commands(program).items():
                spent = cpu_ms(command, folder, environment)
                if number > 1:
                    found.setdefault(what, []).append(spent)
    least = {what: min(costs) for what, costs in found.items()}
    least["run, one call, without the server"] = least["run, one call"] - least[ALONE]
    ratios = {what: cost / least[PYDANTIC] for what, cost in least.items()}
    return {
        "cpu_ms": least,
        "in_pydantic": ratios,
        "sandboxes_count": shutil.which("perf") is not None,
    }


def main() -> None:
    """Measure, print a table with the ratios, write the JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--runs", type=int, default=5, help="runs of each command (the least)")
    parser.add_argument(
        "--program", type=Path, metavar="FILE", help="the mcp-sdkgen to measure, if not this one"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures here too")
    given = parser.parse_args()

    program = [str(given.program or Path(sys.executable).with_name("mcp-sdkgen"))]
    began = time.monotonic()
    facts = measure(program, max(1, given.runs))
    show(
        f"Processor time of one command ({time.monotonic() - began:.0f} s)",
        ("command", "cpu ms", f"in `{PYDANTIC}`"),
        [(what, ms, facts["in_pydantic"][what]) for what, ms in facts["cpu_ms"].items()],
    )
    if not facts["sandboxes_count"]:
        print("Without `perf`, what runs in a sandbox is not counted: it ends with its namespace.")
    write_json(given.json, facts)


if __name__ == "__main__":
    main()
