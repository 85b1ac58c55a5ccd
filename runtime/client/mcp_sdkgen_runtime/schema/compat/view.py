"""A schema as a validator sees it: references followed, `allOf` merged, spellings unified."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from .document import Source
from .wording import TYPE_NAMES

Node = tuple[Source, ...]
"""The conjunction of some places; the empty one allows every value."""

Limit = tuple[float, bool]
"""A bound and a flag, ordered so that `max` of lower and `min` of upper bounds is the tighter one.

Lower bounds carry whether the bound itself is excluded, upper ones whether it is included.
"""

EVERY_TYPE = frozenset(TYPE_NAMES)
MAX_ALTERNATIVES = 64


@dataclass(frozen=True)
class Group:
    """An `anyOf` or `oneOf`."""

    kind: str
    branches: tuple[Node, ...]


@dataclass(frozen=True)
class View:
    """What one place in a document allows.

    `assumed` says that the schema is only read as one for objects because it has properties; a
    validator lets every other type pass. `lower` and `upper` are keyed by `value`, `length`,
    `items` and `properties`. `prefix` and `rest` are an array's items; `matching` are
    `patternProperties`, `extra` the other keys. `rules` are keywords that are only ever
    compared for equality, as (keyword, canonical text). `excluded` are `oneOf` branches beside
    the chosen one. `mapped` says by which value of which property a `discriminator` means which
    definition. `name` is that of the definition a reference led to; `text` holds what
    people read, and the default.
    """

    types: frozenset[str] = EVERY_TYPE
    assumed: bool = False
    values: tuple[Any, ...] | None = None
    lower: Mapping[str, Limit] = field(default_factory=dict)
    upper: Mapping[str, Limit] = field(default_factory=dict)
    multiples: frozenset[float] = frozenset()
    patterns: frozenset[str] = frozenset()
    formats: frozenset[str] = frozenset()
    prefix: tuple[Node, ...] = ()
    rest: Node = ()
    unique: bool = False
    properties: Mapping[str, Node] = field(default_factory=dict)
    matching: Mapping[str, Node] = field(default_factory=dict)
    extra: Node = ()
    required: frozenset[str] = frozenset()
    groups: tuple[Group, ...] = ()
    excluded: frozenset[str] = frozenset()
    rules: frozenset[tuple[str, str]] = frozenset()
    mapped: frozenset[tuple[str, str, str]] = field(default=frozenset(), compare=False)
    name: str = field(default="", compare=False)
    text: Mapping[str, Any] = field(default_factory=dict, compare=False)

    @property
    def is_never(self) -> bool:
        """Whether it is plain that no value is allowed."""
        return not self.types or self.values == ()

    @cached_property
    def keys(self) -> tuple[str, ...]:
        """The `key` of each of its values, or of those that its types alone allow."""
        return tuple(map(key, finite(self) or ()))

    @cached_property
    def key_set(self) -> frozenset[str]:
        """The same in any order."""
        return frozenset(self.keys)

    @property
    def is_open(self) -> bool:
        """Whether every value is allowed."""
        return self == View()

    def items_at(self, index: int) -> Node:
        """What the item at `index` must be."""
        return self.prefix[index] if index < len(self.prefix) else self.rest


def finite(view: View) -> tuple[Any, ...] | None:
    """The values that are allowed, where these can be listed."""
    if view.values is None and view.types <= {"null", "boolean"}:
        some = {"null": (None,), "boolean": (False, True)}
        return tuple(value for kind in sorted(view.types) for value in some[kind])
    return view.values


def has_door(view: View) -> bool:
    """Whether a schema itself speaks of keys that it does not name, and allows some."""
    return bool(view.matching) or (bool(view.extra) and openness(view) != "none")


def openness(view: View) -> str:
    """Whether keys that are not named may hold `all` values, `some` or `none`."""
    schemas = [source.schema for source in view.extra if source.schema not in (True, {})]
    if not schemas:
        return "all"
    return "none" if False in schemas else "some"


def key(value: Any) -> str:
    """A text that is equal for values that are equal in JSON: 1 is 1.0, true is not 1."""
    return json.dumps(_plain(value), sort_keys=True)


def _plain(value: Any) -> Any:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {name: _plain(item) for name, item in value.items()}
    return value


def type_of(value: Any) -> str:
    """The JSON type of a value; numbers are `integer` or `fraction`."""
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int) or (isinstance(value, float) and value.is_integer()):
        return "integer"
    names = {type(None): "null", float: "fraction", str: "string", list: "array"}
    return names.get(type(value), "object")


def merge(one: View, two: View) -> View:
    """What both allow. Texts and the name are those of `one` where it has them."""
    merged = View(
        types=one.types & two.types,
        assumed=_still_assumed(one, two) or _still_assumed(two, one),
        values=_both_values(one.values, two.values),
        lower=_tighter(one.lower, two.lower, lower=True),
        upper=_tighter(one.upper, two.upper, lower=False),
        multiples=one.multiples | two.multiples,
        patterns=one.patterns | two.patterns,
        formats=one.formats | two.formats,
        prefix=tuple(
            join(one.items_at(index), two.items_at(index))
            for index in range(max(len(one.prefix), len(two.prefix)))
        ),
        rest=join(one.rest, two.rest),
        unique=one.unique or two.unique,
        properties={
            name: join(_property(one, name), _property(two, name))
            for name in dict.fromkeys((*one.properties, *two.properties))
        },
        matching={
            pattern: join(one.matching.get(pattern, ()), two.matching.get(pattern, ()))
            for pattern in dict.fromkeys((*one.matching, *two.matching))
        },
        extra=join(one.extra, two.extra),
        required=one.required | two.required,
        groups=one.groups + two.groups,
        excluded=one.excluded | two.excluded,
        rules=one.rules | two.rules | _blurred(one, two) | _blurred(two, one),
        mapped=one.mapped | two.mapped,
        name=one.name or two.name,
        text={**two.text, **one.text},
    )
    return settle(merged)


def settle(view: View) -> View:
    """The same with `types` and `values` made to agree."""
    if view.values is None:
        return view
    values = tuple(value for value in view.values if type_of(value) in view.types)
    return replace(view, values=values, types=frozenset(map(type_of, values)))


def join(one: Node, two: Node) -> Node:
    """The conjunction of two nodes."""
    return tuple(dict.fromkeys((*one, *two)))


def _property(view: View, name: str) -> Node:
    return view.properties.get(name, view.extra)


def _still_assumed(one: View, two: View) -> bool:
    return one.assumed and (two.assumed or two.types != {"object"})


def _blurred(one: View, two: View) -> frozenset[tuple[str, str]]:
    # Whether a key of `two` matches a pattern of `one` is not decided here (patterns are foreign
    # code), so the conjunction is marked as something that only equals itself.
    if one.matching and one.extra and any(name not in one.properties for name in two.properties):
        text = "\n".join((*sorted(one.matching), *(source.pointer for source in one.extra)))
        return frozenset({("patternProperties", text)})
    return frozenset()


def _both_values(
    one: tuple[Any, ...] | None, two: tuple[Any, ...] | None
) -> tuple[Any, ...] | None:
    if one is None or two is None:
        return two if one is None else one
    if one is two:
        return one
    shared = {key(value) for value in two}
    return tuple(value for value in one if key(value) in shared)


def _tighter(
    one: Mapping[str, Limit], two: Mapping[str, Limit], *, lower: bool
) -> Mapping[str, Limit]:
    merged = dict(one)
    for name, limit in two.items():
        if name in merged:
            limit = max(limit, merged[name]) if lower else min(limit, merged[name])
        merged[name] = limit
    return merged
