"""Where the arguments of a call come from: the user's words, or the result of an earlier call.

The right calls of the tasks are written with plain values. What equals a field of an earlier
result, and stands neither in the user's words nor in the tool's definition, is taken to come from
there; so a value counts as copied only where no other source is known.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mcp_sdkgen_runtime import ToolError, Unstructured
from pydantic import BaseModel

from .replay import Replay
from .sdks import Sdk
from .tasks import Call, Task

SHORT = 3
"""Shorter texts and whole numbers below 10 are nobody's field."""
ROOT = "@"
"""Stands in a path for the variable that holds the result. It comes before all other text."""
QUOTED = 4
"""From this length on, a value inside a longer text is looked for too."""


@dataclass(frozen=True)
class Origin:
    """A value's source: call number `step` of the task, and the expression that leads to it there.

    `selected` says that it is one of several in a collection: somebody had to choose.
    """

    step: int
    path: str
    selected: bool


@dataclass(frozen=True)
class Written:
    """A text with values from results in it: literal parts and sources by turns."""

    parts: tuple[str | Origin, ...]


@dataclass(frozen=True)
class Step:
    """One right call of a task, with the sources of its arguments.

    `arguments` is the call's, with an `Origin` or `Written` in the place of every value that has
    a source. `value` is the result as a program sees it, None for a call that failed; `text` is
    what a host shows the model.
    """

    turn: int
    call: Call
    arguments: Mapping[str, Any]
    origins: tuple[Origin, ...]
    value: Any
    text: str
    failed: bool

    @property
    def typed(self) -> bool:
        """Whether the result's shape is known before the call."""
        return not isinstance(self.value, Unstructured)


def trace(task: Task, replay: Replay, sdks: Mapping[str, Sdk]) -> tuple[Step, ...]:
    """All calls of a task in order, with the sources of their arguments."""
    said = task.instructions
    tracer = _Tracer()
    for number, (turn, answers) in enumerate(zip(task.turns, replay.turns, strict=True)):
        said = f"{said}\n{turn.said}"
        for answer in answers:
            sdk = sdks[answer.call.server]
            definition = sdk.package.definition(sdk.methods[answer.call.tool])
            tracer.known = _known(f"{said}\n{json.dumps(definition, ensure_ascii=False)}")
            arguments = {key: tracer.source(value) for key, value in answer.call.arguments.items()}
            try:
                value, failed = sdk.decode(answer.call.tool, answer.raw), False
            except ToolError:
                value, failed = None, True
            origins = tuple(_origins(arguments))
            tracer.steps.append(
                Step(number, answer.call, arguments, origins, value, answer.raw.text, failed)
            )
            tracer.remember(answer.call.arguments, arguments)
    return tuple(tracer.steps)


class _Tracer:
    """The calls so far, and what the model has written itself."""

    def __init__(self) -> None:
        self.steps: list[Step] = []
        self.known: Callable[[str], bool] = lambda text: False
        self._used: dict[Any, Any] = {}

    def source(self, value: Any) -> Any:
        """The value with sources in the place of what has one."""
        if isinstance(value, dict):
            return {key: self.source(item) for key, item in value.items()}
        if isinstance(value, list | tuple):
            return [self.source(item) for item in value]
        if _trivial(value) or self.known(str(value)):
            return value
        if (key := (type(value), value)) in self._used:
            return self._used[key]
        return self._origin(value) or (self._written(value) if isinstance(value, str) else value)

    def remember(self, given: Any, sourced: Any) -> None:
        """What was an argument once need not be looked for again."""
        if isinstance(given, dict):
            for key, item in given.items():
                self.remember(item, sourced[key])
        elif isinstance(given, list | tuple):
            for item, source in zip(given, sourced, strict=True):
                self.remember(item, source)
        else:
            self._used.setdefault((type(given), given), sourced)

    def _origin(self, value: Any) -> Origin | None:
        """The best source: not selected before selected, then the latest, then the shortest."""
        found = [
            Origin(number, path, selected)
            for number, step in enumerate(self.steps)
            for path, leaf, selected in leaves(step.value)
            if type(leaf) is type(value) and leaf == value
        ]
        return min(found, key=lambda o: (o.selected, -o.step, len(o.path)), default=None)

    def _written(self, text: str) -> str | Written:
        """The text with values of results inside it, or as it is."""
        found: dict[str, Origin] = {}
        for number, step in enumerate(self.steps):
            for path, leaf, selected in leaves(step.value):
                shown = str(leaf)
                if len(shown) >= QUOTED and shown in text and not self.known(shown):
                    found.setdefault(shown, Origin(number, path, selected))
        if not found:
            return text
        longest = sorted(found, key=len, reverse=True)
        pattern = r"(?<![\w.])(" + "|".join(map(re.escape, longest)) + r")(?!\w|\.\d)"
        parts = tuple(found.get(part, part) for part in re.split(pattern, text) if part)
        return Written(parts) if any(isinstance(part, Origin) for part in parts) else text


def _known(text: str) -> Callable[[str], bool]:
    """Whether a value stands in a text as a word of its own."""
    plain = re.sub(r"(?<=\d),(?=\d{3})", "", text.lower())

    def known(value: str) -> bool:
        shown = re.escape(value.lower().removesuffix(".0"))
        return re.search(rf"(?<!\w){shown}(?!\w)", plain) is not None

    return known


def _trivial(value: Any) -> bool:
    if value is None or isinstance(value, bool):
        return True
    return len(value) < SHORT if isinstance(value, str) else value == int(value) and abs(value) < 10


def leaves(value: Any, path: str = ROOT, selected: bool = False) -> Iterator[tuple[str, Any, bool]]:
    """Every plain value in a result: the expression that leads to it, itself, and whether somebody
    had to choose on the way."""
    if isinstance(value, Unstructured):
        try:
            inner = value.json()
        except ValueError:
            return
        yield from leaves(inner, f"{path}.json()", selected)
    elif isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from leaves(getattr(value, name), f"{path}.{name}", selected)
    elif isinstance(value, list | tuple):
        for index, item in enumerate(value):
            yield from leaves(item, f"{path}[{index}]", selected or len(value) > 1)
    elif isinstance(value, dict):
        yield from _entries(value, path, selected)
    elif value is not None:
        yield path, value, selected


def _entries(value: dict[str, Any], path: str, selected: bool) -> Iterator[tuple[str, Any, bool]]:
    if not _is_collection(value):
        for key, item in value.items():
            yield from leaves(item, f"{path}[{json.dumps(key)}]", selected)
        return
    chosen = selected or len(value) > 1
    for index, (key, item) in enumerate(value.items()):
        yield f"list({path})[{index}]", key, chosen
        yield from leaves(item, f"list({path}.values())[{index}]", chosen)


def _is_collection(value: dict[str, Any]) -> bool:
    """Whether the keys are data, such as ids, and not the names of fields."""
    return sum(any(c.isdigit() for c in key) for key in value) * 2 > len(value)


def _origins(value: Any) -> Iterator[Origin]:
    if isinstance(value, Origin):
        yield value
    elif isinstance(value, Written):
        yield from (part for part in value.parts if isinstance(part, Origin))
    elif isinstance(value, dict):
        for item in value.values():
            yield from _origins(item)
    elif isinstance(value, list):
        for item in value:
            yield from _origins(item)
