"""Which recorded call is nearest to one that was not found, and what differs."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterator, Sequence
from typing import Any, Final

from ..text import shortened
from .file import Interaction, RecordedCall

_ABSENT: Final = object()
_MAX_LINES: Final = 8
_COMPARED: Final = 2000


def nearest(call: RecordedCall, interactions: Sequence[Interaction]) -> Interaction | None:
    """The recorded call most like `call`: of the same name, else of the most similar one."""
    place = call.server, call.kind
    same = [each for each in interactions if (each.call.server, each.call.kind) == place]
    named = [each for each in same if each.call.name == call.name]
    if named:
        return min(named, key=lambda each: _distance(each.call.arguments, call.arguments))
    names = {each.call.name: each for each in reversed(same)}
    close = difflib.get_close_matches(call.name, names, n=1)
    return names[close[0]] if close else None


def differences(recorded: RecordedCall, called: RecordedCall) -> list[str]:
    """What differs between two calls, a line for each place."""
    lines = []
    if recorded.name != called.name:
        lines.append(f"name: recorded {shortened(recorded.name)}, called {shortened(called.name)}")
    for place, was, now in _unequal(recorded.arguments, called.arguments):
        if was is _ABSENT:
            lines.append(f"{place}: not recorded, called with {shortened(now)}")
        elif now is _ABSENT:
            lines.append(f"{place}: recorded {shortened(was)}, called without it")
        else:
            lines.append(f"{place}: recorded {shortened(was)}, called with {shortened(now)}")
    more = len(lines) - _MAX_LINES
    return [*lines[:_MAX_LINES], *([f"and {more} more"] if more > 0 else [])]


def _distance(recorded: dict[str, Any], called: dict[str, Any]) -> tuple[int, float]:
    was, now = (json.dumps(v, sort_keys=True)[:_COMPARED] for v in (recorded, called))
    alike = difflib.SequenceMatcher(None, was, now).quick_ratio()
    return sum(1 for _ in _unequal(recorded, called)), -alike


def _unequal(recorded: Any, called: Any) -> Iterator[tuple[str, Any, Any]]:
    before, after = dict(_leaves(recorded)), dict(_leaves(called))
    for place in {**before, **after}:
        was, now = before.get(place, _ABSENT), after.get(place, _ABSENT)
        if was is _ABSENT or now is _ABSENT or json.dumps(was) != json.dumps(now):
            yield place, was, now


def _leaves(value: Any, place: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict) and (value or not place):
        for key, item in value.items():
            yield from _leaves(item, f"{place}.{key}" if place else key)
    elif isinstance(value, list) and value:
        for index, item in enumerate(value):
            yield from _leaves(item, f"{place}[{index}]")
    else:
        yield place, value
