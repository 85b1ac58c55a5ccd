"""How long a check takes: the warm checker against the `mypy` command with its cache warm.

    python -m benchmarks.checks [--runs N] [--json FILE]

The method is told in `benchmarks/README.md`.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from mcp_sdkgen_codemode.typecheck import Checker

from benchmarks.measuring import ROOT, show, write_json

PROGRAMS = ROOT / "tests" / "codemode" / "typecheck" / "programs"
GENERATED = ROOT / "generated"


def folders() -> list[str]:
    """The folders of the showcase SDKs."""
    return [str(path.parent) for path in sorted(GENERATED.glob("*/pyproject.toml"))]


def start_s() -> float:
    """Seconds that a checker takes to be warm."""
    started = time.perf_counter()
    with Checker(sdks=folders()) as checker:
        checker.warm()
        return time.perf_counter() - started


def command_s(program: Path, cache: Path) -> float:
    """Seconds of one `mypy --strict` of a program."""
    command = [sys.executable, "-m", "mypy", "--strict", "--config-file="]
    started = time.perf_counter()
    subprocess.run(
        [*command, "--cache-dir", str(cache), str(program)],
        env={**os.environ, "MYPYPATH": os.pathsep.join(folders())},
        capture_output=True,
    )
    return time.perf_counter() - started


def main() -> None:
    """Print the medians over all programs of the corpus, and their ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=3, help="rounds over the programs")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there too")
    options = parser.parse_args()
    programs = sorted(PROGRAMS.glob("*.py"))
    ours: list[float] = []
    theirs: list[float] = []
    with TemporaryDirectory() as scratch, Checker(sdks=folders()) as checker:
        os.environ["XDG_CACHE_HOME"] = scratch  # an empty one, for the first start
        first = start_s()
        later = median(start_s() for _ in range(options.runs))
        cache = Path(scratch) / "mypy"
        for program in programs:
            command_s(program, cache)
            checker.check(program.read_text(encoding="utf-8"))
        for _ in range(options.runs):
            for program in programs:  # the sides take turns
                theirs.append(command_s(program, cache))
                started = time.perf_counter()
                checker.check(program.read_text(encoding="utf-8"))
                ours.append(time.perf_counter() - started)
    times = {
        "first start, nothing cached": first,
        "start": later,
        "`mypy` command, cache warm": median(theirs),
        "warm check": median(ours),
        "slowest warm check": max(ours),
    }
    ratio = median(theirs) / median(ours)
    rows = [(name, seconds * 1000, seconds / median(ours)) for name, seconds in times.items()]
    show(f"Checks of {len(programs)} programs", ("what", "ms", "in warm checks"), rows)
    print(f"a warm check is {ratio:.0f} times faster than the mypy command")
    write_json(options.json, {"seconds": times, "ratio": ratio, "programs": len(programs)})


if __name__ == "__main__":
    main()
