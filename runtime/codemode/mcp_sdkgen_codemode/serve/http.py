"""The server over streamable HTTP, for those whom it knows: whoever reaches it can run programs."""

from __future__ import annotations

import ipaddress
import os
import socket
import stat
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import uvicorn
from mcp.server.mcpserver import MCPServer
from mcp.server.transport_security import TransportSecuritySettings
from mcp_sdkgen_runtime.ownership import is_private

from .connection import Connection
from .guard import LOOPBACK, SOCKET, Guard, Here, Identify, by_own_user, by_token

PATH: Final = "/mcp"
MIN_TOKEN: Final = 16
MAX_PRINCIPALS: Final = 16


@dataclass(frozen=True)
class Endpoint:
    """Where to listen, and the bearer tokens of those who may come, by name. Port 0 is any free.

    There is no serving without a token: other users of this machine reach its loopback interface.
    Raises `ValueError` for none or too many, and for one that is short, that two have, or that a
    header cannot have.
    """

    tokens: Mapping[str, str] = field(repr=False)
    host: str = "127.0.0.1"
    port: int = 0

    def __post_init__(self) -> None:
        if not 1 <= len(self.tokens) <= MAX_PRINCIPALS:
            raise ValueError(f"{len(self.tokens)} bearer tokens; 1 to {MAX_PRINCIPALS} are served")
        for token in self.tokens.values():
            fits = token.isascii() and token.isprintable() and " " not in token
            if len(token) < MIN_TOKEN or not fits:
                raise ValueError(
                    f"a bearer token has {MIN_TOKEN} characters or more, of ASCII and without "
                    "spaces"
                )
        if len({*self.tokens.values()}) < len(self.tokens):
            raise ValueError("two names have the same bearer token")


async def serve_http(
    server: MCPServer[None], endpoint: Endpoint, listening: Callable[[str], None]
) -> None:
    """Serve until the process is told to stop. `listening` is called with the URL.

    On the loopback interface, requests with another Host or Origin than this machine's are refused,
    so that no web page reaches it by rebinding a name. Raises `OSError` when the address is taken.
    """
    family = socket.AF_INET6 if ":" in endpoint.host else socket.AF_INET
    listener = socket.create_server((endpoint.host, endpoint.port), family=family)
    # asyncio does so only for sockets that it makes: else each answer waits 40 ms for an ACK.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    # By the address that is bound: one address has many spellings.
    bound = ipaddress.ip_address(listener.getsockname()[0].partition("%")[0])
    here = LOOPBACK if bound.is_loopback else None
    shown = f"[{endpoint.host}]" if ":" in endpoint.host else endpoint.host
    listening(f"http://{shown}:{listener.getsockname()[1]}{PATH}")
    await _serve(server, listener, by_token(endpoint.tokens), len(endpoint.tokens), here)


async def serve_unix_socket(
    server: MCPServer[None], path: Path, listening: Callable[[str], None]
) -> None:
    """Serve the user of this process, and nobody else, until it is told to stop.

    The socket has mode 0600, and the kernel says who connects to it. Raises `OSError` when there is
    something else at the path, or a server that listens, when others can write in its folder, or
    where peers cannot be told.
    """
    if not hasattr(socket, "SO_PEERCRED"):
        raise OSError("this system does not tell who connects to a socket; use a bearer token")
    with _listener(path) as listener:
        listening(f"{path}, path {PATH}")
        await _serve(server, listener, by_own_user, 1, SOCKET)


@contextmanager
def _listener(path: Path) -> Iterator[socket.socket]:
    if not is_private(path.parent):
        # They could put a socket of theirs there, and read what clients send.
        raise PermissionError(None, "others can write in its folder")
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
        _remove_stale(path)
        before = os.umask(0o177)
        try:
            listener.bind(str(path))
        finally:
            os.umask(before)
        try:
            listener.listen()
            yield listener
        finally:
            path.unlink(missing_ok=True)


def _remove_stale(path: Path) -> None:
    """Remove a socket of this user's that nobody listens at any more."""
    try:
        found = path.lstat()
    except FileNotFoundError:
        return
    if not stat.S_ISSOCK(found.st_mode) or found.st_uid != os.getuid():
        raise FileExistsError(None, "there is something else that is not a socket of this user's")
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as tried:
        try:
            tried.connect(str(path))
        except ConnectionRefusedError:
            path.unlink()
            return
    raise FileExistsError(None, "a server listens there already")


async def _serve(
    server: MCPServer[None],
    listener: socket.socket,
    identify: Identify,
    principals: int,
    here: Here | None,
) -> None:
    # The guard compares whole names.
    unchecked = TransportSecuritySettings(enable_dns_rebinding_protection=False)
    app = server.streamable_http_app(streamable_http_path=PATH, transport_security=unchecked)
    config = uvicorn.Config(
        Guard(app, identify, principals, here),
        http=Connection,
        # Nothing that is not asked for: each would be one more way in.
        ws="none",
        proxy_headers=False,
        server_header=False,
        log_level="warning",
        lifespan="on",
    )
    await uvicorn.Server(config).serve(sockets=[listener])
