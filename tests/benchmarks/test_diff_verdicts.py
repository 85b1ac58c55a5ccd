"""Values with one part exchanged, and schemas without the keyword that hides a change."""

from __future__ import annotations

from typing import Any

import jsonschema_rs
import pytest

from benchmarks.relaxed import as_meant, without
from tests.grafting import Grafts

LEAF: dict[str, Any] = {"type": "object", "properties": {"deep": {"type": "integer"}}}


def _object(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties}


@pytest.mark.parametrize(
    ("old", "new", "shown"),
    [
        (_object(a={"maximum": 7}), _object(a={"maximum": 6.5}), {"a": 7}),
        (_object(a={"enum": ["x", "y"]}), _object(a={"enum": ["x"]}), {"a": "y"}),
        ({**_object(), "required": []}, {**_object(a={}), "required": ["a"]}, {}),
        (
            _object(a={"items": LEAF}),
            _object(a={"items": {**LEAF, "required": ["deep"]}}),
            {"a": [{}]},
        ),
        (
            {"patternProperties": {"^x-": {"type": ["string", "null"]}}},
            {"patternProperties": {"^x-": {"type": "string"}}},
            {"a": [{"deep": 1}], "x-1": None},
        ),
    ],
)
def test_a_sample_with_one_part_exchanged_shows_a_narrower_schema(
    old: Any, new: Any, shown: Any
) -> None:
    before, after = jsonschema_rs.validator_for(old), jsonschema_rs.validator_for(new)
    stem = {"a": [{"deep": 1}]} if before.is_valid({"a": [{"deep": 1}]}) else {"a": 1}
    made = Grafts(old, new).values([stem, {}])

    assert shown in [
        value for value in made if before.is_valid(value) and not after.is_valid(value)
    ]


@pytest.mark.parametrize(
    ("schema", "words", "left"),
    [
        (
            {"oneOf": [{}, {"type": "null"}]},
            ("oneOf",),
            {"allOf": [{"anyOf": [{}, {"type": "null"}]}]},
        ),
        (_object(a={"pattern": "a"}), ("pattern",), _object(a={})),
        ({"additionalProperties": {"type": "null"}}, ("additionalProperties",), None),
        ({"allOf": [{"type": "null"}]}, ("allOf",), {"anyOf": [{"type": "null"}]}),
    ],
)
def test_a_schema_without_a_keyword_says_the_rest(schema: Any, words: Any, left: Any) -> None:
    assert without(schema, words) == (schema if left is None else left)


def test_an_enum_that_its_type_forbids_is_compared_as_it_is_read() -> None:
    schema = _object(a={"items": {"type": "integer", "enum": ["x"]}}, b={"enum": [1]})

    assert as_meant(schema) == _object(a={"items": {"enum": ["x"]}}, b={"enum": [1]})
