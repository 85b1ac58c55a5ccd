"""Which of mypy's errors tell of a mistake, and which only of what mypy cannot see.

mypy gives each variable one type for all that it ever holds. `units = "metric"` is any `str` to it,
a dict in a variable never fits a tool's nested object, and a record of unlike values is a dict of
`object`. Programs written by models are full of these and right. So a doubtful error gets a second
reading: values whose origin is in the text are put where they are used, and containers that the
program builds for itself are taken as `Any`. What is wrong then is wrong.
"""

from __future__ import annotations

import ast
import re
from collections import Counter, deque
from dataclasses import dataclass, replace

from .edits import Edit, apply
from .flow.containers import containers
from .flow.dataflow import Origins
from .inference import Inference
from .mypy_build import Engine, Found
from .positions import Places
from .rules.unawaited import brings_result
from .surface import Surface

ROUNDS = 4
MAX_INLINED = 4000
ANY = '__import__("_")._('  # typeshed: any attribute of a module is `Any`

_GIVEN = re.compile(
    r"(?:Argument (?P<argument>\S+) to \"(?P<method>\w+)\"(?: of \"(?P<owner>\w+)\")?"
    r"|(?:List|Set|Tuple) item \d+|Dict entry \d+)"
    r" has incompatible type (?P<actual>.*); expected (?P<expected>.*)"
)
_ITEM = re.compile(
    r"Incompatible types \(expression has type (?P<actual>.*), "
    r"TypedDict item \"\w+\" has type (?P<expected>.*)\)"
)
_ATTRIBUTE = re.compile(r'has no attribute "(\w+)"')
_BUILT_IN = (bool, bytes, complex, Counter, dict, float, frozenset, list, set, str, tuple, deque)
_LITERAL = re.compile(r"Literal\[([^\]]*)\]")
_TEXTS = re.compile(
    r'"(?:(?:list|tuple|set|Sequence|dict_keys)\[)?str(?:, (?:str|\.\.\.))*\]?(?: \| None)?"'
)
_DOUBTFUL = {
    "arg-type",
    "assignment",
    "attr-defined",
    "call-overload",
    "comparison-overlap",
    "dict-item",
    "index",
    "list-item",
    "misc",
    "operator",
    "return-value",
    "type-var",
    "union-attr",
}


@dataclass(frozen=True)
class Mistake:
    """An error that stands: at which node, and the values that made it one, as far as known."""

    found: Found
    node: ast.AST | None
    values: tuple[str, ...] = ()


