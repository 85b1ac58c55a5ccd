"""A program's text → what the check works on, or the reason why it cannot be read."""

from __future__ import annotations

import ast
import io
import sys
import tokenize
import warnings
from collections.abc import Sequence
from dataclasses import dataclass

from mcp_sdkgen_runtime.text import printable

from ..diagnostics import Diagnostic
from .bounds import MAX_PROGRAM_BYTES, check_bounds

MAX_SESSION_BYTES = 1 << 20


class Unreadable(Exception):
    """The program is no Python. `diagnostic` says where and why."""

    def __init__(self, diagnostic: Diagnostic) -> None:
        super().__init__(diagnostic.message)
        self.diagnostic = diagnostic


@dataclass(frozen=True)
class Reading:
    """`text` has the earlier programs of the session before the program, which starts after line
    `before`. It has no comments: a directive in one would switch the check off.
    """

    text: str
    tree: ast.Module
    before: int


def read(program: str, earlier: Sequence[str] = ()) -> Reading:
    """Raises `Unreadable`. Earlier programs that cannot be read define nothing."""
    text, tree = _parsed(program)
    if not earlier:
        return Reading(text, tree, 0)
    parts, room = [], MAX_SESSION_BYTES
    names = _defined(tree)
    for old in reversed(earlier):
        room -= len(old)
        if room < 0:
            break
        try:
            old_text, old_tree = _parsed(old)
        except Unreadable:
            continue
        parts.append(_without(old_text, old_tree, names))
        names |= _defined(old_tree)
    parts.reverse()
    before = sum(part.count("\n") for part in parts)
    whole = "".join(parts) + _without(text, tree, frozenset())
    return Reading(whole, ast.parse(whole), before)


def _parsed(program: str) -> tuple[str, ast.Module]:
    try:
        size = len(program.encode())
    except UnicodeEncodeError as error:
        line = program.count("\n", 0, error.start) + 1
        raise _unreadable(line, 1, "a character that is not valid Unicode") from None
    if size > MAX_PROGRAM_BYTES:
        message = f"the program has {size:,} bytes; at most {MAX_PROGRAM_BYTES:,} are checked"
        raise _unreadable(1, 1, message, "keep data out of the program, or split it")
    # mypy and the interpreter part lines alike only at these.
    program = program.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    program = program.replace("\f", " ").rstrip("\n") + "\n"
    if "\0" in program:
        line = program.count("\n", 0, program.index("\0")) + 1
        raise _unreadable(line, 1, "a null byte")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(program)
            check_bounds(tree)
            # What only the compiler refuses: a `return` or an `await` where none may stand.
            flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
            compile(program, "program.py", "exec", flags, dont_inherit=True)
        text = _without_comments(program)
        last = _with_last_imports(text, tree)
        return last, tree if last == text else ast.parse(last)
    except SyntaxError as error:
        raise _syntax(error, program) from None
    except (RecursionError, MemoryError):
        raise _unreadable(1, 1, "the program is nested too deeply", "use variables") from None
    except (ValueError, OverflowError, tokenize.TokenError) as error:
        raise _unreadable(1, 1, f"the program cannot be read: {error}") from None


def _syntax(error: SyntaxError, program: str) -> Unreadable:
    lines = program.split("\n")
    line = min(max(error.lineno or 1, 1), len(lines))
    message = str(error.msg)
    hint = ""
    if "outside async function" in message:
        hint = "make the function `async def`, or await at the top level"
    elif lines[line - 1].startswith("```"):
        hint = "leave out the Markdown: only Python"
    elif shown := lines[line - 1].strip()[:100]:
        hint = f"in: {shown}"
    return _unreadable(line, max(error.offset or 1, 1), message, hint)


def _unreadable(line: int, column: int, message: str, hint: str = "") -> Unreadable:
    return Unreadable(Diagnostic(line, column, "syntax", printable(message), printable(hint)))


def _without_comments(text: str) -> str:
    if "#" not in text:
        return text
    lines = text.split("\n")
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT:
            row, column = token.start
            lines[row - 1] = lines[row - 1][:column].rstrip()
    return "\n".join(lines)


def _with_last_imports(text: str, tree: ast.Module) -> str:
    """Without the imports from the standard library that others hide before they are used.

    `import time` and then `from time_sdk import time`: Python goes by the last, mypy by the first.
    """
    bound: dict[str, ast.Import | ast.ImportFrom] = {}
    hidden: dict[ast.Import | ast.ImportFrom, set[str]] = {}
    for node in tree.body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            for alias in node.names:
                name = alias.asname or alias.name
                earlier = bound.pop(name, None)
                if earlier is not None and _source(earlier) != _source(node):
                    hidden.setdefault(earlier, set()).add(name)
                # Of others the import itself may fail, and must be seen.
                if name != "*" and (_source(node) or name) in sys.stdlib_module_names:
                    bound[name] = node
        else:
            # Whatever is used, bound or run between two imports decides for both.
            for each in ast.walk(node):
                if isinstance(each, ast.Name):
                    bound.pop(each.id, None)
    lines = text.split("\n")
    for node, names in hidden.items():
        still_imported = [one for one in node.names if (one.asname or one.name) not in names]
        last = node.end_lineno or node.lineno
        if any(other is not node and _shares(other, node) for other in tree.body):
            continue
        node.names = still_imported
        lines[node.lineno - 1 : last] = [ast.unparse(node) if still_imported else "pass"] + [""] * (
            last - node.lineno
        )
    return "\n".join(lines)


def _source(node: ast.Import | ast.ImportFrom) -> str | None:
    return node.module if isinstance(node, ast.ImportFrom) else None


def _shares(one: ast.stmt, other: ast.stmt) -> bool:
    """Whether two statements stand on one line."""
    first, last = other.lineno, other.end_lineno or other.lineno
    return one.lineno <= last and (one.end_lineno or one.lineno) >= first


def _defined(tree: ast.Module) -> frozenset[str]:
    """Names that the top level of a program binds, as far as functions and classes go."""
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    return frozenset(each.name for each in tree.body if isinstance(each, kinds))


def _without(text: str, tree: ast.Module, names: frozenset[str]) -> str:
    """Blank the definitions of `names`, which are made anew later, and `__future__` imports."""
    lines = text.split("\n")
    for node in tree.body:
        future = isinstance(node, ast.ImportFrom) and node.module == "__future__"
        kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
        if future or (isinstance(node, kinds) and node.name in names):
            decorators = getattr(node, "decorator_list", [])
            first = min([node.lineno, *(each.lineno for each in decorators)])
            last = node.end_lineno or first
            lines[first - 1 : last] = ["pass"] + [""] * (last - first)
    return "\n".join(lines)
