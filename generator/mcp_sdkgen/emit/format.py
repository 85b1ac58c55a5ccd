"""Files as rendered → files as shipped: in black's format, without unused imports, at safe paths.

black takes longer than all other stages together. What the templates write is in its format
already but for blank lines and for what is too long; so the blank lines are set here, and black
itself is given the statements that are too long. A test compares whole files with black's output.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping

import black
from black.mode import TargetVersion

from ..errors import BuildError
from .line_breaks import LINE_LENGTH, broken
from .render import Files

PYTHON = black.Mode(line_length=LINE_LENGTH, target_versions={TargetVersion.PY311})
STUB = black.Mode(line_length=LINE_LENGTH, target_versions={TargetVersion.PY311}, is_pyi=True)

_SAFE_PART = re.compile(r"[^\W]\w*(?:[-.]\w+)*")
_STRING = re.compile(
    r'"""(?:[^"\\]|\\.|"(?!""))*"""|"(?:[^"\\\n]|\\.)*"|\'(?:[^\'\\\n]|\\.)*\'', re.S
)
_NAME = re.compile(r"[^\W\d]\w*")
_BLANK_LINES = re.compile(r"\n{3,}")


def layout(files: Mapping[str, str]) -> Files:
    """Format every file, and sort them by path. Raises `BuildError` for a path that could lead out
    of the SDK's folder, or a module that is not Python: either would be a bug of ours."""
    for path in files:
        if not all(_SAFE_PART.fullmatch(part) for part in path.split("/")):
            raise BuildError(f"refused to write to {path!r}: not a path inside the SDK")
    return {path: formatted(path, text) for path, text in sorted(files.items())}


def formatted(path: str, text: str) -> str:
    """The final text of one rendered file. Raises `BuildError`."""
    if path.endswith((".py", ".pyi")):
        try:
            return _Module(text, path.endswith(".pyi")).text()
        except (SyntaxError, ValueError) as error:
            raise BuildError(f"{path}: the rendered module is not Python: {error}") from error
    if path.endswith(".json"):
        return text
    return _BLANK_LINES.sub("\n\n", text).strip("\n") + "\n" if text else text


class _Module:
    """One rendered module, and how its statements are set."""

    def __init__(self, source: str, is_stub: bool) -> None:
        self._lines = source.split("\n")
        self._tree = ast.parse(source)
        self._is_stub = is_stub
        self._used = set(_NAME.findall(_STRING.sub("", "\n".join(self._without_imports()))))
        self._used |= _quoted_names(self._tree)

    def text(self) -> str:
        body = self._tree.body
        head = self._lines[: _start(body[0]) - 1] if body else self._lines
        kept = [line for line in head if line.strip()]
        return "\n".join([*kept, *self._block(body, 0)]) + "\n"

    def _without_imports(self) -> Iterator[str]:
        blocks = [self._tree.body, *(n.body for n in self._tree.body if isinstance(n, ast.If))]
        skipped: set[int] = set()
        for node in (node for block in blocks for node in block):
            if isinstance(node, ast.ImportFrom):
                skipped |= set(range(node.lineno, (node.end_lineno or node.lineno) + 1))
        return (line for number, line in enumerate(self._lines, 1) if number not in skipped)

    def _block(self, body: list[ast.stmt], depth: int, is_class: bool = False) -> list[str]:
        lines: list[str] = []
        before: ast.stmt | None = None
        # The first string of a module or class is its docstring; that of an `if` is nothing.
        prose = body[0] if body and (depth == 0 or is_class) else None
        for statement in body:
            own = list(self._statement(statement, depth))
            if not own:
                continue
            if before is not None:
                lines += [""] * self._gap(before, statement, depth, before is prose)
            lines += own
            before = statement
        return lines

    def _statement(self, node: ast.stmt, depth: int) -> Iterator[str]:
        if isinstance(node, ast.ImportFrom) and node.module != "__future__":
            yield from self._import(node, depth)
        elif isinstance(node, ast.ClassDef | ast.If):
            yield from self._source(node, _start(node.body[0]) - 1)
            if _first_is_class(node) and isinstance(node, ast.If) and not self._is_stub:
                yield ""
            yield from self._block(node.body, depth + 1, isinstance(node, ast.ClassDef))
        else:
            yield from self._fitted(node, depth)

    def _source(self, node: ast.stmt, end: int) -> list[str]:
        lines = self._lines[_start(node) - 1 : end]
        while lines and not lines[-1].strip():
            lines.pop()
        return lines

    def _import(self, node: ast.ImportFrom, depth: int) -> Iterator[str]:
        """The import without the names that nothing uses; `as` the same name is a re-export."""
        names = [
            alias.name if not alias.asname else f"{alias.name} as {alias.asname}"
            for alias in node.names
            if alias.asname == alias.name or (alias.asname or alias.name) in self._used
        ]
        if not names:
            return
        margin = "    " * depth
        opening = f"{margin}from {'.' * node.level}{node.module or ''} import "
        line = opening + ", ".join(names)
        if len(line) <= LINE_LENGTH:
            yield line
        else:
            yield f"{opening}("
            yield from (f"{margin}    {name}," for name in names)
            yield f"{margin})"

    def _fitted(self, node: ast.stmt, depth: int) -> list[str]:
        lines = self._source(node, node.end_lineno or node.lineno)
        if _is_prose(node):
            return lines
        # The body of a method is a docstring and a call that the templates break themselves.
        head = len(lines)
        if isinstance(node, _DEFS) and not _is_bare(node):
            head = node.body[0].lineno - _start(node)
        if all(len(line) <= LINE_LENGTH for line in lines[:head]):
            return lines
        fitted: list[str] = []
        for line in lines[:head]:
            text = line.lstrip()
            own = broken(text, len(line) - len(text))
            if own is None:
                return [*_blacked(lines[:head], depth, self._is_stub), *lines[head:]]
            fitted += own
        return fitted + lines[head:]

    def _gap(self, before: ast.stmt, after: ast.stmt, depth: int, is_head: bool) -> int:
        """How many blank lines black has between two statements."""
        written = _start(after) - (before.end_lineno or before.lineno) - 1
        most = 1 if depth or self._is_stub else 2
        if self._is_stub and isinstance(before, _DEFS) and isinstance(after, _DEFS) and depth:
            return int(not _is_bare(before))
        if isinstance(before, _BLOCKS) or isinstance(after, _BLOCKS):
            return 0 if _is_prose(after) else most
        if is_head and _is_prose(before):
            return 1
        if isinstance(before, ast.ImportFrom):
            # An import that was left out between two others leaves no gap of its own.
            return min(written, 1) if isinstance(after, ast.ImportFrom) else 1
        return min(written, most)


def _quoted_names(tree: ast.AST) -> set[str]:
    """The names in types that are written as strings, because a class is defined later."""
    found: set[str] = set()
    todo: list[ast.AST] = [tree]
    while todo:
        node = todo.pop()
        if isinstance(node, ast.AnnAssign):
            found.update(_names_in_strings(node.annotation))
        elif isinstance(node, ast.Module | ast.ClassDef):
            todo += ast.iter_child_nodes(node)
    return found


def _names_in_strings(annotation: ast.expr) -> Iterator[str]:
    if isinstance(annotation, ast.Constant) and isinstance(annotation.value, str):
        yield from _NAME.findall(_STRING.sub("", annotation.value))
    elif isinstance(annotation, ast.BinOp):
        yield from _names_in_strings(annotation.left)
        yield from _names_in_strings(annotation.right)
    elif isinstance(annotation, ast.Subscript) and isinstance(annotation.value, ast.Name):
        if annotation.value.id == "NotRequired":
            yield from _names_in_strings(annotation.slice)
        elif annotation.value.id == "Annotated" and isinstance(annotation.slice, ast.Tuple):
            yield from _names_in_strings(annotation.slice.elts[0])


_DEFS = ast.FunctionDef | ast.AsyncFunctionDef
_BLOCKS = _DEFS | ast.ClassDef


def _start(node: ast.stmt) -> int:
    decorators = getattr(node, "decorator_list", [])
    return decorators[0].lineno if decorators else node.lineno


def _is_prose(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _is_bare(node: ast.stmt) -> bool:
    first = getattr(node, "body", [node])[0]
    return _is_prose(first) and first.value.value is ...


def _first_is_class(node: ast.ClassDef | ast.If) -> bool:
    return isinstance(node.body[0], ast.ClassDef)


def _blacked(statement: list[str], depth: int, is_stub: bool) -> list[str]:
    """A statement, or the head of a method, as black breaks it."""
    source = [f"{'    ' * level}if _:" for level in range(depth)] + statement
    is_head = statement[-1].endswith(":")
    if is_head:
        source.append(f"{'    ' * (depth + 1)}pass")
    done = black.format_str("\n".join(source) + "\n", mode=STUB if is_stub else PYTHON)
    lines = done.rstrip().split("\n")[depth : -1 if is_head else None]
    return lines if lines[0] else lines[1:]
