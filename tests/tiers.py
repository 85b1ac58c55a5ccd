"""Which tests are quick: what a test uses decides, not a list kept by hand.

A test's own code is read, and with it the fixtures and helpers of `tests/` that it reaches: their
bytecode names what they use. What costs seconds carries a mark (`MARKS`); a test without any is
`quick`. The reading sees names, not calls, so it may mark a test too many, and a process that is
hidden from it is caught when a quick test starts it (`conftest.py`).
"""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Iterable, Iterator
from types import CodeType, FunctionType, MethodType, ModuleType
from typing import Any

import pytest

MARKS = {
    "process": "starts other programs",
    "sandbox": "runs programs in a sandbox",
    "mypy": "type-checks",
    "peer": "needs programs of other makers",
    "browser": "needs a web browser",
}
"""The marks that this module sets, besides `quick` for a test that gets none of them."""

USES = {
    "subprocess": {"process"},
    "multiprocessing": {"process"},
    "selenium": {"browser"},
    "mypy": {"mypy"},
    "mcp_sdkgen.pipeline": {"process"},
    "mcp_sdkgen.provision": {"process"},
    "mcp_sdkgen.cli.demo.perform": {"sandbox", "mypy", "process"},
    "mcp_sdkgen.cli.demo.side_by_side": {"sandbox", "mypy", "process"},
    "mcp_sdkgen.package.verify": {"process", "mypy"},
    "mcp_sdkgen_codemode.typecheck": {"mypy"},
    "mcp_sdkgen_codemode.executor": {"sandbox", "mypy", "process"},
    "mcp_sdkgen_codemode.sandbox": {"sandbox", "process"},
    "website": {"process"},
    "tests.browser": {"browser"},
    "tests.command_line": {"process"},
    "tests.runtime.peers": {"peer"},
}
"""What the functions and classes of a module cost whoever uses them: modules and those below."""

NOT_COSTLY = {"mcp_sdkgen_codemode.executor.trace", "mcp_sdkgen.package.verify.cache_folder"}


_known: dict[FunctionType, set[str]] = {}


def marks_of(item: pytest.Function) -> set[str]:
    """The marks of a test, from everything that it can reach."""
    roots: list[Any] = [item.function]
    if hasattr(item, "callspec"):
        roots += item.callspec.params.values()
    roots += [each[-1].func for each in item._fixtureinfo.name2fixturedefs.values()]
    found: set[str] = set()
    for root in roots:
        if not isinstance(root, FunctionType):
            found |= _marks_from(root, item)
            continue
        if root not in _known:
            _known[root] = _marks_from(root, item)
        found |= _known[root]
    return found


def _marks_from(root: Any, item: pytest.Function) -> set[str]:
    found: set[str] = set()
    seen: dict[int, Any] = {}
    todo = [root]
    while todo:
        thing = todo.pop()
        if id(thing) in seen:
            continue
        # Kept, so that no later thing has its id.
        seen[id(thing)] = thing
        found |= _cost(thing)
        todo += _reached(thing)
        for name in _asked_for(thing):
            fixtures = item.session._fixturemanager.getfixturedefs(name, item) or ()
            todo += [each.func for each in fixtures[-1:]]
    return found


def _cost(thing: Any) -> set[str]:
    if isinstance(thing, str) and thing == sys.executable:
        return {"process"}
    module = thing.__name__ if isinstance(thing, ModuleType) else getattr(thing, "__module__", "")
    # A text may name what is replaced in a module that the test runs.
    name = thing if isinstance(thing, str) else f"{module}.{getattr(thing, '__qualname__', '')}"
    if not isinstance(module, str) or any(_below(name, each) for each in NOT_COSTLY):
        return set()
    costs = [marks for prefix, marks in USES.items() if _below(name, prefix)]
    return set().union(*costs)


def _below(name: str, prefix: str) -> bool:
    return f"{name}.".startswith(f"{prefix}.")


def _reached(thing: Any) -> Iterable[Any]:
    """What a thing of `tests/` uses, or what a value holds; nothing of other code."""
    if isinstance(thing, dict):
        return [*thing.keys(), *thing.values()]
    if isinstance(thing, list | tuple | set | frozenset):
        return [*thing]
    if dataclasses.is_dataclass(thing) and not isinstance(thing, type):
        return [getattr(thing, each.name, None) for each in dataclasses.fields(thing)]
    if isinstance(thing, property):
        return [thing.fget]
    if isinstance(thing, staticmethod | classmethod | MethodType):
        return [thing.__func__]
    if isinstance(thing, ModuleType):
        return ()
    if not str(getattr(thing, "__module__", "")).startswith("tests."):
        return ()
    if isinstance(thing, type):
        return [*vars(thing).values()]
    if not isinstance(thing, FunctionType):
        return ()
    if hasattr(thing, "hypothesis"):
        return [thing.hypothesis.inner_test]
    return [thing.__wrapped__] if hasattr(thing, "__wrapped__") else _used(thing)


def _used(function: FunctionType) -> Iterator[Any]:
    yield from (cell.cell_contents for cell in function.__closure__ or () if _filled(cell))
    yield from function.__defaults__ or ()
    for code in _codes(function.__code__):
        texts = (each for each in code.co_consts if isinstance(each, str))
        yield from (each for each in texts if each.startswith("mcp_sdkgen"))
        modules: list[ModuleType] = []
        for name in code.co_names:
            if name in function.__globals__:
                value = function.__globals__[name]
                yield value
                modules += [value] if isinstance(value, ModuleType) else []
            elif name in sys.modules:
                yield sys.modules[name]
                modules.append(sys.modules[name])
            for module in modules:
                if module is not sys and module.__name__.startswith(("tests", "mcp_")):
                    yield getattr(module, name, None)
                elif module is sys and name == "executable":
                    yield sys.executable


def _filled(cell: Any) -> bool:
    try:
        return bool(cell.cell_contents) or True
    except ValueError:
        return False


def _codes(code: CodeType) -> Iterator[CodeType]:
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _codes(constant)


def _asked_for(thing: Any) -> Iterator[str]:
    """The names of fixtures that a function asks for by `request.getfixturevalue`."""
    code = getattr(thing, "__code__", None)
    if code is not None and "getfixturevalue" in code.co_names:
        yield from (
            each for each in code.co_consts if isinstance(each, str) and each.isidentifier()
        )
