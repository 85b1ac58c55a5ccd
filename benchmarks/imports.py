"""Import time: a large generated SDK against one eager module of the same models, and pydantic.

    python -m benchmarks.imports [--corpus DIR] [--json FILE]

The method is told in `benchmarks/README.md`.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import mcp_sdkgen_runtime
from mcp_sdkgen import Snapshot, generate

from benchmarks.measuring import (
    Json,
    add_corpus_option,
    eager_module,
    show,
    some_tools,
    write_json,
)

TIMED = """
import time
start = time.process_time()
{statement}
print(time.process_time() - start)
"""
PYDANTIC = "pydantic alone"
EAGER = "eager module"
PACKAGE = "SDK: the package"
CLIENT = "SDK: its client class"
FIRST_TOOL = "SDK: client and first tool"


def write_both(tools: list[Json], folder: Path) -> Json:
    """Write the SDK and the eager module; returns what to execute, by what it stands for."""
    for path, text in generate(Snapshot.of("large", tools)).files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
    (folder / "eager.py").write_text(eager_module(tools), encoding="utf-8")
    first = min(path.stem for path in (folder / "large_sdk" / "tools").glob("[!_]*.py"))
    return {
        PYDANTIC: "from pydantic import BaseModel",
        PACKAGE: "import large_sdk",
        CLIENT: "from large_sdk import Large",
        FIRST_TOOL: f"from large_sdk import Large, tools\ntools.{first}.TOOL",
        EAGER: "import eager",
    }


def cpu_ms(statement: str, folder: Path, runs: int) -> float:
    """Median CPU time in milliseconds of `statement` in new interpreters, with all byte code."""
    # -P keeps the current folder out of it; the SDK needs its runtime and nothing else of ours.
    runtime = Path(mcp_sdkgen_runtime.__file__).parents[1]
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([str(folder), str(runtime)]),
        # The first run, which is not counted, fills it: installed packages have byte code too.
        "PYTHONPYCACHEPREFIX": str(folder / "byte code"),
        "PYTHONDONTWRITEBYTECODE": "",
    }
    command = [sys.executable, "-P", "-c", TIMED.format(statement=statement)]
    seconds = [
        float(subprocess.run(command, env=environment, check=True, capture_output=True).stdout)
        for _ in range(runs + 1)
    ]
    return median(seconds[1:]) * 1e3


def measure(corpus: Path | None, count: int, runs: int) -> Json:
    """CPU milliseconds of every import, and the ratios that the project promises."""
    tools = some_tools(corpus, count)
    with TemporaryDirectory() as name:
        folder = Path(name)
        statements = write_both(tools, folder)
        costs = {what: cpu_ms(code, folder, runs) for what, code in statements.items()}
    over = {what: max(cost - costs[PYDANTIC], 0.1) for what, cost in costs.items()}
    return {
        "tools": count,
        "cpu_ms": costs,
        "eager_module_over_sdk": costs[EAGER] / costs[PACKAGE],
        "eager_module_over_sdk_beyond_pydantic": over[EAGER] / over[FIRST_TOOL],
        "client_over_pydantic": costs[CLIENT] / costs[PYDANTIC],
    }


def main() -> None:
    """Measure, print a table and the ratios, write the JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    add_corpus_option(parser)
    parser.add_argument("--tools", type=int, default=1_000, help="tools in the SDK")
    parser.add_argument("--runs", type=int, default=7, help="interpreters per figure (median)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures here too")
    given = parser.parse_args()

    facts = measure(given.corpus, given.tools, given.runs)
    show(
        f"Import time, {facts['tools']} tools",
        ("what is imported", "cpu ms", "against pydantic"),
        [(w, ms, ms / facts["cpu_ms"][PYDANTIC]) for w, ms in facts["cpu_ms"].items()],
    )
    print(
        f"eager module / SDK package: {facts['eager_module_over_sdk']:,.0f}\n"
        f"the same beyond pydantic, SDK with client and first tool: "
        f"{facts['eager_module_over_sdk_beyond_pydantic']:,.0f}\n"
        f"SDK with its client / pydantic alone: {facts['client_over_pydantic']:.2f}"
    )
    write_json(given.json, facts)


if __name__ == "__main__":
    main()
