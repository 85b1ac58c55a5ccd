"""What each change of a schema costs callers, whole schemas: exactly what is said."""

from __future__ import annotations

from typing import Any

import pytest

from tests.runtime.schema.compat.tables import B, C, I, N, S, T, X, arr, found, input_drift, obj


def tagged(tag: str, *required: str) -> Any:
    return obj({"kind": {"const": tag}}, *required)


# Whole schemas on inputs, and everything that is said about them.
INPUTS: dict[str, tuple[Any, Any, list[tuple[str, str, str]]]] = {
    "an optional argument is new": (obj({}), obj({"x": S}), [(C, "argument-added", X)]),
    "a required argument is new": (
        obj({}),
        obj({"x": S}, "x"),
        [(B, "required-argument-added", X)],
    ),
    "an argument is gone": (obj({"x": S}), obj({}), [(B, "argument-removed", X)]),
    "an argument is gone from an open schema": (
        obj({"x": S}),
        obj({}, additionalProperties=True),
        [(B, "argument-removed", X)],
    ),
    "an argument is now required": (
        obj({"x": S}),
        obj({"x": S}, "x"),
        [(B, "argument-made-required", X)],
    ),
    "an argument is now optional": (
        obj({"x": S}, "x"),
        obj({"x": S}),
        [(C, "argument-made-optional", X)],
    ),
    "draft-03 says required inside": (
        obj({"x": S}),
        obj({"x": {**S, "required": True}}),
        [(B, "argument-made-required", X)],
    ),
    "the arguments are closed, which no method could pass": (
        obj({"x": S}),
        obj({"x": S}, additionalProperties=False),
        [(C, "other-keys-closed", "")],
    ),
    "the arguments are closed after being declared open": (
        obj({"x": S}, additionalProperties=True),
        obj({"x": S}, additionalProperties=False),
        [(B, "other-keys-closed", "")],
    ),
    "the key that becomes an argument could hold only other values": (
        obj({"x": S}, additionalProperties=I),
        obj({"x": S, "y": S}, additionalProperties=I),
        [(B, "not-comparable", ""), (C, "argument-added", "/properties/y")],
    ),
    "a required argument that was not described": (
        {"type": "object", "required": ["x"]},
        obj({"x": S}, "x"),
        [(B, "type-narrowed", X)],
    ),
    "a required argument that is no longer described": (
        obj({"x": S}, "x"),
        {"type": "object", "required": ["x"]},
        [(C, "type-widened", X)],
    ),
    "a required argument that can no longer be passed": (
        obj({"x": S}, "x"),
        obj({}, "x", additionalProperties=False),
        [(B, "type-narrowed", "/additionalProperties"), (C, "other-keys-closed", "")],
    ),
    "an enum value that became too long": (
        obj({"x": {"enum": ["a", "abc"]}}),
        obj({"x": {"enum": ["a", "abc"], "maxLength": 2}}),
        [(B, "maximum-added", X)],
    ),
    "a list of models that is no longer described": (
        obj({"x": arr(obj({"y": S}))}),
        obj({"x": {}}),
        [(B, "shape-changed", X), (C, "type-widened", X)],
    ),
    "a default": (
        obj({"x": {**I, "default": 5}}),
        obj({"x": {**I, "default": 9}}),
        [(C, "default-changed", X + "/default")],
    ),
    "a nested argument becomes required": (
        obj({"x": arr(obj({"y": S}))}),
        obj({"x": arr(obj({"y": S}, "y"))}),
        [(B, "argument-made-required", "/properties/x/items/properties/y")],
    ),
    "a value in a map": (
        obj({"x": {"type": "object", "additionalProperties": S}}),
        obj({"x": {"type": "object", "additionalProperties": I}}),
        [(B, "type-changed", "/properties/x/additionalProperties")],
    ),
    "a tuple's second item": (
        obj({"x": {"type": "array", "prefixItems": [S, S]}}),
        obj({"x": {"type": "array", "prefixItems": [S, I]}}),
        [(B, "type-changed", "/properties/x/prefixItems/1")],
    ),
    "a merged allOf loses nothing": (
        obj({"x": {"allOf": [S, {"maxLength": 5}]}}),
        obj({"x": {**S, "maxLength": 5}}),
        [(T, "rewritten", "")],
    ),
    "a union spelled as a type array": (
        obj({"x": {"anyOf": [S, I]}}),
        obj({"x": {"type": ["string", "integer"]}}),
        [(T, "rewritten", "")],
    ),
    "oneOf of types that exclude each other": (
        obj({"x": {"anyOf": [S, I]}}),
        obj({"x": {"oneOf": [S, I]}}),
        [(T, "rewritten", "")],
    ),
    "oneOf whose branches overlap": (
        obj({"x": {"anyOf": [N, I]}}),
        obj({"x": {"oneOf": [N, I]}}),
        [(B, "not-comparable", X)],
    ),
    "oneOf of objects whose tag only one requires": (
        obj({"x": {"oneOf": [tagged("a", "kind"), tagged("b")]}}),
        obj({"x": {"oneOf": [tagged("a", "kind"), tagged("b"), tagged("c", "kind")]}}),
        [(C, "union-member-added", X)],
    ),
    "oneOf of objects whose tag none requires": (
        obj({"x": {"oneOf": [tagged("a"), tagged("b", "kind")]}}),
        obj({"x": {"oneOf": [tagged("a"), tagged("b", "kind"), tagged("c")]}}),
        [(C, "union-member-added", X), (B, "not-comparable", X)],
    ),
    "a constant is 0 in place of false, which Python takes for equal": (
        obj({"x": {"const": False}}),
        obj({"x": {"const": 0}}),
        [(B, "type-changed", X)],
    ),
    "the whole is no longer null, which no call could send": (
        {"anyOf": [obj({"x": S}), {"type": "null"}]},
        obj({"x": S}),
        [(T, "rewritten", "")],
    ),
    "oneOf with a branch that only seems to be for objects": (
        obj({"x": {"anyOf": [S, {"properties": {"y": S}}]}}),
        obj({"x": {"oneOf": [S, {"properties": {"y": S}}]}}),
        [(B, "not-comparable", X)],
    ),
    "the dialect": (
        {**obj({"x": S}), "$schema": "http://json-schema.org/draft-07/schema#"},
        obj({"x": S}),
        [(T, "dialect-changed", "/$schema")],
    ),
    "siblings of a reference count only in later drafts": (
        {
            **obj({"x": {"$ref": "#/$defs/A", "maxLength": 5}}),
            "$defs": {"A": S},
            "$schema": "http://json-schema.org/draft-07/schema#",
        },
        {**obj({"x": {"$ref": "#/$defs/A", "maxLength": 5}}), "$defs": {"A": S}},
        [(B, "maximum-added", X), (T, "dialect-changed", "/$schema")],
    ),
    "a definition is written in place": (
        {**obj({"x": {"$ref": "#/$defs/A"}}), "$defs": {"A": S}},
        obj({"x": S}),
        [(T, "rewritten", "")],
    ),
    "a model is renamed": (
        {**obj({"x": {"$ref": "#/$defs/A"}}), "$defs": {"A": obj({"y": S})}},
        {**obj({"x": {"$ref": "#/$defs/B"}}), "$defs": {"B": obj({"y": S})}},
        [(C, "class-renamed", X)],
    ),
    "a shared model changes once": (
        {
            **obj({"x": {"$ref": "#/$defs/A"}, "z": {"$ref": "#/$defs/A"}}),
            "$defs": {"A": obj({"y": S})},
        },
        {
            **obj({"x": {"$ref": "#/$defs/A"}, "z": {"$ref": "#/$defs/A"}}),
            "$defs": {"A": obj({"y": I})},
        },
        [(B, "type-changed", "/$defs/A/properties/y")],
    ),
    "a recursive schema": (
        obj({"next": {"$ref": "#"}, "v": S}),
        obj({"next": {"$ref": "#"}, "v": I}),
        [(B, "type-changed", "/properties/v")],
    ),
    "texts": (
        obj({"x": {**S, "title": "X", "examples": [1]}}),
        obj({"x": {**S, "title": "Y", "description": "z"}}),
        [
            (T, "description-changed", X + "/description"),
            (T, "examples-changed", X + "/examples"),
            (T, "title-changed", X + "/title"),
        ],
    ),
    "true for no arguments": (True, obj({"x": S}, "x"), [(B, "type-narrowed", "")]),
}


@pytest.mark.parametrize("name", INPUTS)
def test_of_an_input_exactly_what_the_table_lists_is_said(name: str) -> None:
    old, new, expected = INPUTS[name]
    listed = [(s, k, f"/inputSchema{p}" if k != "rewritten" else p) for s, k, p in expected]
    assert sorted(found(input_drift(old, new))) == sorted(listed)


def test_a_schema_rule_that_came_is_told_as_new() -> None:
    bare, ruled = obj({"x": S}), obj({"x": {**S, "not": {"const": "a"}}})

    assert "argument `x` has a new `not` rule: it cannot be proved" in (
        input_drift(bare, ruled).changes[0].message
    )
    assert "argument `x` has lost a `not` rule" in input_drift(ruled, bare).changes[0].message
