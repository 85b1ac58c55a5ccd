"""Loops over `asyncio.gather(...)` without `await`: mypy lets a future be looped over."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ..diagnostics import Diagnostic

MESSAGE = "a loop over what asyncio.gather() returns needs `await`"
HINT = "for each in await asyncio.gather(...)"


def unawaited(tree: ast.Module) -> Iterator[Diagnostic]:
    """A diagnostic for each loop that would get the future itself, at the call."""
    names = {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == "asyncio"
        for alias in node.names
        if alias.name == "gather"
    }
    names -= {node.name for node in ast.walk(tree) if isinstance(node, _DEFINING)}
    for node in ast.walk(tree):
        if isinstance(node, ast.For | ast.comprehension) and _gathers(node.iter, names):
            yield Diagnostic(
                node.iter.lineno, node.iter.col_offset + 1, "unused-awaitable", MESSAGE, HINT
            )


_DEFINING = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


def _gathers(node: ast.expr, names: set[str]) -> bool:
    if not isinstance(node, ast.Call):
        return False
    match node.func:
        case ast.Attribute(ast.Name("asyncio"), "gather"):
            return True
        case ast.Name(name):
            return name in names
    return False
