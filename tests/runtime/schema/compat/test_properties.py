"""What a change of one property costs those who send it and those who read it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.runtime.schema.compat.tables import (
    NULL,
    B,
    C,
    I,
    N,
    S,
    X,
    arr,
    found,
    input_drift,
    obj,
    output_drift,
)

# One property `x`, before and after: what that is on an input, and what it is on an output.
PROPERTY: dict[str, tuple[Any, Any, tuple[str, str], tuple[str, str]]] = {
    "another type": (S, I, (B, "type-changed"), (B, "type-changed")),
    "fewer types": ({"type": ["string", "integer"]}, S, (B, "type-narrowed"), (C, "type-narrowed")),
    "more types": (S, {"type": ["string", "integer"]}, (C, "type-widened"), (B, "type-widened")),
    "integer to number": (I, N, (C, "type-widened"), (B, "type-widened")),
    "number to integer": (N, I, (B, "type-narrowed"), (C, "type-narrowed")),
    "anything to string": ({}, S, (B, "type-narrowed"), (C, "type-narrowed")),
    "string to anything": (S, {}, (C, "type-widened"), (B, "type-widened")),
    "string to the schema true": (S, True, (C, "type-widened"), (B, "type-widened")),
    "null in a type array": (
        {"type": ["string", "null"]},
        S,
        (B, "null-removed"),
        (C, "null-removed"),
    ),
    "null in an anyOf": ({"anyOf": [S, NULL]}, S, (B, "null-removed"), (C, "null-removed")),
    "null by nullable": ({**S, "nullable": True}, S, (B, "null-removed"), (C, "null-removed")),
    "null added": (S, {"anyOf": [S, NULL]}, (C, "null-added"), (B, "null-added")),
    "an enum value less": (
        {**S, "enum": ["a", "b"]},
        {**S, "enum": ["a"]},
        (B, "enum-value-removed"),
        (C, "enum-value-removed"),
    ),
    "an enum value more": (
        {**S, "enum": ["a"]},
        {**S, "enum": ["a", "b"]},
        (C, "enum-value-added"),
        (C, "enum-value-added"),
    ),
    "an enum value more beside null": (
        {"anyOf": [{"enum": ["a"]}, NULL]},
        {"anyOf": [{"enum": ["a", "b"]}, NULL]},
        (C, "enum-value-added"),
        (C, "enum-value-added"),
    ),
    "another const": (
        {"const": "a"},
        {"const": "b"},
        (B, "enum-value-removed"),
        (B, "enum-replaced"),
    ),
    "an enum on a string": (S, {**S, "enum": ["a"]}, (B, "enum-added"), (C, "enum-added")),
    "no enum any more": ({**S, "enum": ["a"]}, S, (C, "enum-removed"), (B, "enum-removed")),
    "a higher minimum": (
        {**I, "minimum": 1},
        {**I, "minimum": 2},
        (B, "minimum-raised"),
        (C, "minimum-raised"),
    ),
    "a lower minimum": (
        {**I, "minimum": 2},
        {**I, "minimum": 1},
        (C, "minimum-lowered"),
        (B, "minimum-lowered"),
    ),
    "a lower maximum": (
        {**I, "maximum": 16},
        {**I, "maximum": 7},
        (B, "maximum-lowered"),
        (C, "maximum-lowered"),
    ),
    "a bound excluded": (
        {**N, "minimum": 1},
        {**N, "exclusiveMinimum": 1},
        (B, "minimum-raised"),
        (C, "minimum-raised"),
    ),
    "a bound excluded as in draft-04": (
        {**N, "minimum": 1},
        {**N, "minimum": 1, "exclusiveMinimum": True},
        (B, "minimum-raised"),
        (C, "minimum-raised"),
    ),
    "a length limit": (S, {**S, "maxLength": 5}, (B, "maximum-added"), (C, "maximum-added")),
    "no length limit": ({**S, "minLength": 5}, S, (C, "minimum-removed"), (B, "minimum-removed")),
    "another pattern": (
        {**S, "pattern": "a"},
        {**S, "pattern": "b"},
        (B, "pattern-changed"),
        (B, "pattern-changed"),
    ),
    "a pattern": (S, {**S, "pattern": "a"}, (B, "pattern-added"), (C, "pattern-added")),
    "a format": (S, {**S, "format": "date"}, (B, "format-added"), (C, "format-added")),
    "no format": ({**S, "format": "date"}, S, (C, "format-removed"), (B, "format-removed")),
    "a multipleOf": (I, {**I, "multipleOf": 5}, (B, "multipleof-added"), (C, "multipleof-added")),
    "another multipleOf": (
        {**I, "multipleOf": 5},
        {**I, "multipleOf": 7},
        (B, "multipleof-changed"),
        (B, "multipleof-changed"),
    ),
    "unique items": (
        arr(S),
        arr(S, uniqueItems=True),
        (B, "constraint-added"),
        (C, "constraint-added"),
    ),
    "fewer items": (arr(S), arr(S, maxItems=2), (B, "maximum-added"), (C, "maximum-added")),
    "a union member less": (
        {"anyOf": [obj({"a": S}, "a"), obj({"b": S}, "b")]},
        {"anyOf": [obj({"a": S}, "a")]},
        (B, "union-member-removed"),
        (C, "union-member-removed"),
    ),
    "a union member more": (
        {"anyOf": [obj({"a": S}, "a")]},
        {"anyOf": [obj({"a": S}, "a"), obj({"b": S}, "b")]},
        (C, "union-member-added"),
        (B, "union-member-added"),
    ),
    "a model to free-form": (
        obj({"a": S}),
        {"type": "object"},
        (B, "shape-changed"),
        (B, "shape-changed"),
    ),
    "free-form to a model": (
        {"type": "object"},
        obj({"a": S}),
        (B, "shape-changed"),
        (B, "shape-changed"),
    ),
    "a model to anything": (obj({"a": S}), {}, (C, "type-widened"), (B, "type-widened")),
    "closed to other keys": (
        obj({"a": S}),
        obj({"a": S}, additionalProperties=False),
        (B, "other-keys-closed"),
        (C, "other-keys-closed"),
    ),
    "opened to other keys": (
        obj({"a": S}, additionalProperties=False),
        obj({"a": S}),
        (C, "other-keys-opened"),
        (C, "other-keys-opened"),
    ),
    "a rule that cannot be compared": (
        S,
        {**S, "not": {"const": "a"}},
        (B, "rule-added"),
        (C, "rule-added"),
    ),
    "a broken schema": (S, {"type": "strin"}, (B, "rule-added"), (B, "type-widened")),
    "a reference that leads nowhere": (
        S,
        {"$ref": "https://x.test/y"},
        (B, "rule-added"),
        (B, "type-widened"),
    ),
}


@pytest.mark.parametrize("name", PROPERTY)
def test_a_changed_property_costs_senders_and_readers_what_the_table_says(name: str) -> None:
    old, new, sending, reading = PROPERTY[name]
    inward = found(input_drift(obj({"x": old}), obj({"x": new})))
    outward = found(output_drift(obj({"x": old}), obj({"x": new})))
    assert (*sending, f"/inputSchema{X}") in inward
    assert (*reading, f"/outputSchema{X}") in outward
    if sending[0] == C and name != "a model to anything":
        assert B not in {severity for severity, _, _ in inward}
    if reading[0] == C:
        assert B not in {severity for severity, _, _ in outward}
