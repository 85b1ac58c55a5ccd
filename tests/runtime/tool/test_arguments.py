"""Arguments become wire data, and are checked exactly against the original schema."""

from __future__ import annotations

import json
import sys
from collections import OrderedDict
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, ClassVar

import pytest
from mcp_sdkgen_runtime import OMIT, Arguments, ArgumentsError, Model, Tool, Unstructured
from mcp_sdkgen_runtime.schema.validation import compiled
from mcp_sdkgen_runtime.tool.codec import encode
from pydantic import Field


class Window(Model):
    NULLABLE: ClassVar[frozenset[str]] = frozenset({"until"})
    since: str
    until: str | None = None
    note: str | None = None
    max_rows: Annotated[int | None, Field(alias="maxRows")] = None


class Given(Arguments):
    NULLABLE: ClassVar[frozenset[str]] = frozenset({"cursor"})
    text: str = ""
    from_: Annotated[str | None, Field(alias="from")] = None
    cursor: str | None = None
    window: Window | None = None
    items: list[Any] | None = None
    anything: Any = None


@pytest.fixture(params=["jsonschema-rs", "jsonschema"])
def engine(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    if request.param == "jsonschema":
        monkeypatch.setitem(sys.modules, "jsonschema_rs", None)
    else:
        pytest.importorskip("jsonschema_rs")
    return str(request.param)


def tool(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, schema: Any) -> Tool[Unstructured]:
    package = f"schemas_{abs(hash(str(tmp_path)))}"
    (tmp_path / package).mkdir(exist_ok=True)
    (tmp_path / package / "__init__.py").write_text("")
    (tmp_path / package / "t.json").write_text(json.dumps({"name": "t", "inputSchema": schema}))
    monkeypatch.syspath_prepend(tmp_path)
    sys.modules.pop(package, None)
    return Tool(
        server="s",
        name="t",
        arguments=Given,
        result=Unstructured,
        digest="",
        schema=(package, "t.json"),
    )


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, engine: str) -> Any:
    return lambda schema: tool(tmp_path, monkeypatch, schema)


def test_none_and_omit_are_left_out_unless_null_is_allowed(made: Any) -> None:
    anything = made({"type": "object"})
    given = {"text": "a", "from_": None, "cursor": None, "window": OMIT, "items": None}
    assert encode(anything, given) == {"text": "a", "cursor": None}


def test_python_names_become_wire_names(made: Any) -> None:
    assert encode(made({"type": "object"}), {"from_": "x"}) == {"from": "x"}


def test_arguments_may_be_given_by_wire_name_too(made: Any) -> None:
    class Colliding(Arguments):
        NULLABLE: ClassVar[frozenset[str]] = frozenset({"a_b_2"})
        a_b: Annotated[str | None, Field(alias="a-b")] = None
        a_b_2: Annotated[str | None, Field(alias="a_b")] = None

    tool: Tool[Unstructured] = made({"type": "object", "properties": {"a-b": {"type": "string"}}})
    assert encode(tool, {"from": "x"}) == {"from": "x"}
    tool.arguments, tool.__dict__["wire_names"] = Colliding, {"a_b": "a-b", "a_b_2": "a_b"}
    tool.__dict__.pop("argument_names", None)
    assert encode(tool, {"a-b": None, "a_b": None}) == {"a_b": None}
    with pytest.raises(ArgumentsError, match="argument 'a_b': must be"):
        encode(tool, {"a-b": 3})


def test_nested_values_are_dumped_by_alias_without_what_was_not_set(made: Any) -> None:
    window = Window(since="a", until=None, note=None, max_rows=3)
    given = {
        "items": (window, {"maxRows": 1, "deep": [window]}, MappingProxyType({"k": OMIT})),
        "anything": OrderedDict(a=1),
    }
    dumped = {"since": "a", "until": None, "maxRows": 3}
    assert encode(made({"type": "object"}), given) == {
        "items": [dumped, {"maxRows": 1, "deep": [dumped]}, {}],
        "anything": {"a": 1},
    }


