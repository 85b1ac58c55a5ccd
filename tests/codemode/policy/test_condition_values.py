"""The values in a `where` are such as an argument can have."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest
from mcp_sdkgen_codemode.policy.policy import Policy, Rule


@pytest.mark.parametrize("decision", ["deny", "ask", "allow"])
@pytest.mark.parametrize(
    "wanted",
    [
        "{value}",
        "[{value}]",
        "{{ equals = {value} }}",
        "{{ equals = {{ until = [1, {value}] }} }}",
        "{{ enum = ['x', {value}] }}",
        "{{ const = {value} }}",
        "{{ maximum = {value} }}",
        "{{ schema = {{ properties = {{ a = {{ not = {{ const = {value} }} }} }} }} }}",
    ],
)
@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("2026-01-31", "write it in quotes"),
        ("2026-01-31T08:00:00Z", "write it in quotes"),
        ("08:00:00", "write it in quotes"),
        ("nan", "no argument can be nan"),
        ("-inf", "no argument can be -inf"),
    ],
)
def test_a_value_that_no_argument_can_have_is_an_error(
    decision: str, wanted: str, value: str, message: str
) -> None:
    line = f"{decision} = [{{ tool = 'x', where = {{ until = {wanted.format(value=value)} }} }}]"
    with pytest.raises(ValueError, match="`where`: 'until': ") as caught:
        Policy.read(tomllib.loads(line), "p")
    assert message in str(caught.value)


@pytest.mark.parametrize("value", [b"x", {1}, ("x",), {1: "x"}, [object()]])
def test_a_value_that_json_has_not_is_an_error(value: Any) -> None:
    with pytest.raises(ValueError, match="'target': no argument can be"):
        Rule("deny", "github", {"target": value})
