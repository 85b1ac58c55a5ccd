"""Who may reach the server: each request is of a principal, or it is refused."""

from __future__ import annotations

import hmac
import os
import re
from collections import Counter, OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from mcp.server.auth.middleware.auth_context import AuthContextMiddleware
from mcp.server.auth.middleware.bearer_auth import AuthenticatedUser
from mcp.server.auth.provider import AccessToken
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .connection import PEER_UID

MAX_REQUESTS: Final = 256
"""Requests under way at once, open streams included."""
MAX_MCP_SESSIONS: Final = 256
"""Sessions of the protocol that are open at once."""
SESSION_HEADER: Final = b"mcp-session-id"

Identify = Callable[[Scope], str | None]
"""The name of whoever sent a request; None for somebody who may not."""


def by_token(tokens: Mapping[str, str]) -> Identify:
    """By the bearer token in the header of the request, of those by name."""
    expected = {name: f"Bearer {token}".encode() for name, token in tokens.items()}

    def identify(scope: Scope) -> str | None:
        given = [value for name, value in scope["headers"] if name == b"authorization"]
        if len(given) != 1:
            return None
        # Each is compared, so that time tells nothing of which one it is.
        found = [name for name, one in expected.items() if hmac.compare_digest(given[0], one)]
        return found[0] if found else None

    return identify


def by_own_user(scope: Scope) -> str | None:
    """By the user at the other end of a Unix socket, who must be the one of this process."""
    uid = scope.get("state", {}).get(PEER_UID)
    return f"uid {uid}" if uid is not None and uid == os.getuid() else None


@dataclass(frozen=True, slots=True)
class Here:
    """What this machine may be called by whoever reaches it: `names` with any port, as a forwarded
    connection has another. A page from here is let in only where `pages` says so.

    `mcp` compares only the beginning of a port, and so takes `localhost:1@evil.example` for here.
    """

    names: frozenset[str]
    pages: bool

    def why_not(self, scope: Scope) -> tuple[str, int] | None:
        """Why a request is not for here, and the status to say so; None if it is."""
        hosts = [value for name, value in scope["headers"] if name == b"host"]
        if len(hosts) != 1 or not self._is_here(hosts[0]):
            return "another Host than this machine", 421
        for origin in (value for name, value in scope["headers"] if name == b"origin"):
            scheme, _, host = origin.lower().partition(b"://")
            if not self.pages or scheme not in (b"http", b"https") or not self._is_here(host):
                return "another Origin than this machine", 403
        return None

    def _is_here(self, value: bytes) -> bool:
        found = _HOST.fullmatch(value.decode("latin-1").lower())
        return found is not None and found[1] in self.names


_HOST: Final = re.compile(r"([a-z0-9.]{1,255}|\[[0-9a-f:]{1,45}\])(?::[0-9]{1,5})?")

LOOPBACK: Final = Here(frozenset(("localhost", "127.0.0.1", "[::1]")), pages=True)
SOCKET: Final = Here(frozenset(("localhost", "127.0.0.1")), pages=False)
"""A client names this machine, which a page that reaches it by a proxy does not."""


class Guard:
    """Lets requests through that somebody sent who may, each with its principal, and that are for
    `here`, where only this machine's clients are to come.

    mcp then lets nobody into another's session, or answer another's question. Each of `principals`
    has an equal share of the requests under way and of the open sessions; for another session, the
    one that the principal used longest ago is closed.
    """

    def __init__(
        self, app: ASGIApp, identify: Identify, principals: int, here: Here | None
    ) -> None:
        self._app = AuthContextMiddleware(app)
        self._here = here
        self._identify = identify
        self._most_requests = MAX_REQUESTS // principals
        self._most_sessions = MAX_MCP_SESSIONS // principals
        self._under_way: Counter[str] = Counter()
        self._sessions: dict[str, OrderedDict[bytes, None]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":  # the life of the process
            await self._app(scope, receive, send)
            return
        name = self._identify(scope)
        if name is None:
            # Closed, so that it costs nothing further.
            headers = {"WWW-Authenticate": "Bearer", "Connection": "close"}
            refusal = PlainTextResponse("a bearer token is needed", 401, headers=headers)
            await refusal(scope, receive, send)
            return
        if self._here is not None and (wrong := self._here.why_not(scope)):
            await PlainTextResponse(*wrong)(scope, receive, send)
            return
        if self._under_way[name] >= self._most_requests:
            refusal = PlainTextResponse(f"{self._most_requests} requests are under way", 429)
            await refusal(scope, receive, send)
            return
        self._under_way[name] += 1
        try:
            await self._serve(name, scope, receive, send)
        finally:
            self._under_way[name] -= 1

    async def _serve(self, name: str, scope: Scope, receive: Receive, send: Send) -> None:
        user = AuthenticatedUser(AccessToken(token="", client_id=name, scopes=[]))
        # No events are stored: a stream that broke off is begun anew, and never another's read.
        headers = [pair for pair in scope["headers"] if pair[0] != b"last-event-id"]
        scope = {**scope, "headers": headers, "user": user}
        own = self._sessions.setdefault(name, OrderedDict())
        for header, value in scope["headers"]:
            if header == SESSION_HEADER and value in own:
                own.move_to_end(value)
        opened: list[bytes] = []

        async def watch(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] < 400:
                answered = message.get("headers", ())
                opened.extend(value for header, value in answered if header == SESSION_HEADER)
                for each in opened:
                    own[each] = None
                await self._close_oldest(own, scope)
            await send(message)

        await self._app(scope, receive, watch)

    async def _close_oldest(self, own: OrderedDict[bytes, None], scope: Scope) -> None:
        while len(own) > self._most_sessions:
            session, _ = own.popitem(last=False)
            # As its client would. One that has ended meanwhile is not found, which is as well.
            deletion = {**scope, "method": "DELETE", "headers": [(SESSION_HEADER, session)]}
            await self._app(deletion, _nothing, _dropped)


async def _nothing() -> Message:
    return {"type": "http.request", "body": b"", "more_body": False}


async def _dropped(message: Message) -> None:
    pass
