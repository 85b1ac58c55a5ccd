"""Which tools a program calls, as far as its text tells, without running it.

A receiver is known by the type that mypy gives it. What a program reaches in other ways (`getattr`,
a value of type `Any`) is not foreseen, so this decides nothing: policy judges each call when it
comes.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from typing import Any

from ..diagnostics import ForeseenCall
from .inference import Inference, revealed, wrappable
from .mypy_build import Found
from .positions import Places
from .preprocess import Reading
from .surface import Surface

_CLIENT = re.compile(r"(?P<package>\w+)\.(?:client|aio)\.(?P<name>\w+)")


def foreseen(
    reading: Reading, surface: Surface, findings_of: Callable[[str], list[Found]]
) -> list[ForeseenCall]:
    """The calls of one program, by line. `findings_of` is mypy's answer to a text."""
    lines = reading.text.split("\n")
    places = Places(reading.text, reading.tree)
    found = dict(_receivers(reading.tree, surface, places))
    if not found:
        return []
    inferred = Inference(lines, reading.tree, surface.modules).run(findings_of)
    receivers = [each.value for each in found.values()]
    types = revealed(lines, places, receivers, inferred, findings_of)
    calls = []
    for place, attribute in found.items():
        for kind in types.get(place, ()):
            match = _CLIENT.fullmatch(kind)
            if match and attribute.attr in surface.methods.get(match["name"], {}):
                line = attribute.lineno - reading.before
                arguments = _arguments(places.parent(attribute), attribute)
                calls.append(ForeseenCall(match["package"], attribute.attr, line, arguments))
    return sorted((each for each in calls if each.line > 0), key=lambda each: each.line)


def _receivers(
    tree: ast.Module, surface: Surface, places: Places
) -> Iterator[tuple[tuple[int, int], ast.Attribute]]:
    """What may be a method of a client, by where its receiver begins: the innermost of each."""
    methods = {name for client in surface.clients for name in surface.methods[client]}
    candidates = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr in methods and wrappable(node.value)
    ]
    candidates.sort(key=lambda node: places.end(node.value), reverse=True)
    for node in candidates:
        yield places.start(node.value), node


def _arguments(parent: ast.AST | None, method: ast.Attribute) -> dict[str, Any] | None:
    if not isinstance(parent, ast.Call) or parent.func is not method or parent.args:
        return None
    found = {}
    for keyword in parent.keywords:
        if keyword.arg is None:
            return None
        try:
            value = ast.literal_eval(keyword.value)
        except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
            return None
        if not _is_json(value):
            return None
        found[keyword.arg] = value
    return found


def _is_json(value: Any) -> bool:
    """Whether it is sent as it stands. None is not, since it leaves an argument out."""
    if isinstance(value, dict):
        return all(isinstance(key, str) for key in value) and all(map(_is_json, value.values()))
    if isinstance(value, list):
        return all(map(_is_json, value))
    return isinstance(value, str | bool | int | float)
