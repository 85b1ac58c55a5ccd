"""`mcp-sdkgen demo --compare`: two questions, each answered in both ways, side by side."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from mcp_sdkgen_codemode import Outcome
from mcp_sdkgen_runtime.concurrency.portal import run
from rich.table import Table

from ...errors import BuildError
from ..show import lines, print_json, stdout
from ..show_work import progress
from .figures import Cost, ToolCall, one_by_one, one_program
from .perform import built, called, performed
from .show_case import cost_table
from .use_case import COMPARISONS, UseCase, names, read

_FRAME: Final = 7
"""Columns of a table's frame around two cells."""


@dataclass(frozen=True)
class Comparison:
    """One question answered in both ways, and what each takes of a model."""

    name: str
    calls: Sequence[ToolCall]
    outcome: Outcome
    one_by_one: Cost
    one_program: Cost

    def as_json(self) -> dict[str, Any]:
        """It as JSON data with stable keys."""
        cost = {"one_by_one": asdict(self.one_by_one), "one_program": asdict(self.one_program)}
        calls = [asdict(call) for call in self.calls]
        return {
            "name": self.name,
            "calls": calls,
            "outcome": self.outcome.as_json(),
            "cost": cost,
        }


def compare(*, as_json: bool) -> int:
    """Answer the questions in both ways and show what each takes of a model; returns 0."""
    reports = []
    for name in names(COMPARISONS):
        case = read(COMPARISONS, name)
        with tempfile.TemporaryDirectory(prefix="mcp-sdkgen-demo-") as folder:
            compared = _compared(case, Path(folder))
        reports.append(compared.as_json())
        if not as_json:
            _show(case, compared)
    if as_json:
        print_json(reports)
    return 0


def _compared(case: UseCase, folder: Path) -> Comparison:
    with progress() as tell:
        made, policy = built(case, folder, tell)
    calls = run(called, case, made)
    [(outcome, _)] = performed(case, made, policy, folder)
    if not outcome.ok:
        raise BuildError(f"{case.name}: the program {outcome.status}", detail=outcome.reason)
    return Comparison(
        case.name,
        calls,
        outcome,
        one_by_one(made.sdks, case.question, calls),
        one_program(made.sdks, case.question, case.program, outcome),
    )


def _show(case: UseCase, compared: Comparison) -> None:
    apart, at_once = compared.one_by_one, compared.one_program
    stdout.print(lines(f"{case.title}: {case.question}", "bold cyan"))
    program = _program(case, compared.outcome)
    ways = (
        (f"tool calls one by one: {apart.round_trips} round trips", _turns(compared.calls)),
        (f"one program: {at_once.round_trips} round trips", program),
    )
    # Code whose lines are broken cannot be read, so that only a wide terminal has both in a row.
    side_by_side = 2 * max(map(len, program.splitlines())) + _FRAME <= stdout.width
    for shown in [ways] if side_by_side else [ways[:1], ways[1:]]:
        table = Table(expand=True, header_style="bold")
        for head, _ in shown:
            table.add_column(head, ratio=1, overflow="fold")
        table.add_row(*(lines(text) for _, text in shown))
        stdout.print(table)
    stdout.print(cost_table(apart, at_once))
    stdout.print()


def _turns(calls: Sequence[ToolCall]) -> str:
    shown: list[str] = []
    for number, call in enumerate(calls, 1):
        arguments = json.dumps(call.arguments, ensure_ascii=False)
        shown += [f"{number}. the model calls {call.server}/{call.tool}", f"   {arguments}"]
        shown.append(f"   and reads {_one_line(call.result)}")
    return "\n".join([*shown, f"{len(calls) + 1}. the model answers"])


def _program(case: UseCase, outcome: Outcome) -> str:
    printed = outcome.stdout.rstrip("\n")
    return (
        f"1. the model writes\n\n{case.program}\n   and reads\n\n{printed}\n\n2. the model answers"
    )


def _one_line(text: str) -> str:
    return " ".join(text.split())
