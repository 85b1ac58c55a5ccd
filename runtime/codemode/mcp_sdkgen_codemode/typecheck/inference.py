"""Types for what the program leaves without one, read off what it does with it.

To mypy a parameter without an annotation is `Any`, and a mistake behind it is lost. Where every
call of a function gives a client or a result for a parameter, it is read as if it were annotated
so; where every `return` or `yield` gives one, the function is. The same goes for an attribute or a
global that begins as None or empty and is filled elsewhere. All other types stay `Any`.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Literal, Protocol

from .edits import Edit, apply
from .flow.dataflow import Origins, applied
from .positions import Places
from .shapes import ANY, FIXED_TUPLE, FUNCTION, NONE, OTHER, UNION, Shape, Typed, is_pending

ROUNDS = 4

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_Function = ast.FunctionDef | ast.AsyncFunctionDef
_PLAIN = {"property", "staticmethod"}
_Held = Literal["", "Generator", "AsyncGenerator", "list", "dict"]
_KNOWN_MODULES = {"builtins", "typing", "collections", "asyncio", "_asyncio"}


class Reader(Protocol):
    """Who knows the types in a text."""

    def types(self, text: str, /) -> Typed:
        """The types of its expressions."""
        ...


@dataclass
class Inferred:
    """Edits that annotate, and lines to put after the text: imports of what they name."""

    edits: set[Edit] = field(default_factory=set)
    modules: dict[str, str] = field(default_factory=dict)

    @property
    def tail(self) -> list[str]:
        """The imports."""
        return [f"import {module} as {name}" for module, name in self.modules.items()]

    def text(self, lines: list[str]) -> str:
        """The program with its annotations."""
        return "\n".join([*apply(lines, self.edits), *self.tail])

    def name(self, full: str) -> str:
        """How a class is written in an annotation."""
        module, _, short = full.rpartition(".")
        return f"{self.modules.setdefault(module, f'__sdk{len(self.modules)}')}.{short}"


@dataclass(frozen=True)
class _Source:
    """What tells a type: an expression, or what it gives when iterated over."""

    node: ast.expr
    part: Literal["value", "element"] = "value"


@dataclass(frozen=True)
class _Slot:
    """A place for an annotation, written into `form`, and the sources that tell its type.

    One that is `open` may hold other things as well, such as None. `kind` is what holds or yields
    what the sources tell, if it is not the type itself.
    """

    at: tuple[int, int]
    form: str
    sources: tuple[_Source, ...]
    open: bool = False
    kind: _Held = ""


def _generator(shown: str, inferred: Inferred) -> str:
    return f"{inferred.name('typing.Generator')}[{shown}, {inferred.name('typing.Any')}, None]"


_HELD: dict[str, Callable[[str, Inferred], str]] = {
    "": lambda shown, _: shown,
    "Generator": _generator,
    "AsyncGenerator": lambda shown, names: f"{names.name('typing.AsyncGenerator')}[{shown}, None]",
    "list": lambda shown, names: f"{names.name('builtins.list')}[{shown}]",
    "dict": lambda shown, names: (
        f"{names.name('builtins.dict')}[{names.name('typing.Any')}, {shown}]"
    ),
}


class Inference:
    """Infers for one program, of which `packages` are the SDKs' import names."""

    def __init__(
        self, lines: list[str], tree: ast.Module, origins: Origins, packages: Iterable[str]
    ) -> None:
        self._lines = lines
        self._tree = tree
        self._origins = origins
        self._places = Places("\n".join(lines), tree)
        self._packages = {*packages, "mcp_sdkgen_runtime"}

    def run(self, reader: Reader) -> Inferred:
        """Ask mypy for the types of arguments and returns, until nothing more is known."""
        inferred = Inferred()
        slots = [*self._slots(), *self._variables()]
        for _ in range(ROUNDS):
            filled = {(edit.line, edit.column) for edit in inferred.edits}
            slots = [slot for slot in slots if slot.at not in filled]
            if not slots:
                break
            typed = reader.types(inferred.text(self._lines)).before(inferred.edits)
            before = len(inferred.edits)
            for slot in slots:
                self._fill(slot, typed, inferred)
            if len(inferred.edits) == before:
                break
        return inferred

    def _fill(self, slot: _Slot, typed: Typed, inferred: Inferred) -> None:
        found: set[Shape] = set()
        optional = slot.open
        for source in slot.sources:
            kind = typed.of(source.node, self._places)
            kind = _element(kind) if source.part == "element" else kind
            if kind in (ANY, OTHER) and not slot.open:
                return  # it may be anything, and so may the others be
            found |= {*kind.members} - {ANY, NONE, OTHER}
            optional = optional or bool({*kind.members} & {ANY, NONE, OTHER})
        kind = self._merged(found)
        if not self._tells(kind):
            return
        shown = self._shown(kind, inferred)
        if optional:
            shown = f"{shown} | {inferred.name('typing.Any')}"
        inferred.edits.add(Edit(*slot.at, 0, slot.form.format(_HELD[slot.kind](shown, inferred))))

    def _merged(self, kinds: set[Shape]) -> Shape:
        """The one type there is; of tuples of one length, one with the types that tell most."""
        if len(kinds) == 1:
            return next(iter(kinds))
        lengths = {len(each.arguments) for each in kinds}
        if {each.name for each in kinds} != {FIXED_TUPLE} or len(lengths) != 1:
            return ANY
        items = []
        for several in zip(*(each.arguments for each in kinds), strict=True):
            telling = [each for each in {*several} if self._tells(each)]
            if len({*several}) == 1:
                items.append(several[0])
            elif len(telling) == 1 and telling[0].name != UNION:
                items.append(Shape(UNION, (telling[0], ANY)))
            else:
                items.append(ANY)
        return Shape(FIXED_TUPLE, tuple(items))

    def _tells(self, kind: Shape) -> bool:
        """Whether a client, a result or a call that is not awaited is in it."""
        return any(
            each.name.partition(".")[0] in self._packages or is_pending(each)
            for each in kind.within()
        )

    def _shown(self, kind: Shape, inferred: Inferred) -> str:
        """A type as it is written; `Any` where it cannot be."""
        inner = [self._shown(each, inferred) for each in kind.arguments]
        match kind.name:
            case "None":
                return "None"
            case str(name) if name == UNION:
                return " | ".join(inner)
            case str(name) if name == FIXED_TUPLE:
                return f"{inferred.name('builtins.tuple')}[{', '.join(inner) or '()'}]"
            case str(name) if name == FUNCTION:
                return f"{inferred.name('typing.Callable')}[..., {inner[0]}]"
        top = kind.name.partition(".")[0]
        if top not in self._packages | _KNOWN_MODULES or "." not in kind.name:
            return inferred.name("typing.Any")
        shown = inferred.name(kind.name)
        if kind.name == "builtins.tuple" and inner:
            return f"{shown}[{inner[0]}, ...]"
        return f"{shown}[{', '.join(inner)}]" if inner else shown

    def _slots(self) -> Iterator[_Slot]:
        functions, classes = self._named()
        calls: dict[str, list[ast.Call]] = {}
        mapped: dict[str, list[_Source]] = {}
        mentioned: set[str] = set()
        for node in ast.walk(self._tree):
            if isinstance(node, ast.Call):
                calls.setdefault(_name(node.func), []).append(node)
            if isinstance(node, ast.Name | ast.Attribute) and isinstance(node.ctx, ast.Load):
                parent = self._places.parent(node)
                if isinstance(parent, ast.keyword):
                    parent = self._places.parent(parent)
                if isinstance(parent, ast.Call) and parent.func is node:
                    continue
                several = applied(parent) if isinstance(parent, ast.Call) else None
                if several is not None and several[0] is node:
                    mapped.setdefault(_name(node), []).append(_Source(several[1], "element"))
                else:
                    mentioned.add(_name(node))
        for name, (function, is_method) in functions.items():
            yield from self._returns(function)
            if name not in mentioned:
                yield from self._parameters(
                    function, is_method, calls.get(name, []), mapped.get(name, [])
                )
        for name, function in classes.items():
            if name not in mentioned:
                yield from self._parameters(
                    function, True, calls.get(name, []), mapped.get(name, [])
                )

    def _named(self) -> tuple[dict[str, tuple[_Function, bool]], dict[str, _Function]]:
        """(functions and methods by name, `__init__` by class), where a name has one meaning."""
        functions: dict[str, tuple[_Function, bool]] = {}
        classes: dict[str, _Function] = {}
        twice: set[str] = set()
        for node in ast.walk(self._tree):
            if isinstance(node, ast.ClassDef) and not node.decorator_list:
                for each in node.body:
                    if isinstance(each, _FUNCTIONS) and each.name == "__init__":
                        twice |= {node.name} & {*classes}
                        classes[node.name] = each
            if isinstance(node, _FUNCTIONS) and node.name != "__init__":
                plain = all(getattr(one, "id", "") in _PLAIN for one in node.decorator_list)
                twice |= {node.name} & ({*functions} if plain else {node.name})
                method = isinstance(self._places.parent(node), ast.ClassDef)
                functions[node.name] = node, method
        for name in twice:
            functions.pop(name, None)
            classes.pop(name, None)
        return functions, classes

    def _parameters(
        self, function: _Function, is_method: bool, calls: list[ast.Call], mapped: list[_Source]
    ) -> Iterator[_Slot]:
        """Slots of the parameters, of which `mapped` tell the first."""
        arguments = function.args
        positional = [*arguments.posonlyargs, *arguments.args][int(is_method) :]
        first_default = len(positional) - len(arguments.defaults)
        for number, parameter in enumerate(positional):
            if parameter.annotation is not None or number >= first_default:
                continue
            given = [_given(call, number, parameter.arg) for call in calls]
            sources = [_Source(one) for one in given if one is not None]
            if mapped and number:
                continue
            if len(sources) == len(calls) and (sources or mapped):
                line, column = self._places.start(parameter)
                at = line, column + len(parameter.arg)
                yield _Slot(at, ": {}", (*sources, *mapped))

    def _returns(self, function: _Function) -> Iterator[_Slot]:
        if function.returns is not None:
            return
        waiting: list[ast.AST] = list(function.body)
        returned: list[_Source] = []
        yielded: list[_Source] = []
        while waiting:
            node = waiting.pop()
            if isinstance(node, ast.YieldFrom):
                yielded.append(_Source(node.value, "element"))
            if isinstance(node, ast.Return | ast.Yield):
                value = node.value or ast.Constant(None)
                (returned if isinstance(node, ast.Return) else yielded).append(_Source(value))
            if not isinstance(node, (*_FUNCTIONS, ast.Lambda, ast.ClassDef)):
                waiting += ast.iter_child_nodes(node)
        at = self._head_end(function)
        if at and yielded:
            is_async = isinstance(function, ast.AsyncFunctionDef)
            held: _Held = "AsyncGenerator" if is_async else "Generator"
            yield _Slot(at, " -> {}", tuple(yielded), kind=held)
        elif at and returned:
            yield _Slot(at, " -> {}", tuple(returned))

    def _variables(self) -> Iterator[_Slot]:
        """Attributes and globals that begin as None or empty, and are filled elsewhere."""
        shared = {
            name
            for node in ast.walk(self._tree)
            if isinstance(node, ast.Global | ast.Nonlocal)
            for name in node.names
        }
        for node in ast.walk(self._tree):
            if not isinstance(node, ast.Assign) or len(node.targets) != 1:
                continue
            target, first = node.targets[0], node.value
            own = isinstance(target, ast.Attribute) and getattr(target.value, "id", "") == "self"
            if not own and not isinstance(target, ast.Name):
                continue
            bound = self._origins.bindings(target)
            if bound is None or bound.unknown or bound.elements:
                continue
            at = self._places.end(target)
            others = [_Source(each) for each in bound.values if each is not first]
            if isinstance(first, ast.Constant) and first.value is None and others:
                if own or getattr(target, "id", "") in shared:
                    yield _Slot(at, ": {}", tuple(others), open=True)
            elif not others and bound.grown and not bound.mutated:
                grown = tuple(_Source(each) for each in bound.grown)
                if isinstance(first, ast.List) and not first.elts and not bound.changed:
                    yield _Slot(at, ": {}", grown, kind="list")
                elif isinstance(first, ast.Dict) and not first.keys:
                    yield _Slot(at, ": {}", grown, kind="dict")

    def _head_end(self, function: _Function) -> tuple[int, int] | None:
        """Where `-> …` goes: after the parenthesis that closes the parameters."""
        nodes = [*ast.walk(function.args)]
        ends = [self._places.end(node) for node in nodes if hasattr(node, "end_lineno")]
        line, column = max([self._places.start(function), *ends])
        text = "\n".join(self._lines[line - 1 :])
        last = self._places.start(function.body[0])[0]
        size = sum(len(each) + 1 for each in self._lines[line - 1 : last])
        for match in re.finditer(r"\)(?=\s*:)", text[:size]):
            if match.start() >= column - 1:
                row = text.count("\n", 0, match.start())
                start = text.rfind("\n", 0, match.start()) + 1
                return line + row, match.end() - start + 1
        return None


def _name(node: ast.expr) -> str:
    return str(getattr(node, "id", getattr(node, "attr", "")))


def _element(kind: Shape) -> Shape:
    """What iterating over a value gives."""
    if kind.name == FIXED_TUPLE:
        return kind.arguments[0] if len(set(kind.arguments)) == 1 else OTHER
    iterable = "typing.Iterable" in kind.bases
    return kind.arguments[0] if iterable and kind.arguments else OTHER


def _given(call: ast.Call, number: int, name: str) -> ast.expr | None:
    """What a call gives for a parameter, if that can be told and asked for."""
    if any(isinstance(each, ast.Starred) for each in call.args):
        return None
    found = call.args[number] if number < len(call.args) else None
    for keyword in call.keywords:
        if keyword.arg is None:
            return None
        if keyword.arg == name:
            found = keyword.value
    return found if not isinstance(found, ast.Starred) else None
