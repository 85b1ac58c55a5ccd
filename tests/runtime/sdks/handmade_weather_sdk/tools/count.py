from __future__ import annotations

from typing import Final

from mcp_sdkgen_runtime import Arguments, Tool, Unstructured


class CountArguments(Arguments):
    """What `count` sends."""

    to: int


TOOL: Final[Tool[Unstructured]] = Tool(
    server="weather",
    name="count",
    arguments=CountArguments,
    result=Unstructured,
    digest="sha256:0",
    schema=(__package__, "count.json"),
    unwrap=None,
)
