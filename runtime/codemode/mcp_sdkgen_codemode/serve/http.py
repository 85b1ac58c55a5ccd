"""The server over streamable HTTP, behind a bearer token: whoever reaches it can run programs."""

from __future__ import annotations

import hmac
import ipaddress
import socket
from collections.abc import Callable
from dataclasses import dataclass, field

import uvicorn
from mcp.server.mcpserver import MCPServer
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

PATH = "/mcp"


@dataclass(frozen=True)
class Endpoint:
    """Where to listen, and the bearer token that each request needs; port 0 is any free one.

    There is no serving without a token: other users of this machine reach its loopback interface.
    Raises `ValueError` for a token that is short, or that a header cannot have.
    """

    token: str = field(repr=False)
    host: str = "127.0.0.1"
    port: int = 0

    def __post_init__(self) -> None:
        fits = self.token.isascii() and self.token.isprintable() and " " not in self.token
        if len(self.token) < MIN_TOKEN or not fits:
            raise ValueError(
                f"a bearer token has {MIN_TOKEN} characters or more, of ASCII and without spaces"
            )

    @property
    def is_local(self) -> bool:
        """Whether only this machine reaches it."""
        if self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False


MIN_TOKEN = 16


async def serve_http(
    server: MCPServer[None], endpoint: Endpoint, listening: Callable[[str], None]
) -> None:
    """Serve until the process is told to stop. `listening` is called with the URL.

    On the loopback interface, requests with another Host or Origin than this machine's are refused,
    so that no web page reaches it by rebinding a name. Raises `OSError` when the address is taken.
    """
    family = socket.AF_INET6 if ":" in endpoint.host else socket.AF_INET
    listener = socket.create_server((endpoint.host, endpoint.port), family=family)
    host = "127.0.0.1" if endpoint.is_local else endpoint.host
    app: ASGIApp = server.streamable_http_app(streamable_http_path=PATH, host=host)
    config = uvicorn.Config(_Guard(app, endpoint.token), log_level="warning", lifespan="on")
    shown = f"[{endpoint.host}]" if ":" in endpoint.host else endpoint.host
    listening(f"http://{shown}:{listener.getsockname()[1]}{PATH}")
    await uvicorn.Server(config).serve(sockets=[listener])


class _Guard:
    """Lets through only requests that bear the token."""

    def __init__(self, app: ASGIApp, token: str) -> None:
        self._app = app
        self._expected = f"Bearer {token}".encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        given = [value for name, value in scope["headers"] if name == b"authorization"]
        if len(given) == 1 and hmac.compare_digest(given[0], self._expected):
            await self._app(scope, receive, send)
            return
        refusal = PlainTextResponse(
            "a bearer token is needed", 401, headers={"WWW-Authenticate": "Bearer"}
        )
        await refusal(scope, receive, send)
