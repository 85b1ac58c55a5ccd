"""What the text of a program says of it, read without running it."""

from __future__ import annotations

import ast
import builtins
import keyword
import sys
import warnings
from dataclasses import dataclass

from mcp_sdkgen_runtime.catalog.programs import PACKAGE as PACKAGE
from mcp_sdkgen_runtime.catalog.programs import signature_of

from ..typecheck.bounds import MAX_PROGRAM_BYTES, check_bounds

MAX_NAME = 60


@dataclass(frozen=True)
class Imported:
    """What a program imports and touches.

    `modules` are top-level import names, `programs` the saved programs among them, `attributes`
    every name after a dot: more than it calls, never less, unless it hides what it calls.
    """

    modules: frozenset[str]
    programs: frozenset[str]
    attributes: frozenset[str]


@dataclass(frozen=True)
class Main:
    """The `main` of a program: its docstring, and the signature with `NAME.main` before it."""

    description: str
    signature: str


def check_name(name: str) -> None:
    """Raises `ValueError` for a name that no saved program may have."""
    fix = "use lower-case letters, digits and underscores, as in weekly_report"
    if not (name.isascii() and name.isidentifier() and name == name.lower()):
        raise ValueError(f"{name!r} is no name for a program: {fix}")
    if keyword.iskeyword(name) or keyword.issoftkeyword(name) or name.startswith("_"):
        raise ValueError(f"{name!r} is no name for a program: it means something in Python; {fix}")
    taken = name == PACKAGE or name in sys.stdlib_module_names or hasattr(builtins, name)
    if taken or len(name) > MAX_NAME:
        why = "it would hide something of that name" if taken else f"over {MAX_NAME} characters"
        raise ValueError(f"{name!r} is no name for a program: {why}")


def parsed(source: str) -> ast.Module:
    """The program as a module, which has no top-level `await`. Raises `ValueError`."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = _tree(source)
            check_bounds(tree)
            compile(source, "<program>", "exec", dont_inherit=True)
    except SyntaxError as error:
        raise ValueError(f"line {error.lineno}: {error.msg}") from None
    except (RecursionError, MemoryError):
        raise ValueError("it is nested too deeply; use functions and variables") from None
    except (ValueError, OverflowError) as error:
        raise ValueError(f"it cannot be read: {error}") from None
    return tree


def _tree(source: str) -> ast.Module:
    if len(source) > MAX_PROGRAM_BYTES:
        raise ValueError(f"it is longer than {MAX_PROGRAM_BYTES:,} characters")
    return ast.parse(source)


def imported(source: str) -> Imported:
    """What a program imports; nothing for what is no Python."""
    modules, programs, attributes = set(), set(), set()
    try:
        nodes = list(ast.walk(_tree(source)))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        nodes = []
    for node in nodes:
        if isinstance(node, ast.Attribute):
            attributes.add(node.attr)
            if isinstance(node.value, ast.Name) and node.value.id == PACKAGE:
                programs.add(node.attr)
        elif isinstance(node, ast.Import):
            paths = [alias.name.split(".") for alias in node.names]
            modules |= {path[0] for path in paths}
            programs |= {path[1] for path in paths if path[0] == PACKAGE and len(path) > 1}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            top, _, rest = node.module.partition(".")
            modules.add(top)
            if top == PACKAGE:
                programs |= {rest.split(".")[0]} if rest else {each.name for each in node.names}
    return Imported(frozenset(modules), frozenset(programs), frozenset(attributes))


def leaves_main(source: str) -> bool:
    """Whether a program defines a function `main` and nothing in it speaks of that; not for what is
    no Python."""
    try:
        tree = _tree(source)
        named = any(isinstance(node, ast.Name) and node.id == "main" for node in ast.walk(tree))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    functions = ast.FunctionDef | ast.AsyncFunctionDef
    return not named and any(
        isinstance(node, functions) and node.name == "main" for node in tree.body
    )


def main_of(name: str, tree: ast.Module) -> Main:
    """The `main` of a program. Raises `ValueError` that tells what it lacks."""
    example = "def main(*, city: str) -> str: with a docstring"
    found = [
        node
        for node in tree.body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name == "main"
    ]
    if not found:
        raise ValueError(f"a saved program has a function `main`; write {example}")
    main = found[-1]
    place = f"line {main.lineno}: `main`"
    given = main.args
    if given.posonlyargs or given.args or given.vararg or given.kwarg:
        raise ValueError(f"{place} takes keyword arguments with names only; write {example}")
    for argument in given.kwonlyargs:
        if argument.annotation is None:
            raise ValueError(f"{place}: argument {argument.arg!r} has no annotation")
    if main.returns is None:
        raise ValueError(f"{place} does not say what it returns; write {example}")
    description = ast.get_docstring(main)
    if not description:
        raise ValueError(f"{place} has no docstring, which search needs; write {example}")
    return Main(description, signature_of(name, main))
