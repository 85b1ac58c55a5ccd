"""A result that is one text or one list in an object is returned as that text or list."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from mcp_sdkgen import Snapshot, generate
from mcp_sdkgen.drift import compare
from mcp_sdkgen.lock.versioning import advance
from mcp_sdkgen.snapshot import Observation
from mcp_sdkgen_runtime.schema.compat import tool_changes

TEXT = {"content": {"type": "string"}}
LIST = {"hits": {"type": "array", "items": {"type": "object", "properties": {"x": {}}}}}


@pytest.mark.parametrize(
    ("properties", "more", "returned"),
    [
        (TEXT, {}, "ResultText"),
        (LIST, {"additionalProperties": False}, "list[FindResultItem]"),
        ({"kind": {"type": "string", "enum": ["a"]}}, {}, "FindResult"),
        ({"n": {"type": "number"}}, {}, "FindResult"),
        (TEXT, {"required": []}, "FindResult"),
        (TEXT, {"additionalProperties": True}, "FindResult"),
        (TEXT, {"title": "Answer"}, "Answer"),
        (TEXT, {"type": ["object", "null"]}, "FindResult | None"),
        ({**TEXT, "more": {"type": "string"}}, {}, "FindResult"),
    ],
)
def test_only_a_lone_text_or_list_is_taken_out(
    properties: dict[str, Any], more: dict[str, Any], returned: str
) -> None:
    (tool,) = generate(_server(properties, **more)).lowered.server.tools

    assert tool.result == returned
    assert bool(tool.unwrap) == (returned in ("ResultText", "list[FindResultItem]"))


def test_a_second_property_is_a_breaking_change_and_edition_1_unwraps_nothing() -> None:
    lock = _server(TEXT)

    updated, drift = advance(
        lock, _server({**TEXT, "more": {"type": "string"}}, required=["content"])
    )

    assert updated.releases[0].version == "2.0.0"
    assert {change.kind for change in drift.changes} == {"wrapper-removed"}
    assert drift == compare(lock, updated)
    old = Snapshot.loads(lock.dumps().replace('"edition": 3', '"edition": 1'))
    assert generate(old).lowered.server.tools[0].result == "FindResult"


def test_a_new_name_of_the_property_is_a_breaking_change() -> None:
    drift = compare(_server(TEXT), _server({"text": {"type": "string"}}))

    (change,) = drift.changes
    assert change.kind == "wrapper-changed"
    assert "was the value in `content`, is the value in `text`" in change.message


def test_what_changes_inside_the_list_is_judged_as_any_result_is() -> None:
    longer = {"hits": {"type": "array", "items": {"type": "object", "properties": {"y": {}}}}}

    (gone, new) = compare(_server(LIST), _server(longer)).changes
    assert {gone.kind, new.kind} == {"field-removed", "field-added"}
    assert gone.pointer.startswith("/outputSchema/properties/hits/items")


def test_an_sdk_that_is_in_use_goes_on_with_an_answer_that_has_more() -> None:
    (old,), (new,) = _server(TEXT).tools, _server({**TEXT, "more": {}}).tools

    assert not any(
        change.severity == "breaking" for change in tool_changes(old.definition, new.definition)
    )


def test_what_the_server_says_of_the_property_is_said_of_the_result() -> None:
    text = {"content": {"type": "string", "description": "The page, as Markdown."}}

    client = generate(_server(text)).files["s_sdk/client.py"]

    assert "Returns:\n            The page, as Markdown.\n" in client


def test_an_observed_object_stays_one() -> None:
    tool = {"name": "find", "inputSchema": {"type": "object"}}
    snapshot = Snapshot.of("s", [tool])
    schema = {"type": "object", "properties": LIST, "required": ["hits"]}
    seen = {"find": Observation(snapshot.tools[0].digest, 9, schema)}

    (made,) = generate(replace(snapshot, observed=seen)).lowered.server.tools

    assert made.result == "Observed[FindResult]" and not made.unwrap


def _server(properties: dict[str, Any], **more: Any) -> Snapshot:
    output = {"type": "object", "properties": properties, "required": [*properties], **more}
    tool = {"name": "find", "inputSchema": {"type": "object"}, "outputSchema": output}
    return Snapshot.of("s", [tool])