def test_a_format_is_checked_and_the_error_names_the_switch(made: Any) -> None:
    dated = made({"type": "object", "properties": {"text": {"format": "date"}}})
    assert encode(dated, {"text": date(2026, 11, 30)}) == {"text": "2026-11-30"}
    with pytest.raises(ArgumentsError) as misfit:
        encode(dated, {"text": "tomorrow"})
    assert (misfit.value.argument, misfit.value.rule) == ("text", "format")
    assert str(misfit.value) == (
        "s.t: argument 'text': must be a date such as 2026-11-30, got 'tomorrow'; "
        "if the server takes it all the same, use `with_options(check_formats=False)`"
    )
    assert encode(dated, {"text": "tomorrow"}, check_formats=False) == {"text": "tomorrow"}
    with pytest.raises(ArgumentsError):
        encode(made({"type": "object", "minProperties": 2}), {"text": "a"}, check_formats=False)


@pytest.mark.parametrize(
    "value", [float("nan"), float("inf"), {1: 2}, object(), "\ud83d", {"\udcff": 1}]
)
def test_values_without_a_json_form_are_refused(made: Any, value: Any) -> None:
    with pytest.raises(ArgumentsError, match="argument 'anything'") as refused:
        encode(made({"type": "object"}), {"anything": [value]})
    assert refused.value.argument == "anything"


AN_OBJECT = {"type": "object", "properties": {"n": {"maximum": 3}}}
RULES = [
    ({"text": {"type": "string"}}, {"text": 3}, "'text': must be a string, got 3"),
    ({"text": {"minLength": 3}}, {"text": "a"}, "'text': must have at least 3 characters, got 'a'"),
    ({"from": {"pattern": "^x"}}, {"from_": "y"}, "'from_': must match the pattern '^x', got 'y'"),
    ({"text": {"enum": ["a"]}}, {"text": "c"}, "'text': must be 'a', got 'c'"),
    (
        {"items": {"items": {"type": "null"}}},
        {"items": [None, 1]},
        "'items[1]': must be null, got 1",
    ),
    (
        {"items": {"uniqueItems": True}},
        {"items": [1, 1]},
        "'items': must not have the same item twice",
    ),
    ({"window": {"required": ["since"]}}, {"window": {}}, "'window.since': is missing"),
    (
        {"window": {"additionalProperties": False, "properties": {"since": {}}}},
        {"window": {"sinse": "a"}},
        "unknown key 'sinse' in window; did you mean 'since'?",
    ),
    (
        {"text": {"oneOf": [{"enum": ["a", "b"]}, {"enum": [""]}, {"const": None}]}},
        {"text": "z"},
        "'text': must be 'a', 'b', '' or None, got 'z'",
    ),
    (
        {"anything": {"anyOf": [{"type": "string"}, AN_OBJECT]}},
        {"anything": {"n": 4}},
        "'anything.n': must be at most 3, got 4",
    ),
    (
        {"anything": {"oneOf": [{"type": "number"}, {"minimum": 3}]}},
        {"anything": 4},
        "'anything': must fit exactly one of the alternatives that are allowed, got 4",
    ),
    (
        {"anything": {"anyOf": [{"type": "string", "maxLength": 2}, {"type": "integer"}]}},
        {"anything": []},
        "'anything': fits none of the alternatives that are allowed, got []",
    ),
    (
        {"anything": {"anyOf": [{"required": ["ipv4Addr"]}, {"required": ["e164"]}]}},
        {"anything": {}},
        "'anything': must have 'ipv4Addr' or 'e164', got {}",
    ),
    (
        {
            "anything": {
                "additionalProperties": False,
                "properties": {"id": {}},
                "oneOf": [{"properties": {"method": {}}, "required": ["method"]}],
            }
        },
        {"anything": {"method": "GET"}},
        "'anything': does not take 'method'",
    ),
    (
        {"anything": {"if": {"required": ["a"]}, "then": {"required": ["b"]}}},
        {"anything": {"a": 1}},
        "'anything.b': is missing",
    ),
]


@pytest.mark.parametrize(("properties", "given", "message"), RULES)
def test_the_error_names_the_argument_the_rule_and_the_value(
    made: Any, properties: Any, given: Any, message: str
) -> None:
    with pytest.raises(ArgumentsError) as misfit:
        encode(made({"type": "object", "properties": properties}), given)
    assert message in str(misfit.value)


