"""What the words of a command line mean to a tool, by its schema."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from mcp_sdkgen.errors import ConfigError
from mcp_sdkgen.live.arguments import read_arguments
from mcp_sdkgen.lower.draft import Draft, draft
from mcp_sdkgen.snapshot import ToolDefinition

from tests.generator.live.calling_server import TOOLS


def tool(name: str) -> Draft:
    definition = next(each for each in TOOLS if each["name"] == name)
    return draft(ToolDefinition(name, definition), name, "demo")


def of_schema(schema: dict[str, Any]) -> Draft:
    definition = {"name": "any", "inputSchema": {"type": "object", **schema}}
    return draft(ToolDefinition("any", definition), "any", "demo")


@pytest.mark.parametrize(
    ("words", "arguments"),
    [
        (["city=Oslo"], {"city": "Oslo"}),
        (["city=5"], {"city": "5"}),
        (["city="], {"city": ""}),
        (["city=a=b"], {"city": "a=b"}),
        (["city=null"], {"city": "null"}),
        (["days=3"], {"days": 3}),
        (["factor=2.5"], {"factor": 2.5}),
        (["factor=-1e3"], {"factor": -1000.0}),
        (["factor=7"], {"factor": 7}),
        (["deep=true"], {"deep": True}),
        (["deep=False"], {"deep": False}),
        (["unit=celsius"], {"unit": "celsius"}),
        (["tags=a"], {"tags": ["a"]}),
        (["tags=a", "tags=b"], {"tags": ["a", "b"]}),
        (['tags=["a","b"]'], {"tags": ["a", "b"]}),
        (["points=1", "points=2"], {"points": [1, 2]}),
        (["points:=[1,2]"], {"points": [1, 2]}),
        (["points:=1", "points=2"], {"points": [1, 2]}),
        (["label=x"], {"label": "x"}),
        (["label=null"], {"label": "null"}),
        (["label:=null"], {"label": None}),
        (["limit=null"], {"limit": None}),
        (["limit=3"], {"limit": 3}),
        (["any=3"], {"any": 3}),
        (["any=[1]"], {"any": [1]}),
        (["any=007"], {"any": "007"}),
        (["any=NaN"], {"any": "NaN"}),
        (["dotted.name=4"], {"dotted.name": 4}),
        (["dotted_name=4"], {"dotted.name": 4}),
        (["placeOfBirth.postCode=01"], {"placeOfBirth": {"postCode": "01"}}),
        (["place_of_birth.post_code=01"], {"placeOfBirth": {"postCode": "01"}}),
        (
            ["placeOfBirth.position.lat=1.5", "placeOfBirth.position.lon=2"],
            {"placeOfBirth": {"position": {"lat": 1.5, "lon": 2}}},
        ),
        (["placeOfBirth={}"], {"placeOfBirth": {}}),
        (["steps.0.name=a", "steps.1.name=b"], {"steps": [{"name": "a"}, {"name": "b"}]}),
        (["headers.x-count=2"], {"headers": {"x-count": 2}}),
        (["any.a.b=2"], {"any": {"a": {"b": 2}}}),
        (['{"days": 2, "city": "Oslo"}'], {"days": 2, "city": "Oslo"}),
        (['{"place_of_birth": {}}', "days=2"], {"placeOfBirth": {}, "days": 2}),
        (['{"further": 1}'], {"further": 1}),
        ([], {}),
    ],
)  # fmt: skip
def test_a_value_is_read_as_the_schema_says(words: list[str], arguments: dict[str, Any]) -> None:
    found = read_arguments(words, tool("echo"))
    assert repr(found) == repr(arguments), "equal values of other types would be taken for these"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["city"], "'city' is no argument: write NAME=VALUE"),
        (["=x"], "'=x' is no argument"),
        (["days=three"], "argument 'days' expects a whole number, not 'three'"),
        (["days=2.5"], "argument 'days' expects a whole number, not '2.5'"),
        (["days=٣"], "argument 'days' expects a whole number"),
        (["factor=nan"], "argument 'factor' expects a number, not 'nan'"),
        (["factor=1e999"], "argument 'factor' expects a number"),
        (["deep=yes"], "argument 'deep' expects true or false, not 'yes'"),
        (["unit=celcius"], 'argument \'unit\' expects one of "celsius", "fahrenheit"'),
        (["city=a", "city=b"], "argument 'city' is given 2 times, and takes one value"),
        (["points=1", "points=x"], "argument 'points' expects a whole number, not 'x'"),
        (["points=[1,"], "argument 'points' begins like a JSON list"),
        (["days:=three"], "argument 'days': not JSON"),
        (["cty=x"], "argument 'cty': there is no 'cty'"),
        (["placeOfBirth=Oslo"], "argument 'placeOfBirth' expects an object, not 'Oslo'"),
        (["placeOfBirth.postcode=1"], "there is no 'postcode' in placeOfBirth"),
        (["city.name=1"], "argument 'city': expected text, which has no 'name' in it"),
        (["steps.1.name=b"], "argument 'steps': its items are numbered from 0, without gaps"),
        (["placeOfBirth={}", "placeOfBirth.postCode=1"], None),
        (['{"days": 1}', "days=2"], "argument 'days' is given as a whole and in parts, or twice"),
        (['{"days": 1}', '{"days": 2}'], "argument 'days' is given by two JSON objects"),
        (['{"days": 1'], "the JSON object: not JSON"),
        (["@nowhere.json"], "nowhere.json"),
        (["city=\udcff"], "argument 'city': half a surrogate pair is not a character"),
        (['any:=[{"\\ud83d": 1}]'], "argument 'any': half a surrogate pair is not a character"),
        (["city=@nowhere.txt"], "nowhere.txt"),
    ],
)
def test_what_cannot_be_read_names_the_argument_and_what_was_expected(
    words: list[str], told: str | None
) -> None:
    if told is None:  # an empty object, to which a part is added
        assert read_arguments(words, tool("echo")) == {"placeOfBirth": {"postCode": "1"}}
        return
    with pytest.raises(ConfigError) as error:
        read_arguments(words, tool("echo"))
    assert told in str(error.value)


def test_a_misspelt_name_or_value_is_answered_with_the_nearest() -> None:
    for words, near in (
        (["cty=x"], "'city'"),
        (["placeOfBirth.postcode=1"], "'postCode'"),
        (["unit=celcius"], "'celsius'"),
    ):
        with pytest.raises(ConfigError) as error:
            read_arguments(words, tool("echo"))
        assert near in error.value.hint


def test_what_is_missing_is_named_with_its_type() -> None:
    with pytest.raises(ConfigError) as error:
        read_arguments(["userId=3"], tool("needs"))
    assert str(error.value) == "argument missing: 'note' (text)"
    with pytest.raises(ConfigError) as error:
        read_arguments([], tool("needs"))
    assert str(error.value) == "arguments missing: 'userId' (a whole number), 'note' (text)"


@pytest.mark.parametrize(
    ("words", "schema", "told", "hint"),
    [
        (["n=two"], {"type": "integer"}, "a whole number, not 'two'", "for example n=1"),
        (["n=two"], {"type": "boolean"}, "true or false, not 'two'", "for example n=true"),
        (
            ["n=two"],
            {"type": "array", "items": {"type": "integer"}},
            "a whole number, not 'two'",
            "for example n=1 n=1",
        ),
        (
            [],
            {"type": "array", "items": {"type": "string"}},
            "(a list of texts)",
            "write n=TEXT n=TEXT",
        ),
        ([], {"enum": ["a b", "c"]}, '(one of "a b", "c")', "write 'n=a b'"),
        ([], {"type": "object", "properties": {"a": {}}}, "(an object)", "write 'n:={…}'"),
    ],
)
def test_a_value_that_would_fit_is_written_out(
    words: list[str], schema: dict[str, Any], told: str, hint: str
) -> None:
    one = of_schema({"properties": {"n": schema}, "required": ["n"]})
    with pytest.raises(ConfigError) as error:
        read_arguments(words, one)
    assert told in str(error.value)
    assert error.value.hint == hint


def test_files_and_stdin_give_text_and_json(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text, data = tmp_path / "a.txt", tmp_path / "b.json"
    text.write_text("two\nlines")
    data.write_text('{"days": 4, "city": "Bergen"}')
    assert read_arguments([f"city=@{text}"], tool("echo")) == {"city": "two\nlines"}
    assert read_arguments([f"any:=@{data}"], tool("echo"))["any"]["days"] == 4
    assert read_arguments([f"@{data}"], tool("echo")) == {"days": 4, "city": "Bergen"}
    monkeypatch.setattr("sys.stdin", io.StringIO('{"days": 9}'))
    assert read_arguments(["-"], tool("echo")) == {"days": 9}


def test_further_arguments_are_typed_where_the_schema_allows_them() -> None:
    maps = of_schema({"properties": {}, "additionalProperties": {"type": "integer"}})
    assert read_arguments(["a=1", "b.c=2"], maps) == {"a": 1, "b.c": 2}
    with pytest.raises(ConfigError):
        read_arguments(["a=x"], maps)
    closed = of_schema({"properties": {}, "additionalProperties": False})
    with pytest.raises(ConfigError):
        read_arguments(["a=1"], closed)


def test_a_choice_of_types_is_read_without_guessing() -> None:
    mixed = of_schema(
        {
            "properties": {
                "id": {"type": ["string", "integer"]},
                "ids": {
                    "anyOf": [{"type": "array", "items": {"type": "integer"}}, {"type": "integer"}]
                },
                "level": {"enum": [1, 2, "high"]},
                "words": {
                    "anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]
                },
            }
        }
    )
    assert read_arguments(["id=5"], mixed) == {"id": "5"}
    assert read_arguments(["id:=5"], mixed) == {"id": 5}
    assert read_arguments(["ids=5"], mixed) == {"ids": 5}
    assert read_arguments(["ids=5", "ids=6"], mixed) == {"ids": [5, 6]}
    assert read_arguments(["level=1"], mixed) == {"level": 1}
    assert read_arguments(["level=high"], mixed) == {"level": "high"}
    assert read_arguments(["words=a"], mixed) == {"words": "a"}
    assert read_arguments(['words=["a"]'], mixed) == {"words": ["a"]}
    assert read_arguments(["words=[draft] a"], mixed) == {"words": "[draft] a"}


def test_a_hint_says_where_other_names_go_only_where_a_server_may_take_them() -> None:
    one = tool("needs")
    with pytest.raises(ConfigError) as refused:
        read_arguments(["not=x"], one, is_server=False)
    assert "give a JSON object" not in refused.value.hint
    with pytest.raises(ConfigError) as refused:
        read_arguments(["note:=[[1,2]"], one)
    assert "column 7" in str(refused.value) and "name:=" not in refused.value.hint


@pytest.mark.parametrize("words", [["rows=a"], ["rows=a", "rows=b"], ["cells=a"]])
def test_a_list_of_lists_is_not_made_of_a_bare_word(words: list[str]) -> None:
    texts = {"type": "array", "items": {"type": "string"}}
    numbers = {"type": "array", "items": {"type": "integer"}}
    cells = {"type": "array", "items": {"anyOf": [{"type": "integer"}, numbers]}}
    of = of_schema({"properties": {"rows": {"type": "array", "items": texts}, "cells": cells}})
    with pytest.raises(ConfigError, match="expects") as refused:
        read_arguments(words, of)
    assert refused.value.hint
    assert read_arguments(['rows=["a"]', 'rows=["b"]'], of) == {"rows": [["a"], ["b"]]}
    assert read_arguments(['rows=[["a"]]'], of) == {"rows": [["a"]]}
