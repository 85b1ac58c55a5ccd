"""A server with one resource that changes, which clients may subscribe to.

    python board_server.py stdio | http [legacy]

With `legacy` it knows no protocol of 2026-07-28, and clients subscribe as before.
"""

from __future__ import annotations

import os
import sys
from typing import Any

import anyio
import mcp_types as types
from mcp.server.lowlevel.server import Server
from mcp.server.runner import serve_loop
from mcp.server.stdio import stdio_server
from mcp.server.subscriptions import InMemorySubscriptionBus, ListenHandler, ResourceUpdated
from mcp.shared.exceptions import MCPError
from weather_server import serve_http

URI = "board://main"
TOOLS = ("write", "gone", "drop", "die", "subscribers", "reads")


class Board:
    """The board, who subscribed to it, and how often it was read."""

    def __init__(self, *, legacy: bool = False, ttl_ms: int | None = None) -> None:
        self.lines: list[str] = []
        self.reads = self.lists = 0
        self.ttl_ms = ttl_ms
        self.subscribed: list[Any] = []
        self.bus = InMemorySubscriptionBus()
        self.listen = ListenHandler(self.bus)
        older: dict[str, Any] = {
            "on_subscribe_resource": self.subscribe,
            "on_unsubscribe_resource": self.unsubscribe,
        }
        newer: dict[str, Any] = {"on_subscriptions_listen": self.listen}
        self.server: Any = Server(
            "board",
            on_read_resource=self.read,
            on_list_resources=self.list,
            on_call_tool=self.call,
            on_list_tools=self.tools,
            **(older if legacy else newer),
        )
        if legacy:
            self.server.add_request_handler("server/discover", types.RequestParams, self.unknown)

    async def unknown(self, ctx: Any, params: Any) -> Any:
        raise MCPError(types.METHOD_NOT_FOUND, "Method not found")

    async def read(self, ctx: Any, params: Any) -> types.ReadResourceResult:
        self.reads += 1
        text = types.TextResourceContents(uri=params.uri, text="\n".join(self.lines))
        hints = {} if self.ttl_ms is None else {"ttl_ms": self.ttl_ms}
        return types.ReadResourceResult(contents=[text], **hints)

    async def list(self, ctx: Any, params: Any) -> types.ListResourcesResult:
        return types.ListResourcesResult(resources=[types.Resource(uri=URI, name="main")])

    async def tools(self, ctx: Any, params: Any) -> types.ListToolsResult:
        self.lists += 1
        schema = {"type": "object"}
        return types.ListToolsResult(
            tools=[types.Tool(name=name, input_schema=schema) for name in TOOLS],
            **({} if self.ttl_ms is None else {"ttl_ms": self.ttl_ms}),
        )

    async def subscribe(self, ctx: Any, params: Any) -> types.EmptyResult:
        self.subscribed.append(ctx.session)
        return types.EmptyResult()

    async def unsubscribe(self, ctx: Any, params: Any) -> types.EmptyResult:
        self.subscribed.clear()
        return types.EmptyResult()

    async def call(self, ctx: Any, params: Any) -> types.CallToolResult:
        answer = ""
        if params.name == "write":
            self.lines.append(str(params.arguments["line"]))
            await self.bus.publish(ResourceUpdated(uri=URI))
            for session in self.subscribed:
                await session.send_resource_updated(URI)
        elif params.name == "drop":
            self.lines.append("while nobody listened")
            self.listen.close()
        elif params.name == "die":
            os._exit(3)
        elif params.name == "subscribers":
            answer = str(len(self.subscribed) + len(self.bus._listeners))
        elif params.name == "reads":
            answer = str(self.reads)
        return types.CallToolResult(content=[types.TextContent(type="text", text=answer)])


async def over_stdio(server: Any) -> None:
    async with stdio_server() as (read, write):
        options = server.create_initialization_options()
        if "legacy" in sys.argv:
            await serve_loop(server, read, write, lifespan_state={}, init_options=options)
        else:
            await server.run(read, write, options)


if __name__ == "__main__":
    board = Board(legacy="legacy" in sys.argv)
    if sys.argv[1] == "stdio":
        anyio.run(over_stdio, board.server)
    else:
        serve_http(board.server.streamable_http_app())
