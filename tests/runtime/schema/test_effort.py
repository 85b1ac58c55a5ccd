"""Judging and explaining are bounded for every schema and every value."""

from __future__ import annotations

import sys
from typing import Any

import pytest
from mcp_sdkgen_runtime.schema.comparing import Comparing
from mcp_sdkgen_runtime.schema.effort import Effort, TooMuchWork
from mcp_sdkgen_runtime.schema.validation import Check, Misfit, compiled

FILTERS = {
    "type": "object",
    "properties": {"filter": {"$ref": "#/$defs/f"}},
    "$defs": {
        "f": {
            "anyOf": [
                {
                    "type": "object",
                    "properties": {"and": {"type": "array", "items": {"$ref": "#/$defs/f"}}},
                    "required": ["and"],
                },
                {
                    "type": "object",
                    "properties": {
                        "and": {"type": "array", "items": {"$ref": "#/$defs/f"}},
                        "or": {"type": "array", "items": {"$ref": "#/$defs/f"}},
                    },
                },
                {
                    "type": "object",
                    "properties": {"field": {"type": "string"}, "equals": {}},
                    "required": ["field"],
                    "additionalProperties": False,
                },
            ]
        }
    },
}


@pytest.fixture(params=["jsonschema-rs", "jsonschema"])
def engine(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    if request.param == "jsonschema":
        monkeypatch.setitem(sys.modules, "jsonschema_rs", None)
    return str(request.param)


def check_of(schema: Any) -> Check:
    check = compiled(schema, certain=True)
    assert check is not None
    return check


def nested(depth: int, inner: Any = 5) -> Any:
    for _ in range(depth):
        inner = {"and": [inner]}
    return {"filter": inner}


def judged(check: Check, value: Any) -> Misfit | TooMuchWork | None:
    try:
        return check(value)
    except TooMuchWork as error:
        return error


def doubling(levels: int) -> dict[str, Any]:
    definitions: dict[str, Any] = {
        f"a{level}": {"anyOf": [{"$ref": f"#/$defs/a{level + 1}"}] * 2} for level in range(levels)
    }
    return {"$ref": "#/$defs/a0", "$defs": definitions | {f"a{levels}": {"type": "string"}}}


def test_a_misfit_a_few_alternatives_deep_is_explained(engine: str) -> None:
    misfit = check_of(FILTERS)(nested(3))
    assert misfit is not None
    assert misfit.path == ("filter", "and", 0, "and", 0, "and", 0)


@pytest.mark.parametrize("depth", [22, 60])
def test_a_misfit_deep_inside_alternatives_is_found_within_bounds(engine: str, depth: int) -> None:
    found = judged(check_of(FILTERS), nested(depth))
    if engine == "jsonschema":
        assert isinstance(found, TooMuchWork)
    else:
        assert isinstance(found, Misfit)
        assert str(found).startswith("does not fit the schema")


def test_what_fits_deep_inside_alternatives_passes(engine: str) -> None:
    assert check_of(FILTERS)(nested(12, {"field": "a"})) is None


def test_definitions_that_double_at_each_level_are_not_judged(engine: str) -> None:
    assert isinstance(judged(check_of(doubling(40)), 5), TooMuchWork)
    assert check_of(doubling(6))("fits") is None
    assert check_of(doubling(6))(5) is not None


def test_a_value_that_cannot_be_judged_passes_where_the_server_judges_it_anyway(
    engine: str,
) -> None:
    check = compiled(doubling(40))
    assert check is not None
    assert check(5) is None


def test_one_wrong_row_of_thousands_is_named(engine: str) -> None:
    schema = {"type": "array", "items": {"properties": {"a": {"type": "string"}}}}
    misfit = check_of(schema)([*({"a": "x"} for _ in range(3_000)), {"a": 1}])
    assert misfit is not None
    assert misfit.place == "[3000].a"


def test_thousands_of_wrong_rows_have_one_explanation(engine: str) -> None:
    schema = {"type": "array", "items": {"anyOf": [{"type": "string"}, {"type": "null"}]}}
    assert isinstance(check_of(schema)(list(range(20_000))), Misfit)


def test_objects_that_must_differ_are_not_compared_each_with_each_for_ever(engine: str) -> None:
    schema = {"type": "array", "uniqueItems": True}
    found = judged(check_of(schema), [{"a": number} for number in range(20_000)])
    assert isinstance(found, TooMuchWork) if engine == "jsonschema" else found is None


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        # Judging compares each item with each member.
        ({"items": {"enum": [{"a": n} for n in range(20_000)]}}, [{"a": -1}] * 20_000),
        # Each error would hold a copy of the whole value, or of what the schema demands.
        ({"anyOf": [{"type": "string"}] * 900}, [0] * 400_000),
        ({"items": {"const": "x" * 300_000}}, [0] * 20_000),
        ({"items": {"not": {"enum": [0, "x" * 300_000]}}}, [0] * 20_000),
        # A pattern for which engines try one way after the other, for each item.
        (
            {"items": {"anyOf": [{"pattern": "^(a|aa)+(?=b)$"}, {"type": "null"}]}},
            ["a" * 60] * 20_000,
        ),
    ],
    ids=["enum", "copies of the value", "copies of a const", "copies of an enum", "backtracking"],
)
def test_a_large_schema_for_many_values_is_judged_or_explained_within_bounds(
    schema: Any, value: Any
) -> None:
    found = judged(check_of({"$defs": {}, **schema}), value)
    assert isinstance(found, TooMuchWork) or (found is not None and not found.rule)


