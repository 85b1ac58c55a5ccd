"""Which tools a program calls, as far as its text tells, without running it.

A receiver is known by the type that mypy gives it. Where mypy gives none, as in code that it takes
for unreachable, the name of the method decides. What a program reaches in other ways (`getattr`, a
value of type `Any`) is not foreseen, so this decides nothing: policy judges each call when it
comes.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable
from typing import Any

from ..diagnostics import ForeseenCall
from .inference import Inference, revealed, wrappable
from .mypy_build import Found
from .positions import Places
from .preprocess import Reading
from .surface import Surface

_CLIENT = re.compile(r"(?<![\w.])(?P<package>\w+)\.(?:client|aio)\.(?P<name>\w+)\b")


def foreseen(
    reading: Reading, surface: Surface, findings_of: Callable[[str], list[Found]]
) -> list[ForeseenCall]:
    """The calls of one program, by their places. `findings_of` is mypy's answer to a text."""
    lines = reading.text.split("\n")
    places = Places(reading.text, reading.tree)
    found = _methods(reading.tree, surface)
    if not found:
        return []
    inferred = Inference(lines, reading.tree, surface.modules).run(findings_of)
    receivers = [one.value for one in found if wrappable(one.value) and places.holds(one.value)]
    types = revealed(lines, places, receivers, inferred, findings_of)
    calls = []
    for method in found:
        kinds = types.get(places.span(method.value))
        packages = _packages(method.attr, surface) if kinds is None else _of_kinds(kinds)
        line, column = places.name_start(method)
        for package in sorted(packages & _packages(method.attr, surface)):
            arguments = _arguments(places.parent(method), method)
            calls.append(
                ForeseenCall(package, method.attr, line - reading.before, column, arguments)
            )
    calls = [each for each in calls if each.line > 0]
    return sorted(calls, key=lambda each: (each.line, each.column))


def _methods(tree: ast.Module, surface: Surface) -> list[ast.Attribute]:
    """What may be a method of a client, by its name."""
    names = {name for client in surface.clients for name in surface.methods[client]}
    return [
        node for node in ast.walk(tree) if isinstance(node, ast.Attribute) and node.attr in names
    ]


def _packages(method: str, surface: Surface) -> set[str]:
    """The SDKs with a client that has a method of this name."""
    return {
        package
        for package, names in surface.modules.items()
        for name in names
        if name in surface.clients and method in surface.methods[name]
    }


def _of_kinds(kinds: Iterable[str]) -> set[str]:
    """The SDKs whose clients are among these types, also as a part of a union."""
    return {match["package"] for kind in kinds for match in _CLIENT.finditer(kind)}


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
