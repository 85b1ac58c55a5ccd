from __future__ import annotations

from typing import Final

from mcp_sdkgen_runtime import Arguments, Tool, Unstructured


class PidArguments(Arguments):
    """What `pid` sends."""


TOOL: Final[Tool[Unstructured]] = Tool(
    server="weather",
    name="pid",
    arguments=PidArguments,
    result=Unstructured,
    digest="sha256:0",
    schema=(__package__, "pid.json"),
    unwrap=None,
)
