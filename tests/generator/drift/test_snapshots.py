"""Two snapshots → drift, version and changelog."""

from __future__ import annotations

import json
from typing import Any

import pytest
from mcp_sdkgen.drift import Change, Drift, Severity, compare, render_text
from mcp_sdkgen_runtime.schema.definitions import digest

from tests.generator.drift.tables import one, snapshot
from tests.runtime.schema.compat.tables import input_drift, tool

STRING = {"type": "string"}


def kinds(drift: Drift) -> list[tuple[str, str, str]]:
    return [(str(change.severity), change.kind, change.name) for change in drift.changes]


def reversed_keys(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: reversed_keys(value[name]) for name in reversed(value)}
    return [reversed_keys(item) for item in value] if isinstance(value, list) else value


def test_identical_snapshots_have_no_changes() -> None:
    drift = compare(snapshot(tool()), snapshot(tool()))
    assert not drift
    assert drift.severity is None
    assert drift.bump("1.2.3") == "1.2.3"
    assert render_text(drift) == ["no changes"]


def test_the_order_of_keys_and_of_tools_does_not_matter() -> None:
    first = tool(inputSchema={"type": "object", "properties": {"a": STRING, "b": STRING}})
    second = {"name": "another", "inputSchema": {"type": "object"}}
    old, new = snapshot(first, second), snapshot(second, reversed_keys(first))
    assert not compare(old, new)


def test_a_tool_that_came_is_compatible_and_one_that_went_is_breaking() -> None:
    drift = compare(
        snapshot(tool(), {"name": "old", "description": "x"}), snapshot(tool(), {"name": "new"})
    )
    assert kinds(drift) == [("compatible", "added", "new"), ("breaking", "removed", "old")]


def test_a_renamed_tool_is_recognised() -> None:
    drift = compare(snapshot(tool()), snapshot(tool(name="forecast")))
    assert [change.message for change in drift.changes] == [
        "is new",
        "is now called `forecast`: code that calls it fails",
    ]


def test_equal_twins_are_paired_before_changed_ones() -> None:
    first, second = tool(description="first"), tool(description="second")
    changed = tool(description="first, changed")
    assert one(compare(snapshot(first, second), snapshot(second, changed))).old == "first"
    gone = one(compare(snapshot(first, second), snapshot(second)))
    assert gone.message == "one of its 2 definitions is gone: code that calls it fails"


@pytest.mark.parametrize(
    ("severity", "version", "following"),
    [
        ("breaking", "1.2.3", "2.0.0"),
        ("breaking", "0.2.3", "1.0.0"),
        ("compatible", "1.2.3", "1.3.0"),
        ("text", "1.2.3", "1.2.4"),
        ("text", "1.2.3rc1", "1.2.4"),
        ("compatible", "2", "2.1.0"),
    ],
)
def test_the_worst_change_decides_the_next_version(
    severity: str, version: str, following: str
) -> None:
    changes = [
        Change("k", "tool", "t", "", "", Severity(word), "is so")
        for word in ("text", "compatible", "breaking")
        if Severity(word).rank <= Severity(severity).rank
    ]
    assert Drift.of(changes).bump(version) == following


def test_a_version_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="not a version"):
        Drift().bump("latest")


HOSTILE = "`x`](http://evil.test)\n# <script>\x1b[31m\u202e\x00" + "y" * 500


def test_hostile_names_and_values_stay_on_one_line_inside_back_quotes() -> None:
    properties = {HOSTILE: {"enum": [HOSTILE, "a"], "default": HOSTILE, "pattern": HOSTILE}}
    old = snapshot(
        tool(name=HOSTILE, inputSchema={"type": "object", "properties": properties}),
        tool(inputSchema={"type": "object", "properties": properties}),
        server_info={HOSTILE: HOSTILE},
        capabilities={HOSTILE: {}},
        prompts=({"name": HOSTILE, "arguments": [{"name": HOSTILE}]},),
        resource_templates=({"name": HOSTILE, "uriTemplate": "{" + HOSTILE + "}"},),
    )
    changed = {HOSTILE: {"enum": ["a", HOSTILE + "2"], "default": "", "pattern": ""}}
    new = snapshot(
        tool(inputSchema={"type": "object", "properties": changed}),
        prompts=({"name": HOSTILE, "arguments": []},),
        resource_templates=({"name": HOSTILE, "uriTemplate": "{x}"},),
    )
    drift = compare(old, new)
    assert len(drift.changes) >= 6
    for line in (*drift.changelog(), *render_text(drift)):
        assert line.isprintable()
        assert line.count("`") % 2 == 0
        outside = "".join(line.split("`")[::2])
        assert not set("<>[]()#_\\") & set(outside), line
        assert len(line) < 1500


def test_the_machine_form_is_stable_json_with_short_values() -> None:
    drift = input_drift(
        {"type": "object", "properties": {"x": {"enum": ["a" * 1000, "b"]}}},
        {"type": "object", "properties": {"x": {"enum": ["b"]}}},
    )
    machine = drift.to_json()
    assert json.loads(json.dumps(machine)) == machine
    assert machine["severity"] == "breaking"
    assert machine["counts"] == {"breaking": 1, "compatible": 0, "text": 0}
    change = machine["changes"][0]
    assert list(change) == [
        "kind",
        "subject",
        "name",
        "part",
        "pointer",
        "severity",
        "message",
        "old",
        "new",
    ]
    assert len(change["old"]) == 200
    assert change["pointer"] == "/inputSchema/properties/x"


def test_the_text_form_has_the_worst_first_and_groups_by_what_changes_are_about() -> None:
    drift = compare(snapshot(tool(title="a"), {"name": "x"}), snapshot(tool(title="b")))
    assert render_text(drift) == [
        "2 changes: 1 breaking, 1 text",
        "tool `x`",
        "  breaking    is gone: code that calls it fails",
        "tool `get_forecast`",
        "  text        `title`: `a` → `b`",
    ]
    assert drift.changelog() == (
        "**breaking** tool `x`: is gone: code that calls it fails",
        "**text** tool `get_forecast`: `title`: `a` → `b`",
    )


def test_many_tools_of_one_name_are_each_digested_a_few_times(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    counted: list[Any] = []

    def counting(definition: Any) -> str:
        counted.append(definition)
        return digest(definition)

    old = snapshot(*({**tool(), "description": f"a {n}"} for n in range(300)))
    new = snapshot(*({**tool(), "description": f"a {n}"} for n in range(150, 450)))
    for place in ("mcp_sdkgen.snapshot.digest", "mcp_sdkgen.drift.snapshots.digest"):
        monkeypatch.setattr(place, counting)
    assert len(compare(old, new).changes) == 150
    assert len(counted) <= 2 * 600 + 2


def test_of_several_equal_tools_the_ones_beyond_the_others_are_gone() -> None:
    twin, other = tool(), {**tool(), "description": "another"}
    drift = compare(snapshot(twin, twin, twin, other), snapshot(other, twin))
    assert [change.kind for change in drift.changes] == ["removed", "removed"]


def test_many_prompts_of_one_name_are_told_apart_in_one_pass() -> None:
    prompts = [{"name": "p", "description": f"{n}"} for n in range(20_000)]
    drift = compare(snapshot(prompts=prompts), snapshot(prompts=prompts[:-1]))
    assert one(drift).kind == "removed"
