"""Whose a request is, and whether its client is still there."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Awaitable
from dataclasses import dataclass
from typing import Any, Final, TypeVar

import anyio
from mcp.server.auth.middleware.bearer_auth import AuthenticatedUser
from mcp.server.auth.provider import principal_components
from mcp.server.mcpserver import Context
from starlette.requests import Request

from .elicitation import in_rounds

T = TypeVar("T")

STDIO: Final = "stdio"
"""The principal of the one client over stdio: whoever started the process."""


@dataclass(frozen=True, slots=True)
class Client:
    """Who sent a request: a principal, and through which of the principal's clients.

    Sessions, outputs, runs, approvals and quotas belong to the principal. `connection` only keeps
    the clients of one principal from taking all of its places.
    """

    principal: str
    connection: str = ""

    @property
    def is_alone(self) -> bool:
        """Whether this process has one client only."""
        return self.principal == STDIO

    @property
    def key(self) -> tuple[str, str]:
        """The client as `RunOptions.client` has it."""
        return self.principal, self.connection


def client_of(context: Context[Any, Any]) -> Client:
    """Whose a request is.

    The clients of a principal are told apart by their session up to 2025-11-25. From 2026-07-28 on
    there are none: they are known by the name and version that they give, which keeps apart those
    that mean no harm.
    """
    request = context.request_context.request
    if not isinstance(request, Request):
        return Client(STDIO)
    principal = principal_of(request.scope.get("user"))
    if not in_rounds(context):
        return Client(principal, f"session {request.headers.get('mcp-session-id', '')}")
    params = context.session.client_params
    info = params.client_info if params else None
    return Client(principal, f"client {info.name} {info.version}" if info else "client")


def principal_of(user: object) -> str:
    """What a bearer token stands for. Requests that nobody authenticated are all of one principal.

    It is made of what mcp too compares before it lets a request into a session.
    """
    if not isinstance(user, AuthenticatedUser):
        return "http"
    return "http " + json.dumps([*filter(None, principal_components(user.access_token))])


def folder_suffix(principal: str) -> str:
    """What tells the principal's files from those of others, in the name of a file or folder.

    Those of whoever starts the process have none.
    """
    if principal == STDIO:
        return ""
    return "-" + hashlib.sha256(principal.encode()).hexdigest()[:32]


async def while_there(
    context: Context[Any, Any], patience_s: float, answer: Awaitable[T]
) -> T | None:
    """What is awaited of a client. None when it has gone, or does not answer in that time."""
    request = context.request_context.request
    with anyio.move_on_after(patience_s) as patience:
        gone = None
        if isinstance(request, Request):
            gone = asyncio.create_task(_disconnected(request))
            gone.add_done_callback(lambda _: patience.cancel())
        try:
            return await answer
        finally:
            if gone is not None:
                gone.cancel()
    return None


async def _disconnected(request: Request) -> None:
    """Returns when nobody can read the response to a request any more: it cannot be resumed."""
    while (await request.receive())["type"] != "http.disconnect":
        pass
