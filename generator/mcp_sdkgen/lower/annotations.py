"""Types → annotations: the same type as a result, as an argument, or as a typed dict's value."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum

from ..ir import (
    Code,
    ListOf,
    Literals,
    MapOf,
    ModelRef,
    Plain,
    TaggedUnion,
    TupleOf,
    TypeRef,
    UnionOf,
)
from ..text import literal

ModelNames = Callable[[str, bool], str]
"""(key of a model, whether its `TypedDict` twin is meant) → the expression that names it."""

AliasNames = Callable[[Literals], str | None]
"""A long `Literal` → the name it goes by, or `None` to write it out."""


class Role(Enum):
    """Where a value of the type stands."""

    RESULT = "result"
    """The caller receives it: exact types."""
    DECODED = "decoded"
    """As RESULT, with what pydantic needs to read it from JSON."""
    ARGUMENT = "argument"
    """The caller gives it: read-only collections; a model or a plain dict for each object."""
    DICT = "dict"
    """As ARGUMENT, but objects as plain dicts only: the shortest form that can be written."""


_RECEIVED = (Role.RESULT, Role.DECODED)


def annotate(
    type_: TypeRef, role: Role, models: ModelNames, aliases: AliasNames = lambda _: None
) -> Code:
    """`type_` as Python source."""

    def go(part: TypeRef) -> str:
        match part:
            case Plain(name):
                return name
            case Literals(values):
                return aliases(part) or literals(values)
            case ListOf(item):
                return f"{_sequence(item, role)}[{go(item)}]"
            case MapOf(value):
                return f"{'dict' if role in _RECEIVED else 'Mapping'}[str, {go(value)}]"
            case TupleOf(items, rest):
                further = None if rest is None else go(rest)
                return _tuple([go(item) for item in items], further, role)
            case ModelRef(key):
                if role in _RECEIVED:
                    return models(key, False)
                if role is Role.DICT:
                    return models(key, True)
                return f"{models(key, False)} | {models(key, True)}"
            case UnionOf(members):
                given = members if role in _RECEIVED else _writable(members)
                return " | ".join(go(member) for member in given)
            case TaggedUnion(members, property_, mapping):
                union = " | ".join(go(member) for member in members)
                if role is not Role.DECODED:
                    return union
                classes = ", ".join(
                    f"{literal(value)}: {literal(models(key, False).rpartition('.')[2])}"
                    for value, key in mapping
                )
                return f"Annotated[{union}, Discriminated({literal(property_)}, {{{classes}}})]"

    return Code(go(type_))


def _tuple(items: list[str], rest: str | None, role: Role) -> str:
    if rest is None:
        return f"tuple[{', '.join(items) or '()'}]"
    text = f"tuple[{', '.join(items)}, *tuple[{rest}, ...]]"
    return f"Annotated[{text}, OpenTuple()]" if role is Role.DECODED else text


def _writable(members: tuple[TypeRef, ...]) -> list[TypeRef]:
    """The members of an argument's union, with lists of several types as lists of a union.

    For `Sequence[A] | Sequence[B]` mypy finds no context for `[{...}]` or `["a"]`, and so takes no
    typed dict and no literal in it. What mixes them is refused before it is sent, as ever. Maps
    are written likewise.
    """
    lists = [one.item for one in members if isinstance(one, ListOf)]
    maps = [one.value for one in members if isinstance(one, MapOf)]
    found: list[TypeRef] = []
    for member in members:
        if isinstance(member, ListOf) and _needs_context(lists):
            member = ListOf(_union(lists))
        elif isinstance(member, MapOf) and _needs_context(maps):
            member = MapOf(_union(maps))
        if member not in found:
            found.append(member)
    return found


def _needs_context(types: list[TypeRef]) -> bool:
    return len(types) > 1 and any(model_keys(one) or literals_in(one) for one in types)


def _union(types: list[TypeRef]) -> UnionOf:
    flat = [part for one in types for part in (one.members if isinstance(one, UnionOf) else [one])]
    return UnionOf(tuple(dict.fromkeys(flat)))


def optional(annotation: Code) -> Code:
    """`annotation`, or `None`."""
    already = annotation in ("None", "Any") or annotation.endswith("| None")
    return annotation if already else Code(f"{annotation} | None")


def literals(values: tuple[str | int | bool | None, ...]) -> str:
    """`Literal[...]` of `values`; `None` among them goes last, as `| None`."""
    some = [literal(value) for value in values if value is not None]
    text = f"Literal[{', '.join(some)}]"
    return f"{text} | None" if None in values else text


def model_keys(type_: TypeRef) -> list[str]:
    """The keys of the models in `type_`, in order."""
    match type_:
        case ModelRef(key):
            return [key]
        case ListOf(part) | MapOf(part):
            return model_keys(part)
        case TupleOf(items, rest):
            return [key for part in (*items, *_given(rest)) for key in model_keys(part)]
        case UnionOf(members) | TaggedUnion(members):
            return [key for member in members for key in model_keys(member)]
    return []


def literals_in(type_: TypeRef) -> list[Literals]:
    """The literal types in `type_`, in order."""
    match type_:
        case Literals():
            return [type_]
        case ListOf(part) | MapOf(part):
            return literals_in(part)
        case TupleOf(items, rest):
            return [found for part in (*items, *_given(rest)) for found in literals_in(part)]
        case UnionOf(members) | TaggedUnion(members):
            return [found for member in members for found in literals_in(member)]
    return []


def accepts_none(type_: TypeRef) -> bool:
    """Whether `None` is a value of `type_`."""
    match type_:
        case Plain(name):
            return name in ("None", "Any")
        case Literals(values):
            return None in values
        case UnionOf(members):
            return any(accepts_none(member) for member in members)
    return False


def _given(rest: TypeRef | None) -> tuple[TypeRef, ...]:
    return () if rest is None else (rest,)


def _sequence(item: TypeRef, role: Role) -> str:
    if role in _RECEIVED:
        return "list"
    # A str is a Sequence[str]: where the items may be strings, a lone string must not pass.
    return "SequenceNotStr" if _accepts_str(item) else "Sequence"


def _accepts_str(type_: TypeRef) -> bool:
    match type_:
        case Plain(name):
            return name in ("str", "Any")
        case UnionOf(members):
            return any(_accepts_str(member) for member in members)
    return False
