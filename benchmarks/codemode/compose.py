"""Programs from the right calls of a task: what a careful, or a lucky, model would write.

A program holds as many of a turn's calls as its author can know beforehand. The *careful* author
ends a program, prints, and goes on in a new one where a value must be chosen from what a call
returned, and where the shape of a result is not known because the tool declares none and has not
been seen before. The *lucky* author writes one program a turn; the expression that picks the value
by its position stands for the selection that a model would write. Both stop after a failed call.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from .dataflow import ROOT, Origin, Step, Written
from .sdks import Sdk


@dataclass(frozen=True)
class Program:
    """One program: its turn, its text, and the numbers of the calls that it makes.

    `printed` are those of them whose whole result is printed.
    """

    turn: int
    text: str
    steps: range
    printed: frozenset[int]


def compose(
    steps: Sequence[Step], sdks: Mapping[str, Sdk], *, careful: bool
) -> tuple[Program, ...]:
    """The programs that make all calls of a task, in order."""
    cuts = [0, *_cuts(steps, careful), len(steps)]
    pieces = [range(start, end) for start, end in pairwise(cuts) if start < end]
    return tuple(_Author(steps, piece, sdks).write() for piece in pieces)


def _cuts(steps: Sequence[Step], careful: bool) -> list[int]:
    """The numbers of the calls that begin a new program."""
    cuts: list[int] = []
    shapes: set[tuple[str, str]] = set()
    start = 0
    for number, step in enumerate(steps[1:], 1):
        before = steps[number - 1]
        if (
            step.turn != before.turn
            or before.failed
            or (careful and _must_look(steps, range(start, number), step, shapes))
        ):
            shapes |= {(one.call.server, one.call.tool) for one in steps[start:number]}
            start = number
            cuts.append(number)
    return cuts


def _must_look(
    steps: Sequence[Step], piece: range, step: Step, shapes: set[tuple[str, str]]
) -> bool:
    """Whether `step` needs something that its author cannot know without a look at a result."""
    return any(
        origin.step in piece and (origin.selected or not _shape_known(steps[origin.step], shapes))
        for origin in step.origins
    )


def _shape_known(step: Step, shapes: set[tuple[str, str]]) -> bool:
    return step.typed or (step.call.server, step.call.tool) in shapes


class _Author:
    """Writes one program."""

    def __init__(self, steps: Sequence[Step], piece: range, sdks: Mapping[str, Sdk]) -> None:
        self._steps, self._piece, self._sdks = steps, piece, sdks
        later = [origin for step in steps[piece.stop :] for origin in step.origins]
        self._needed = [origin for origin in later if origin.step in piece]
        inside = [origin for number in piece for origin in steps[number].origins]
        self._named = {origin.step for origin in inside if origin.step in piece}

    def write(self) -> Program:
        """The program."""
        servers = sorted({self._steps[number].call.server for number in self._piece})
        lines = [f"from {self._sdks[name].package.name} import {name}" for name in servers]
        lines.append("")
        for number in self._piece:
            lines += self._statements(number)
        printed = frozenset(number for number in self._piece if self._shown(number) == [ROOT])
        turn = self._steps[self._piece.start].turn
        return Program(turn, "\n".join(lines) + "\n", self._piece, printed)

    def _statements(self, number: int) -> list[str]:
        call = self._call(self._steps[number])
        shown = self._shown(number)
        if number not in self._named and shown == [ROOT]:
            return [f"print({self._display(call, number)})"]
        if number not in self._named and not shown:
            return [call]
        name = self._name(number)
        printed = [
            self._display(name, number) if path == ROOT else path.replace(ROOT, name, 1)
            for path in shown
        ]
        return [f"{name} = {call}", *([f"print({', '.join(printed)})"] if printed else [])]

    def _shown(self, number: int) -> list[str]:
        """The paths of a result that later programs need, or the root for all of it."""
        wanted = [origin for origin in self._needed if origin.step == number]
        step = self._steps[number]
        ends_turn = number + 1 == len(self._steps) or self._steps[number + 1].turn != step.turn
        if ends_turn or step.failed or any(o.selected or not step.typed for o in wanted):
            return [ROOT]
        return list(dict.fromkeys(origin.path for origin in wanted))

    def _display(self, expression: str, number: int) -> str:
        return expression if self._steps[number].typed else f"{expression}.text"

    def _name(self, number: int) -> str:
        return f"r{number - self._piece.start + 1}"

    def _call(self, step: Step) -> str:
        method = self._sdks[step.call.server].methods[step.call.tool]
        arguments = ", ".join(
            f"{method.parameter_of[key]}={self._written(step.call.arguments[key], value)}"
            for key, value in step.arguments.items()
        )
        return f"{step.call.server}.{method.name}({arguments})"

    def _written(self, plain: Any, value: Any) -> str:
        """An argument as source text; what another program fetched is written as it was printed."""
        if isinstance(value, Origin):
            return self._expression(value) if value.step in self._piece else literal(plain)
        if isinstance(value, Written):
            sources = [part for part in value.parts if isinstance(part, Origin)]
            if all(source.step in self._piece for source in sources):
                return self._text(value)
            return literal(plain)
        if isinstance(value, dict):
            items = (f"{literal(k)}: {self._written(plain[k], v)}" for k, v in value.items())
            return f"{{{', '.join(items)}}}"
        if isinstance(value, list):
            items = (self._written(p, v) for p, v in zip(plain, value, strict=True))
            return f"[{', '.join(items)}]"
        return literal(plain)

    def _text(self, value: Written) -> str:
        """An f-string, or a sum where quotes or braces would not fit into one."""
        pieces = [
            part if isinstance(part, str) else Code(self._expression(part)) for part in value.parts
        ]
        if not re.search(r'["{}\\\n]', "".join(pieces)):
            inside = "".join(f"{{{p}}}" if isinstance(p, Code) else p for p in pieces)
            return f'f"{inside}"'
        return " + ".join(f"str({p})" if isinstance(p, Code) else literal(p) for p in pieces)

    def _expression(self, origin: Origin) -> str:
        return origin.path.replace(ROOT, self._name(origin.step), 1)


class Code(str):
    """A piece of a program, not of its data."""


def literal(value: Any) -> str:
    """A JSON value as Python source, with double quotes."""
    if isinstance(value, str):
        text = json.dumps(value, ensure_ascii=False)
        return text if text.isprintable() else repr(value)
    if isinstance(value, dict):
        return "{" + ", ".join(f"{literal(k)}: {literal(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(literal, value)) + "]"
    return repr(value)
