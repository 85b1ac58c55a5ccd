"""Results of tools that are used as what they are not, where Python and mypy have no objection.

A model is no JSON and no dict, and an answer without a declared shape is true however empty it is.
What is wrong is told with what to write.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator

from ...diagnostics import Diagnostic
from ..flow.containers import contents
from ..flow.dataflow import Origins
from ..positions import Places
from ..shapes import Shape, Typed
from ..surface import Surface
from .unawaited import holds_pending

MODEL = "mcp_sdkgen_runtime.tool.tool.Model"
UNSTRUCTURED = "mcp_sdkgen_runtime.content.results.Unstructured"
_RESULTS = {
    MODEL,
    UNSTRUCTURED,
    "mcp_sdkgen_runtime.content.results.PromptResult",
    "mcp_sdkgen_runtime.content.results.ResourceResult",
}
_PLAIN = {
    *("bool", "bytes", "dict", "float", "frozenset", "int", "list", "set", "str", "tuple"),
    *("Mapping", "MutableMapping", "Sequence", "Iterable"),
}
_JSON_ATTRIBUTES = frozenset(
    name for kind in (dict, list, str, int, float, bool, type(None)) for name in dir(kind)
)


class Misused:
    """Finds them in one program, with the types of its expressions."""

    def __init__(
        self,
        tree: ast.Module,
        places: Places,
        origins: Origins,
        typed: Typed,
        surface: Surface,
        attributes: Callable[[str], frozenset[str]],
    ) -> None:
        """`attributes` are those of a class, by its full name."""
        self._tree = tree
        self._places = places
        self._origins = origins
        self._typed = typed
        self._surface = surface
        self._attributes = attributes
        self._behind = Origins(tree, leaves=lambda node: self._result(node) is not None)

    def diagnostics(self) -> Iterator[Diagnostic]:
        """What is wrong, in no order."""
        for node in ast.walk(self._tree):
            if isinstance(node, ast.Call):
                yield from self._written(node)
                yield from self._asked(node)
            elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load):
                yield from self._read(node)
            elif isinstance(node, ast.For | ast.comprehension):
                yield from self._looped(node)
            else:
                yield from self._tested(node)

    def _result(self, node: ast.expr) -> Shape | None:
        """The type of a tool's result, if an expression is surely one."""
        kind = self._typed.of(node, self._places)
        return kind if _RESULTS & kind.bases else None

    def _told(self, node: ast.expr, code: str, message: str, hint: str) -> Diagnostic:
        return Diagnostic(*self._places.start(node), code, message, hint)

    def _written(self, call: ast.Call) -> Iterator[Diagnostic]:
        """`json.dumps(result)`: JSON is made of plain values only."""
        name = _name(call.func)
        if name not in ("dump", "dumps") or not call.args or not self._is_json_module(call.func):
            return
        if any(each.arg in ("default", "cls", None) for each in call.keywords):
            return
        for value in contents(self._origins, call.args[0]):
            kind = self._typed.of(value, self._places)
            if holds_pending(kind):
                return  # told elsewhere
            found = next((each for each in kind.within() if _RESULTS & each.bases), None)
            if found is None:
                found = self._nested_in_dict(value)
            if found is not None:
                message = f"json.{name}() cannot write a {found.short}"
                yield self._told(call.args[0], "arg-type", message, _as_json(found))
                return

    def _is_json_module(self, function: ast.expr) -> bool:
        if isinstance(function, ast.Attribute):
            return getattr(function.value, "id", "") == "json"
        return any(
            isinstance(node, ast.ImportFrom) and node.module == "json"
            for node in ast.walk(self._tree)
        )

    def _nested_in_dict(self, node: ast.expr) -> Shape | None:
        """The model in `dict(result)` or `vars(result)`, if its fields hold models themselves."""
        match node:
            case ast.Call(func=ast.Name(id="dict" | "vars"), args=[value], keywords=[]):
                pass
            case ast.Attribute(value=value, attr="__dict__"):
                pass
            case _:
                return None
        kind = self._result(value)
        if kind is None or MODEL not in kind.bases:
            return None
        annotations = " ".join(self._surface.fields.get(kind.short, {}).values())
        words = {*annotations.replace("[", " ").replace("]", " ").replace(",", " ").split()}
        return kind if words & self._surface.fields.keys() else None

    def _asked(self, call: ast.Call) -> Iterator[Diagnostic]:
        """`isinstance(result, dict)`, where nothing is done with a result that is none."""
        if _name(call.func) != "isinstance" or len(call.args) != 2:
            return
        node, classes = call.args
        kind = self._result(node)
        names = classes.elts if isinstance(classes, ast.Tuple) else [classes]
        if kind is None or not all(_name(each) in _PLAIN for each in names):
            return
        parent = self._places.parent(call)
        inside = parent.body if isinstance(parent, ast.If | ast.IfExp) else []
        branch = inside if isinstance(inside, list) else [inside]
        there = {id(each) for part in (*branch, call) for each in ast.walk(part)}
        if any(id(each) not in there for each in self._loads(node)):
            return
        message = f"a {kind.short} is never a {' or '.join(map(_name, names))}"
        yield self._told(call, "comparison-overlap", message, self._reading(kind))

    def _loads(self, node: ast.expr) -> list[ast.Name]:
        """All reads of the variable that a node is."""
        bound = self._origins.bindings(node)
        return [
            each
            for each in ast.walk(self._tree)
            if isinstance(each, ast.Name)
            and isinstance(each.ctx, ast.Load)
            and bound is not None
            and self._origins.bindings(each) is bound
        ]

    def _tested(self, node: ast.AST) -> Iterator[Diagnostic]:
        """`if client.tool():`, or a variable that is only ever tested: a result is always true."""
        for test in tests_of(node):
            kind = self._result(test)
            if kind is None:
                continue
            if isinstance(test, ast.Name):
                if not all(map(self._is_test, self._loads(test))):
                    continue
            elif not isinstance(test, ast.Call | ast.Await):
                continue
            message = f"a {kind.short} is always true: a call that fails raises ToolError"
            yield self._told(test, "truthy-bool", message, self._reading(kind))

    def _is_test(self, node: ast.Name) -> bool:
        parent = self._places.parent(node)
        return parent is not None and node in tests_of(parent)

    def _looped(self, loop: ast.For | ast.comprehension) -> Iterator[Diagnostic]:
        """`for day in forecast`: a model is looped over as pairs of name and value."""
        kind = self._result(loop.iter)
        if kind is None or MODEL not in kind.bases or not isinstance(loop.target, ast.Name):
            return
        pairs = (ast.Subscript, ast.Assign, ast.Starred, ast.Return, ast.Yield, ast.Call)
        shown = {"print", "str", "repr"}
        for each in self._loads(loop.target):
            parent = self._places.parent(each)
            if isinstance(parent, pairs) and _name(getattr(parent, "func", parent)) not in shown:
                return
        message = f"a loop over a {kind.short} gives pairs of field name and value"
        hint = "a model is looped over as pairs; loop over the list that it holds"
        yield self._told(loop.iter, "attr-defined", message, hint)

    def _read(self, node: ast.Attribute) -> Iterator[Diagnostic]:
        """An attribute of JSON data, or of a result behind a dict of the program's own."""
        kind = self._typed.of(node.value, self._places)
        if kind.name not in ("Any", "builtins.object", "?"):
            return
        lacks = node.attr not in _JSON_ATTRIBUTES or self._is_shown(node)
        if lacks and self._is_json(node.value):
            message = f'JSON data has no attribute "{node.attr}"'
            yield self._told(node, "attr-defined", message, f'read a key: ["{node.attr}"]')
            return
        found, unsure = self._behind.values(node.value)
        kinds = [self._result(each) for each in found if not _is_none(each)]
        if unsure or not kinds or node.attr.startswith("_"):
            return
        if all(each and MODEL in each.bases and self._lacks(each, node.attr) for each in kinds):
            first = kinds[0]
            assert first is not None
            message = f'"{first.short}" has no attribute "{node.attr}"'
            yield self._told(node, "attr-defined", message, self._reading(first))

    def _is_shown(self, node: ast.Attribute) -> bool:
        """Whether what may be a method is used as a value: `print(issue.title)`."""
        if node.attr in ("real", "imag", "numerator", "denominator"):
            return False
        parent = self._places.parent(node)
        if isinstance(parent, ast.Call):
            return parent.func is not node and _name(parent.func) in ("print", "str", "len", "int")
        kinds = (ast.FormattedValue, ast.Compare, ast.Subscript, ast.BinOp, ast.For, ast.Attribute)
        return isinstance(parent, kinds)

    def _lacks(self, kind: Shape, name: str) -> bool:
        fields = self._surface.fields.get(kind.short)
        if fields is None or name in fields:
            return False
        return name not in self._attributes(kind.name)

    def _is_json(self, node: ast.expr, depth: int = 8) -> bool:
        """Whether a value surely comes out of JSON: dicts, lists, texts and numbers."""
        if depth == 0:
            return False
        match node:
            case ast.Call(func=ast.Attribute(value=owner, attr="json" | "model_dump")):
                return self._result(owner) is not None or self._is_text(owner)
            case ast.Call(
                func=ast.Attribute(value=ast.Name(id="json"), attr="loads" | "load"), keywords=[]
            ):
                return True
            case ast.Call(func=ast.Attribute(value=owner, attr="get" | "pop"), args=arguments):
                plain = all(map(_is_plain, arguments[1:]))
                return plain and self._is_json(owner, depth - 1)
            case ast.Attribute(value=owner, attr=name):
                kind = self._result(owner)
                return kind is not None and (
                    name in self._surface.fields.get(kind.short, ()) or name == "structured"
                )
            case ast.Subscript(value=holder):
                return self._is_json(holder, depth - 1)
            case ast.BoolOp(values=several):
                return self._all_json(several, depth)
            case ast.IfExp(body=one, orelse=other):
                return self._all_json([one, other], depth)
            case ast.Name():
                bound = self._origins.bindings(node)
                if bound is None or bound.unknown or bound.changed or bound.grown:
                    return False
                from_loops = [self._is_json_item(*each, depth) for each in bound.elements]
                values = self._all_json(bound.values, depth) if bound.values else True
                return values and all(from_loops) and bool(bound.values or bound.elements)
        return False

    def _is_text(self, node: ast.expr) -> bool:
        return "ResultText" in {
            each.rpartition(".")[2] for each in self._typed.of(node, self._places).bases
        }

    def _all_json(self, nodes: list[ast.expr], depth: int) -> bool:
        rest = [each for each in nodes if not _is_plain(each)]
        return bool(rest) and all(self._is_json(each, depth - 1) for each in rest)

    def _is_json_item(self, iterated: ast.expr, path: tuple[int, ...], depth: int) -> bool:
        """Whether what a loop takes from something comes out of JSON."""
        match iterated:
            case ast.Call(func=ast.Name(id="enumerate"), args=[value, *_]):
                return path[:1] == (1,) and self._is_json_item(value, path[1:], depth - 1)
            case ast.Call(func=ast.Name(id="sorted" | "list" | "reversed"), args=[value, *_]):
                return self._is_json_item(value, path, depth - 1)
            case ast.Call(func=ast.Attribute(value=owner, attr="items"), args=[]):
                return path == (1,) and self._is_json(owner, depth - 1)
            case ast.Call(func=ast.Attribute(value=owner, attr="values"), args=[]):
                return path == () and self._is_json(owner, depth - 1)
        return path == () and self._is_json(iterated, depth - 1)

    def _reading(self, kind: Shape) -> str:
        if UNSTRUCTURED in kind.bases:
            return "look into .text, or .json() and index that"
        fields = list(self._surface.fields.get(kind.short, ()))[:12]
        return f"read attributes of {kind.short}: {', '.join(fields)}" if fields else ""


def tests_of(node: ast.AST) -> list[ast.expr]:
    """The expressions whose truth a node asks for."""
    match node:
        case ast.If(test=test) | ast.While(test=test) | ast.IfExp(test=test):
            return [test]
        case ast.UnaryOp(op=ast.Not(), operand=test):
            return [test]
        case ast.BoolOp(values=values):
            return values[:-1]
        case ast.comprehension(ifs=tests):
            return tests
        case ast.Call(func=ast.Name(id="bool"), args=[value]):
            return [value]
    return []


def _as_json(kind: Shape) -> str:
    if MODEL in kind.bases:
        return 'write each result.model_dump(mode="json") instead'
    return "write its .json(), or its .text"


def _is_plain(node: ast.expr) -> bool:
    """Whether it is a value that JSON has, as it stands."""
    if isinstance(node, ast.List | ast.Tuple):
        return not node.elts
    return isinstance(node, ast.Constant) or (isinstance(node, ast.Dict) and not node.keys)


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _name(node: ast.AST) -> str:
    return str(getattr(node, "id", getattr(node, "attr", "")))
