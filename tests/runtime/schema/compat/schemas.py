"""Schemas for hypothesis, and values that type-correct code could send to them."""

from __future__ import annotations

from random import Random
from typing import Any

from hypothesis import strategies as st

KEYS = ("a", "b", "c")
SCALARS: tuple[Any, ...] = (None, True, False, 0, 1, 2, 5, -1, 0.5, "", "a", "ab", "abcd")

_scalars = st.one_of(
    st.just({}),
    st.sampled_from([{"type": "null"}, {"type": "boolean"}, {"type": "string"}]),
    st.lists(st.sampled_from(SCALARS), min_size=1, max_size=3).map(lambda some: {"enum": some}),
    st.builds(lambda value: {"const": value}, st.sampled_from(SCALARS)),
    st.builds(
        lambda kind, limits: {"type": kind, **limits},
        st.sampled_from(["integer", "number"]),
        st.fixed_dictionaries(
            {},
            optional={
                "minimum": st.integers(-1, 3),
                "maximum": st.integers(0, 5),
                "exclusiveMinimum": st.integers(-1, 3),
                "multipleOf": st.sampled_from([1, 2, 4]),
            },
        ),
    ),
    st.builds(
        lambda limits: {"type": "string", **limits},
        st.fixed_dictionaries(
            {},
            optional={
                "minLength": st.integers(0, 2),
                "maxLength": st.integers(0, 4),
                "pattern": st.sampled_from(["^a", "b"]),
            },
        ),
    ),
    st.just({"type": ["string", "null"]}),
    st.just({"type": ["integer", "string"]}),
)


def _compound(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    names = st.lists(st.sampled_from(KEYS), unique=True, max_size=2)
    objects = st.builds(
        lambda properties, required, more: {
            "type": "object",
            "properties": properties,
            "required": required,
            **more,
        },
        st.dictionaries(st.sampled_from(KEYS), inner, max_size=3),
        names,
        st.fixed_dictionaries(
            {},
            optional={
                "additionalProperties": st.one_of(st.booleans(), inner),
                "minProperties": st.integers(0, 2),
            },
        ),
    )
    arrays = st.builds(
        lambda more: {"type": "array", **more},
        st.fixed_dictionaries(
            {},
            optional={
                "items": inner,
                "prefixItems": st.lists(inner, min_size=1, max_size=2),
                "minItems": st.integers(0, 2),
                "maxItems": st.integers(0, 3),
                "uniqueItems": st.booleans(),
            },
        ),
    )
    branches = st.lists(inner, min_size=1, max_size=3)
    unions = st.one_of(
        branches.map(lambda some: {"anyOf": some}),
        branches.map(lambda some: {"oneOf": some}),
        branches.map(lambda some: {"allOf": some}),
        st.builds(lambda one: {"not": one}, inner),
    )
    return st.one_of(objects, objects, arrays, unions)


schemas: st.SearchStrategy[Any] = st.recursive(_scalars, _compound, max_leaves=6)


def opened(schema: Any) -> Any:
    """`schema` as an open result promises it: more keys are allowed, `oneOf` is `anyOf`."""
    if isinstance(schema, list):
        return [opened(inner) for inner in schema]
    if not isinstance(schema, dict):
        return schema
    made = {word: value if word in ("enum", "const", "not") else opened(value)
            for word, value in schema.items()}  # fmt: skip
    if made.get("properties") and made.get("additionalProperties") is False:
        del made["additionalProperties"]
    if "oneOf" in made:
        made = {"allOf": [made, {"anyOf": made.pop("oneOf")}]}
    return made


def sample(schema: Any, random: Random, *, free_keys: bool) -> Any:
    """A value that probably fits `schema`.

    Without `free_keys`, objects have no key but those that the chosen branch names, unless it
    names none or says what others hold: nothing else can be written type-correctly. A schema with
    properties is read as one for objects, even when it does not say so.
    """
    parts = _chosen(schema, random)
    is_object = any("properties" in part for part in parts)
    if not parts or (random.random() < 0.1 and not is_object):
        return random.choice(SCALARS)
    for part in parts:
        if "const" in part:
            return part["const"]
        if part.get("enum"):
            return random.choice(part["enum"])
    types = [part["type"] for part in parts if "type" in part]
    kind = types[0] if types else None
    if isinstance(kind, list):
        kind = random.choice(kind)
    if kind == "object" or is_object:
        return _object(parts, random, free_keys)
    if kind == "array":
        return _array(parts, random, free_keys)
    fitting = [value for value in SCALARS if kind is None or _is(value, kind)]
    return random.choice(fitting or SCALARS)


def _is(value: Any, kind: str) -> bool:
    kinds = {"null": type(None), "boolean": bool, "string": str, "integer": int}
    if kind == "number":
        return isinstance(value, int | float) and not isinstance(value, bool)
    return type(value) is kinds.get(kind)


def _chosen(schema: Any, random: Random) -> list[dict[str, Any]]:
    if not isinstance(schema, dict):
        return []
    parts = [schema]
    for word in ("anyOf", "oneOf"):
        if schema.get(word):
            parts += _chosen(random.choice(schema[word]), random)
    for inner in schema.get("allOf", ()):
        parts += _chosen(inner, random)
    return parts


def _object(parts: list[dict[str, Any]], random: Random, free_keys: bool) -> dict[str, Any]:
    named: dict[str, Any] = {}
    for part in parts:
        named = {**part.get("properties", {}), **named}
    others = [p["additionalProperties"] for p in parts if p.get("additionalProperties")]
    typed = [schema for schema in others if isinstance(schema, dict) and schema]
    required = {name for part in parts for name in part.get("required", ())}
    made = {}
    for name in (*KEYS, "z"):
        free = free_keys or typed or not named
        if name not in named and not free:
            continue
        if name in required or random.random() < 0.5:
            inner = named.get(name, typed[0] if typed else {})
            made[name] = sample(inner, random, free_keys=free_keys)
    return made


def _array(parts: list[dict[str, Any]], random: Random, free_keys: bool) -> list[Any]:
    items: Any = next((part["items"] for part in parts if "items" in part), {})
    prefix: Any = next((part["prefixItems"] for part in parts if "prefixItems" in part), [])
    return [
        sample(prefix[i] if i < len(prefix) else items, random, free_keys=free_keys)
        for i in range(random.randint(0, 4))
    ]
