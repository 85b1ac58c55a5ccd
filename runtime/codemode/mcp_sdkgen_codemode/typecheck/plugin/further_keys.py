"""Keys that a schema allows without naming them, in what a program passes to a tool.

mypy has no way to say that a TypedDict takes further keys of some type (`extra_items` of PEP 728).
So the signature that it checks a call against gets the keys that the call writes, wherever the SDK
says that an object takes them; all other keys are judged as ever.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from mypy.nodes import (
    ARG_STAR2,
    AssignmentExpr,
    CallExpr,
    ConditionalExpr,
    DictExpr,
    Expression,
    GeneratorExpr,
    ListComprehension,
    ListExpr,
    OpExpr,
    StarExpr,
    StrExpr,
    SymbolTable,
    TupleExpr,
    TypeInfo,
)
from mypy.options import Options
from mypy.plugin import CheckerPluginInterface, FunctionSigContext, MethodSigContext, Plugin
from mypy.type_visitor import TypeTranslator
from mypy.types import (
    AnyType,
    CallableType,
    FunctionLike,
    Instance,
    NoneType,
    Type,
    TypeAliasType,
    TypedDictType,
    TypeOfAny,
    UnionType,
    get_proper_type,
)

_MAX_EXPANDED = 50
"""How often a class that contains itself is written out within one argument."""
_PLAIN = ("str", "int", "float", "bool")


class FurtherKeys(Plugin):
    """Lets calls of SDKs give further keys. `values` are the types of what these hold, as Python
    source, by `<package>.<class>`."""

    def __init__(self, options: Options, values: Mapping[str, str]) -> None:
        super().__init__(options)
        self._values = values
        self._packages = {name.partition(".")[0] for name in values}

    def get_method_signature_hook(
        self, fullname: str
    ) -> Callable[[MethodSigContext], FunctionLike] | None:
        """The methods of clients."""
        return self._opened if fullname.partition(".")[0] in self._packages else None

    def get_function_signature_hook(
        self, fullname: str
    ) -> Callable[[FunctionSigContext], FunctionLike] | None:
        """The classes of objects."""
        package, _, rest = fullname.partition(".")
        if package not in self._packages:
            return None
        value = self._values.get(f"{package}.{rest.rpartition('.')[2]}Param")

        def constructed(context: FunctionSigContext) -> FunctionLike:
            signature = self._opened(context)
            if value is None or ARG_STAR2 in signature.arg_kinds:
                return signature
            return signature.copy_modified(
                arg_types=[*signature.arg_types, _type(value, context.api)],
                arg_kinds=[*signature.arg_kinds, ARG_STAR2],
                arg_names=[*signature.arg_names, "further"],
            )

        return constructed

    def _opened(self, context: MethodSigContext | FunctionSigContext) -> CallableType:
        signature = context.default_signature
        types = list(signature.arg_types)
        for number, given in enumerate(context.args):
            written = _Written(given)
            if written.keys or written.others:
                types[number] = types[number].accept(_Opened(written, self._values, context.api))
        return signature.copy_modified(arg_types=types)


class _Written:
    """The keys of all dicts that are written out in an expression, and whether some are not."""

    def __init__(self, given: Iterable[Expression]) -> None:
        self.keys: set[str] = set()
        self.others = False
        waiting = list(given)
        while waiting:
            each = waiting.pop()
            waiting += _parts(each)
            for key, _ in each.items if isinstance(each, DictExpr) else ():
                if isinstance(key, StrExpr):
                    self.keys.add(key.value)
                else:
                    self.others = True


def _parts(node: Expression) -> list[Expression]:
    """What the value of an expression is made of."""
    match node:
        case DictExpr(items=items):
            return [value for _, value in items]
        case ListExpr(items=parts) | TupleExpr(items=parts) | CallExpr(args=parts):
            return [*parts]
        case ListComprehension(generator=generator):
            return [generator.left_expr]
        case GeneratorExpr(left_expr=left) | StarExpr(expr=left) | AssignmentExpr(value=left):
            return [left]
        case ConditionalExpr(if_expr=left, else_expr=right) | OpExpr(left=left, right=right):
            return [left, right]
    return []


class _Opened(TypeTranslator):
    """A type whose TypedDicts that take further keys have those that are written."""

    def __init__(
        self, written: _Written, values: Mapping[str, str], api: CheckerPluginInterface
    ) -> None:
        super().__init__()
        self._written = written
        self._values = values
        self._api = api
        self._expanded = 0

    def visit_type_alias_type(self, t: TypeAliasType) -> Type:
        if t.is_recursive:
            self._expanded += 1
            if self._expanded > _MAX_EXPANDED:
                return t
        return get_proper_type(t).accept(self)

    def visit_typeddict_type(self, t: TypedDictType) -> Type:
        made = get_proper_type(super().visit_typeddict_type(t))
        package, _, rest = t.fallback.type.fullname.partition(".")
        value = self._values.get(f"{package}.{rest.rpartition('.')[2]}")
        if value is None or not isinstance(made, TypedDictType):
            return made
        further = _type(value, self._api)
        added = {key: further for key in sorted(self._written.keys) if key not in made.items}
        opened = TypedDictType(
            {**made.items, **added}, made.required_keys, made.readonly_keys, _own(t.fallback)
        )
        if not self._written.others:
            return opened
        # Which keys are spread, or computed, nobody knows before the call.
        anything = AnyType(TypeOfAny.special_form)
        mapping = self._api.named_generic_type(
            "typing.Mapping", [self._api.named_generic_type("builtins.str", []), anything]
        )
        return UnionType.make_union([opened, mapping])


def _own(fallback: Instance) -> Instance:
    """The class of a TypedDict, without what leads from it to the keys that it has by itself."""
    known = fallback.type
    info = TypeInfo(SymbolTable(), known.defn, known.module_name)
    info.bases, info.mro = known.bases, [info, *known.mro[1:]]
    info.typeddict_type = known.typeddict_type
    return Instance(info, fallback.args)


def _type(source: str, api: CheckerPluginInterface) -> Type:
    """The type that a docstring of an SDK names; `Any` for one that has parts."""
    names = [name.strip() for name in source.split("|")]
    members: list[Type] = []
    for name in names:
        if name == "None":
            members.append(NoneType())
        elif name in _PLAIN:
            members.append(api.named_generic_type(f"builtins.{name}", []))
        else:
            return AnyType(TypeOfAny.special_form)
    return UnionType.make_union(members)
