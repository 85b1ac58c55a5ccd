"""A union of constants is the enum that it is typed as."""

from __future__ import annotations

from typing import Any

import pytest

from .tables import B, C, T, found, input_drift, obj, output_drift

A_B: Any = {"type": "string", "enum": ["a", "b"]}


def _union(*values: Any, kind: str = "oneOf", **more: Any) -> Any:
    return {kind: [{"const": one, "description": f"It is {one}."} for one in values], **more}


NUMBER: Any = {"type": "integer"}
SAME = [
    (_union("a", "b"), A_B),
    (_union("a", "b", kind="anyOf"), A_B),
    (A_B, _union("b", "a")),
    ({"oneOf": [A_B, {"const": "c"}]}, {"enum": ["a", "b", "c"]}),
    ({"oneOf": [A_B, {"const": "b"}]}, {"const": "a"}),
    (_union("a", "b", type="string"), A_B),
    ({"anyOf": [{"const": "a"}, NUMBER, {"const": "b"}]}, {"anyOf": [A_B, NUMBER]}),
    ({"oneOf": [{"$ref": "#/$defs/A"}, {"const": "b"}]}, A_B),
    (_union(*range(200)), {"enum": [*range(200)]}),
]


@pytest.mark.parametrize(("old", "new"), SAME)
@pytest.mark.parametrize("way", [input_drift, output_drift])
def test_another_spelling_of_an_enum_changes_nothing(way: Any, old: Any, new: Any) -> None:
    both = ({**obj({"x": one}, "x"), "$defs": {"A": {"const": "a"}}} for one in (old, new))

    assert {severity for severity, *_ in found(way(*both))} <= {T}


@pytest.mark.parametrize(
    ("old", "new", "sent", "given"),
    [
        (_union("a", "b"), _union("a", "b", "c"), C, C),
        (_union("a", "b", "c"), A_B, B, C),
        (_union("a"), _union("b"), B, B),
        (_union("a", "b"), {"type": "string"}, C, B),
    ],
)
def test_a_value_more_or_less_is_judged_as_in_an_enum(
    old: Any, new: Any, sent: str, given: str
) -> None:
    was, now = obj({"x": old}, "x"), obj({"x": new}, "x")

    assert str(input_drift(was, now).severity) == sent
    assert str(output_drift(was, now).severity) == given
