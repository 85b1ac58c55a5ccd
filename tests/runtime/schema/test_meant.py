"""Schemas that, by the letter, describe nothing or admit nothing are read as they are meant."""

from __future__ import annotations

import sys
from typing import Any

import pytest
from mcp_sdkgen_runtime.schema.inputs import arguments_check, undescribed
from mcp_sdkgen_runtime.schema.validation import Check, compiled

INPUT = {"type": "object", "properties": {"path": {"type": "string"}}, "required": ["path"]}
BLANK = [
    None, True, 7, "object", [], {}, {"$schema": "http://json-schema.org/draft-07/schema#"},
    {"title": "T", "description": "D", "$defs": {"A": INPUT}}, {"type": None}, {"type": "string"},
    {"jsonSchema": INPUT}, {"schema": INPUT}, {"type": "object", "jsonSchema": INPUT},
    {"_def": {"typeName": "ZodObject"}}, {"~standard": {"vendor": "zod"}},
    {"path": {"type": "string"}},
    {"type": "object", "def": {"type": "object", "shape": {}}},
    {"type": "object", "properties": [{"name": "path"}]},
]  # fmt: skip
DESCRIBED = [
    {"type": "object"}, {"properties": {}}, {"required": ["a"]}, {"anyOf": [INPUT]}, INPUT,
    {"$ref": "#/$defs/A", "$defs": {"A": INPUT}}, {"type": ["object", "null"]},
    {"type": "object", "properties": []}, {"additionalProperties": {"type": "string"}},
    {**INPUT, "properties": {"schema": INPUT, "_def": INPUT}},
]  # fmt: skip


@pytest.fixture(params=["jsonschema-rs", "jsonschema"], autouse=True)
def engine(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param == "jsonschema":
        monkeypatch.setitem(sys.modules, "jsonschema_rs", None)


@pytest.mark.parametrize("schema", BLANK, ids=str)
def test_what_describes_no_arguments_is_not_checked_and_says_why(schema: Any) -> None:
    assert undescribed(schema)
    assert arguments_check(schema) is None


@pytest.mark.parametrize("schema", DESCRIBED, ids=str)
def test_what_describes_arguments_is_checked(schema: Any) -> None:
    assert undescribed(schema) == ""
    assert arguments_check(schema) is not None


@pytest.mark.parametrize(
    ("schema", "good", "bad"),
    [
        ({"type": "array", "items": {"type": "integer"}, "enum": [0, 1]}, [0, 1], [2]),
        ({"type": "array", "enum": ["a", "b"]}, ["a"], "a"),
        ({"type": ["array", "null"], "enum": ["a", None]}, None, ["b"]),
        ({"type": "array", "items": {"type": "integer"}, "enum": ["a"]}, "a", ["a"]),
        ({"type": "integer", "enum": ["1", "2"]}, "1", 1),
        ({"type": "string", "const": 3}, 3, "3"),
        ({"allOf": [{"type": "string", "enum": [1]}]}, 1, "1"),
        ({"type": "integer", "enum": [1.0, 2]}, 1, 3),
        ({"allOf": [{"type": "integer"}, {"enum": ["1", "2"]}]}, "1", 1),
        ({"type": "integer", "allOf": [{"enum": ["1"]}]}, "1", 1),
        ({"enum": ["1"], "allOf": [{"type": "integer"}, {"minLength": 1}]}, "1", 1),
        ({"allOf": [{"type": "string"}, {"enum": ["x", 3]}]}, "x", 3),
        ({"type": "string", "enum": []}, "any", 1),
        ({"enum": [], "allOf": [{"type": "string"}]}, "any", 1),
    ],
)
def test_an_enum_that_does_not_fit_its_type_is_one_that_can_be_met(
    schema: Any, good: Any, bad: Any
) -> None:
    check = _check({"type": "object", "properties": {"x": schema}})

    assert check({"x": good}) is None
    assert check({"x": bad}) is not None


@pytest.mark.parametrize(
    ("names", "key", "demand"),
    [
        ({"pattern": "^[a-z]+$"}, "BAD", "must match the pattern '^[a-z]+$'"),
        ({"maxLength": 3}, "long", "must have at most 3 characters"),
        ({"anyOf": [{"maxLength": 3}, {"maxLength": 2}]}, "long", "must have at most 3 characters"),
        ({"enum": ["a", "b"]}, "c", "must be 'a' or 'b'"),
        ({"type": "string", "not": {"const": "c"}}, "c", "must satisfy not {'const': 'c'}"),
    ],
    ids=str,
)
def test_a_key_that_is_not_allowed_is_named(names: Any, key: str, demand: str) -> None:
    check = _check({"properties": {"m": {"type": "object", "propertyNames": names}}})

    assert str(check({"m": {key: 1}})) == f"m: has a key that {demand}, got {key!r}"


def test_a_property_of_the_name_of_a_keyword_is_no_key() -> None:
    check = _check({"properties": {"propertyNames": {"maxLength": 2}, "not_this": False}})

    assert str(check({"propertyNames": "abc"})).endswith(
        "must have at most 2 characters, got 'abc'"
    )
    assert str(check({"not_this": 1})).endswith("must not be given, got 1")


def _check(schema: Any) -> Check:
    check = compiled(schema, certain=True)
    assert check is not None
    return check
