"""Snapshots edited by hand, and locks that a stranger may have written."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mcp_sdkgen import Snapshot, build, generate
from mcp_sdkgen.errors import SnapshotError
from mcp_sdkgen.snapshot import FORMAT, Observation, Release

from tests.hostile.inspecting import check_characters, check_files, check_markdown
from tests.hostile.payloads import TEXTS, everywhere, snapshot_of, tool

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=8,
)
KEYS = (
    *("name", "title", "description", "type", "properties", "items", "enum", "const", "required"),
    *("default", "anyOf", "allOf", "oneOf", "$ref", "$defs", "pattern", "format", "minimum"),
    *("additionalProperties", "patternProperties", "prefixItems", "not", "if", "then", "nullable"),
)
SCHEMA_LIKE = st.recursive(
    JSON | st.sampled_from(["object", "string", "array", "#", "#/$defs/a", "#/properties/a"]),
    lambda inner: st.dictionaries(st.sampled_from([*KEYS, "a"]), inner, max_size=5),
    max_leaves=25,
)


def envelope(**more: Any) -> str:
    made = json.loads(Snapshot.of("weather", [tool("look")]).dumps())
    return json.dumps({**made, **more})


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_a_release_that_is_no_version_is_refused_when_the_snapshot_is_read(text: str) -> None:
    with pytest.raises(SnapshotError):
        Snapshot.loads(envelope(sdk={"releases": [{"version": text, "changes": []}]}))


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_a_change_written_into_a_lock_stays_one_plain_line_of_the_changelog(text: str) -> None:
    releases = [{"version": "2.0.0", "changes": [text, "second"]}]
    snapshot = Snapshot.loads(envelope(sdk={"releases": releases}))
    made = generate(snapshot)
    check_files(made.files, "Weather")
    assert [line for line in made.files["CHANGELOG.md"].splitlines() if line.startswith("##")] == [
        "## 2.0.0"
    ]


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_a_change_of_a_server_to_hostile_text_gives_a_plain_changelog(
    text: str, tmp_path: Path
) -> None:
    for snapshot in (snapshot_of(everywhere("before")), snapshot_of(everywhere(text))):
        report = build([snapshot], out=tmp_path, run_check=False, make_wheels=False, jobs=1)
        assert report.exit_code == 0, report.servers[0].error
    written = (tmp_path / "hostile" / "CHANGELOG.md").read_text()
    check_markdown("CHANGELOG.md", written)
    check_characters("CHANGELOG.md", written)


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_hostile_names_in_an_observed_type_stay_names(text: str) -> None:
    plain = Snapshot.of("weather", [tool("look", None, None), tool(text, None, None)])
    schema = everywhere(text)["tools"][0]["outputSchema"]
    observed = {t.name: Observation(t.digest, 3, schema) for t in plain.tools}
    snapshot = replace(plain, observed=observed)
    made = generate(snapshot)
    check_files(made.files, "Weather")
    assert "Observed[" in made.files["weather_sdk/client.py"]
    assert Snapshot.loads(snapshot.dumps()).observed == observed


@pytest.mark.parametrize("number", ["1e999", "-1e999", "NaN", "Infinity", "9" * 5000])
def test_a_number_that_json_does_not_have_is_refused(number: str) -> None:
    text = envelope().replace('"type": "object"', f'"default": {number}')
    with pytest.raises(SnapshotError):
        Snapshot.loads(text)


@pytest.mark.parametrize("key", ["sdk", "tools", "prompts", "resources", "server_info", "server"])
@pytest.mark.parametrize(
    "value",
    [None, 7, "x", [], [7], [[]], {"a": 7}, {"releases": 7}, {"names": []}, {"observed": 7}],
)
def test_a_snapshot_with_a_part_of_the_wrong_kind_is_read_or_refused(key: str, value: Any) -> None:
    try:
        snapshot = Snapshot.loads(envelope(**{key: value}))
    except SnapshotError:
        return
    check_files(generate(snapshot).files, "Weather" if key != "server" else _client(snapshot))


def _client(snapshot: Snapshot) -> str:
    from mcp_sdkgen.names import client_class

    return client_class(snapshot.server)


@settings(max_examples=60, deadline=None)
@given(st.lists(SCHEMA_LIKE, min_size=1, max_size=3), SCHEMA_LIKE)
def test_any_json_as_a_schema_gives_a_method(schemas: list[Any], output: Any) -> None:
    tools = [tool(f"t{i}", schema, output, annotations=output) for i, schema in enumerate(schemas)]
    made = generate(Snapshot.of("odd", tools))
    assert len(made.methods) == len(schemas)


@settings(max_examples=60, deadline=None)
@given(JSON)
def test_any_json_beside_the_schemas_gives_an_sdk(anything: Any) -> None:
    parts: dict[str, Any] = {
        "prompts": (anything, {"name": "p", "arguments": anything, "description": anything}),
        "resources": (anything, {"uri": "x://y", "mimeType": anything, "title": anything}),
        "resource_templates": (anything, {"uriTemplate": "x://{y}", "name": anything}),
        "server_info": {"name": anything, "title": anything, "description": anything},
    }
    hints = {"title": anything, "description": anything, "_meta": anything, "icons": anything}
    made = generate(Snapshot.of("odd", [{**tool(), **hints}, anything], **parts))
    assert "odd_sdk/prompts.py" in made.files


def test_hidden_characters_are_escapes_in_every_json_file() -> None:
    hidden = "".join(TEXTS[name] for name in ("bidi", "zero_width", "tags", "fillers", "ansi"))
    snapshot = Snapshot.of(hidden, [tool("t", description=hidden, _meta={hidden: hidden})])
    made = generate(snapshot)
    for path, text in made.files.items():
        if path.endswith(".json"):
            check_characters(path, text)
    again = Snapshot.loads(snapshot.dumps())
    assert again == snapshot
    assert json.loads(snapshot.dumps())["format"] == FORMAT


def test_a_release_of_a_real_history_is_read_as_it_was() -> None:
    releases = (Release("2.1.0", ("a",)), Release("1.0.0rc1", ()), Release("1.0", ("b",)))
    snapshot = Snapshot.of("weather", [tool()], releases=releases)
    assert Snapshot.loads(snapshot.dumps()).releases == releases
