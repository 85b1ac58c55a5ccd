"""Calls whose value is used without `await`: what is used is the call itself, and nothing happens.

mypy tells of a call that stands alone, and of what a coroutine cannot do. Whatever takes any value
is told of here: it is printed, formatted, tested, compared, looped over, or never looked at again.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cached_property

from ...diagnostics import Diagnostic
from ..flow.dataflow import Bindings, Origins
from ..positions import Places
from ..shapes import FIXED_TUPLE, NONE, Shape, Typed, is_pending

MESSAGE = "the call is never awaited: nothing happens"
HINT = "put `await` before it"
HINT_MANY = "await them all first: await asyncio.gather(*calls)"
TASK = "the task is never awaited: it may not even begin"
HINT_TASK = "await the task to have its result"
GATHERED = "what asyncio.gather() returns is used without `await`"
HINT_GATHERED = "write `await asyncio.gather(…)`"

_SHOWING = {"print", "str", "repr", "ascii", "format", "pprint", "pformat", "pp"}
_ASKING = {"bool", "isinstance", "type", "dir", "vars", "hasattr", "getattr", "callable"}
_TESTING = {"any", "all", "filter"}
_LOOPING = {
    *("list", "tuple", "set", "frozenset", "sorted", "reversed", "zip", "enumerate", "dict"),
    *("sum", "min", "max", "map", "iter", "next"),
}
_LOGGING = {"debug", "info", "warning", "error", "exception", "critical", "log"}
_WRITING = {"dump", "dumps", "pprint", "pformat", "pp", "format"}
_FILLING = {"append", "add", "appendleft", "insert", "extend", "update", "clear"}
_IDLE = _SHOWING | _ASKING | {"len", "id"}


class Unawaited:
    """Finds them in one program, with the types of its expressions."""

    def __init__(self, tree: ast.Module, places: Places, origins: Origins, typed: Typed) -> None:
        self._tree = tree
        self._places = places
        self._origins = origins
        self._typed = typed
        self._found: dict[tuple[int, int], Diagnostic] = {}

    def diagnostics(self) -> list[Diagnostic]:
        """One at each place, in no order."""
        for line, column, kind in self._typed.formatted:
            if holds_pending(kind):
                self._tell((line, column), kind)
        for node in ast.walk(self._tree):
            for used, strict in _used(node):
                kind = self._typed.of(used, self._places)
                if self._is_call(kind) if strict else holds_pending(kind):
                    self._tell(self._places.start(used), kind)
            for iterated in _iterated(node):
                if is_pending(kind := self._typed.of(iterated, self._places)):
                    self._tell(self._places.start(iterated), kind)
            if isinstance(node, ast.Dict):
                self._mixed(node)
            if isinstance(node, ast.Expr) and self._is_lost(node):
                self._tell(self._places.start(node), self._typed.of(node.value, self._places))
        self._never_used()
        return list(self._found.values())

    @staticmethod
    def _is_call(kind: Shape) -> bool:
        """Whether it is surely a call: what may be None, or a task, may be asked for that."""
        return is_pending(kind) and not _is_task(kind)

    def _tell(self, place: tuple[int, int], kind: Shape) -> None:
        waiting = next(each for each in kind.within() if is_pending(each))
        message, hint = MESSAGE, HINT
        if waiting.short == "Future":
            message, hint = GATHERED, HINT_GATHERED
        elif not any(is_pending(each) for each in kind.members):
            hint = HINT_MANY
        elif _is_task(waiting):
            message, hint = TASK, HINT_TASK
        self._found.setdefault(place, Diagnostic(*place, "unused-awaitable", message, hint))

    def _mixed(self, node: ast.Dict) -> None:
        """A record with a call among plain values, which nobody awaits by its key."""
        kinds = [self._typed.of(value, self._places) for value in node.values]
        if all(map(is_pending, kinds)):
            return
        for key, value, kind in zip(node.keys, node.values, kinds, strict=True):
            if (
                is_pending(kind)
                and isinstance(key, ast.Constant)
                and key.value not in self._awaited
            ):
                self._tell(self._places.start(value), kind)

    @cached_property
    def _awaited(self) -> set[object]:
        """The keys of whatever stands behind an `await`."""
        return {
            each.slice.value
            for node in ast.walk(self._tree)
            if isinstance(node, ast.Await)
            for each in ast.walk(node)
            if isinstance(each, ast.Subscript) and isinstance(each.slice, ast.Constant)
        }

    def _is_lost(self, node: ast.Expr) -> bool:
        """Whether it is a collection of calls that nobody has, or the last value of a program."""
        kind = self._typed.of(node.value, self._places)
        if any(is_pending(each) for each in kind.members):
            return node is self._tree.body[-1] and isinstance(node.value, ast.Name)
        displays = (ast.List, ast.Tuple, ast.Set, ast.Dict, ast.ListComp, ast.SetComp, ast.DictComp)
        return holds_pending(kind) and (
            isinstance(node.value, displays) or node is self._tree.body[-1]
        )

    def _never_used(self) -> None:
        names: dict[int, list[ast.Name]] = {}
        bound: dict[int, Bindings] = {}
        stored: dict[str, list[ast.Attribute]] = {}
        loaded: set[str] = set()
        for node in ast.walk(self._tree):
            if isinstance(node, ast.Name) and (its := self._origins.bindings(node)):
                names.setdefault(id(its), []).append(node)
                bound[id(its)] = its
            if isinstance(node, ast.Attribute):
                if isinstance(node.ctx, ast.Load):
                    loaded.add(node.attr)
                else:
                    stored.setdefault(node.attr, []).append(node)
        for key, nodes in names.items():
            if not bound[key].unknown and all(map(self._is_idle, nodes)):
                self._tell_first(nodes)
        for name, attributes in stored.items():
            if name not in loaded:
                self._tell_first(attributes)

    def _tell_first(self, nodes: list[ast.Name] | list[ast.Attribute]) -> None:
        """Tell of a variable that nobody awaits, unless that is told where it is used."""
        if any(self._places.start(node) in self._found for node in nodes):
            return
        for node in nodes:
            kind = self._typed.of(node, self._places)
            if holds_pending(kind) and not self._runs_anyway(kind):
                self._tell(self._places.start(node), kind)
                return

    def _runs_anyway(self, kind: Shape) -> bool:
        """Whether it is a task, which runs by itself, and has no result of a tool."""
        return any(_is_task(each) for each in kind.within()) and not brings_result(kind)

    def _is_idle(self, node: ast.Name) -> bool:
        """Whether a use of a variable cannot lead to an `await`."""
        if not isinstance(node.ctx, ast.Load):
            return True
        parent = self._places.parent(node)
        if isinstance(parent, ast.Call):
            return parent.func is not node and _name(parent.func) in _IDLE
        if isinstance(parent, ast.Attribute):
            return parent.attr in _FILLING and parent.value is node
        if isinstance(parent, ast.Subscript):
            return isinstance(parent.ctx, ast.Store | ast.Del)
        return isinstance(
            parent, ast.Expr | ast.If | ast.While | ast.UnaryOp | ast.Compare | ast.FormattedValue
        )


def _used(node: ast.AST) -> Iterator[tuple[ast.expr, bool]]:
    """What a node shows or asks about: (expression, whether only the call itself counts, and not
    a collection of calls, or a task).
    """
    match node:
        case ast.FormattedValue(value=value):
            yield value, False
        case ast.If(test=test) | ast.While(test=test) | ast.IfExp(test=test):
            yield test, True
        case ast.Assert(test=test) | ast.UnaryOp(op=ast.Not(), operand=test):
            yield test, True
        case ast.comprehension(ifs=tests):
            yield from ((test, True) for test in tests)
        case ast.BoolOp(values=values):
            yield from ((value, True) for value in values[:-1])
        case ast.Compare(left=left, ops=ops, comparators=others):
            if not any(isinstance(each, ast.Is | ast.IsNot) for each in ops):
                yield from ((value, True) for value in (left, *others))
        case ast.BinOp(left=ast.Constant(value=str()), op=ast.Mod(), right=value):
            yield value, False
        case ast.Call(func=function, args=arguments, keywords=keywords):
            values = [*arguments, *(each.value for each in keywords)]
            name = _name(function)
            if isinstance(function, ast.Name):
                if name in _SHOWING | _TESTING | _WRITING:
                    yield from ((_item(value), False) for value in values)
                elif name in _ASKING:
                    yield from ((value, True) for value in arguments[:1])
            elif name in _LOGGING | _WRITING:
                yield from ((_item(value), False) for value in values)


def _item(node: ast.expr) -> ast.expr:
    """What a generator gives, of which mypy and Python see the ends in different places."""
    if isinstance(node, ast.GeneratorExp):
        return node.elt
    return node.value if isinstance(node, ast.DictComp) else node


def _iterated(node: ast.AST) -> Iterator[ast.expr]:
    match node:
        case ast.For(iter=value) | ast.comprehension(iter=value, is_async=0):
            yield value
        case ast.Starred(value=value, ctx=ast.Load()):
            yield value
        case ast.Assign(targets=[ast.Tuple() | ast.List()], value=value):
            yield value
        case ast.Call(func=ast.Name(id=name), args=arguments) if name in _LOOPING:
            yield from arguments


def _waits(kind: Shape) -> bool:
    """Whether a value is a call that is not awaited, or None."""
    members = [each for each in kind.members if each != NONE]
    return bool(members) and all(map(is_pending, members))


def holds_pending(kind: Shape) -> bool:
    """Whether a value is a call that is not awaited, or a collection of such."""
    return _waits(kind) or any(
        ("typing.Iterable" in each.bases or each.name == FIXED_TUPLE)
        and any(holds_pending(inner) for inner in each.arguments)
        for each in kind.members
    )


def _is_task(kind: Shape) -> bool:
    return kind.short == "Task"


def brings_result(kind: Shape) -> bool:
    """Whether the type of a tool's result is in it."""
    return any("_sdk." in each.name or RUNTIME in each.name for each in kind.within())


RUNTIME = "mcp_sdkgen_runtime."


def _name(node: ast.expr) -> str:
    return str(getattr(node, "id", getattr(node, "attr", "")))
