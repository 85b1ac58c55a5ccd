"""What servers change in their schemas from one release to the next, at random."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from random import Random
from typing import Any

from tests.random_schemas import CONSTANTS, FORMATS, NAMES, PATTERNS, random_flat_schema

Schema = dict[str, Any]
LIMITS = ("minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems", "minProperties")
KINDS = ("string", "integer", "number", "boolean", "null", "array", "object")


def changed(schema: Any, random: Random) -> Any:
    """`schema` with one to three small changes."""
    whole = copy.deepcopy(schema)
    for _ in range(random.choice((1, 1, 2, 3))):
        places = list(_subschemas(whole))
        if places:
            _change(random.choice(places), random)
    return whole


def _subschemas(schema: Any) -> Iterator[Schema]:
    """The schema, and all below it, that can be changed in place."""
    if not isinstance(schema, dict):
        return
    yield schema
    for word in ("properties", "patternProperties", "$defs", "definitions"):
        for inner in _dict(schema.get(word)).values():
            yield from _subschemas(inner)
    for word in ("anyOf", "oneOf", "allOf", "prefixItems"):
        for inner in schema.get(word, ()):
            yield from _subschemas(inner)
    for word in ("items", "additionalProperties", "not", "if", "then", "else"):
        yield from _subschemas(schema.get(word))


def _change(place: Schema, random: Random) -> None:
    changes = [change for applies, change in _CHANGES if applies(place)]
    random.choice(changes)(place, random)


def _drop_keyword(place: Schema, random: Random) -> None:
    # What defines and what is referred to go together.
    words = [word for word in place if word not in ("$defs", "definitions", "$ref", "$schema")]
    if words:
        del place[random.choice(words)]


def _widen_type(place: Schema, random: Random) -> None:
    kind = place["type"]
    kinds = kind if isinstance(kind, list) else [kind]
    place["type"] = "number" if kind == "integer" and random.random() < 0.5 else [
        *dict.fromkeys([*kinds, random.choice(KINDS)])
    ]  # fmt: skip


def _replace_type(place: Schema, random: Random) -> None:
    place["type"] = random.choice(KINDS)


def _change_values(place: Schema, random: Random) -> None:
    values = [*place["enum"]]
    if random.random() < 0.5 and len(values) > 1:
        values.remove(random.choice(values))
    else:
        values.append(random.choice([v for v in CONSTANTS if v not in values]))
    place["enum"] = values


def _change_const(place: Schema, random: Random) -> None:
    value = place.pop("const")
    if random.random() < 0.5:
        place["const"] = random.choice(CONSTANTS)
    else:
        place["enum"] = [value, random.choice([v for v in CONSTANTS if v != value])]


def _add_property(place: Schema, random: Random) -> None:
    name = random.choice(NAMES)
    place["properties"].setdefault(name, random_flat_schema(random))
    if random.random() < 0.3:
        place["required"] = [*dict.fromkeys([*place.get("required", ()), name])]


def _drop_property(place: Schema, random: Random) -> None:
    if names := [*place["properties"]]:
        name = random.choice(names)
        del place["properties"][name]
        if random.random() < 0.8:
            place["required"] = [other for other in place.get("required", ()) if other != name]


def _change_required(place: Schema, random: Random) -> None:
    if names := [*place["properties"]]:
        name, required = random.choice(names), [*place.get("required", ())]
        place["required"] = (
            [other for other in required if other != name] if name in required
            else [*required, name]
        )  # fmt: skip


def _change_openness(place: Schema, random: Random) -> None:
    place["additionalProperties"] = random.choice((True, False, {"type": "integer"}))


def _move_limit(place: Schema, random: Random) -> None:
    word = random.choice([word for word in LIMITS if word in place])
    step = random.choice((-2, -1, 1, 2))
    place[word] = place[word] + step if word in LIMITS[:2] else max(0, place[word] + step)


def _limit_text(place: Schema, random: Random) -> None:
    word, value = random.choice(
        (("minLength", 1), ("maxLength", 5), ("pattern", random.choice(PATTERNS)),
         ("format", random.choice(FORMATS)), ("enum", ["a", "b"]))
    )  # fmt: skip
    place[word] = value


def _limit_number(place: Schema, random: Random) -> None:
    word = random.choice(("minimum", "maximum", "exclusiveMinimum", "multipleOf"))
    place[word] = random.choice((1, 2, 5))


def _limit_array(place: Schema, random: Random) -> None:
    word, value = random.choice((("minItems", 1), ("maxItems", 2), ("uniqueItems", True)))
    place[word] = value


def _make_nullable(place: Schema, random: Random) -> None:
    _wrap(place, random.choice(("anyOf", "oneOf")), {"type": "null"})


def _add_alternative(place: Schema, random: Random) -> None:
    _wrap(place, random.choice(("anyOf", "oneOf")), random_flat_schema(random))


def _wrap(place: Schema, word: str, other: Schema) -> None:
    inner = {key: value for key, value in place.items() if key not in _OF_DOCUMENT}
    for key in inner:
        del place[key]
    place[word] = [inner, other]


def _change_alternatives(place: Schema, random: Random) -> None:
    word = "anyOf" if "anyOf" in place else "oneOf"
    branches = [*place[word]]
    if random.random() < 0.3:
        del place[word]
        word = "oneOf" if word == "anyOf" else "anyOf"
    elif random.random() < 0.5 and len(branches) > 1:
        branches.pop(random.randrange(len(branches)))
    else:
        branches.append(random_flat_schema(random))
    place[word] = branches


def _describe(place: Schema, random: Random) -> None:
    place[random.choice(("title", "description"))] = "Other words."


_OF_DOCUMENT = ("$defs", "definitions", "$schema")


def _has(*words: str) -> Any:
    return lambda place: any(word in place for word in words)


def _is(*kinds: str) -> Any:
    return lambda place: place.get("type") in kinds


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


_CHANGES: tuple[tuple[Any, Any], ...] = (
    (lambda place: True, _drop_keyword),
    (lambda place: True, _describe),
    (lambda place: True, _make_nullable),
    (lambda place: True, _add_alternative),
    (_has("type"), _widen_type),
    (_has("type"), _replace_type),
    (_has("enum"), _change_values),
    (_has("enum"), _change_values),
    (_has("const"), _change_const),
    (_has("properties"), _add_property),
    (_has("properties"), _add_property),
    (_has("properties"), _drop_property),
    (_has("properties"), _change_required),
    (_has("properties"), _change_required),
    (_has("properties"), _change_openness),
    (_has(*LIMITS), _move_limit),
    (_has(*LIMITS), _move_limit),
    (_is("string"), _limit_text),
    (_is("integer", "number"), _limit_number),
    (_is("array"), _limit_array),
    (_has("anyOf", "oneOf"), _change_alternatives),
)