def test_a_missing_argument_is_called_by_its_python_name(made: Any) -> None:
    with pytest.raises(ArgumentsError, match="argument 'from_': is missing") as misfit:
        encode(made({"type": "object", "required": ["from"]}), {"text": "a"})
    assert misfit.value.argument == "from_"
    assert misfit.value.rule == "required"


def test_a_long_value_is_shortened_in_the_message(made: Any) -> None:
    with pytest.raises(ArgumentsError) as misfit:
        encode(made({"properties": {"text": {"maxLength": 3}}}), {"text": "x" * 100_000})
    assert len(str(misfit.value)) < 300
    assert len(misfit.value.value) == 100_000


UNREADABLE = [
    {"type": "object", "properties": {"text": {"$ref": "http://127.0.0.1:9/schema.json"}}},
    {"type": "object", "properties": {"text": {"$ref": "file:///etc/passwd"}}},
    {"type": "object", "properties": {"text": {"$ref": "#/$defs/Nowhere"}}},
    {"type": "object", "properties": {"text": {"$ref": "other.json"}}},
    {"type": "banana"},
    {"type": "object", "properties": {"text": {"pattern": "(?<n>"}}},
    {"type": "object", "required": "text"},
    {"$schema": "http://127.0.0.1:9/unknown", "type": "object"},
    True,
    None,
]


@pytest.mark.parametrize("schema", UNREADABLE)
def test_a_schema_no_validator_can_read_never_fetches_and_never_fails_a_call(
    made: Any, schema: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_network(*_: Any) -> Any:
        raise AssertionError("something was fetched")

    monkeypatch.setattr("socket.socket.connect", no_network)
    assert encode(made(schema), {"text": "a", "from_": "x"}) == {"text": "a", "from": "x"}


def test_a_schema_that_refers_to_itself_without_end_does_not_fail_a_call(made: Any) -> None:
    endless = {"type": "object", "properties": {"text": {"$ref": "#/$defs/A"}}}
    endless["$defs"] = {"A": {"$ref": "#/$defs/B"}, "B": {"$ref": "#/$defs/A"}}
    assert encode(made(endless), {"text": "a"}) == {"text": "a"}


def test_without_a_readable_schema_the_arguments_model_checks(made: Any) -> None:
    hopeless = {"properties": {f"p{i}": {"type": "banana"} for i in range(200)}}
    assert compiled(hopeless) is None
    with pytest.raises(ArgumentsError, match="argument 'text': Input should be a valid string"):
        encode(made(hopeless), {"text": 3})
    with pytest.raises(ArgumentsError, match=r"'window\.max_rows'"):
        encode(made(hopeless), {"window": {"since": "now", "max_rows": "7"}})
    window = {"since": "now", "max_rows": 7}
    assert encode(made(hopeless), {"window": window}) == {"window": window}


def test_a_draft_seven_schema_is_read_as_draft_seven(made: Any) -> None:
    schema = {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "properties": {"items": {"items": [{"type": "integer"}, {"type": "string"}]}},
    }
    assert encode(made(schema), {"items": [1, "a"]})
    with pytest.raises(ArgumentsError):
        encode(made(schema), {"items": ["a", 1]})


def test_a_pattern_that_would_backtrack_for_ever_does_not(
    engine: str,
) -> None:
    check = compiled({"properties": {"q": {"pattern": r"^(\w+\s?)*$"}}})
    assert check is not None
    assert check({"q": "a" * 5000 + "!"}) is not None
    assert check({"q": "a" * 5000}) is None


def test_keys_by_pattern_are_checked_where_the_pattern_is_known(engine: str) -> None:
    check = compiled({"patternProperties": {"^n_": {"type": "integer"}}})
    assert check is not None
    assert check({"n_a": 1, "other": "x"}) is None
    assert check({"n_a": "one"}) is not None


def test_nullable_of_openapi_admits_null_as_the_types_do(engine: str) -> None:
    kind = {"type": "string", "enum": ["a"], "nullable": True}
    owner = {"nullable": True, "allOf": [{"$ref": "#/properties/kind"}]}
    named = {"kind": kind, "owner": owner, "nullable": {"type": "string"}}
    check = compiled({"properties": named})
    assert check is not None
    assert check({"kind": None}) is None
    assert check({"owner": None}) is None
    assert check({"kind": "b"}) is not None
    assert check({"owner": "b"}) is not None
    assert check({"nullable": None}) is not None
