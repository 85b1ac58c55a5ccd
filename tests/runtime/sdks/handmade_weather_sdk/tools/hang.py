from __future__ import annotations

from typing import Final

from mcp_sdkgen_runtime import Arguments, Tool, Unstructured


class HangArguments(Arguments):
    """What `hang` sends."""


TOOL: Final[Tool[Unstructured]] = Tool(
    server="weather",
    name="hang",
    arguments=HangArguments,
    result=Unstructured,
    digest="sha256:0",
    schema=(__package__, "hang.json"),
    unwrap=None,
)
