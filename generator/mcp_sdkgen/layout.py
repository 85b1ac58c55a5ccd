"""Files as rendered → files as shipped: unused imports gone, black's format, safe paths."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable, Mapping

import black
from black.mode import TargetVersion

from .errors import BuildError
from .render import LINE_LENGTH, Files

_SAFE_PART = re.compile(r"[^\W]\w*(?:[-.]\w+)*")
_BLANK_LINES = re.compile(r"\n{3,}")
_MODE = black.Mode(line_length=LINE_LENGTH, target_versions={TargetVersion.PY311})
_STUB_MODE = black.Mode(line_length=LINE_LENGTH, target_versions={TargetVersion.PY311}, is_pyi=True)

Mapper = Callable[[Callable[[tuple[str, str]], str], Iterable[tuple[str, str]]], Iterable[str]]
"""`map`, or something that spreads the same work over processes."""


def layout(files: Mapping[str, str], spread: Mapper = map) -> Files:
    """Format every file, and sort them by path. Raises `BuildError` for a path that could lead out
    of the SDK's folder, or a module that is not Python: either would be a bug of ours."""
    for path in files:
        if not all(_SAFE_PART.fullmatch(part) for part in path.split("/")):
            raise BuildError(f"refused to write to {path!r}: not a path inside the SDK")
    items = sorted(files.items())
    return dict(zip(files_in(items), spread(formatted, items), strict=True))


def files_in(items: Iterable[tuple[str, str]]) -> list[str]:
    """The paths of `items`."""
    return [path for path, _ in items]


def formatted(item: tuple[str, str]) -> str:
    """The final text of one (path, rendered text). Raises `BuildError`."""
    path, text = item
    if path.endswith((".py", ".pyi")):
        try:
            return black.format_str(_pruned(text), mode=_STUB_MODE if path.endswith("i") else _MODE)
        except (SyntaxError, ValueError) as error:
            raise BuildError(f"{path}: the rendered module is not Python: {error}") from error
    if path.endswith(".json"):
        return text
    return _BLANK_LINES.sub("\n\n", text).strip("\n") + "\n" if text else text


def _pruned(source: str) -> str:
    """`source` without the names that its `from … import …` lines bring in for nothing.

    An import `as` itself is a re-export and stays.
    """
    tree = ast.parse(source)
    used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    lines = source.split("\n")
    for node in reversed(tree.body):
        if not isinstance(node, ast.ImportFrom) or node.module == "__future__":
            continue
        kept = [
            alias
            for alias in node.names
            if alias.asname == alias.name or (alias.asname or alias.name) in used
        ]
        if len(kept) == len(node.names):
            continue
        names = ", ".join(a.name if not a.asname else f"{a.name} as {a.asname}" for a in kept)
        dots = "." * node.level
        line = [f"from {dots}{node.module or ''} import {names}"] if kept else []
        lines[node.lineno - 1 : node.end_lineno] = line
    return "\n".join(lines)
