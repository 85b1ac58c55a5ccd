"""The sampler is judged by another validator than the one it uses itself."""

from __future__ import annotations

from typing import Any

import jsonschema
import pytest

from tests.sampling import same_json, sample, survey

TREE = {
    "$defs": {
        "node": {
            "type": "object",
            "properties": {
                "value": {"type": "integer"},
                "children": {"type": "array", "items": {"$ref": "#/$defs/node"}},
            },
            "required": ["value"],
            "additionalProperties": False,
        }
    },
    "$ref": "#/$defs/node",
}
PERSON = {
    "type": "object",
    "properties": {"name": {"type": "string"}, "age": {"type": ["integer", "null"]}},
    "required": ["name"],
}
SCHEMAS: dict[str, Any] = {
    "pattern with lengths": {"type": "string", "pattern": "^[a-z]+-\\d*$", "maxLength": 9},
    "pattern that looks ahead": {"type": "string", "pattern": "^(?!x)\\w+$"},
    "format": {"type": "string", "format": "date-time"},
    "const and enum": {"type": "array", "prefixItems": [{"const": 1}, {"enum": ["a", None]}]},
    "allOf with overlapping properties": {
        "allOf": [
            {"type": "object", "properties": {"n": {"minimum": 1}}, "required": ["n"]},
            {"properties": {"n": {"type": "integer", "maximum": 2}}},
        ]
    },
    "oneOf whose branches overlap": {
        "oneOf": [{"type": "integer", "multipleOf": 3}, {"type": "integer", "multipleOf": 5}]
    },
    "closed tuple": {
        "type": "array",
        "prefixItems": [{"type": "string"}, {"type": "integer"}],
        "items": False,
        "minItems": 2,
    },
    "unique items": {
        "type": "array",
        "items": {"enum": [1, 2]},
        "uniqueItems": True,
        "minItems": 2,
    },
    "recursion": TREE,
    "if then else": {
        "type": "object",
        "properties": {"kind": {"enum": ["a", "b"]}},
        "required": ["kind"],
        "if": {"properties": {"kind": {"const": "a"}}},
        "then": {"required": ["x"], "properties": {"x": {"type": "string"}}},
        "else": {"required": ["y"], "properties": {"y": {"type": "number"}}},
    },
    "dependent keys": {
        "type": "object",
        "properties": {"a": {"type": "string"}, "b": {"type": "string"}},
        "dependentRequired": {"a": ["b"]},
    },
    "dependent schemas": {
        "type": "object",
        "properties": {"a": {"type": "string"}},
        "dependentSchemas": {"a": {"required": ["b"]}},
    },
    "pattern properties only": {
        "type": "object",
        "patternProperties": {"^x_[a-z]$": {"type": "integer"}},
        "additionalProperties": False,
        "minProperties": 1,
    },
    "names of properties": {
        "type": "object",
        "propertyNames": {"pattern": "^[A-Z]+$"},
        "minProperties": 1,
    },
    "exclusive limits": {"type": "integer", "exclusiveMinimum": 1, "exclusiveMaximum": 3},
    "draft 4 limits": {
        "$schema": "http://json-schema.org/draft-04/schema#",
        "type": "integer",
        "minimum": 1,
        "exclusiveMinimum": True,
        "maximum": 2,
    },
    "not": {"not": {"type": "string"}},
    "anything": True,
}


@pytest.mark.parametrize("schema", SCHEMAS.values(), ids=SCHEMAS.keys())
def test_every_sample_is_valid_for_an_independent_validator(schema: Any) -> None:
    found = sample(schema)

    assert found.values, found.missing
    for value in found.values:
        jsonschema.validate(value, schema)


def test_the_same_seed_gives_the_same_samples_and_another_seed_gives_others() -> None:
    assert sample(PERSON, seed=1) == sample(PERSON, seed=1)
    assert sample(PERSON, seed=1) != sample(PERSON, seed=2)


def test_the_smallest_and_the_fullest_instance_are_among_the_samples() -> None:
    keys = [set(value) & {"name", "age"} for value in sample(PERSON, count=4).values]

    assert {"name"} in keys
    assert {"name", "age"} in keys


def test_undeclared_keys_are_added_where_the_schema_is_open_unless_the_caller_says_no() -> None:
    declared = {"name", "age"}

    assert any(set(value) - declared for value in sample(PERSON).values)
    assert all(set(value) <= declared for value in sample(PERSON, extra_keys=False).values)


def test_a_schema_without_instances_is_reported_with_its_place_and_reason() -> None:
    report = survey(
        [
            ("good", PERSON),
            ("no value", {"type": "string", "enum": []}),
            ("no schema", {"type": "strange"}),
            ("elsewhere", {"$ref": "https://example.com/schema.json"}),
        ]
    )

    assert report.missing.keys() == {"no value", "no schema", "elsewhere"}
    assert report.missing["no value"] == "no valid instance was drawn"
    assert report.missing["elsewhere"].startswith("unusable schema")


def test_sameness_of_json_tells_true_from_one_but_not_one_from_one_point_zero() -> None:
    assert same_json({"a": [1, 2.0]}, {"a": [1.0, 2]})
    assert not same_json([1], [True])
    assert not same_json({"a": None}, {})
