"""Which tools a program calls, as far as its text tells, without running it.

A receiver is known by the type that mypy gives it. Where mypy gives none, as in code that it takes
for unreachable, the name of the method decides. What a program reaches in other ways (`getattr`, a
value of type `Any`) is not foreseen, so this decides nothing: policy judges each call when it
comes.
"""

from __future__ import annotations

import ast
import re
from typing import Any

from ..diagnostics import ForeseenCall
from .flow.dataflow import Origins
from .inference import Inference, Reader
from .positions import Places
from .preprocess import Reading
from .shapes import OTHER, Shape
from .surface import Surface

_CLIENT = re.compile(r"(?P<package>\w+)\.(?:client|aio)\.\w+")


def foreseen(reading: Reading, surface: Surface, reader: Reader) -> list[ForeseenCall]:
    """The calls of one program, by their places. `reader` tells the types in a text."""
    lines = reading.text.split("\n")
    places = Places(reading.text, reading.tree)
    found = _methods(reading.tree, surface)
    if not found:
        return []
    inference = Inference(lines, reading.tree, Origins(reading.tree), surface.modules)
    inferred = inference.run(reader)
    typed = reader.types(inferred.text(lines)).before(inferred.edits)
    calls = []
    for method in found:
        kind = typed.of(method.value, places)
        named = _packages(method.attr, surface)
        packages = named if kind == OTHER else _of_kind(kind)
        line, column = places.name_start(method)
        for package in sorted(packages & named):
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


def _of_kind(kind: Shape) -> set[str]:
    """The SDKs whose clients are in a type, also as a part of a union."""
    matches = (_CLIENT.fullmatch(each.name) for each in kind.within())
    return {match["package"] for match in matches if match}


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
