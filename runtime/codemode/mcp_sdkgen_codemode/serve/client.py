"""The client of a request: by what it is known, and whether it is still there."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import Any, TypeVar

import anyio
from mcp.server.mcpserver import Context
from starlette.requests import Request

from .elicitation import in_rounds

T = TypeVar("T")


def is_alone(context: Context[Any, Any]) -> bool:
    """Whether this process has one client only, as over stdio."""
    return not isinstance(context.request_context.request, Request)


def client_of(context: Context[Any, Any]) -> str:
    """What tells a client from the others of the same process.

    Up to 2025-11-25 that is its session. From 2026-07-28 on there are none: clients are known by
    the name and version that they give, which keeps apart those that mean no harm.
    """
    request = context.request_context.request
    if not isinstance(request, Request):
        return ""
    if not in_rounds(context):
        return f"session {request.headers.get('mcp-session-id', '')}"
    params = context.session.client_params
    return f"client {params.client_info.name} {params.client_info.version}" if params else "client"


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
