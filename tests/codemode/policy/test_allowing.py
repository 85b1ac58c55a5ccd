"""An `allow` is read narrowly: neither a server nor a program can have more meant by it."""

from __future__ import annotations

import re
import shlex
from typing import Any

import pytest
from mcp_sdkgen_codemode.policy.patterns import option
from mcp_sdkgen_codemode.policy.policy import Policy, Rule
from mcp_sdkgen_codemode.policy.services import PinnedTool, Service
from mcp_sdkgen_runtime.schema.definitions import ShippedLists

from tests.codemode.broker.guests import definition

DESTROYS = {"destructiveHint": True}


def tool(name: str = "create_issue", hints: dict[str, Any] | None = None) -> PinnedTool:
    return PinnedTool("github", definition(name, hints or {}))


@pytest.mark.parametrize(
    ("name", "pattern"),
    [("*@reads", "github/*@reads"), ("get_[ab]", "github/get_[ab]"), ("x@reads", "github/x@reads")],
)
def test_a_server_cannot_call_a_tool_like_a_pattern_to_have_it_allowed(
    name: str, pattern: str
) -> None:
    named = tool(name, DESTROYS)
    assert Policy.of(allow=[pattern]).decide(named, {}).decision == "ask"
    assert Policy.of(allow=["github"], deny=[pattern]).decide(named, {}).decision == "deny"
    [allowed] = shlex.split(option("allow", named))[1:]
    assert Policy.of(allow=[allowed]).decide(named, {}).decision == "allow"


@pytest.mark.parametrize(
    ("wanted", "given"),
    [
        ({"maximum": 3}, "9"),
        ({"pattern": "^/tmp/"}, ["/etc"]),
        ({"schema": {"format": "ipv4"}}, {"a": 1}),
        ({"schema": {"items": {"pattern": "^a"}}}, "b"),
        ({"schema": {"type": "array", "items": {"pattern": "^a"}}}, [["b"]]),
        ({"schema": {"properties": {"a": {"const": 1}}}}, "b"),
        ({"anyOf": [{"maximum": 3}, {"pattern": "^a"}]}, {"c": 1}),
        ({"schema": {"if": {"minimum": 9}, "then": {}, "else": False}}, "10"),
        ({"schema": {"if": {"maximum": 9}, "then": {"pattern": "a"}, "else": {"const": 10}}}, None),
        ({"schema": {"propertyNames": {"maxLength": 3}}}, ["long enough"]),
        ({"schema": {"contains": {"minimum": 3}, "maxContains": 1}}, ["x"]),
        ({"schema": {"allOf": [{}], "oneOf": [{"minimum": 9}, {"const": 1}]}}, {"a": 1}),
    ],
)
def test_a_condition_is_never_passed_by_a_value_of_a_type_that_it_does_not_speak_of(
    wanted: Any, given: Any
) -> None:
    allowing = Policy([Rule("allow", "github", {"target": wanted})])
    assert allowing.decide(tool(), {"target": given}).decision == "ask"
    # Who refuses what may fit is careful with what cannot be judged.
    denying = Policy([Rule("allow", "github"), Rule("deny", "github", {"target": wanted})])
    assert denying.decide(tool(), {"target": given}).decision == "deny"


def test_what_a_condition_refuses_is_refused_to_values_of_every_type() -> None:
    wanted = {"not": {"pattern": "^b"}}
    allowing = Policy([Rule("allow", "github", {"target": wanted})])
    assert allowing.decide(tool(), {"target": "a"}).decision == "allow"
    assert allowing.decide(tool(), {"target": "b"}).decision == "ask"
    assert allowing.decide(tool(), {"target": 1}).decision == "ask"


def test_a_condition_with_types_allows_nothing_that_it_does_not_allow_without_them() -> None:
    # With types, a text fits one of both alone.
    wanted = {"oneOf": [{"type": "string"}, {"maximum": 3}]}
    allowing = Policy([Rule("allow", "github", {"target": wanted})])
    assert allowing.decide(tool(), {"target": "a"}).decision == "ask"
    assert allowing.decide(tool(), {"target": 3}).decision == "allow"


