"""A server behind a URL: streamable HTTP and SSE, bounded, with a record of what HTTP said."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import httpx2
from mcp.client.sse import sse_client
from mcp.client.streamable_http import streamable_http_client
from mcp_sdkgen_runtime.config.targets import HttpTarget
from mcp_sdkgen_runtime.oauth.provider import OF_LOGIN, login_flow
from mcp_sdkgen_runtime.transport.connection_state import ConnectionState

from ..json_io import MAX_BYTES

if TYPE_CHECKING:
    from mcp.client._transport import TransportStreams

FALL_BACK_STATUSES = frozenset({400, 404, 405, 406, 415, 501})
"""What servers that speak only SSE answer to a POST at their event stream."""


@dataclass
class HttpLog:
    """What HTTP said on one connection: (method, status) in order, and why it was cut off."""

    statuses: list[tuple[str, int]] = field(default_factory=list)
    challenge: str = ""
    redirect: bool = False
    received_bytes: int = 0
    refused: str = ""
    link: ConnectionState = field(default_factory=ConnectionState)

    @property
    def refusal(self) -> int | None:
        """The last status that was an error, or `None`."""
        return next((code for _, code in reversed(self.statuses) if code >= 400), None)

    @property
    def speaks_only_sse(self) -> bool:
        """Whether every POST was refused in the way that servers with SSE alone refuse it."""
        posts = [code for method, code in self.statuses if method == "POST"]
        return bool(posts) and all(code in FALL_BACK_STATUSES for code in posts)


class _Counted(httpx2.AsyncByteStream):
    """A body that ends the connection once a server has sent too much."""

    def __init__(self, inner: httpx2.AsyncByteStream, log: HttpLog) -> None:
        self._inner = inner
        self._log = log

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for chunk in self._inner:
            self._log.received_bytes += len(chunk)
            if self._log.received_bytes > MAX_BYTES:
                self._log.refused = f"it sent more than {MAX_BYTES} bytes"
                raise httpx2.ReadError(self._log.refused)
            yield chunk

    async def aclose(self) -> None:
        await self._inner.aclose()


def http_client(target: HttpTarget, log: HttpLog, timeout_s: float) -> httpx2.AsyncClient:
    """A client that sends the target's headers, counts bytes and records statuses in `log`.

    It asks for uncompressed bodies and refuses others, so that the bound on bytes holds.
    """

    async def watch(response: httpx2.Response) -> None:
        if OF_LOGIN in response.request.extensions:
            return
        log.statuses.append((response.request.method, response.status_code))
        log.redirect = response.is_redirect
        log.challenge = response.headers.get("www-authenticate", "")
        if response.headers.get("content-encoding", "identity").lower() != "identity":
            log.refused = "it sent a compressed answer though none was asked for"
            raise httpx2.ReadError(log.refused)
        if isinstance(response.stream, httpx2.AsyncByteStream):
            response.stream = _Counted(response.stream, log)

    return httpx2.AsyncClient(
        auth=login_flow(target, log.link, None),
        headers={"accept-encoding": "identity", **target.headers},
        timeout=httpx2.Timeout(timeout_s),
        event_hooks={"response": [watch]},
    )


def streamable(
    target: HttpTarget, client: httpx2.AsyncClient
) -> AbstractAsyncContextManager[TransportStreams]:
    """The streamable HTTP transport. The caller opens and closes `client`."""
    return streamable_http_client(target.url, http_client=client, max_sse_event_size=MAX_BYTES)


def sse(
    target: HttpTarget, log: HttpLog, timeout_s: float
) -> AbstractAsyncContextManager[TransportStreams]:
    """The older transport: one event stream and a POST per message."""

    def factory(
        headers: dict[str, str] | None = None,
        timeout: httpx2.Timeout | None = None,
        auth: httpx2.Auth | None = None,
    ) -> httpx2.AsyncClient:
        return http_client(target, log, timeout_s)

    return sse_client(
        target.url, timeout=timeout_s, sse_read_timeout=timeout_s, httpx_client_factory=factory
    )
