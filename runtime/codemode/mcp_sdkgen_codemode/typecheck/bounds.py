"""How much work a program is to whoever compiles or checks it, told from its syntax tree alone.

A compiler writes a `finally` out for each way through it, and mypy goes through loops and
alternatives more than once: nested, some hundred bytes cost gigabytes.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Final

SCRATCH: Final = "mcp-sdkgen-check-"
"""What the names of a checker's temporary folders begin with: it removes no other."""
MAX_PROGRAM_BYTES: Final = 256 << 10
MAX_DEPTH: Final = 1000
"""Nesting of a syntax tree. mypy takes gigabytes for a few thousand calls on top of each other."""
MAX_WORK: Final = 300_000
"""Nodes, each counted as often as it is gone through. A program of the largest size has 100,000."""

_WAYS_OUT = (ast.Return, ast.Break, ast.Continue)
_TWICE = (ast.For, ast.AsyncFor, ast.While, ast.Lambda, ast.IfExp)


def check_bounds(tree: ast.AST) -> None:
    """Raise `RecursionError` for a program that is nested too deeply to be compiled or checked."""
    level: list[tuple[ast.AST, int]] = [(tree, 1)]
    work = 0
    for _ in range(MAX_DEPTH):
        work += sum(times for _, times in level)
        if work > MAX_WORK:
            break
        level = [child for node, times in level for child in _inside(node, times)]
        if not level:
            return
    raise RecursionError


def _inside(node: ast.AST, times: int) -> Iterator[tuple[ast.AST, int]]:
    if isinstance(node, ast.Try | ast.TryStar) and node.finalbody:
        ways = 2 + sum(
            isinstance(each, _WAYS_OUT) for part in _tried(node) for each in ast.walk(part)
        )
        yield from ((child, times) for child in _tried(node))
        yield from ((child, times * ways) for child in node.finalbody)
        return
    again = times * 2 if isinstance(node, _TWICE) else times
    yield from ((child, again) for child in ast.iter_child_nodes(node))


def _tried(node: ast.Try | ast.TryStar) -> list[ast.AST]:
    return [*node.body, *node.handlers, *node.orelse]
