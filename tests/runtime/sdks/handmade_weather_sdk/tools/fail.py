from __future__ import annotations

from typing import Final

from mcp_sdkgen_runtime import Arguments, Tool, Unstructured


class FailArguments(Arguments):
    """What `fail` sends."""

    message: str


TOOL: Final[Tool[Unstructured]] = Tool(
    server="weather",
    name="fail",
    arguments=FailArguments,
    result=Unstructured,
    digest="sha256:0",
    schema=(__package__, "fail.json"),
    unwrap=None,
)
