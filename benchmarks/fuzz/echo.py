"""A real server, in this process, for tools of any kind: it remembers calls, answers as told."""

from __future__ import annotations

import json
from typing import Any

import mcp_types as types
from mcp.server.lowlevel import Server
from mcp_sdkgen_runtime import OMIT

from benchmarks.roundtrip import Recorder


class Echo(Recorder):
    """A recorder behind an MCP server."""

    def __init__(self) -> None:
        super().__init__()
        self.binding = Server("echo", on_call_tool=self.called)

    async def called(self, ctx: Any, params: types.CallToolRequestParams) -> types.CallToolResult:
        """Remember the call and answer it, with a null as text: it cannot be structured."""
        self.tool, self.arguments = params.name, params.arguments or {}
        structured = self.answer.structured
        if structured is OMIT:
            return types.CallToolResult(content=[])
        text = types.TextContent(text=json.dumps(structured))
        return types.CallToolResult(content=[text], structured_content=structured)
