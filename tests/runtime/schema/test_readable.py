"""A keyword that validators cannot read costs that keyword, with either validator."""

from __future__ import annotations

import sys
from typing import Any
from urllib.parse import quote

import pytest
from mcp_sdkgen_runtime.schema.validation import Check, compiled, unread

LIMIT = {"type": "integer", "minimum": 1, "maximum": 100}


@pytest.fixture(params=["jsonschema-rs", "jsonschema"], autouse=True)
def engine(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param == "jsonschema":
        monkeypatch.setitem(sys.modules, "jsonschema_rs", None)


def _with(other: Any, **beside: Any) -> dict[str, Any]:
    return {"type": "object", "properties": {"other": other, "limit": LIMIT}, **beside}


UNREADABLE = {
    "a reference to nowhere": _with({"$ref": "#/$defs/Nowhere"}),
    "a reference to the network": _with({"$ref": "https://example.com/schema.json"}),
    "a type that there is not": _with({"type": "banana"}),
    "a list of types with one that there is not": _with({"type": ["string", "int"]}),
    "a pattern that is not closed": _with({"pattern": "(["}),
    "a pattern that is a number": _with({"pattern": 5}),
    "a bound that is a text": _with({"minimum": "5"}),
    "properties that are a list": _with({"properties": ["x"]}),
    "a property that is a text": _with("string"),
    "alternatives that are an object": _with({"anyOf": {"a": {"type": "string"}}}),
    "alternatives that are none": _with({"anyOf": []}),
    "an alternative that is a number": _with({"anyOf": [7, {"type": "string"}]}),
    "required that is a flag": _with({"required": True}),
    "an enum that is a text": _with({"enum": "a"}),
    "a dialect that nobody knows": _with({}, **{"$schema": "https://example.com/dialect"}),
    "a dialect that is a number": _with({}, **{"$schema": 7}),
    "a pattern for names that is not closed": _with(
        {"patternProperties": {"([": {"type": "string"}}, "additionalProperties": False}
    ),
    "definitions that are a list": _with({}, definitions=[]),
    "half an emoji in an enum": _with({"anyOf": [{"const": "\ud83d"}, {}]}),
    "several at once": _with({"type": "banana", "minimum": "5", "pattern": "(["}, required=5),
}


def _check(schema: dict[str, Any]) -> Check:
    check = compiled(schema, certain=True)
    assert check is not None
    return check


@pytest.mark.parametrize("name", UNREADABLE)
def test_what_cannot_be_read_ends_no_other_check(name: str) -> None:
    check = _check(UNREADABLE[name])
    assert check({"limit": 5, "other": {"any": "thing"}}) is None
    for wrong in (5000, "7", 7.5, None):
        misfit = check({"limit": wrong})
        assert misfit is not None
        assert misfit.place == "limit"


@pytest.mark.parametrize("name", sorted({*UNREADABLE} - {"half an emoji in an enum"}))
def test_what_is_not_checked_is_told_with_its_place(name: str) -> None:
    found = unread(UNREADABLE[name])
    assert found
    assert all(one.reason for one in found)
    assert all(one.pointer.startswith("/") for one in found)


def test_a_schema_that_is_valid_has_nothing_to_tell() -> None:
    schema = _with({"$ref": "#/$defs/Kind"}, **{"$defs": {"Kind": {"pattern": r"^[\w-.]+$"}}})
    assert unread(schema) == ()


NAMES = ["Partial<Filter>", "a b", "100%", 'q"uote', "a/b", "a~b", "é", "[x]", "a\\b"]


@pytest.mark.parametrize(
    ("name", "encoded"),
    [*((name, False) for name in NAMES), *((n, True) for n in [*NAMES, "a%20b"])],
)
def test_references_need_no_percent_encoding(name: str, encoded: bool) -> None:
    token = name.replace("~", "~0").replace("/", "~1")
    if encoded:
        token = quote(token)
    schema = _with({"$ref": f"#/definitions/{token}"}, definitions={name: {"type": "string"}})
    check = _check(schema)
    assert unread(schema) == ()
    assert check({"other": "x"}) is None
    misfit = check({"other": 3})
    assert misfit is not None
    assert misfit.place == "other"


def test_properties_that_are_required_twice_are_required() -> None:
    misfit = _check(_with({}, required=["limit", "limit", 7]))({})
    assert misfit is not None
    assert misfit.missing == "limit"


def test_a_misfit_shows_the_pattern_of_the_server() -> None:
    misfit = _check({"properties": {"name": {"pattern": r"^[\w-.]+$"}}})({"name": "a b"})
    assert misfit is not None
    assert misfit.demand == r"^[\w-.]+$"


def test_keys_beside_patterns_are_refused_where_no_others_are_allowed() -> None:
    check = _check({"patternProperties": {r"^x-[\w-.]+$": {}}, "additionalProperties": False})
    assert check({"x-a.b": 1}) is None
    misfit = check({"x-a.b": 1, "y": 2})
    assert misfit is not None
    assert misfit.unexpected == ("y",)
