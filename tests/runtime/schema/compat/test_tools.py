"""What the other parts of a tool cost its callers, and schemas that are too hard to compare."""

from __future__ import annotations

from typing import Any

import pytest
from mcp_sdkgen_runtime.schema.compat import Severity

from tests.runtime.schema.compat.tables import drift, input_drift, tool

ANNOTATIONS = {
    "read-only lost": (
        {"readOnlyHint": True},
        {"readOnlyHint": False, "destructiveHint": False},
        [("breaking", "readonly-lost")],
    ),
    "read-only and harmlessness lost": (
        {"readOnlyHint": True},
        None,
        [("breaking", "destructive-lost"), ("breaking", "readonly-lost")],
    ),
    "read-only gained": (
        None,
        {"readOnlyHint": True},
        [("compatible", "destructive-gained"), ("compatible", "readonly-gained")],
    ),
    "destructive": (
        {"destructiveHint": False},
        {"destructiveHint": True},
        [("breaking", "destructive-lost")],
    ),
    "destructive by default": ({"destructiveHint": False}, {}, [("breaking", "destructive-lost")]),
    "no longer destructive": (
        {},
        {"destructiveHint": False},
        [("compatible", "destructive-gained")],
    ),
    "idempotent lost": ({"idempotentHint": True}, {}, [("breaking", "idempotent-lost")]),
    "open world": ({"openWorldHint": False}, {}, [("compatible", "openworld-lost")]),
    "a title": ({}, {"title": "A"}, [("text", "title-changed")]),
    "a default said aloud": (None, {"destructiveHint": True}, [("text", "annotations-changed")]),
    "nonsense": (["x"], {"readOnlyHint": "yes"}, [("text", "annotations-changed")]),
}


@pytest.mark.parametrize("name", ANNOTATIONS)
def test_annotations_are_compared_by_what_they_mean(name: str) -> None:
    old, new, expected = ANNOTATIONS[name]
    before, after = (tool() if hints is None else tool(annotations=hints) for hints in (old, new))
    changes = drift(before, after).changes
    assert [(str(c.severity), c.kind) for c in changes] == expected
    assert {c.part for c in changes} == {"annotations"}


OTHERS: dict[str, tuple[dict[str, Any], dict[str, Any], str]] = {
    "description": ({"description": "a"}, {"description": "b"}, "text"),
    "title": ({}, {"title": "b"}, "text"),
    "icons": ({}, {"icons": [{"src": "x"}]}, "text"),
    "_meta": ({"_meta": {"a": 1}}, {}, "text"),
    "execution": ({}, {"execution": {"taskSupport": "optional"}}, "compatible"),
    "task required": ({}, {"execution": {"taskSupport": "required"}}, "breaking"),
}


@pytest.mark.parametrize("name", OTHERS)
def test_the_other_parts_of_a_tool_are_texts_unless_calls_change(name: str) -> None:
    old, new, severity = OTHERS[name]
    assert [str(c.severity) for c in drift(tool(**old), tool(**new)).changes] == [severity]


def deep(levels: int, inmost: Any, word: str) -> Any:
    for _ in range(levels):
        inmost = {"items": inmost, "type": "array"} if word == "items" else {word: [inmost]}
    return inmost


def _chain(links: int) -> Any:
    here = "#/properties/x/$defs/"
    steps: Any = {str(i): {"$ref": f"{here}{i + 1}"} for i in range(links)}
    return {"$ref": f"{here}0", "$defs": {**steps, str(links): {"maxLength": links}}}


HARD = {
    "deep arrays": (deep(90, {"type": "string"}, "items"), deep(90, {"type": "integer"}, "items")),
    "deep allOf": (deep(90, {"type": "string"}, "allOf"), deep(90, {"type": "integer"}, "allOf")),
    "a chain of references": tuple(_chain(n) for n in (500, 501)),
    "unions that multiply": tuple(
        {"allOf": [{"anyOf": [{"enum": [i, j, n]} for i in range(9)]} for j in range(9)]}
        for n in (20, 21)
    ),
    "a reference to itself": ({"$ref": "#"}, {"$ref": "#/anyOf/0", "anyOf": [{"$ref": "#"}]}),
}


@pytest.mark.parametrize("name", HARD)
def test_what_is_too_hard_to_compare_is_breaking_and_does_not_hang(name: str) -> None:
    old, new = HARD[name]
    properties = [{"type": "object", "properties": {"x": schema}} for schema in (old, new)]
    severity = input_drift(properties[0], properties[1]).severity
    assert severity in (Severity.BREAKING, Severity.TEXT)
    if name != "a reference to itself":
        assert severity is Severity.BREAKING
