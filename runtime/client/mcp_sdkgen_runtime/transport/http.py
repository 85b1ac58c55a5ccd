"""A server behind a URL: streamable HTTP and SSE, bounded, noting what HTTP said."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial
from typing import Any, Final

from mcp.client.sse import sse_client
from mcp.client.streamable_http import streamable_http_client

from ..config.targets import HttpTarget
from .connection_state import ConnectionState
from .wire.http_client import HTTP_TIMEOUT_S, MAX_EVENT_BYTES, http_client

_SSE_SILENCE_S: Final = 3600.0


@asynccontextmanager
async def http_streams(target: HttpTarget, link: ConnectionState) -> AsyncIterator[Any]:
    """The streams of streamable HTTP."""
    async with (
        http_client(link, {"POST"}, headers=dict(target.headers)) as http,
        streamable_http_client(
            target.url,
            http_client=http,
            max_sse_event_size=min(MAX_EVENT_BYTES, link.max_answer_bytes),
        ) as streams,
    ):
        yield streams


def sse_streams(
    target: HttpTarget, link: ConnectionState
) -> AbstractAsyncContextManager[tuple[Any, Any]]:
    """The streams of the older transport: one stream of events, and a POST for each message."""
    return sse_client(
        target.url,
        headers=dict(target.headers),
        timeout=HTTP_TIMEOUT_S,
        sse_read_timeout=_SSE_SILENCE_S,
        # The stream is all there is, so a refused GET matters as much as a refused POST.
        httpx_client_factory=partial(http_client, link, {"GET", "POST"}),
    )
