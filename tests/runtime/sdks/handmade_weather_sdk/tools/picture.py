from __future__ import annotations

from typing import Final

from mcp_sdkgen_runtime import Arguments, Tool, Unstructured


class PictureArguments(Arguments):
    """What `picture` sends."""


TOOL: Final[Tool[Unstructured]] = Tool(
    server="weather",
    name="picture",
    arguments=PictureArguments,
    result=Unstructured,
    digest="sha256:0",
    schema=(__package__, "picture.json"),
    unwrap=None,
)
