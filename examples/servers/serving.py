"""How the example servers are served: stdio by default, streamable HTTP on request."""

from __future__ import annotations

import argparse
import socket
import sys
from typing import Any

import uvicorn
from mcp.server import MCPServer


def serve(server: MCPServer[Any]) -> None:
    """Serve until the client leaves (stdio) or the process is interrupted (`--http PORT`).

    Over HTTP it listens on 127.0.0.1 only; port 0 takes a free one. One line on stderr,
    `ready http://127.0.0.1:PORT/mcp`, says that connections are accepted from now on.
    """
    parser = argparse.ArgumentParser(description=server.description)
    parser.add_argument("--http", type=int, metavar="PORT", help="listen here; 0: any free port")
    port: int | None = parser.parse_args().http
    if port is None:
        server.run("stdio")
        return
    # The socket is bound here and not by uvicorn, so that the port is known before it starts.
    with socket.create_server(("127.0.0.1", port)) as listener:
        # asyncio does so only for sockets that it makes: else each answer waits 40 ms for an ACK.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        app = uvicorn.Server(uvicorn.Config(server.streamable_http_app(), log_level="warning"))
        print(
            f"ready http://127.0.0.1:{listener.getsockname()[1]}/mcp", file=sys.stderr, flush=True
        )
        app.run(sockets=[listener])