class Judge:
    """Reads one program with the help of mypy.

    `typed` are the types of its expressions, as the other rules of the check see them.
    """

    def __init__(
        self,
        text: str,
        tree: ast.Module,
        surface: Surface,
        engine: Engine,
    ) -> None:
        self._lines = text.split("\n")
        self.tree = tree
        self._surface = surface
        self._engine = engine
        self.places = Places(text, tree)
        self.origins = Origins(tree)
        inferred = Inference(self._lines, tree, self.origins, surface.modules).run(engine)
        self.typed = engine.types(inferred.text(self._lines)).before(inferred.edits)
        self._edits = inferred.edits
        self._tail = inferred.tail

    def mistakes(self) -> list[Mistake]:
        """The errors that stand, by place."""
        for _ in range(ROUNDS):
            errors = self._read()
            standing = [one for error in errors if (one := self._judged(error))]
            fresh = {edit for one in standing for edit in self._second_reading(one)} - self._edits
            if not fresh:
                break
            self._edits |= fresh
        return sorted(standing, key=lambda one: (one.found.line, one.found.column))

    def _read(self) -> list[Found]:
        text = "\n".join([*apply(self._lines, self._edits), *self._tail])
        places = Places(text, ast.parse(text)) if self._edits else self.places
        return [
            replace(each, column=places.original(each.line, each.column, self._edits))
            for each in self._engine.findings(text)
            if each.is_error and each.line <= len(self._lines)
        ]

    def _judged(self, error: Found) -> Mistake | None:
        message = error.message
        nodes = self.places.nodes(error.line, error.column)
        node = nodes[0] if nodes else None
        if error.code == "syntax" and message.startswith('"async '):
            return None  # at the top level; the compiler has refused it elsewhere
        if error.code == "unused-awaitable" and not self._is_awaited_too_late(node):
            return None
        if message.startswith('Incompatible types in "await"') and "Coroutine[" in message:
            return None  # what a record of calls and other values has
        if 'Item "BaseException"' in message or (
            "| BaseException" in message and 'Item "' not in message
        ):
            return None  # what `gather(return_exceptions=True)` gives, whoever tests for Exception
        if 'Argument "key" to' in message and "overloaded function" in message:
            return None  # max(counts, key=counts.get)
        if message == "Exception must be derived from BaseException":
            return None  # `raise last` after a loop that leaves no None in it
        if error.code == "assignment" and 'expression has type "None"' in message:
            return None  # error: str = None
        if 'Item "None" of' in message and self._set_elsewhere(node):
            return None  # a global or an attribute that begins as None
        if not (given := _given(message)):
            return Mistake(error, node)
        value = self.places.argument(error.line, error.column)
        if '"**dict[' in given["actual"]:
            return None  # which keys it has, nobody knows
        if value is None:
            return Mistake(error, node)
        if _LITERAL.search(given["expected"]) and _TEXTS.fullmatch(given["actual"]):
            return self._literal(error, value, given)
        if self._takes_dict(given["expected"]) and "dict[" in given["actual"]:
            shown = self._inlined(value)
            if not isinstance(value, ast.Dict | ast.List | ast.Constant) and shown is None:
                return None  # made elsewhere; the call itself will check it
        return Mistake(error, value)

    def _is_awaited_too_late(self, node: ast.AST | None) -> bool:
        """Whether the program lacks what nobody awaits. Its own tasks run while it awaits others,
        and a group awaits its tasks.
        """
        call = node.value if isinstance(node, ast.Expr) else node
        if not isinstance(call, ast.Call):
            return True
        owner = call.func.value if isinstance(call.func, ast.Attribute) else None
        if owner is not None and self.typed.of(owner, self.places).short == "TaskGroup":
            return False
        if getattr(call.func, "attr", getattr(call.func, "id", "")) == "gather":
            return True
        return brings_result(self.typed.of(call, self.places))

    def _set_elsewhere(self, node: ast.AST | None) -> bool:
        """Whether what is read here begins as None, and is set where flow cannot be followed."""
        owner = node
        while isinstance(owner, ast.Call | ast.Attribute | ast.Await | ast.Subscript):
            owner = owner.func if isinstance(owner, ast.Call) else owner.value
            if isinstance(owner, ast.Attribute):
                found = self.origins.bindings(owner)
                if found and any(_is_none(value) for value in found.values):
                    return True
        return isinstance(owner, ast.Name) and (
            self.origins.is_from_outside(owner) or self._takes_first(owner.id)
        )

    def _takes_first(self, name: str) -> bool:
        """Whether a loop has `if best is None or …: best, name = …`: of any that come, it keeps
        one.
        """
        return any(
            name in _assigned(inner) and any(_tests_none(inner.test, a) for a in _assigned(inner))
            for loop in ast.walk(self.tree)
            if isinstance(loop, ast.For | ast.AsyncFor)
            for inner in ast.walk(loop)
            if isinstance(inner, ast.If)
        )

    def _literal(self, error: Found, value: ast.expr, given: dict[str, str]) -> Mistake | None:
        listed = ",".join(match[1] for match in _LITERAL.finditer(given["expected"]))
        allowed = _evaluated(listed)
        many = "[" in given["actual"]
        values, unsure = (self.origins.elements if many else self.origins.values)(value)
        texts = [one.value for one in values if isinstance(one, ast.Constant)]
        if many and "Sequence[" not in given["expected"]:
            return Mistake(error, value)
        optional = "None" in _LITERAL.sub("", given["expected"])
        wrong = [text for text in texts if text not in allowed and not (text is None and optional)]
        if wrong:
            return Mistake(error, value, tuple(dict.fromkeys(repr(text) for text in wrong)))
        if not many and "Sequence[" in given["expected"] and not unsure:
            return Mistake(error, value)
        return None

    def _takes_dict(self, expected: str) -> bool:
        words = re.findall(r"\w+", expected)
        return any(word.endswith("Param") and word in self._surface.fields for word in words)

    def _second_reading(self, mistake: Mistake) -> list[Edit]:
        error, message = mistake.found, mistake.found.message
        given = _given(message)
        if given and isinstance(mistake.node, ast.Name) and self._takes_dict(given["expected"]):
            shown = self._inlined(mistake.node)
            place = self.places.start(mistake.node)
            return [Edit(*place, len(mistake.node.id), shown)] if shown else []
        if error.code not in _DOUBTFUL or mistake.node is None or mistake.values:
            return []
        lost = "object" in (given["actual"] if given else message)
        ours = given is not None and given.get("owner") in self._surface.clients
        named = set(re.findall(r"\w+", message)) & self._surface.classes
        edits = []
        if error.code == "assignment":
            edits += self._start_as_any(mistake.node)
        if not lost and (ours or named or _nobody_has(message)):
            return edits
        for node in self.places.statement(mistake.node):
            if isinstance(node, ast.Name | ast.Attribute):
                for container in containers(self.origins, node):
                    edits += self._as_any(container)
        return edits

    def _start_as_any(self, node: ast.AST) -> list[Edit]:
        """For a variable that begins as `None` or `0` and holds something else later."""
        statement = self.places.around(node)
        targets = getattr(statement, "targets", [getattr(statement, "target", statement)])
        found = [self.origins.bindings(each) for each in targets if isinstance(each, ast.expr)]
        values = [value for each in found if each for value in each.values]
        starts = [value for value in values if isinstance(value, ast.Constant)]
        return [edit for value in starts for edit in self._as_any(value)]

    def _as_any(self, node: ast.expr) -> list[Edit]:
        if isinstance(node, ast.Tuple):
            return []
        inside: ast.AST | None = self.places.parent(node)
        while inside is not None and not isinstance(inside, ast.stmt):
            function = getattr(inside, "func", None)
            if isinstance(function, ast.Attribute) and function.attr in self._methods():
                return []  # an argument of a tool stays as it is
            inside = self.places.parent(inside)
        return [Edit(*self.places.start(node), 0, ANY), Edit(*self.places.end(node), 0, ")")]

    def _methods(self) -> set[str]:
        return {name for client in self._surface.clients for name in self._surface.methods[client]}

    def _inlined(self, node: ast.expr) -> str | None:
        """The display that a name stands for, as source on one line."""
        bound = self.origins.bindings(node) if isinstance(node, ast.Name) else None
        if bound is None or bound.changed or bound.unknown:
            return None
        if len(bound.values) == 1 and not bound.elements:
            value = bound.values[0]
        elif len(bound.elements) == 1 and not bound.values:
            found, unsure = self.origins.values(node)
            if unsure or len(found) != 1:
                return None
            value = found[0]
        else:
            return None
        if isinstance(value, ast.Call):
            if getattr(value.func, "id", "") != "dict" or value.args:
                return None
        elif not isinstance(value, ast.Dict | ast.List | ast.ListComp):
            return None
        if bound.grown:
            if not isinstance(value, ast.List):
                return None
            value = ast.List(elts=[*value.elts, *bound.grown], ctx=ast.Load())
        shown = ast.unparse(_AsDict().visit(ast.parse(ast.unparse(value), mode="eval")))
        return shown if len(shown) <= MAX_INLINED and "\n" not in shown else None


