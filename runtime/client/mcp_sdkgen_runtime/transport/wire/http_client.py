"""A client for HTTP that is bounded, and notes what HTTP said of a connection."""

from __future__ import annotations

import logging
import re
import ssl
from collections.abc import AsyncIterator
from typing import Final

import httpx2

from ...config.auth import OF_LOGIN
from ...oauth.challenges import mend_challenge
from ...observability.log import keep_secrets_out
from ..connection_state import ConnectionState, Weight
from .http_answers import is_stream, look_at

HTTP_TIMEOUT_S: Final = 30.0
MAX_EVENT_BYTES: Final = 64 * 1024 * 1024
_MAX_LOGIN_BYTES: Final = 1024 * 1024
"""No metadata, registration or token is longer."""
_EVENT_END: Final = re.compile(rb"\r\n\r\n|\n\n|\r\r")

# Servers close idle connections after five seconds and more (uvicorn: five). A call that is sent
# just then is lost, and nobody can know whether it ran; so we let go of them first.
_HTTP_LIMITS = httpx2.Limits(keepalive_expiry=3.0)

logging.getLogger("httpx2").addHandler(logging.NullHandler())
# They log addresses and headers. Modules of the last are imported with the first request, so their
# loggers are named here.
_PARTS: Final = ("connection", "http11", "http2", "proxy", "socks")
keep_secrets_out("httpx2", "httpcore2", *(f"httpcore2.{part}" for part in _PARTS))


class _Bounded(httpx2.AsyncByteStream):
    """A body that breaks off where it, or all that came on its connection, is too long."""

    def __init__(
        self, inner: httpx2.AsyncByteStream, link: ConnectionState, *, whole: bool
    ) -> None:
        """`whole`: it is one message, and no stream of them."""
        self._inner = inner
        self._link = link
        self._whole = whole

    async def __aiter__(self) -> AsyncIterator[bytes]:
        weight = Weight()
        line_ends = b""
        async for chunk in self._inner:
            self._link.count(len(chunk))
            if self._whole:
                parts = [chunk]
            else:
                # The end of an event may be cut in two.
                begun = (line_ends + chunk).rstrip(b"\r\n")
                line_ends = (line_ends + chunk)[len(begun) :]
                parts = _EVENT_END.split(begun)
            for index, part in enumerate(parts):
                weight = Weight() if index else weight
                weight.add(part)
                if size := self._link.too_large(weight):
                    what = "an answer" if self._whole else "an event"
                    raise httpx2.StreamError(f"{what} {size}")
            if self._link.why_lost:
                raise httpx2.StreamError(self._link.why_lost)
            yield chunk

    async def aclose(self) -> None:
        await self._inner.aclose()


class _Short(httpx2.AsyncByteStream):
    """A body that breaks off where it is too long for an answer about a login."""

    def __init__(self, inner: httpx2.AsyncByteStream) -> None:
        self._inner = inner

    async def __aiter__(self) -> AsyncIterator[bytes]:
        size = 0
        async for chunk in self._inner:
            size += len(chunk)
            if size > _MAX_LOGIN_BYTES:
                raise httpx2.ReadError(
                    f"an answer about a login is longer than {_MAX_LOGIN_BYTES} bytes"
                )
            yield chunk

    async def aclose(self) -> None:
        await self._inner.aclose()


def _bound_of_login(response: httpx2.Response) -> None:
    if response.headers.get("content-encoding", "identity").lower() != "identity":
        raise httpx2.ReadError("an answer about a login is compressed, though that was not asked")
    if isinstance(response.stream, httpx2.AsyncByteStream):
        response.stream = _Short(response.stream)


def _bound(response: httpx2.Response, link: ConnectionState) -> None:
    """Let no answer fill the memory. Of a stream of events, `mcp` bounds each event."""
    if response.headers.get("content-encoding", "identity").lower() != "identity":
        # A small one could unfold into any size.
        link.why_lost = "it sent a compressed answer, though it was not asked to"
        raise httpx2.ReadError(link.why_lost)
    if isinstance(response.stream, httpx2.AsyncByteStream):
        response.stream = _Bounded(response.stream, link, whole=not is_stream(response))


def http_client(
    link: ConnectionState,
    telling: set[str],
    headers: dict[str, str] | None = None,
    timeout: httpx2.Timeout | None = None,
    auth: httpx2.Auth | None = None,
    *,
    trusting: ssl.SSLContext | None = None,
) -> httpx2.AsyncClient:
    """A client that notes the answers to requests of the methods `telling`.

    It asks for uncompressed bodies and refuses others, so that the bound on bytes holds. Which
    authorities it trusts is for `httpx2` to say, unless `trusting` does.
    """

    async def note(response: httpx2.Response) -> None:
        if OF_LOGIN in response.request.extensions:
            _bound_of_login(response)
            return
        mend_challenge(response.headers)
        _bound(response, link)
        if response.request.method == "POST" or is_stream(response):
            await look_at(response, link, streamable="GET" not in telling)
        if response.request.method in telling:
            link.note(response)

    return httpx2.AsyncClient(
        headers={"accept-encoding": "identity", **(headers or {})},
        # How long an answer may take is for `CallOptions.timeout_s` to say.
        timeout=timeout or httpx2.Timeout(HTTP_TIMEOUT_S, read=None),
        auth=auth or link.auth,
        event_hooks={"response": [note]},
        limits=_HTTP_LIMITS,
        verify=True if trusting is None else trusting,
    )
