"""The everything server as a process, made with whichever `mcp` is installed, 1 or 2.

    python everything_server.py CANCELLED stdio
    python everything_server.py CANCELLED http|sse PORT

The file CANCELLED is made when a call is cancelled. Over HTTP it says `READY PORT` on stdout; port
0 is a free one.
"""

from __future__ import annotations

import contextlib
import socket
import sys
from collections.abc import AsyncIterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

import anyio
import uvicorn
from mcp.server.sse import SseServerTransport
from mcp.server.stdio import stdio_server
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from starlette.applications import Starlette
from starlette.routing import Mount, Route

if version("mcp").startswith("1."):
    from everything_on_mcp1 import make_server
else:
    from everything_on_mcp2 import make_server


async def run(server: Any, read: Any, write: Any) -> None:
    await server.run(read, write, server.create_initialization_options())


async def serve_stdio(server: Any) -> None:
    async with stdio_server() as (read, write):
        await run(server, read, write)


class Raw:
    """An ASGI function as the endpoint of a route: a function would be taken for a view."""

    def __init__(self, function: Any) -> None:
        self._function = function

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await self._function(scope, receive, send)


def http_app(server: Any) -> Starlette:
    manager = StreamableHTTPSessionManager(app=server)

    @contextlib.asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with manager.run():
            yield

    return Starlette(routes=[Route("/mcp", Raw(manager.handle_request))], lifespan=lifespan)


def sse_app(server: Any) -> Starlette:
    transport = SseServerTransport("/messages/")

    async def connect(scope: Any, receive: Any, send: Any) -> None:
        async with transport.connect_sse(scope, receive, send) as (read, write):
            await run(server, read, write)

    posts = Mount("/messages/", app=transport.handle_post_message)
    return Starlette(routes=[posts, Route("/sse", Raw(connect))])


def serve_http(app: Starlette, port: int) -> None:
    listening = socket.socket()
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listening.bind(("127.0.0.1", port))
    listening.listen(128)
    print("READY", listening.getsockname()[1], flush=True)
    config = uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=1)
    uvicorn.Server(config).run(sockets=[listening])


if __name__ == "__main__":
    made = make_server(Path(sys.argv[1]))
    if sys.argv[2] == "stdio":
        anyio.run(serve_stdio, made)
    else:
        app = http_app(made) if sys.argv[2] == "http" else sse_app(made)
        serve_http(app, int(sys.argv[3]))
