"""Smaller servers that fail in the same way."""

from __future__ import annotations

import copy
import json
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from benchmarks.fuzz.trial import Failure, Tools

AT_ONCE = 16
"""So many candidates share a process and a run of the type checker."""

Tries = Callable[[list[Tools]], list[list[Failure]]]
"""Puts servers through a trial: the failures of each."""


def shrunk(tools: Tools, kind: str, tries: Tries, seconds: float) -> Tools:
    """The smallest server found within `seconds` that fails in that way.

    One step takes away a tool, a keyword, or an item of a list, or puts a part of a schema in the
    place of the whole. The smallest of those that fail is where the next step begins.
    """
    deadline = time.monotonic() + seconds
    while True:
        candidates = sorted(_smaller(tools), key=_size)
        for first in range(0, len(candidates), AT_ONCE):
            if time.monotonic() > deadline:
                return tools
            some = candidates[first : first + AT_ONCE]
            found = zip(some, tries(some), strict=True)
            failing = [one for one, failures in found if any(f.kind == kind for f in failures)]
            if failing:
                tools = failing[0]
                break
        else:
            return tools


def _smaller(tools: Tools) -> Iterator[Tools]:
    if len(tools) > 1:
        for index in range(len(tools)):
            yield tools[:index] + tools[index + 1 :]
        return
    seen = set()
    for place in _places(tools):
        for make in _steps(place):
            whole = copy.deepcopy(tools)
            make(_at(whole, place.path))
            text = json.dumps(whole, sort_keys=True)
            if whole[0].keys() >= {"name", "inputSchema"} and text not in seen:
                seen.add(text)
                yield whole


class _Place:
    """A dict or a list in a server, and the way to it."""

    def __init__(self, path: tuple[Any, ...], value: Any) -> None:
        self.path = path
        self.value = value


def _places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[_Place]:
    if isinstance(value, dict | list):
        yield _Place(path, value)
        for key, item in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _places(item, (*path, key))


def _steps(place: _Place) -> Iterator[Callable[[Any], None]]:
    """What makes the value at a place smaller. A tool and its two schemas are not hoisted into."""
    if not place.path:
        return
    for key in place.value if isinstance(place.value, dict) else range(len(place.value)):
        yield partial(_without, key)
    if isinstance(place.value, dict) and len(place.path) > 1:
        for inner in _places(place.value):
            if isinstance(inner.value, dict) and inner.path:
                yield partial(_become, inner.value)


def _without(key: Any, found: Any) -> None:
    del found[key]


def _become(new: dict[str, Any], found: dict[str, Any]) -> None:
    found.clear()
    found.update(copy.deepcopy(new))


def _at(value: Any, path: tuple[Any, ...]) -> Any:
    for key in path:
        value = value[key]
    return value


def _size(tools: Tools) -> int:
    return len(json.dumps(tools))
