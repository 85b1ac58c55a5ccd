"""What each change of a schema costs callers, rule by rule."""

from __future__ import annotations

from typing import Any

import pytest
from mcp_sdkgen_runtime.schema.compat import tool_changes

from tests.runtime.schema.compat.tables import (
    B,
    C,
    I,
    N,
    S,
    T,
    X,
    arr,
    found,
    input_drift,
    obj,
    output_drift,
)

WRAPPER: Any = {"type": "object", "required": ["result"], "x-fastmcp-wrap-result": True}
OUTPUTS: dict[str, tuple[Any, Any, list[tuple[str, str, str]]]] = {
    "a field is new": (obj({}), obj({"x": S}), [(B, "shape-changed", "")]),
    "one more field is new": (
        obj({"a": S}),
        obj({"a": S, "x": S}, "x"),
        [(C, "field-added", X)],
    ),
    "a constant becomes an alternative of more values": (
        obj({"x": {"anyOf": [{"const": "a"}, {"const": 2}]}}),
        obj({"x": {"anyOf": [{"const": "a"}, {"anyOf": [{"const": 2}, {"enum": ["a", "b"]}]}]}}),
        [(C, "enum-value-added", X), (C, "union-member-added", X)],
    ),
    "a field is new on a closed result": (
        obj({"a": S}, additionalProperties=False),
        obj({"a": S, "x": S}, additionalProperties=False),
        [(C, "field-added", X)],
    ),
    "a field is gone": (obj({"x": S, "a": S}), obj({"a": S}), [(B, "field-removed", X)]),
    "a field may be missing": (obj({"x": S}, "x"), obj({"x": S}), [(B, "field-made-optional", X)]),
    "a field is always there": (obj({"x": S}), obj({"x": S}, "x"), [(C, "field-made-required", X)]),
    "an item's field is retyped": (
        {**obj({"d": arr({"$ref": "#/$defs/D"})}), "$defs": {"D": obj({"h": N}, "h")}},
        {**obj({"d": arr({"$ref": "#/$defs/D"})}), "$defs": {"D": obj({"h": S}, "h")}},
        [(B, "type-changed", "/$defs/D/properties/h")],
    ),
    "a default on a result is text": (
        obj({"x": S}),
        obj({"x": {**S, "default": "a"}}),
        [(T, "default-changed", X + "/default")],
    ),
    "exclusiveness is no promise": (
        obj({"x": {"oneOf": [N, I]}}),
        obj({"x": {"anyOf": [N, I]}}),
        [(T, "rewritten", "")],
    ),
    "a titled result has another class": (
        obj({"x": S}, title="Forecast"),
        obj({"x": S}, title="Weather"),
        [(C, "title-changed", "/title")],
    ),
    "the value in a wrapper": (
        {**WRAPPER, "properties": {"result": arr(S)}},
        {**WRAPPER, "properties": {"result": arr(I)}},
        [(B, "type-changed", "/properties/result/items")],
    ),
    "a wrapper that may be empty": (
        {**WRAPPER, "properties": {"result": S}},
        {**WRAPPER, "properties": {"result": S}, "required": []},
        [(B, "wrapper-removed", "")],
    ),
    "a wrapper by its title": (
        {**obj({"result": S}, "result"), "title": "get_forecastOutput"},
        {**WRAPPER, "properties": {"result": S}},
        [(T, "rewritten", "")],
    ),
    "a wrapper appears": (
        obj({"result": S}, "result"),
        {**WRAPPER, "properties": {"result": S}},
        [(B, "wrapper-added", "")],
    ),
    "a wrapper gives way to a bare value": (
        {**WRAPPER, "properties": {"result": arr(S)}},
        arr(S),
        [(B, "wrapper-removed", "")],
    ),
    "a schema appears": (None, obj({"x": S}), [(B, "output-schema-added", "")]),
    "a schema goes": (obj({"x": S}), None, [(B, "output-schema-removed", "")]),
}


@pytest.mark.parametrize("name", OUTPUTS)
def test_of_an_output_exactly_what_the_table_lists_is_said(name: str) -> None:
    old, new, expected = OUTPUTS[name]
    listed = [(s, k, f"/outputSchema{p}" if k != "rewritten" else p) for s, k, p in expected]
    assert sorted(found(output_drift(old, new))) == sorted(listed)


LONG = "Get a daily forecast for a city, with all that there is to know of the weather there"

MESSAGES = {
    "argument `city` `description`: `A city.` → `A town.`": input_drift(
        obj({"city": {**S, "description": "A city."}}),
        obj({"city": {**S, "description": "A town."}}),
    ),
    "`$schema`: absent → `http://json-schema.org/draft-07/schema#`": input_drift(
        obj({"city": S}), {**obj({"city": S}), "$schema": "http://json-schema.org/draft-07/schema#"}
    ),
    "argument `city` `description`: `…the weather there, in °C` → `…the weather there, in °F`": (
        input_drift(
            obj({"city": {**S, "description": f"{LONG}, in °C"}}),
            obj({"city": {**S, "description": f"{LONG}, in °F"}}),
        )
    ),
    "argument `days` had the maximum `16`, has `7`: larger values are refused": input_drift(
        obj({"days": {**I, "maximum": 16}}), obj({"days": {**I, "maximum": 7}})
    ),
    'argument `units` no longer accepts `"kelvin"`: calls that pass it are refused': input_drift(
        obj({"units": {"enum": ["metric", "kelvin"]}}), obj({"units": {"enum": ["metric"]}})
    ),
    "argument `city` was string or null, is string: calls that pass null are refused": input_drift(
        obj({"city": {"type": ["string", "null"]}}), obj({"city": S})
    ),
    "result field `days[]` was object, is string: code that expects object fails": output_drift(
        obj({"days": arr(obj({"high": N}))}), obj({"days": arr(S)})
    ),
    'result field `sky` may now also be `"fog"`; code that lists every value should add it': (
        output_drift(obj({"sky": {"enum": ["sun"]}}), obj({"sky": {"enum": ["sun", "fog"]}}))
    ),
}


@pytest.mark.parametrize("message", MESSAGES)
def test_a_message_says_what_was_what_is_and_what_that_breaks(message: str) -> None:
    assert [change.message for change in MESSAGES[message].changes] == [message]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ({"taskSupport": "optional"}, {"taskSupport": "forbidden"},
         "`execution.taskSupport`: `optional` → `forbidden`"),
        (None, {"taskSupport": "optional"}, "`execution.taskSupport`: absent → `optional`"),
        ({"taskSupport": "optional"}, {"taskSupport": "required"},
         "must now be run as a task: calls that are not run as tasks are refused"),
        ("odd", {}, "`execution`: `odd` → `{}`"),
    ],
)  # fmt: skip
def test_a_change_of_execution_says_the_field_with_its_old_and_new_value(
    old: object, new: object, message: str
) -> None:
    definition = {"name": "x", "inputSchema": {"type": "object"}}
    changes = tool_changes(
        {**definition, **({"execution": old} if old is not None else {})},
        {**definition, "execution": new},
    )
    assert [change.message for change in changes] == [message]
