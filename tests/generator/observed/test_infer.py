"""From recorded shapes to a schema in the lock, and what becomes of it as the server changes."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mcp_sdkgen import Snapshot, build, generate
from mcp_sdkgen.errors import SnapshotError
from mcp_sdkgen.lock.versioning import advance, learn
from mcp_sdkgen.observed.collect import observable
from mcp_sdkgen.observed.infer import Inferred, Recorded, infer, recordings
from mcp_sdkgen_runtime.observed.shape import shape_of
from mcp_sdkgen_runtime.schema.definitions import digest

from tests.generator.observed.tables import PLAIN, answer, only, snapshot, taught

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=12,
)


def schema_of(*data: Any) -> Any:
    found = only(infer(snapshot(), [answer(shape_of(one)) for one in data]))
    return found.observation.schema if found.observation is not None else None


def test_a_field_that_is_not_always_there_is_optional() -> None:
    assert schema_of({"id": 1, "note": "x"}, {"id": 2}) == {
        "type": "object",
        "properties": {"id": {"type": "integer"}, "note": {"type": "string"}},
        "required": ["id"],
    }


def test_types_of_one_place_are_united() -> None:
    data = ({"a": 1, "b": None, "c": None, "d": []}, {"a": 2.5, "b": "x", "c": None, "d": [1]})
    assert schema_of(*data)["properties"] == {
        "a": {"type": "number"},
        "b": {"type": ["null", "string"]},
        "c": {},
        "d": {"type": "array", "items": {"type": "integer"}},
    }


def test_a_table_stays_a_table_whatever_else_its_place_holds() -> None:
    found = schema_of(
        {"by_day": {"2031-01-01": {"n": 1}}}, {"by_day": {"monday": {"n": 2, "m": 3}}}
    )
    assert found["properties"]["by_day"]["additionalProperties"]["required"] == ["n"]
    many = [{"options": {f"{letter}bc": "x"}} for letter in "defghijklmno"]
    assert schema_of(*many)["properties"]["options"] == {
        "type": "object",
        "additionalProperties": {"type": "string"},
    }


@settings(deadline=None, max_examples=30)
@given(st.lists(JSON.filter(lambda data: isinstance(data, dict | list)), min_size=1, max_size=6))
def test_every_answer_fits_what_was_inferred_from_it(data: list[Any]) -> None:
    schema = schema_of(*data)
    for one in data if schema is not None else []:
        jsonschema.validate(one, schema)


def test_a_list_that_comes_in_blocks_is_one_when_it_has_one_item_or_none() -> None:
    row = {"id": "integer"}
    answers = [answer([row], "blocks"), answer(row, "json"), answer(None, "empty")]
    found = only(infer(snapshot(), answers)).observation
    assert found is not None and found.samples == 3
    assert found.schema["type"] == "array"


@pytest.mark.parametrize(
    ("answers", "note"),
    [
        ([answer(None, "text")] * 2, "all plain text"),
        ([answer({})], "nothing in common"),
        ([answer({"a": "string"}), answer(["any"]), answer("any")], "nothing in common"),
    ],
)
def test_answers_without_a_structure_give_no_type(answers: list[Recorded], note: str) -> None:
    found = only(infer(snapshot(), answers))
    assert found.observation is None and found.is_known and note in found.note


def test_answers_of_other_definitions_and_tools_are_told_and_left_out() -> None:
    old = Recorded("shop", "look", "sha256:old", "json", {"gone": "string"})
    found = only(infer(snapshot(), [old, answer({"id": "integer"})]))
    assert found.observation is not None and list(found.observation.schema["properties"]) == ["id"]
    assert "1 of another definition" in found.note
    assert not only(infer(snapshot(), [old])).is_known
    unknown = Recorded("shop", "nothing", "sha256:old", "json", {"a": "string"})
    assert only(infer(snapshot(), [unknown])) == Inferred(
        "nothing", 0, None, "the lock has no such tool", is_known=False
    )


@pytest.mark.parametrize(
    "line",
    [
        "{",
        "[]",
        '{"server": "shop"}',
        '{"server": "shop", "tool": 7, "digest": "x", "read": "json", "shape": {}}',
        '{"server": "shop", "tool": "x", "digest": "x", "read": "json"}',
        '{"server": "shop", "tool": "x", "digest": "x", "read": "text", "shape": {}}',
        '{"server": "shop", "tool": "x", "digest": "x", "read": "json", "shape": "swordfish"}',
        '{"server": "shop", "tool": "x", "digest": "x", "read": "json", "shape": {"*": {}}}',
        '{"server": "s", "tool": "x", "digest": "x", "read": "json", "shape": {"*": [], "a": []}}',
        '{"server": "shop", "tool": "x", "digest": "x", "read": "json", "shape": '
        + "[" * 150
        + "]" * 150
        + "}",
    ],
)
def test_what_is_no_recording_is_refused_by_file_and_line(tmp_path: Path, line: str) -> None:
    path = tmp_path / "shapes.ndjson"
    path.write_text(f"\n{line}\n")
    with pytest.raises(SnapshotError, match="line 2"):
        recordings(path)


def test_the_lock_keeps_what_was_observed_and_no_digest_changes() -> None:
    lock, drift = learn(snapshot(), {"look": taught().observed["look"]})
    assert [change.severity for change in drift.changes] == ["compatible"]
    assert lock.releases[0].version == "1.1.0"
    assert lock.digest == snapshot().digest
    again = Snapshot.loads(lock.dumps())
    assert again == lock and again.dumps() == lock.dumps()
    same, nothing = learn(lock, lock.observed)
    assert (same, bool(nothing)) == (lock, False)


def test_a_change_of_the_observed_type_decides_the_next_version() -> None:
    found = taught().observed["look"]
    more, _ = learn(taught(), {"look": replace(found, samples=9)})
    assert more.releases[0].version == "1.0.1"
    looser = {**found.schema, "required": []}
    loose, drift = learn(taught(), {"look": replace(found, schema=looser)})
    assert loose.releases[0].version == "2.0.0"
    assert "observed type" in drift.changes[0].message
    gone, drift = learn(taught(), {"look": None})
    assert gone.releases[0].version == "2.0.0" and not gone.observed
    assert "nothing in common" in drift.changes[0].message


def test_an_update_keeps_the_type_while_the_definition_is_the_same() -> None:
    other = {**PLAIN, "name": "another"}
    fresh, drift = advance(taught(), snapshot(PLAIN, other))
    assert fresh.observed == taught().observed
    assert [change.kind for change in drift.changes] == ["added"]


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"description": "Something else."}, "definition changed"),
        ({"outputSchema": {"type": "object"}}, "declares an output schema"),
    ],
)
def test_an_update_that_changes_the_definition_drops_the_type_loudly(more: Any, why: str) -> None:
    fresh, drift = advance(taught(), snapshot({**PLAIN, **more}))
    assert not fresh.observed
    assert fresh.releases[0].version == "2.0.0"
    assert any(c.kind == "observed-type-removed" and why in c.message for c in drift.changes)
    findings = generate(fresh).diagnostics
    assert [f.code for f in findings] == ["observed-type-removed"]


def test_a_tool_is_typed_by_the_edition_of_its_sdk() -> None:
    message = {"properties": {"message": {"type": "string"}}, "required": ["message"]}
    told = {**PLAIN, "outputSchema": {"type": "object", **message}}
    given = Recorded("shop", "look", digest(told), "json", {"id": "integer"})
    new = snapshot(told)
    assert only(infer(new, [given])).observation is not None
    assert [tool.name for tool, _ in observable(new)] == ["look"]
    old = replace(new, edition=1)  # in which such an object is one, and not the text in it
    assert "declares an output schema" in only(infer(old, [given])).note
    assert not list(observable(old))
    _, drift = advance(replace(taught(), edition=1), new)
    assert any("declares an output schema" in change.message for change in drift.changes)


def test_a_type_that_belongs_to_no_definition_is_told_and_not_used() -> None:
    wrong = replace(taught().observed["look"], digest="sha256:other")
    made = generate(replace(taught(), observed={"look": wrong, "nothing": wrong}))
    assert [f.code for f in made.diagnostics] == ["observed-type-unused"] * 2
    assert "Observed" not in made.files["shop_sdk/client.py"]


@pytest.mark.parametrize(
    "entry",
    [{}, {"digest": "x", "samples": 0, "schema": {}}, {"digest": "x", "samples": 1, "schema": []}],
)
def test_a_damaged_observation_in_a_lock_is_refused(entry: Any) -> None:
    data = json.loads(taught().dumps())
    data["sdk"]["observed"]["look"] = entry
    with pytest.raises(SnapshotError, match="damaged"):
        Snapshot.loads(json.dumps(data))


def test_an_sdk_built_from_a_lock_has_it_and_adding_a_tool_changes_no_other(tmp_path: Path) -> None:
    report = build([taught()], out=tmp_path, make_wheels=False)
    tool = report.servers[0].tools[0]
    assert (tool.result, tool.typed_result, tool.observed) == ("Observed[LookResult]", True, 2)
    before, after = (
        generate(replace(taught(), tools=one.tools)).files
        for one in (snapshot(), snapshot(PLAIN, {**PLAIN, "name": "more"}))
    )
    assert before["shop_sdk/tools/look.py"] == after["shop_sdk/tools/look.py"]
    for name in ("client.py", "surface.pyi", "tools/look.py"):
        assert "Observed[" in before[f"shop_sdk/{name}"], name
    for name in ("client.py", "surface.pyi", "types/look_result.py"):
        assert "2 recorded answers" in before[f"shop_sdk/{name}"], name
