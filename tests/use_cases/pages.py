"""The pages of `docs/use-cases`, and what a run of `mcp-sdkgen demo NAME` makes of them.

A page has the question as a quotation, the program as its first `python` block, what it printed as
its first `text` block, and one table of figures. `python -m tests.use_cases.pages` runs all use
cases and writes these parts anew; the tests of the use cases hold the pages against their own runs.
"""

from __future__ import annotations

import json
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from mcp_sdkgen.cli.demo.use_case import USE_CASES, names, read

from tests.patience import HANG_S
from tests.warm import COMMAND

DOCS = Path(__file__).parents[2] / "docs" / "use-cases"
ROWS = {
    "tool calls": "calls",
    "round trips to the model": "round_trips",
    "tokens read, over all round trips": "read",
    "tokens in the last context": "context",
    "tokens written by the model": "written",
}


@dataclass(frozen=True)
class Shown:
    """What `mcp-sdkgen demo NAME --json --yes` told, and the folder that it left."""

    name: str
    outcomes: list[dict[str, Any]]
    cost: dict[str, dict[str, int]]
    told: str
    folder: Path

    @property
    def printed(self) -> str:
        """What the program printed, in all its runs."""
        return "".join(outcome["stdout"] for outcome in self.outcomes)

    @property
    def calls(self) -> list[str]:
        """The calls of the first run: server, tool and how it went."""
        return [f"{c['server']}/{c['tool']} {c['status']}" for c in self.outcomes[0]["calls"]]


def demonstrated(name: str, folder: Path) -> Shown:
    """Run one use case from the command line; what it keeps is in `folder`, which must be new."""
    command = [*COMMAND, "demo", name, "--json", "--yes"]
    done = subprocess.run(
        [*command, "--out", str(folder)], capture_output=True, text=True, timeout=HANG_S
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    found = json.loads(done.stdout)
    assert found["name"] == name
    return Shown(name, found["outcomes"], found["cost"], done.stderr, folder)


def refreshed(page: str, shown: Shown) -> str:
    """The page with the parts that follow from its use case and from this run of it."""
    case = read(USE_CASES, shown.name)
    page = re.sub(r"^> .*$", lambda _: f"> {case.question}", page, count=1, flags=re.MULTILINE)
    for language, text in (("python", case.program), ("text", shown.printed)):
        fence = re.compile(rf"(?<=^```{language}\n).*?(?=^```$)", re.DOTALL | re.MULTILINE)
        page = fence.sub(lambda _, text=text: text, page, count=1)
    return re.sub(r"(^\|.*\n)+", lambda _: table(shown), page, count=1, flags=re.MULTILINE)


def table(shown: Shown) -> str:
    """The figures as a table."""
    apart, at_once = shown.cost["one_by_one"], shown.cost["one_program"]
    rows = [f"| {name} | {apart[key]:,} | {at_once[key]:,} |" for name, key in ROWS.items()]
    head = ["| | tool calls one by one | one program |", "| --- | ---: | ---: |"]
    return "\n".join([*head, *rows]) + "\n"


def assert_as_told(shown: Shown) -> None:
    """The run ended well, printed what it should, and its page tells the same."""
    assert [outcome["status"] for outcome in shown.outcomes] == (
        ["finished"] * read(USE_CASES, shown.name).runs
    )
    assert shown.printed == (USE_CASES / shown.name / "expected.txt").read_text()
    page = (DOCS / f"{shown.name.replace('_', '-')}.md").read_text()
    assert refreshed(page, shown) == page
    trace = (shown.folder / "trace.html").read_text()
    assert all(call["tool"] in trace for call in shown.outcomes[0]["calls"])


def main() -> None:
    """Run every use case, and write what it told into its page and its `expected.txt`."""
    for name in names(USE_CASES):
        with TemporaryDirectory() as folder:
            shown = demonstrated(name, Path(folder) / "out")
        (USE_CASES / name / "expected.txt").write_text(shown.printed)
        path = DOCS / f"{name.replace('_', '-')}.md"
        path.write_text(refreshed(path.read_text(), shown))


if __name__ == "__main__":
    main()
