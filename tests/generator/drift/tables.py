"""What the drift tests share: snapshots of one tool."""

from __future__ import annotations

from typing import Any

from mcp_sdkgen.drift import Drift, compare
from mcp_sdkgen.snapshot import Snapshot


def snapshot(*tools: dict[str, Any], **parts: Any) -> Snapshot:
    return Snapshot.of("weather", tools, **parts)


def tool(**parts: Any) -> dict[str, Any]:
    return {"name": "get_forecast", "inputSchema": {"type": "object"}, **parts}


def input_drift(old: Any, new: Any) -> Drift:
    """The drift between two tools that differ in their whole input schema."""
    return compare(snapshot(tool(inputSchema=old)), snapshot(tool(inputSchema=new)))


def output_drift(old: Any, new: Any) -> Drift:
    """The drift between two tools that differ in their whole output schema."""
    return compare(snapshot(tool(outputSchema=old)), snapshot(tool(outputSchema=new)))
