from __future__ import annotations

from typing import Final

from mcp_sdkgen_runtime import Arguments, Tool, Unstructured


class WasCancelledArguments(Arguments):
    """What `was_cancelled` sends."""


TOOL: Final[Tool[Unstructured]] = Tool(
    server="weather",
    name="was_cancelled",
    arguments=WasCancelledArguments,
    result=Unstructured,
    digest="sha256:0",
    schema=(__package__, "was_cancelled.json"),
    unwrap=None,
)