@pytest.mark.parametrize(
    ("wanted", "allowed", "asked"),
    [
        ({"type": "string", "not": {"const": "main"}}, "dev", ["main", ["main"], 1]),
        ({"not": {"maxItems": 3}}, [1, 2, 3, 4], [[1], "abcd"]),
        ({"pattern": "^a", "not": {"enum": ["ab"]}}, "ac", ["ab", 1]),
        ({"if": {"maxLength": 3}, "then": {"pattern": "a"}, "else": {"const": "long"}}, "long",
         ["longer", "b", 5]),
        ({"if": {"type": "string"}, "then": {"pattern": "a"}, "else": {"maximum": 3}}, 3,
         ["b", 4, None, {}]),
    ],
)  # fmt: skip
def test_what_an_allow_says_by_not_and_if_is_said_of_the_types_that_it_names(
    wanted: Any, allowed: Any, asked: list[Any]
) -> None:
    allowing = Policy([Rule("allow", "github", {"target": {"schema": wanted}})])
    assert allowing.decide(tool(), {"target": allowed}).decision == "allow"
    for given in asked:
        assert allowing.decide(tool(), {"target": given}).decision == "ask"


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        ({"not": {"const": "main"}}, "`where`: 'target': in an `allow`, `not` passes values of "
         "every other type; write the type that is meant beside it"),
        ({"not": {"type": "string"}}, "write the type that is meant beside it"),
        ({"not": {"anyOf": [{"maximum": 3}]}}, "write the type that is meant beside it"),
        ({"schema": {"items": {"not": {"enum": [1]}}}}, "write the type that is meant beside it"),
        ({"not": {"not": {"maximum": 3}}}, "not inside not can pass values of every type"),
        ({"type": "string", "not": {"oneOf": [{"const": 1}]}}, "oneOf inside not can pass"),
        ({"schema": {"if": {"not": {"maximum": 3}}, "then": {"const": 1}, "else": False}},
         "not inside if can pass"),
    ],
)  # fmt: skip
def test_what_an_allow_would_pass_by_not_fitting_is_an_error(wanted: Any, message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        Rule("allow", "github", {"target": wanted})
    Rule("deny", "github", {"target": wanted})


@pytest.mark.parametrize(
    "schema",
    [
        {},
        {"title": "x", "description": "y", "default": 1, "examples": [1], "$comment": "z"},
        {"allOf": [{}, {"title": "x"}]},
        {"anyOf": [{"maximum": 3}, {}]},
        {"oneOf": [{"const": 1}, True]},
    ],
)
def test_a_schema_that_demands_nothing_allows_nothing(schema: Any) -> None:
    with pytest.raises(ValueError, match="'target': in an `allow`, this schema passes every value"):
        Rule("allow", "github", {"target": {"schema": schema}})
    denying = Policy([Rule("deny", "github", {"target": {"schema": schema}})])
    assert denying.decide(tool(), {"target": "a"}).decision == "deny"


@pytest.mark.parametrize(
    "schema",
    [
        {"$ref": "#/$defs/x", "$defs": {"x": {"enum": ["dev", "test"]}}},
        {"allOf": [{"$ref": "#/definitions/x"}], "definitions": {"x": {"maximum": 3}}},
        {"$id": "x:y", "$ref": "#/$defs/x", "$defs": {"x": {"const": 1}}},
        {"not": {"$ref": "#"}},
        {"$dynamicRef": "#x"},
    ],
)
def test_a_condition_that_refers_to_another_place_is_an_error(schema: Any) -> None:
    with pytest.raises(ValueError, match="write the schema itself where it is meant"):
        Rule("allow", "github", {"env": {"schema": schema}})


def test_what_depends_on_a_key_is_meant_for_the_types_that_it_speaks_of() -> None:
    wanted = {"schema": {"dependentSchemas": {"a": {"properties": {"b": {"maximum": 1}}}}}}
    allowing = Policy([Rule("allow", "github", {"target": wanted})])
    assert allowing.decide(tool(), {"target": {"a": 0, "b": 1}}).decision == "allow"
    assert allowing.decide(tool(), {"target": {"a": 0, "b": "9"}}).decision == "ask"


@pytest.mark.parametrize(
    "schema",
    [
        {"if": {"const": 1}, "then": {"const": 1}},
        {"then": {"const": 1}},
        {"minContains": 1},
        {"prefixItems": [{"const": 1}], "additionalItems": False},
        {"$schema": "http://json-schema.org/draft-07/schema#", "prefixItems": [{"const": 1}]},
    ],
)
def test_a_condition_that_says_nothing_is_an_error(schema: Any) -> None:
    with pytest.raises(ValueError, match=r"says nothing without|no keyword"):
        Rule("allow", "github", {"target": {"schema": schema}})


def test_a_condition_on_an_argument_that_no_prompt_or_resource_has_is_an_error() -> None:
    prompt = {"name": "ask", "arguments": [{"name": "city"}]}
    offered = Service.of("docs", object(), ShippedLists({}, {"ask": prompt}))
    for pattern, name in (("docs/ask@prompt", "town"), ("docs@resource", "path")):
        rule = Rule("deny", pattern, {name: "x"})
        with pytest.raises(ValueError, match="no tool that it matches has an argument"):
            Policy([rule]).check(offered.offered)
    Policy([Rule("deny", "docs/ask@prompt", {"city": "x"})]).check(offered.offered)
    Policy([Rule("deny", "docs@resource", {"uri": "x"})]).check(offered.offered)


def test_a_rule_about_a_kind_that_a_tool_is_not_and_cannot_become_is_an_error() -> None:
    with pytest.raises(ValueError, match="protects nothing"):
        Policy.of(deny=["github/create_issue@reads"]).check([tool(hints=DESTROYS)])
    Policy.of(deny=["github/create_issue@destroys"]).check([tool(hints={"readOnlyHint": True})])


def test_a_condition_whose_pattern_can_be_made_to_give_up_is_an_error() -> None:
    for pattern in ("^(?!/tmp/)(a|aa)+$", r"(a*)*\1$"):
        with pytest.raises(ValueError, match="look-around"):
            Rule("deny", "github", {"path": {"schema": {"not": {"pattern": pattern}}}})