def test_a_pattern_that_looks_ahead_is_still_judged(engine: str) -> None:
    check = check_of({"items": {"type": "string", "pattern": "^(?!/etc/).*$"}})
    assert check(["/tmp/a"] * 100) is None


def test_effort_counts_each_alternative_at_each_level() -> None:
    effort = Effort(FILTERS)
    assert effort.within(nested(3), 1_000)
    assert not effort.within(nested(20), 1_000_000)


def test_references_in_a_circle_are_counted_once() -> None:
    circle = {"a": {"$ref": "#/$defs/b"}, "b": {"$ref": "#/$defs/a"}}
    effort = Effort({"$ref": "#/$defs/a", "$defs": circle})
    assert effort.within(5, 10)
    assert effort.static() == 4


LARGE = 10**25


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"uniqueItems": True}, [LARGE + n for n in range(20_000)]),
        ({"uniqueItems": True}, [2**64 - 1 - n for n in range(20_000)]),
        ({"uniqueItems": True}, [10**500 + n for n in range(2_000)]),
        ({"uniqueItems": True}, [{"a": [LARGE + n]} for n in range(20_000)]),
        ({"anyOf": [{"uniqueItems": True}] * 500}, [LARGE + n for n in range(500)]),
        ({"items": {"enum": [LARGE + n for n in range(900)]}}, [LARGE + 899] * 20_000),
        ({"items": {"enum": list(range(900))}}, [LARGE] * 20_000),
        ({"items": {"enum": [n + 0.5 for n in range(900)]}}, [899.5] * 20_000),
        ({"items": {"anyOf": [{"const": LARGE + n} for n in range(900)]}}, [LARGE] * 20_000),
        ({"items": {"allOf": [{"multipleOf": 0.5}] * 300}}, [10**4_000] * 2_000),
    ],
    ids=["25 digits", "64 bits", "500 digits", "within", "again and again", "enum",
         "for a small enum", "fractions", "constants", "divided"],
)  # fmt: skip
def test_numbers_that_are_read_anew_at_each_comparison_are_compared_within_bounds(
    schema: Any, value: Any
) -> None:
    assert isinstance(judged(check_of(schema), value), TooMuchWork)


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"uniqueItems": True}, list(range(100_000))),
        ({"uniqueItems": True}, [n + 0.5 for n in range(100_000)]),
        ({"uniqueItems": True}, [LARGE + n for n in range(500)]),
        ({"items": {"uniqueItems": True}}, [[LARGE, LARGE + 1]] * 500),
        ({"items": {"enum": list(range(900))}}, [5] * 100_000),
        ({"items": {"enum": [n / 2 for n in range(10)]}}, [4.5] * 20_000),
        ({"items": {"multipleOf": 0.5}}, [4.5] * 100_000),
        ({"items": {"type": "integer"}}, [LARGE] * 100_000),
    ],
    ids=["integers", "fractions", "a few large", "many pairs", "enum", "ratings", "steps", "type"],
)
def test_numbers_as_usual_are_judged(schema: Any, value: Any) -> None:
    assert judged(check_of(schema), value) is None


def test_comparing_grows_with_the_square_only_where_large_numbers_must_be_unique() -> None:
    def steps(schema: Any, count: int) -> int:
        return Comparing(Effort(schema)).steps([LARGE + n for n in range(count)])

    assert steps({"uniqueItems": True}, 2_000) == 4 * steps({"uniqueItems": True}, 1_000)
    listed = {"items": {"enum": [1, LARGE]}}
    assert steps(listed, 2_000) == 2 * steps(listed, 1_000)
    assert steps({"items": {"type": "integer"}}, 2_000) == 0


@pytest.mark.parametrize("other", [None, True, "a", [1]], ids=repr)
def test_items_of_several_types_that_must_differ_are_not_compared_for_ever(
    engine: str, other: Any
) -> None:
    found = judged(check_of({"uniqueItems": True}), [*range(20_000), other])
    assert isinstance(found, TooMuchWork) if engine == "jsonschema" else found is None


def test_a_long_enum_for_many_values_is_compared_within_bounds(
    engine: str,
) -> None:
    schema = {"items": {"enum": list(range(900))}}
    found = judged(check_of(schema), [899] * 20_000)
    assert isinstance(found, TooMuchWork) if engine == "jsonschema" else found is None
