"""What lint finds in a tool list, what it costs, and that no list is too odd for it."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from mcp_sdkgen import Snapshot, take_snapshot
from mcp_sdkgen.lint import Lint, lint

from benchmarks.lint import PAGE, RULES, rules, with_table
from tests.command_line import mcp_sdkgen

CORPUS = Path(__file__).parents[2] / "corpus"
GOOD: dict[str, Any] = {
    "name": "get_forecast",
    "title": "Daily forecast",
    "description": "Get a daily forecast for a city.",
    "inputSchema": {
        "type": "object",
        "properties": {
            "city": {"type": "string", "description": "The city, as in Oslo."},
            "days": {"type": "integer", "description": "How many days.", "default": 3},
        },
        "required": ["city"],
    },
    "outputSchema": {
        "type": "object",
        "properties": {"high": {"type": "number", "description": "In °C."}},
        "required": ["high"],
    },
    "annotations": {"readOnlyHint": True},
}
WITHOUT: Any = "(without)"
CHANGES: list[tuple[str, str, Any]] = [
    ("no-output-schema", "outputSchema", WITHOUT),
    ("no-description", "description", " "),
    ("no-annotations", "annotations", WITHOUT),
    ("no-destructive-hint", "annotations", {"readOnlyHint": False}),
    ("contradictory-annotations", "annotations", {"readOnlyHint": True, "destructiveHint": True}),
    ("no-title", "title", WITHOUT),
    ("unclear-name", "name", "run"),
    ("odd-name", "name", "get forecast"),
    ("renamed", "name", "import"),
    ("long-description", "description", "word " * 300),
    ("no-argument-description", "inputSchema/properties/city/description", WITHOUT),
    ("duplicate-argument-description", "inputSchema/properties/city/description", "How many days."),
    ("long-description", "inputSchema/properties/city/description", "word " * 120),
    (
        "unclear-argument-name",
        "inputSchema/properties/arg1",
        {"type": "string", "description": "A"},
    ),
    ("renamed-argument", "inputSchema/properties/from", {"type": "string", "description": "A"}),
    ("untyped-argument", "inputSchema/properties/city/type", WITHOUT),
    ("untyped-field", "outputSchema/properties/high/type", WITHOUT),
    ("no-field-description", "outputSchema/properties/high/description", WITHOUT),
    ("untyped-array", "outputSchema/properties/high/type", "array"),
    ("free-form-object", "inputSchema/properties/city/type", "object"),
    ("free-form-object", "outputSchema", {"type": "object"}),
    ("enum-as-prose", "inputSchema/properties/city/description", "Either 'Oslo' or 'Paris'."),
    ("enum-as-prose", "inputSchema/properties/city/description", "Allowed values: oslo, paris"),
    ("json-in-string", "inputSchema/properties/city/description", "The city as a JSON string."),
    ("contradictory-default", "inputSchema/properties/days/default", "three"),
    ("contradictory-default", "inputSchema/properties/days/default", None),
    ("default-of-required", "inputSchema/required", ["city", "days"]),
    ("bad-input-schema", "inputSchema", {"type": "string"}),
    ("unresolved-reference", "inputSchema/properties/days/$ref", "#/$defs/Days"),
]


def changed(path: str, value: Any) -> dict[str, Any]:
    tool = copy.deepcopy(GOOD)
    *parents, last = path.split("/")
    here = tool
    for key in parents:
        here = here[key]
    if value is WITHOUT:
        del here[last]
    else:
        here[last] = value
    return tool


def linted(*tools: Any) -> Lint:
    return lint(Snapshot.of("weather", tools))


def test_a_tool_that_says_everything_has_no_findings() -> None:
    assert not linted(GOOD).all_findings
    assert linted(GOOD).score == 100
    assert linted().score == 100


@pytest.mark.parametrize(("code", "path", "value"), CHANGES, ids=lambda each: str(each)[:40])
def test_each_rule_finds_what_it_is_for(code: str, path: str, value: Any) -> None:
    found = linted(changed(path, value))
    assert code in [each.code for each in found.all_findings]
    assert found.score <= 100 - RULES[code].cost
    assert all(each.fix and each.message for each in found.all_findings)


def test_a_name_that_two_tools_have_is_found_with_both() -> None:
    assert "duplicate-tool-name" in {each.code for each in linted(GOOD, GOOD).all_findings}


def test_many_arguments_are_found() -> None:
    more = {f"city_{n}": {"type": "string", "description": f"City {n}."} for n in range(21)}
    found = linted(changed("inputSchema/properties", {**more}))
    assert "too-many-arguments" in [each.code for each in found.all_findings]


@pytest.mark.parametrize(
    "description",
    ["A symbol, e.g. 'AAPL' or 'GOOGL'.", "A time-out such as '30s' or '1m'.", "'quoted' once"],
)
def test_examples_are_no_list_of_values(description: str) -> None:
    path = "inputSchema/properties/city/description"
    assert not linted(changed(path, description)).all_findings


def test_what_is_no_tool_costs_the_server() -> None:
    found = linted(GOOD, "no tool")
    assert [each.code for each in found.findings] == ["not-a-tool"]
    assert found.score < 100


def test_findings_of_one_rule_cost_no_more_than_its_most() -> None:
    names = {f"city_{n}": {"type": "string"} for n in range(18)}
    assert linted(changed("inputSchema/properties", names)).score == 100 - 15


@pytest.mark.parametrize("path", sorted(CORPUS.rglob("*.json")), ids=lambda path: path.stem)
def test_every_saved_list_gives_the_same_findings_each_time(path: Path) -> None:
    first, again = lint(take_snapshot(path)), lint(take_snapshot(path))
    assert first == again
    assert 0 <= first.score <= 100
    assert (first.score == 100) == (not first.all_findings)
    assert {each.code for each in first.all_findings} <= RULES.keys()


def test_hostile_definitions_do_not_end_it() -> None:
    deep: dict[str, Any] = {"type": "object"}
    for _ in range(90):
        deep = {"type": "object", "properties": {"x\x1b[2J": deep}, "default": {"x": 1}}
    loop = {"type": "object", "properties": {"a": {"$ref": "#/properties/a"}}}
    odd = {"type": ["object", 3], "properties": [1], "required": "x", "default": float(1)}
    tools = [{"name": f"t{n}", "inputSchema": one} for n, one in enumerate((deep, loop, odd))]
    tools.append({"name": "\x1b[31m", "title": 3, "description": [], "annotations": "x"})
    assert len(linted(*tools).tools) == 4


def test_the_page_tells_of_every_rule() -> None:
    page = PAGE.read_text()
    assert with_table(page, "rules", rules()) == page


def test_the_command_line_tells_the_score_and_the_fix(tmp_path: Path) -> None:
    source = tmp_path / "weather.json"
    source.write_text(json.dumps({"tools": [changed("title", WITHOUT)]}))
    done = mcp_sdkgen("lint", str(source))
    assert done.returncode == 1
    assert "weather: score 98 of 100, 1 finding in 1 tool" in done.stdout
    assert "fix: give a `title`" in done.stdout
    assert mcp_sdkgen("lint", str(source), "--min-score", "98").returncode == 0
    told = json.loads(mcp_sdkgen("lint", str(source), "--json").stdout)
    assert told["servers"][0]["tools"][0]["findings"][0]["code"] == "no-title"
    assert mcp_sdkgen("lint", "no-such-file.json").returncode == 2


def test_what_several_tools_have_alike_is_told_once_with_their_names(tmp_path: Path) -> None:
    source = tmp_path / "weather.json"
    untitled = changed("title", WITHOUT)
    tools = [{**untitled, "name": f"report_{n}"} for n in "abcdefg"]
    vague = {"type": "object", "properties": {"data": {"type": "string", "description": "Text."}}}
    tools[3] = {**tools[3], "inputSchema": {**vague, "required": ["data"]}}
    source.write_text(json.dumps({"tools": tools}))
    shown = mcp_sdkgen("lint", str(source)).stdout
    assert shown.count("[no-title]") == shown.count("fix: give a `title`") == 1
    named = "report_a, report_b, report_c, report_d, report_e, report_f, report_g"
    assert f"    in 7 tools: {named}\n" in shown
    assert [line.split()[0] for line in shown.splitlines() if line.startswith("report_")] == [
        "report_d"
    ]
    assert "[unclear-argument-name]" in shown.partition("\nreport_d")[2]


def test_each_of_several_servers_has_a_heading_and_places_tell_equal_words_apart(
    tmp_path: Path,
) -> None:
    untold = {"type": "object", "properties": {"type": {"type": "string"}}}
    both = {"type": "object", "properties": {"from": untold, "to": untold}}
    for name in ("one", "two"):
        tool = {**changed("title", "A tool"), "inputSchema": both}
        (tmp_path / f"{name}.json").write_text(json.dumps({"tools": [tool]}))
    shown = mcp_sdkgen("lint", tmp_path / "one.json", tmp_path / "two.json").stdout
    first, second = shown.index("server one\n"), shown.index("server two\n")
    assert first < shown.index("one: score") < second < shown.index("two: score")
    assert "`type` has no description at /inputSchema/properties/from" in shown
    assert "`type` has no description at /inputSchema/properties/to" in shown
    assert "server one" not in mcp_sdkgen("lint", tmp_path / "one.json").stdout
