"""What the tables of changes are written with: schemas, and the judgement of two of them."""

from __future__ import annotations

from typing import Any

from mcp_sdkgen_runtime.schema.compat import Drift, tool_changes

B, C, T = "breaking", "compatible", "text"
S: Any = {"type": "string"}
I: Any = {"type": "integer"}  # noqa: E741
N: Any = {"type": "number"}
NULL: Any = {"type": "null"}
X = "/properties/x"


def obj(properties: Any, *required: str, **more: Any) -> Any:
    return {"type": "object", "properties": properties, "required": list(required), **more}


def arr(items: Any, **more: Any) -> Any:
    return {"type": "array", "items": items, **more}


def tool(**parts: Any) -> dict[str, Any]:
    return {"name": "get_forecast", "inputSchema": {"type": "object"}, **parts}


def drift(old: dict[str, Any], new: dict[str, Any]) -> Drift:
    """What changed between two definitions of one tool."""
    return Drift.of(tool_changes(old, new))


def input_drift(old: Any, new: Any) -> Drift:
    """The drift between two tools that differ in their whole input schema."""
    return drift(tool(inputSchema=old), tool(inputSchema=new))


def output_drift(old: Any, new: Any) -> Drift:
    """The drift between two tools that differ in their whole output schema."""
    return drift(tool(outputSchema=old), tool(outputSchema=new))


def found(drift: Drift) -> list[tuple[str, str, str]]:
    """Severity, kind and pointer of each change."""
    return [(str(c.severity), c.kind, c.pointer) for c in drift.changes]
