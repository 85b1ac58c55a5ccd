"""What a server's patterns may take is bounded: to read them, and to match them."""

from __future__ import annotations

import sys
from typing import Any

import pytest
from mcp_sdkgen_runtime.schema.ecma_patterns import translated
from mcp_sdkgen_runtime.schema.effort import TooMuchWork, backtracks
from mcp_sdkgen_runtime.schema.pattern_bounds import MAX_SIZE, pattern_size
from mcp_sdkgen_runtime.schema.validation import Check, compiled, unread

TRACED = r"(?:(?!.*b)a)*c"


@pytest.mark.parametrize(
    ("pattern", "size"),
    [
        ("abc", 3),
        ("a{2}{3}", 6),
        ("(a{3}b){2,}", 12),
        ("(?:){1000}{1000}", 2_000_000),
        (r"\w{100}", 100),
        (r"\p{L}{60}", 42_000),
        (r"[\p{L}\p{N}]{2}", 1_400),
        (r"[^a]{10}", 120),
        (r"\{3}", 3),
    ],
)
def test_the_size_of_a_pattern_is_that_of_its_repetitions_written_out(
    pattern: str, size: int
) -> None:
    assert pattern_size(translated(pattern)) == size


@pytest.mark.parametrize(
    "pattern",
    [r"^.{1,5000}$", r"^[\p{L}\p{Z}\p{N}_.:/=+\-@]{0,128}$", r"^\w{1,255}$", r"^\S{1,2048}$"],
)
def test_patterns_of_usual_servers_are_within(pattern: str) -> None:
    assert pattern_size(translated(pattern)) <= MAX_SIZE
    assert unread({"type": "string", "pattern": pattern}) == ()


@pytest.mark.parametrize("engine", ["jsonschema-rs", "jsonschema"])
def test_patterns_that_are_too_large_together_are_not_read_and_all_else_is(
    engine: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if engine == "jsonschema":
        monkeypatch.setitem(sys.modules, "jsonschema_rs", None)
    large = {f"a{n}": {"type": "string", "pattern": rf"\p{{L}}{{{n}}}"} for n in range(60, 160)}
    schema = {"properties": {**large, "z": {"pattern": "^z$"}}}
    left_out = [one.pointer for one in unread(schema)]
    assert left_out == [f"/properties/a{n}/pattern" for n in range(62, 160)]
    check = compiled(schema, certain=True)
    assert check is not None
    assert check({"a60": "1" * 60}) is not None
    assert check({"a99": "1"}) is None
    assert check({"a99": 1, "z": "z"}) is not None
    assert check({"z": "y"}) is not None


def test_one_pattern_in_many_places_counts_once() -> None:
    one = {"type": "string", "pattern": r"^\p{L}{1,60}$"}
    assert unread({"properties": {f"a{n}": dict(one) for n in range(500)}}) == ()


def _check(schema: Any) -> Check:
    check = compiled(schema, certain=True)
    assert check is not None
    return check


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"pattern": TRACED}, "a" * 5_000),
        ({"properties": {"a": {"items": {"pattern": TRACED}}}}, {"a": ["a" * 1_000] * 20}),
        ({"patternProperties": {TRACED: {}}}, {"a" * 5_000: 1}),
        ({"propertyNames": {"pattern": TRACED}}, {"a" * 5_000: 1}),
        ({"$ref": "#/$defs/a", "$defs": {"a": {"pattern": TRACED}}}, "a" * 5_000),
    ],
    ids=["a text", "many texts", "a key", "a name", "by a reference"],
)
def test_a_long_text_is_not_matched_where_a_pattern_may_read_it_again_and_again(
    schema: Any, value: Any
) -> None:
    with pytest.raises(TooMuchWork):
        _check(schema)(value)
    assert compiled(schema)(value) is None  # type: ignore[misc]


@pytest.mark.parametrize("schema", [{"pattern": TRACED}, {"not": {"pattern": TRACED}}])
def test_a_text_on_which_a_pattern_gives_up_neither_fits_nor_does_not(
    schema: Any, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(TooMuchWork, match="looks around, and would read a text of 2000 characters"):
        _check(schema)("a" * 2_000)
    lenient = compiled(schema)
    assert lenient is not None
    assert lenient("a" * 2_000) is None
    assert "a value is not checked against its schema: the pattern" in caplog.text


@pytest.mark.parametrize(
    ("pattern", "fits", "fails"),
    [
        ("^(?!/etc/)", "/tmp/" + "a" * 1_000_000, "/etc/" + "a" * 1_000_000),
        (r"^(?!.*\.\.)[a-z/.]+$", "a/" * 500_000, "a/" * 500_000 + ".."),
        (r"^(?=.*\d)(?=.*[a-z])\S{8,}$", "a" * 1_000_000 + "1", "a" * 1_000_000),
        (r"^(?:(?!\.\.).)*$", "a" * 2_500, "a" * 2_500 + ".."),
    ],
)
def test_a_long_text_is_judged_by_a_pattern_that_looks_around_where_it_reads_it_seldom(
    pattern: str, fits: str, fails: str
) -> None:
    for schema, within in (
        ({"pattern": pattern}, str),
        ({"patternProperties": {pattern: {}}, "additionalProperties": False}, _as_key),
        ({"not": {"not": {"pattern": pattern}}}, str),
        ({"items": {"$ref": "#/$defs/a"}, "$defs": {"a": {"pattern": pattern}}}, _in_list),
    ):
        check = _check(schema)
        assert check(within(fits)) is None
        assert check(within(fails)) is not None


def _as_key(text: str) -> Any:
    return {text: 1}


def _in_list(text: str) -> Any:
    return [text]


def test_long_texts_beside_a_pattern_that_looks_ahead_are_judged() -> None:
    check = _check({"properties": {"path": {"pattern": "^(?!/etc/)"}, "text": {"type": "string"}}})
    assert check({"path": "/tmp/a", "text": "a" * 100_000}) is None
    assert check({"path": "/etc/a", "text": "a" * 100_000}) is not None


@pytest.mark.parametrize(
    "pattern", ["(?>a|aa)*c", "(a)(?(1)b|c)", "(?P<n>a)(?P=n)", "a++c", "(?<!a)b"]
)
def test_what_only_a_backtracking_engine_knows_is_seen(pattern: str) -> None:
    assert backtracks(translated(pattern))


@pytest.mark.parametrize("pattern", [r"\*+", r"[*+]+", r"\}+", "(?P<n>a)+", "(?i)a?", "a+b+"])
def test_what_a_linear_engine_knows_is_no_backtracking(pattern: str) -> None:
    assert not backtracks(translated(pattern))
