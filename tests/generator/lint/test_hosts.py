"""What hosts and providers refuse in a tool list is found, by host and with its source."""

from __future__ import annotations

from typing import Any

import pytest
from mcp_sdkgen import Snapshot
from mcp_sdkgen.lint import HOST_RULES, lint

STRICT: dict[str, Any] = {
    "type": "object",
    "properties": {"city": {"type": "string"}},
    "required": ["city"],
    "additionalProperties": False,
}


def _codes(*tools: dict[str, Any]) -> set[str]:
    return {each.code for each in lint(Snapshot.of("s", list(tools))).hosts}


def _tool(schema: Any = STRICT, name: str = "get_forecast", **more: Any) -> dict[str, Any]:
    return {"name": name, "inputSchema": schema, **more}


def _with(**properties: Any) -> Any:
    names = ["city", *properties]
    return {**STRICT, "properties": {**STRICT["properties"], **properties}, "required": names}


def test_a_tool_that_every_host_takes_has_no_finding() -> None:
    assert _codes(_tool(outputSchema={"type": "object"})) == set()


@pytest.mark.parametrize(
    ("tool", "codes"),
    [
        (_tool({}), {"root-not-object", "strict-root"}),
        (_tool({"$schema": "x"}), {"root-not-object", "strict-root"}),
        (_tool(None), {"root-not-object", "strict-root"}),
        (_tool({"type": "array"}), {"root-not-object"}),
        (_tool({**STRICT, "oneOf": [{}]}), {"root-combinator", "codex-root", "strict-one-of"}),
        (_tool({**STRICT, "anyOf": [{}]}), {"root-combinator", "codex-root"}),
        (_tool({**STRICT, "not": {}}), {"codex-root"}),
        (_tool(outputSchema={"$ref": "#/$defs/A"}), {"output-root-not-object"}),
        (_tool(outputSchema={"type": "array"}), {"output-root-not-object"}),
        (_tool(name="get.forecast"), {"host-name"}),
        (_tool(name="x" * 65), {"openai-name", "gemini-name"}),
        (_tool(name="x" * 129), {"openai-name", "claude-name", "gemini-name"}),
        (_tool(description="x" * 1025), {"openai-description"}),
        (_tool(description="x" * 2049), {"openai-description", "claude-code-description"}),
        (_tool(name="7days"), {"gemini-name"}),
        (_tool(_with(**{"a b": {"type": "string"}})), {"host-argument-name"}),
        (_tool({**STRICT, "required": []}), {"strict-required"}),
        (_tool(_with(a={**STRICT, "additionalProperties": True})), {"strict-closed"}),
        (_tool(_with(a={"allOf": [{"type": "null"}]})), {"strict-all-of"}),
        (_tool(_with(a={"type": "integer", "enum": [1, 2]})), {"gemini-enum"}),
        (_tool(_with(a={"type": ["string", "null"]})), {"gemini-type-list"}),
        (_tool(_with(a={"type": "string", "required": []})), {"gemini-properties"}),
        (
            _tool(_with(a={"type": "object", "additionalProperties": False})),
            {"gemini-empty-object"},
        ),
    ],
)
def test_what_a_host_refuses_is_found(tool: dict[str, Any], codes: set[str]) -> None:
    assert _codes(tool) == codes


@pytest.mark.parametrize(
    ("count", "codes"),
    [(40, set()), (41, {"cursor-tools"}), (128, {"cursor-tools"}),
     (129, {"cursor-tools", "openai-tools", "vscode-tools"})],
)  # fmt: skip
def test_too_many_tools_are_found(count: int, codes: set[str]) -> None:
    assert _codes(*(_tool(name=f"tool_{n}") for n in range(count))) == codes


def test_what_loses_users_a_tool_costs_points_and_what_callers_choose_does_not() -> None:
    chosen = lint(Snapshot.of("s", [_tool({**STRICT, "required": []})]))
    lost = lint(Snapshot.of("s", [_tool({**STRICT, "anyOf": [{"required": ["city"]}]})]))

    assert {each.code for each in chosen.all_findings}.isdisjoint(HOST_RULES)
    assert "root-combinator" in {each.code for each in lost.all_findings}
    assert lost.score < chosen.score


def test_every_finding_names_its_host_the_place_and_the_page_that_says_so() -> None:
    (found,) = (
        each
        for each in lint(Snapshot.of("s", [_tool({**STRICT, "allOf": [{}]})])).to_json()["hosts"]
        if each["code"] == "root-combinator"
    )

    assert found["host"] == "Claude" and found["tool"] == "get_forecast"
    assert found["pointer"] == "/inputSchema/allOf"
    assert found["message"].startswith("users report that Claude refuses ")
    assert all(rule.source.startswith("https://") for rule in HOST_RULES.values())
