"""Each keyword can be broken, and nothing valid is taken for broken."""

from __future__ import annotations

from typing import Any

import jsonschema_rs
import pytest

from tests.places import is_type_correct, without_undeclared_keys
from tests.spoiling import spoil

S: Any = {"type": "string"}
BREAKABLE: dict[str, tuple[Any, Any]] = {
    "type": ({"type": "integer"}, 3),
    "enum": ({"enum": ["a", "b"]}, "a"),
    "const": ({"const": 1}, 1),
    "required": ({"required": ["a"]}, {"a": 1}),
    "additionalProperties": ({"properties": {"a": S}, "additionalProperties": False}, {"a": "b"}),
    "propertyNames": ({"propertyNames": {"maxLength": 3}}, {"a": 1}),
    "minProperties": ({"minProperties": 1}, {"a": 1}),
    "maxProperties": ({"maxProperties": 1}, {"a": 1}),
    "dependentRequired": ({"dependentRequired": {"a": ["b"]}}, {"a": 1, "b": 1}),
    "minItems": ({"minItems": 1}, [1]),
    "maxItems": ({"maxItems": 1}, [1]),
    "uniqueItems": ({"uniqueItems": True}, [1]),
    "minLength": ({"minLength": 2}, "ab"),
    "maxLength": ({"maxLength": 2}, "ab"),
    "pattern": ({"pattern": "^a+$"}, "aa"),
    "minimum": ({"type": "integer", "minimum": 2}, 2),
    "maximum": ({"maximum": 2}, 2),
    "exclusiveMinimum": ({"exclusiveMinimum": 2}, 3),
    "exclusiveMaximum": ({"exclusiveMaximum": 2}, 1),
    "multipleOf": ({"multipleOf": 0.5}, 1.5),
    "oneOf": ({"oneOf": [{"const": 1}, {"type": "integer"}]}, 2),
}


@pytest.mark.parametrize("keyword", BREAKABLE)
def test_a_keyword_is_broken_wherever_it_stands(keyword: str) -> None:
    schema, value = BREAKABLE[keyword]
    nested = {
        "properties": {"x": {"type": "array", "items": {"anyOf": [{"$ref": "#/$defs/d"}]}}},
        "$defs": {"d": schema},
    }
    for whole, valid in ((schema, value), (nested, {"x": [value]})):
        judge = jsonschema_rs.validator_for(whole)
        found = spoil(whole, [valid])
        assert keyword in {one.keyword for one in found}
        assert not any(judge.is_valid(one.value) for one in found)


def test_a_format_is_broken_only_where_formats_count() -> None:
    schema = {"type": "string", "format": "date"}
    assert "format" not in {one.keyword for one in spoil(schema, ["2026-01-02"])}
    assert "format" in {one.keyword for one in spoil(schema, ["2026-01-02"], formats=True)}


def test_what_another_alternative_allows_is_not_broken() -> None:
    assert spoil({"anyOf": [{"maxLength": 1}, {}]}, ["a"]) == []


def test_keys_that_nobody_names_are_no_type_correct_code() -> None:
    inner = {"type": "object", "properties": {"b": S}}
    schema = {"type": "object", "properties": {"a": inner, "m": {"type": "object"}}}
    given = {"a": {"b": "c", "z": 1}, "m": {"z": 1}, "z": 1}
    declared = {"a": {"b": "c"}, "m": {"z": 1}}

    assert without_undeclared_keys(schema, given) == declared
    assert (is_type_correct(schema, given), is_type_correct(schema, declared)) == (False, True)
