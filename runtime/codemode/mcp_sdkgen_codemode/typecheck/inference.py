"""Types for the program's own functions, read off their calls.

To mypy a parameter without an annotation is `Any`, and a mistake behind it is lost. Where every
call of a function gives a client or a result for a parameter, it is read as if it were annotated
so; where every `return` gives one, the function is. All other types stay `Any`.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

from .edits import Edit, apply
from .mypy_build import Found
from .positions import Places

ROUNDS = 3
REVEALED = 'Revealed type is "'
_FIRST = 10**6
"""So that all numbers have as many digits, and sort as their texts do."""
_REVEALED = re.compile(
    re.escape(REVEALED) + r'(?i:tuple)\[Literal\[(?P<number>\d+)\]\?, (?P<kind>.*)\]"'
)

Span: TypeAlias = tuple[tuple[int, int], tuple[int, int]]
"""Where an expression begins, and the first place after it."""
Revealed: TypeAlias = dict[Span, set[str]]

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_Function = ast.FunctionDef | ast.AsyncFunctionDef
_TYPE = re.compile(r"(?:builtins\.list\[)?(?P<module>(?:\w+\.)+)(?P<name>\w+)\]?")


@dataclass
class Inferred:
    """Edits that annotate, and lines to put after the text: imports of what they name."""

    edits: set[Edit] = field(default_factory=set)
    modules: dict[str, str] = field(default_factory=dict)

    @property
    def tail(self) -> list[str]:
        """The imports."""
        return [f"import {module} as {name}" for module, name in self.modules.items()]


@dataclass(frozen=True)
class _Slot:
    """A place for an annotation, and the expressions that tell its type."""

    at: tuple[int, int]
    before: str
    sources: tuple[ast.expr, ...]


class Inference:
    """Infers for one program, of which `packages` are the SDKs' import names."""

    def __init__(self, lines: list[str], tree: ast.Module, packages: Iterable[str]) -> None:
        self._lines = lines
        self._tree = tree
        self._places = Places("\n".join(lines), tree)
        self._packages = {*packages, "mcp_sdkgen_runtime"}

    def run(self, findings_of: Callable[[str], list[Found]]) -> Inferred:
        """Ask mypy for the types of arguments and returns, until nothing more is known."""
        inferred = Inferred()
        slots = list(self._slots())
        for _ in range(ROUNDS):
            slots = [slot for slot in slots if not self._filled(slot, inferred)]
            if not slots:
                break
            types = self._types(slots, inferred, findings_of)
            before = len(inferred.edits)
            for slot in slots:
                self._fill(slot, types, inferred)
            if len(inferred.edits) == before:
                break
        return inferred

    def _filled(self, slot: _Slot, inferred: Inferred) -> bool:
        return any((edit.line, edit.column) == slot.at for edit in inferred.edits)

    def _fill(self, slot: _Slot, types: Revealed, inferred: Inferred) -> None:
        found: set[str] = set()
        for source in slot.sources:
            found |= types.get(self._places.span(source), {"?"})
        if len(found) != 1:
            return
        match = _TYPE.fullmatch(shown := next(iter(found)))
        if match is None or match["module"].partition(".")[0] not in self._packages:
            return
        module = match["module"].rstrip(".")
        name = inferred.modules.setdefault(module, f"__sdk{len(inferred.modules)}")
        kind = f"{name}.{match['name']}"
        kind = f"list[{kind}]" if shown.startswith("builtins.list[") else kind
        inferred.edits.add(Edit(*slot.at, 0, f"{slot.before}{kind}"))

    def _types(
        self,
        slots: Iterable[_Slot],
        inferred: Inferred,
        findings_of: Callable[[str], list[Found]],
    ) -> Revealed:
        sources = [source for slot in slots for source in slot.sources]
        return revealed(self._lines, self._places, sources, inferred, findings_of)

    def _slots(self) -> Iterator[_Slot]:
        functions, classes = self._named()
        calls: dict[str, list[ast.Call]] = {}
        mentioned: set[str] = set()
        for node in ast.walk(self._tree):
            if isinstance(node, ast.Call):
                name = str(getattr(node.func, "id", getattr(node.func, "attr", "")))
                calls.setdefault(name, []).append(node)
            if isinstance(node, ast.Name | ast.Attribute) and isinstance(node.ctx, ast.Load):
                parent = self._places.parent(node)
                if not (isinstance(parent, ast.Call) and parent.func is node):
                    mentioned.add(node.id if isinstance(node, ast.Name) else node.attr)
        for name, (function, is_method) in functions.items():
            yield from self._returns(function)
            if name not in mentioned:
                yield from self._parameters(function, is_method, calls.get(name, []))
        for name, function in classes.items():
            if name not in mentioned:
                yield from self._parameters(function, True, calls.get(name, []))

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
        self, function: _Function, is_method: bool, calls: list[ast.Call]
    ) -> Iterator[_Slot]:
        arguments = function.args
        positional = [*arguments.posonlyargs, *arguments.args][int(is_method) :]
        first_default = len(positional) - len(arguments.defaults)
        for number, parameter in enumerate(positional):
            if parameter.annotation is not None or number >= first_default or not calls:
                continue
            given = [_given(call, number, parameter.arg) for call in calls]
            sources = [one for one in given if one is not None]
            if len(sources) == len(calls):
                line, column = self._places.start(parameter)
                at = line, column + len(parameter.arg)
                yield _Slot(at, ": ", tuple(sources))

    def _returns(self, function: _Function) -> Iterator[_Slot]:
        if function.returns is not None:
            return
        waiting: list[ast.AST] = list(function.body)
        sources = []
        while waiting:
            node = waiting.pop()
            if isinstance(node, ast.Yield | ast.YieldFrom):
                return
            if isinstance(node, ast.Return):
                if node.value is None or not wrappable(node.value):
                    return
                sources.append(node.value)
            if not isinstance(node, (*_FUNCTIONS, ast.Lambda, ast.ClassDef)):
                waiting += ast.iter_child_nodes(node)
        at = self._head_end(function)
        if sources and at:
            yield _Slot(at, " -> ", tuple(sources))

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


