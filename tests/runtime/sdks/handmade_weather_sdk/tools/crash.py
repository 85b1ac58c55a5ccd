from __future__ import annotations

from typing import Final

from mcp_sdkgen_runtime import Arguments, Tool, Unstructured


class CrashArguments(Arguments):
    """What `crash` sends."""


TOOL: Final[Tool[Unstructured]] = Tool(
    server="weather",
    name="crash",
    arguments=CrashArguments,
    result=Unstructured,
    digest="sha256:0",
    schema=(__package__, "crash.json"),
    unwrap=None,
)
