"""Where a name's values come from, as far as the program's text tells.

Flow is not followed: all that is ever bound to a name in its scope counts, and what cannot be seen
through is unknown. mypy gives a variable one type for all its contents, so this is how a `str` that
is always `"metric"`, or a dict that has the right keys, is told from one that has not.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass, field

DEPTH = 12
CONTAINERS = {"Counter", "OrderedDict", "defaultdict", "deque", "dict", "list", "set", "tuple"}
KEEPING = {"list", "tuple", "set", "frozenset", "sorted", "reversed", "iter"}
_GROWING = {"append", "add", "appendleft", "insert"}
_CHANGING = {"update", "extend", "setdefault", "pop", "clear", "remove", "popitem", "__setitem__"}

_SCOPES = (
    ast.FunctionDef,
    ast.AsyncFunctionDef,
    ast.Lambda,
    ast.ClassDef,
    ast.ListComp,
    ast.SetComp,
    ast.DictComp,
    ast.GeneratorExp,
)
_Scope = ast.AST
Key = tuple[int, str]


@dataclass
class Bindings:
    """What is done to one name. `elements` iterate over something; `unknown` is all the rest.

    `grown` are values that are put into it. It is `changed` where items are set, and `mutated` as
    well where they come or go in other ways.
    """

    values: list[ast.expr] = field(default_factory=list)
    elements: list[tuple[ast.expr, tuple[int, ...]]] = field(default_factory=list)
    grown: list[ast.expr] = field(default_factory=list)
    changed: bool = False
    mutated: bool = False
    unknown: bool = False


class Origins:
    """The bindings of a whole program, by scope and name. Attributes go by `.name` alone."""

    def __init__(
        self, tree: ast.Module, leaves: Callable[[ast.expr], bool] = lambda _: False
    ) -> None:
        """`leaves` says of an expression whether it is to be found as it stands."""
        self._leaves = leaves
        self._names: dict[Key, Bindings] = {}
        self._scopes: dict[int, ast.AST] = {}
        self._outer: dict[int, ast.AST | None] = {id(tree): None}
        self._tree = tree
        self._elsewhere: set[Key] = set()
        self._applied: dict[int, ast.expr] = {}
        self._visit()

    def values(self, node: ast.expr, depth: int = DEPTH) -> tuple[list[ast.expr], bool]:
        """(the displays and constants that a node may be, whether there may be others)."""
        match node:
            case ast.IfExp(body=one, orelse=other):
                return self._all([one, other], depth)
            case ast.BoolOp(values=several):
                return self._all(several, depth)
            case ast.NamedExpr(value=value):
                return self.values(value, depth)
            case ast.Name() | ast.Attribute() if depth > 0:
                found = self.bindings(node)
                if found is None or found.unknown:
                    return [], True
                seen, open_ended = self._all(found.values, depth - 1)
                for iterated, path in found.elements:
                    more, unsure = self._elements(iterated, path, depth - 1)
                    seen, open_ended = seen + more, open_ended or unsure
                return seen, open_ended
            case ast.Call() if constructed(node) == "dict" and not node.args:
                return [node], False
            case ast.Constant() | ast.Dict() | ast.List() | ast.Tuple() | ast.Set():
                return [node], False
            case ast.ListComp() | ast.SetComp() | ast.GeneratorExp():
                return [node], False
            case _ if self._leaves(node):
                return [node], False
            case ast.Subscript(value=holder, slice=ast.Constant(value=key)) if depth > 0:
                return self._item(holder, key, depth - 1)
            case _:
                return [], True

    def _item(self, node: ast.expr, key: object, depth: int) -> tuple[list[ast.expr], bool]:
        """What a node holds under a key, or anywhere if the key is a number."""
        if isinstance(key, int):
            return self._elements(node, (), depth)
        holders, unsure = self.values(node, depth)
        bound = self.bindings(node)
        unsure = unsure or bool(bound and bound.changed)
        found: list[ast.expr] = []
        for holder in holders:
            keys = holder.keys if isinstance(holder, ast.Dict) else []
            given = [getattr(each, "value", None) for each in keys]
            if not isinstance(holder, ast.Dict) or given.count(key) != 1:
                return [], True
            more, open_ended = self.values(holder.values[given.index(key)], depth)
            found, unsure = found + more, unsure or open_ended
        return found, unsure

    def elements(self, node: ast.expr) -> tuple[list[ast.expr], bool]:
        """The same of what a node holds, when one iterates over it."""
        return self._elements(node, (), DEPTH)

    def bindings(self, node: ast.expr) -> Bindings | None:
        """What is done to the name or attribute, in the nearest scope that binds it."""
        if isinstance(node, ast.Attribute):
            return self._names.get((id(self._tree), f".{node.attr}"))
        if not isinstance(node, ast.Name):
            return None
        scope = self._scopes.get(id(node))
        while scope is not None:
            found = self._names.get((id(scope), node.id))
            if found and (found.values or found.elements or found.unknown):
                return found
            scope = self._outer.get(id(scope))
        return None

    def is_from_outside(self, node: ast.expr) -> bool:
        """Whether it is an attribute, or a name that another scope binds: others may set it."""
        if isinstance(node, ast.Attribute):
            return True
        found = self.bindings(node)
        here = (id(self._scopes.get(id(node))), getattr(node, "id", ""))
        return found is not None and self._names.get(here) is not found

    def _all(self, nodes: list[ast.expr], depth: int) -> tuple[list[ast.expr], bool]:
        found: list[ast.expr] = []
        unsure = False
        for node in nodes:
            more, open_ended = self.values(node, depth)
            found, unsure = found + more, unsure or open_ended
        return found, unsure

    def _elements(
        self, node: ast.expr, path: tuple[int, ...], depth: int
    ) -> tuple[list[ast.expr], bool]:
        if depth <= 0:
            return [], True
        if isinstance(node, ast.Call):
            name = constructed(node)
            if name in KEEPING and len(node.args) == 1:
                return self._elements(node.args[0], path, depth - 1)
            if name == "enumerate" and path[:1] == (1,):
                return self._elements(node.args[0], path[1:], depth - 1)
            if name == "zip" and path and path[0] < len(node.args):
                return self._elements(node.args[path[0]], path[1:], depth - 1)
            if isinstance(node.func, ast.Attribute) and not node.args:
                return self._parts(node.func.value, node.func.attr, path, depth - 1)
            return [], True
        holders, unsure = self.values(node, depth - 1)
        found: list[ast.expr] = []
        if isinstance(node, ast.Name | ast.Attribute) and (bound := self.bindings(node)):
            holders += [ast.List(elts=[one], ctx=ast.Load()) for one in bound.grown]
            unsure = unsure or bound.changed
        for holder in holders:
            match holder:
                case ast.List(elts=items) | ast.Tuple(elts=items) | ast.Set(elts=items):
                    several = items
                case ast.Dict(keys=keys):
                    several = [key for key in keys if key is not None]
                case ast.ListComp(elt=item) | ast.SetComp(elt=item) | ast.GeneratorExp(elt=item):
                    several = [item]
                case _:
                    several, unsure = [], True
            for one in several:
                more, open_ended = self._inside(one, path, depth - 1)
                found, unsure = found + more, unsure or open_ended
        return found, unsure

    def _inside(
        self, node: ast.expr, path: tuple[int, ...], depth: int
    ) -> tuple[list[ast.expr], bool]:
        if not path:
            return self.values(node, depth)
        if isinstance(node, ast.Tuple | ast.List) and path[0] < len(node.elts):
            return self._inside(node.elts[path[0]], path[1:], depth)
        return [], True

    def _parts(
        self, node: ast.expr, what: str, path: tuple[int, ...], depth: int
    ) -> tuple[list[ast.expr], bool]:
        holders, unsure = self.values(node, depth)
        bound = self.bindings(node)
        unsure = unsure or bool(bound and bound.changed)
        if what == "items" and path:
            what, path = ("keys", "values")[min(path[0], 1)], path[1:]
        found: list[ast.expr] = []
        for holder in holders:
            if not isinstance(holder, ast.Dict) or what not in ("keys", "values"):
                return [], True
            for one in holder.keys if what == "keys" else holder.values:
                if one is None:
                    return [], True
                more, open_ended = self._inside(one, path, depth)
                found, unsure = found + more, unsure or open_ended
        return found, unsure

    def _visit(self) -> None:
        waiting: list[tuple[ast.AST, _Scope]] = [(self._tree, self._tree)]
        visited: list[tuple[ast.AST, _Scope]] = []
        while waiting:
            node, scope = waiting.pop()
            self._scopes[id(node)] = scope
            visited.append((node, scope))
            inner = scope
            if isinstance(node, _SCOPES):
                inner = node
                self._outer[id(node)] = scope
            if isinstance(node, ast.Global | ast.Nonlocal):
                self._elsewhere |= {(id(scope), name) for name in node.names}
            waiting += [(child, inner) for child in ast.iter_child_nodes(node)]
        # What a scope binds for another is seen when that other is known.
        late = {scope for scope, _ in self._elsewhere}
        visited.sort(key=lambda each: id(each[1]) in late)
        for node, _ in visited:
            if isinstance(node, ast.Call) and (found := applied(node)):
                function, iterated = found
                if isinstance(function, ast.Lambda) and len(function.args.args) == 1:
                    self._applied[id(function)] = iterated
        for node, scope in visited:
            self._note(node, scope)
        for node, scope in visited:  # now that it is known where every name is bound
            self._note_change(node, scope)

    def _note(self, node: ast.AST, scope: _Scope) -> None:
        match node:
            case ast.Assign(targets=targets, value=value):
                for target in targets:
                    self._bind(target, value, scope)
            case ast.AnnAssign(target=target, value=ast.expr() as value):
                self._bind(target, value, scope)
            case ast.NamedExpr(target=target, value=value):
                self._bind(target, value, scope)
            case ast.For(target=target, iter=iterated) | ast.AsyncFor(target=target, iter=iterated):
                self._bind_elements(target, iterated, (), scope)
            case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
                for one in node.generators:
                    self._bind_elements(one.target, one.iter, (), node)
            case ast.AugAssign(target=ast.Name() | ast.Attribute() as target):
                self._of(target, scope).unknown = True
            case ast.arg(arg=name):
                bound = self._names.setdefault((id(scope), name), Bindings())
                if id(scope) in self._applied:
                    bound.elements.append((self._applied[id(scope)], ()))
                else:
                    bound.unknown = True
            case ast.withitem(optional_vars=ast.expr() as target):
                self._lose(target, scope)
            case ast.alias(name=name, asname=other):
                key = id(scope), other or name.split(".")[0]
                self._names.setdefault(key, Bindings()).unknown = True
            case ast.MatchAs(name=str() as name) | ast.MatchStar(name=str() as name):
                self._names.setdefault((id(scope), name), Bindings()).unknown = True

    def _note_change(self, node: ast.AST, scope: _Scope) -> None:
        match node:
            case ast.Assign(targets=targets, value=value):
                for target in targets:
                    if isinstance(target, ast.Subscript):
                        bound = self._of(target.value, scope)
                        bound.changed = True
                        bound.grown.append(value)
            case ast.Call(func=ast.Attribute(value=ast.expr() as owner, attr=name)):
                if name in _GROWING and node.args:
                    self._of(owner, scope).grown.append(node.args[-1])
                elif name in _CHANGING:
                    bound = self._of(owner, scope)
                    bound.changed = bound.mutated = True

    def _bind(self, target: ast.expr, value: ast.expr, scope: _Scope) -> None:
        match target:
            case ast.Name() | ast.Attribute():
                self._of(target, scope).values.append(value)
            case ast.Subscript():
                pass  # a change of what is bound elsewhere
            case ast.Tuple(elts=items) | ast.List(elts=items):
                parts = value.elts if isinstance(value, ast.Tuple | ast.List) else []
                starred = any(isinstance(one, ast.Starred) for one in [*items, *parts])
                if len(parts) == len(items) and not starred:
                    for item, part in zip(items, parts, strict=True):
                        self._bind(item, part, scope)
                else:
                    self._lose(target, scope)
            case _:
                self._lose(target, scope)

    def _bind_elements(
        self, target: ast.expr, iterated: ast.expr, path: tuple[int, ...], scope: _Scope
    ) -> None:
        if isinstance(target, ast.Tuple | ast.List):
            for number, item in enumerate(target.elts):
                self._bind_elements(item, iterated, (*path, number), scope)
        elif isinstance(target, ast.Name):
            self._of(target, scope).elements.append((iterated, path))
        else:
            self._lose(target, scope)

    def _lose(self, target: ast.expr, scope: _Scope) -> None:
        for node in ast.walk(target):
            if isinstance(node, ast.Name):
                self._of(node, scope).unknown = True

    def _of(self, node: ast.expr, scope: _Scope) -> Bindings:
        if isinstance(node, ast.Attribute):
            return self._names.setdefault((id(self._tree), f".{node.attr}"), Bindings())
        if not isinstance(node, ast.Name):
            return Bindings()
        # What is done to a list counts where the list is bound, and so does a global assignment.
        binds = isinstance(node.ctx, ast.Store) and (id(scope), node.id) not in self._elsewhere
        outer: ast.AST | None = None if binds else scope
        while outer is not None:
            if (id(outer), node.id) in self._names and (id(outer), node.id) not in self._elsewhere:
                return self._names[id(outer), node.id]
            outer = self._outer.get(id(outer))
        home = scope if binds else self._tree
        return self._names.setdefault((id(home), node.id), Bindings())


def applied(call: ast.Call) -> tuple[ast.expr, ast.expr] | None:
    """(a function, what it is called with item by item), in a `map`, a `sorted` and the like."""
    name = str(getattr(call.func, "id", getattr(call.func, "attr", "")))
    if name in ("map", "filter") and len(call.args) == 2:
        return call.args[0], call.args[1]
    keys = [each.value for each in call.keywords if each.arg == "key"]
    if keys and isinstance(call.func, ast.Attribute) and name == "sort":
        return keys[0], call.func.value
    if keys and name in ("sorted", "min", "max") and len(call.args) == 1:
        return keys[0], call.args[0]
    return None


def constructed(node: ast.expr) -> str:
    """The name of what a call makes, if it is a call of a name."""
    if not isinstance(node, ast.Call):
        return ""
    match node.func:
        case ast.Name(id=name) | ast.Attribute(value=ast.Name(id="collections"), attr=name):
            return name
    return ""