def revealed(
    lines: list[str],
    places: Places,
    sources: Iterable[ast.expr],
    inferred: Inferred,
    findings_of: Callable[[str], list[Found]],
) -> Revealed:
    """The types that mypy gives to expressions. One without an answer is left out: what mypy holds
    for unreachable has none.

    Each is revealed with a number of its own: mypy reports what it says twice of a line once.
    """
    # The outer of two that begin at one place comes first, and so has the smaller number.
    spans = {places.span(source) for source in sources}
    ordered = sorted(spans, key=lambda span: (span[0], (-span[1][0], -span[1][1])))
    edits = set(inferred.edits)
    for number, (start, end) in enumerate(ordered, _FIRST):
        edits.add(Edit(*start, 0, f"reveal_type(({number}, "))
        edits.add(Edit(*end, 0, "))[1]"))
    text = "\n".join([*apply(lines, edits), *inferred.tail, ""])
    try:
        ast.parse(text)
    except SyntaxError:
        return {}
    types: Revealed = {}
    for found in findings_of(text):
        if match := _REVEALED.fullmatch(found.message):
            number = int(match["number"]) - _FIRST
            if number < len(ordered):  # else the program's own words
                types.setdefault(ordered[number], set()).add(match["kind"])
    return types


def wrappable(node: ast.expr) -> bool:
    """Whether `reveal_type(…)` may be written around it, where it stands."""
    return not isinstance(node, ast.GeneratorExp | ast.Starred | ast.Yield)


_PLAIN = {"property", "staticmethod"}


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
    return found if found is not None and wrappable(found) else None
