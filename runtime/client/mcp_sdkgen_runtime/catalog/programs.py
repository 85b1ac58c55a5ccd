"""The saved programs that a program in a sandbox can import, read from their files."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path

from ..host_channel import host_channel
from .bm25 import sharing
from .index import Entry

PACKAGE = "programs"
"""The import name that saved programs stand under."""


def fitting(query: str) -> list[Entry]:
    """The saved programs that share more than half of a query's words. None outside a sandbox."""
    if host_channel() is None:
        return []
    found = list(_saved())
    return [found[n][0] for n in sharing(query, [text for _, text in found])]


def signature_of(name: str, main: ast.FunctionDef | ast.AsyncFunctionDef) -> str:
    """How the `main` of a saved program is called: `NAME.main(*, city: str) -> str`."""
    returns = ast.unparse(main.returns) if main.returns is not None else "None"
    if isinstance(main, ast.AsyncFunctionDef):
        returns = f"Awaitable[{returns}]"
    return f"{name}.main({ast.unparse(main.args)}) -> {returns}"


def _saved() -> Iterator[tuple[Entry, str]]:
    """Each program's line of the index, and the words that it is found by."""
    spec = find_spec(PACKAGE)
    for folder in (spec and spec.submodule_search_locations) or ():
        for path in sorted(Path(folder).glob("*.py")):
            with suppress(OSError, SyntaxError, ValueError, RecursionError):
                for node in ast.parse(path.read_bytes()).body:
                    kinds = ast.FunctionDef | ast.AsyncFunctionDef
                    if isinstance(node, kinds) and node.name == "main":
                        yield _described(path.stem, node)


def _described(name: str, main: ast.FunctionDef | ast.AsyncFunctionDef) -> tuple[Entry, str]:
    description = ast.get_docstring(main) or ""
    summary = description.partition("\n")[0]
    entry = Entry(f"{name}.main", signature_of(name, main), summary, PACKAGE, PACKAGE)
    return entry, f"{name} {description}"
