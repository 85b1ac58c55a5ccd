"""Where in a program mypy's line and column are."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from .edits import Edit, original


class Places:
    """The nodes of a text by where they begin. Columns count characters from 1."""

    def __init__(self, text: str, tree: ast.Module) -> None:
        self.lines = text.split("\n")
        self._nodes: dict[tuple[int, int], list[ast.AST]] = {}
        self._parents: dict[int, ast.AST] = {}
        for node in ast.walk(tree):
            for child in ast.iter_child_nodes(node):
                self._parents[id(child)] = node
            if isinstance(node, ast.expr | ast.stmt | ast.keyword | ast.ExceptHandler):
                self._nodes.setdefault(self.start(node), []).append(node)

    def start(self, node: ast.AST) -> tuple[int, int]:
        """(line, column) of a node."""
        line = getattr(node, "lineno", 1)
        return line, self._characters(line, getattr(node, "col_offset", 0)) + 1

    def end(self, node: ast.AST) -> tuple[int, int]:
        """(line, column) of the first character after a node."""
        line = getattr(node, "end_lineno", 1) or 1
        return line, self._characters(line, getattr(node, "end_col_offset", 0) or 0) + 1

    def span(self, node: ast.AST) -> tuple[tuple[int, int], tuple[int, int]]:
        """Where a node begins, and the first place after it: no two expressions have the same."""
        return self.start(node), self.end(node)

    def name_start(self, node: ast.Attribute) -> tuple[int, int]:
        """Where the name of an attribute begins."""
        line, column = self.end(node)
        return line, column - len(node.attr)

    def column(self, line: int, reported: int) -> int:
        """The column that mypy means.

        On lines with characters outside ASCII its native parser takes their extra bytes off, most
        often twice (mypy 2.4). Errors are where nodes begin, so the nearest such place is meant.
        """
        text = self.lines[line - 1] if line <= len(self.lines) else ""
        if text.isascii():
            return reported
        starts = [at for at in range(1, len(text) + 1) if (line, at) in self._nodes]

        def distance(column: int) -> int:
            extra = len(text[: column - 1].encode()) - (column - 1)
            return abs(column - extra - reported)

        return min(starts, key=distance, default=min(reported, len(text) + 1))

    def original(self, line: int, reported: int, edits: Iterable[Edit]) -> int:
        """The column before `edits`, which led to this text, of what mypy reports in it."""
        return original(self.column(line, reported), line, edits)

    def nodes(self, line: int, column: int) -> list[ast.AST]:
        """What begins there, the outermost first."""
        return self._nodes.get((line, column), [])

    def argument(self, line: int, column: int) -> ast.expr | None:
        """The expression that begins there and is an argument, an item or a value of a display."""
        holders = (ast.Call, ast.keyword, ast.List, ast.Tuple, ast.Set, ast.Dict, ast.ListComp)
        for node in self.nodes(line, column):
            if isinstance(node, ast.expr) and isinstance(self.parent(node), holders):
                parent = self.parent(node)
                if not (isinstance(parent, ast.Call) and node is parent.func):
                    return node
        return None

    def parent(self, node: ast.AST) -> ast.AST | None:
        """The node around a node."""
        return self._parents.get(id(node))

    def around(self, node: ast.AST | None) -> ast.stmt | None:
        """The innermost statement around a node, or the node."""
        while node is not None and not isinstance(node, ast.stmt):
            node = self.parent(node)
        return node

    def statement(self, node: ast.AST) -> Iterator[ast.AST]:
        """The nodes of the statement around a node, without the body of a compound one."""
        around = self.around(node)
        waiting: list[ast.AST] = [around] if around else []
        while waiting:
            each = waiting.pop()
            yield each
            waiting += [
                child
                for child in ast.iter_child_nodes(each)
                if not isinstance(child, ast.stmt | ast.ExceptHandler | ast.match_case)
            ]

    def _characters(self, line: int, offset: int) -> int:
        text = self.lines[line - 1] if line <= len(self.lines) else ""
        return offset if text.isascii() else len(text.encode()[:offset].decode(errors="ignore"))
