"""The one policy of which ways to a server are tried, in which order, and when the next may help.

A way is a transport and a mode of `mcp.Client`: `auto` asks `server/discover` and falls back to
the handshake on the same connection; `legacy` begins with the handshake; a version of the protocol
is used without a question. A server of the newest version is reached by the first way, at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import httpx2
from mcp.shared.exceptions import MCPError
from mcp_types import METHOD_NOT_FOUND

from ..config.targets import HttpTarget, StdioTarget, Target
from .connection_state import ConnectionState, leaves

AUTO: Final = "auto"
LEGACY: Final = "legacy"
NO_HANDSHAKE: Final = "2026-07-28"
"""The protocol version under which any request may be the first one."""

SSE_ONLY_STATUSES: Final = {400, 404, 405, 406, 415, 501}
"""What servers that speak only SSE answer to a POST at their stream of events."""
_LOGIN: Final = 401


@dataclass(frozen=True, slots=True)
class Way:
    """One way to reach a server."""

    transport: str
    mode: str = AUTO


@dataclass(slots=True)
class WayMemory:
    """The way by which a server was reached last, which is tried first the next time."""

    way: Way | None = None


def ways(target: Target, known: Way | None = None) -> tuple[Way, ...]:
    """The ways to reach a server, in the order in which they are tried."""
    if isinstance(target, HttpTarget) and target.transport == "sse":
        # SSE is older than every version that can do without a handshake.
        return (Way("sse", LEGACY),)
    if not isinstance(target, HttpTarget | StdioTarget):
        return (Way("memory"),)
    transport = "stdio" if isinstance(target, StdioTarget) else "http"
    found = [Way(transport, mode) for mode in (AUTO, LEGACY, NO_HANDSHAKE)]
    if isinstance(target, HttpTarget) and target.transport == "auto":
        found.append(Way("sse", LEGACY))
    if known in found:
        found.remove(known)
        found.insert(0, known)
    return tuple(found)


def may_help(way: Way, link: ConnectionState, error: BaseException) -> bool:
    """Whether `way` can succeed after the one before it left `link` and `error`."""
    if way.transport == "sse":
        refused = link.post_statuses - {_LOGIN}
        return bool(refused) and refused <= SSE_ONLY_STATUSES and link.http_status != _LOGIN
    if way.mode == LEGACY:
        # Some servers end, crash or hang up when the first request is not `initialize`.
        return not link.answers and (link.ended or _broke_off(link, error))
    if way.mode == NO_HANDSHAKE:
        # `mcp` puts the same code in place of a bare HTTP status 404.
        unknown = any(is_unknown_method(leaf) for leaf in leaves(error))
        return unknown and link.http_status is None
    # The way that was known does not lead there any more. Whoever is not there at all is left.
    return link.ended or bool(link.answers or link.post_statuses)


def is_unknown_method(error: BaseException) -> bool:
    """Whether a server says that it does not know a method."""
    return isinstance(error, MCPError) and error.code == METHOD_NOT_FOUND


def _broke_off(link: ConnectionState, error: BaseException) -> bool:
    if link.why_lost:
        return False
    broken = httpx2.RemoteProtocolError | httpx2.ReadError | httpx2.WriteError
    return any(isinstance(leaf, broken) for leaf in leaves(error))