class _AsDict(ast.NodeTransformer):
    """`dict(a=1)` → `{"a": 1}`, which mypy can compare with a TypedDict."""

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        plain = isinstance(node.func, ast.Name) and node.func.id == "dict" and not node.args
        if plain and all(each.arg for each in node.keywords):
            keys: list[ast.expr | None] = [ast.Constant(each.arg) for each in node.keywords]
            return ast.Dict(keys=keys, values=[each.value for each in node.keywords])
        return node


def _nobody_has(message: str) -> bool:
    """Whether the missing attribute is none of any value that a program is made of."""
    match = _ATTRIBUTE.search(message)
    return match is not None and not any(hasattr(kind, match[1]) for kind in _BUILT_IN)


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _tests_none(test: ast.expr, name: str) -> bool:
    first = test.values[0] if isinstance(test, ast.BoolOp) else test
    if isinstance(test, ast.BoolOp) and not isinstance(test.op, ast.Or):
        return False
    return ast.unparse(first) in (f"{name} is None", f"not {name}")


def _assigned(node: ast.If) -> set[str]:
    return {
        each.id
        for statement in node.body
        if isinstance(statement, ast.Assign)
        for target in statement.targets
        for each in ast.walk(target)
        if isinstance(each, ast.Name)
    }


def _given(message: str) -> dict[str, str] | None:
    match = _GIVEN.fullmatch(message) or _ITEM.fullmatch(message)
    return match.groupdict() if match else None


def _evaluated(listed: str) -> list[object]:
    try:
        return list(ast.literal_eval(f"[{listed}]"))
    except (ValueError, SyntaxError):
        return []
