"""Prompts, resources, templates and what a server says of itself."""

from __future__ import annotations

from typing import Any

import pytest
from mcp_sdkgen.drift import Severity, compare
from mcp_sdkgen.snapshot import Snapshot

from tests.generator.drift.tables import one, snapshot


def prompt(*arguments: dict[str, Any]) -> dict[str, Any]:
    return {"name": "review", "arguments": list(arguments)}


CODE, NEEDED = {"name": "code"}, {"name": "code", "required": True}
URI = {"uri": "a://b", "name": "b"}
OFFERS: dict[str, tuple[str, Any, Any, str, str]] = {
    "a prompt goes": ("prompts", prompt(), None, "breaking", "removed"),
    "a prompt comes": ("prompts", None, prompt(), "compatible", "added"),
    "its argument comes": ("prompts", prompt(), prompt(CODE), "compatible", "argument-added"),
    "a required argument comes": (
        "prompts",
        prompt(),
        prompt(NEEDED),
        "breaking",
        "required-argument-added",
    ),
    "its argument goes": ("prompts", prompt(CODE), prompt(), "breaking", "argument-removed"),
    "it becomes required": (
        "prompts",
        prompt(CODE),
        prompt(NEEDED),
        "breaking",
        "argument-made-required",
    ),
    "it becomes optional": (
        "prompts",
        prompt(NEEDED),
        prompt(CODE),
        "compatible",
        "argument-made-optional",
    ),
    "it is described": (
        "prompts",
        prompt(CODE),
        prompt({**CODE, "description": "x"}),
        "text",
        "description-changed",
    ),
    "a prompt is described": (
        "prompts",
        prompt(),
        {**prompt(), "description": "x"},
        "text",
        "text-changed",
    ),
    "a resource goes": ("resources", URI, None, "breaking", "removed"),
    "a resource comes": ("resources", None, URI, "compatible", "added"),
    "its type changes": (
        "resources",
        {**URI, "mimeType": "text/plain"},
        {**URI, "mimeType": "image/png"},
        "breaking",
        "media-type-changed",
    ),
    "its type is said": (
        "resources",
        URI,
        {**URI, "mimeType": "image/png"},
        "text",
        "media-type-changed",
    ),
    "its size changes": (
        "resources",
        {**URI, "size": 1},
        {**URI, "size": 2},
        "text",
        "text-changed",
    ),
    "a template goes": (
        "resource_templates",
        {"name": "t", "uriTemplate": "a://{x}"},
        None,
        "breaking",
        "removed",
    ),
    "a variable comes": (
        "resource_templates",
        {"name": "t", "uriTemplate": "a://{x}"},
        {"name": "t", "uriTemplate": "a://{x}/{y}"},
        "breaking",
        "variable-added",
    ),
    "a query variable comes": (
        "resource_templates",
        {"name": "t", "uriTemplate": "a://{x}"},
        {"name": "t", "uriTemplate": "a://{x}{?y}"},
        "compatible",
        "variable-added",
    ),
    "a variable goes": (
        "resource_templates",
        {"name": "t", "uriTemplate": "a://{x}/{y}"},
        {"name": "t", "uriTemplate": "a://{x}"},
        "breaking",
        "variable-removed",
    ),
    "its address changes": (
        "resource_templates",
        {"name": "t", "uriTemplate": "a://{x}"},
        {"name": "t", "uriTemplate": "b://{x}"},
        "breaking",
        "address-changed",
    ),
}


@pytest.mark.parametrize("name", OFFERS)
def test_prompts_resources_and_templates_cost_what_the_table_says(name: str) -> None:
    part, old, new, severity, kind = OFFERS[name]
    before, after = (snapshot(**{part: () if entry is None else (entry,)}) for entry in (old, new))
    change = one(compare(before, after))
    assert (change.severity, change.kind) == (severity, kind)


SERVER: dict[str, tuple[dict[str, Any], dict[str, Any], str]] = {
    "version": ({"server_info": {"version": "1"}}, {"server_info": {"version": "2"}}, "text"),
    "instructions": ({"instructions": "a"}, {"instructions": "b"}, "text"),
    "protocol": (
        {"protocol_version": "2025-11-25"},
        {"protocol_version": "2026-07-28"},
        "compatible",
    ),
    "capabilities": ({"capabilities": {"tools": {}}}, {"capabilities": {}}, "compatible"),
}


@pytest.mark.parametrize("name", SERVER)
def test_what_a_server_says_of_itself_breaks_nobody(name: str) -> None:
    old, new, severity = SERVER[name]
    change = one(compare(snapshot(**old), snapshot(**new)))
    assert (change.subject, change.severity) == ("server", severity)


def test_another_server_key_renames_the_package() -> None:
    assert one(compare(Snapshot("a"), Snapshot("b"))).severity is Severity.BREAKING
