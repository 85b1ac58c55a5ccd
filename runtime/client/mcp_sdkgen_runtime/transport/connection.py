"""Opening a connection: from a target to an `mcp.Client` that has greeted the server."""

from __future__ import annotations

import logging
import warnings
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from functools import partial
from typing import Any, Final

import httpx2
import mcp
from mcp.client.sse import sse_client
from mcp.client.stdio import StdioServerParameters, stdio_client
from mcp.client.streamable_http import streamable_http_client
from mcp_types import (
    CallToolResult,
    Implementation,
    ResourceUpdatedNotification,
    ToolListChangedNotification,
)
from pydantic import BaseModel

from .._version import __version__
from ..config.targets import HttpTarget, MemoryTarget, StdioTarget, Target
from ..oauth.provider import OF_LOGIN
from ..options import SessionOptions
from . import line_codec
from .connection_state import ConnectionState
from .inbound import streams
from .line_codec import ENCODING
from .mcp_callbacks import client_callbacks
from .stderr_tail import StderrTail
from .tasks import TasksExtension

_NAME: Final = "mcp-sdkgen-runtime"
_HTTP_TIMEOUT_S: Final = 30.0
_MAX_PAGES: Final = 1000
_SSE_SILENCE_S: Final = 3600.0
_MAX_EVENT_BYTES: Final = 64 * 1024 * 1024
_NOT_STREAMABLE: Final = {400, 404, 405, 406, 415}
"""HTTP statuses by which a server that only knows SSE refuses a streamable HTTP greeting."""


# Without any logging set up, Python prints `mcp`'s tracebacks of what our errors report already.
for _logger in ("mcp", "client", "httpx2"):
    logging.getLogger(_logger).addHandler(logging.NullHandler())


def wire_form(value: BaseModel) -> dict[str, Any]:
    """A protocol object as JSON data with wire keys, only what was sent."""
    return value.model_dump(mode="json", by_alias=True, exclude_unset=True)


@asynccontextmanager
async def opened(
    target: Target, options: SessionOptions, link: ConnectionState
) -> AsyncIterator[mcp.Client]:
    """An open client for a target. Entered and left by the task that owns it."""
    info = Implementation(name=_NAME, version=__version__)
    callbacks = client_callbacks(options)

    async def heed(message: Any) -> None:
        if isinstance(message, ToolListChangedNotification):
            link.tools_changed()
        elif isinstance(message, ResourceUpdatedNotification):
            link.tell(message.params.uri)

    def new_client(server: Any) -> mcp.Client:
        return mcp.Client(
            server, client_info=info, message_handler=heed, extensions=[TasksExtension()],
            **callbacks,
        )  # fmt: skip

    async with AsyncExitStack() as stack:
        if isinstance(target, MemoryTarget):
            client = await stack.enter_async_context(new_client(target.server))
        elif isinstance(target, StdioTarget):
            client = await stack.enter_async_context(new_client(_stdio(target, link)))
        elif target.transport == "sse":
            client = await stack.enter_async_context(new_client(_sse(target, link)))
        else:
            try:
                client = await stack.enter_async_context(new_client(_http(target, link)))
            except Exception:
                if target.transport != "auto" or link.http_status not in _NOT_STREAMABLE:
                    raise
                client = await stack.enter_async_context(new_client(_sse(target, link)))
        # `ClientSession` would list all tools to check the first answer of each, and turn a misfit
        # into a `RuntimeError` before `call.decode` sees the data.
        client.session.validate_tool_result = _not_validated  # type: ignore[method-assign]
        await _ask_for_logs(client, options)
        try:
            yield client
        finally:
            link.tell(None)


async def definitions(client: mcp.Client) -> dict[str, Any]:
    """The live tools' definitions by wire name, from all pages."""
    found: dict[str, Any] = {}
    cursor: str | None = None
    for _ in range(_MAX_PAGES):
        page = await client.list_tools(cursor=cursor, cache_mode="refresh")
        found.update({tool.name: wire_form(tool) for tool in page.tools})
        if (cursor := page.next_cursor) is None:
            break
    return found


async def hear_of_tools(client: mcp.Client) -> None:
    """Let the server tell when its tools change, where it has to be asked to. Ends with `client`.

    What it tells goes to the client's message handler.
    """
    offered = client.server_capabilities.tools
    older = client.session.initialize_result is not None
    if older or offered is None or not offered.list_changed:
        return
    # A stream that was refused or that broke off is missed no more than one that nobody offers.
    with suppress(Exception):
        async with client.listen(tools_list_changed=True) as events:
            async for _ in events:
                pass


async def _not_validated(name: str, result: CallToolResult) -> None:
    return None


async def _ask_for_logs(client: mcp.Client, options: SessionOptions) -> None:
    # Newer servers read the level from each request; `mcp.Client` sees to that.
    older = client.session.initialize_result is not None
    if options.on_log is not None and older and client.server_capabilities.logging is not None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            await client.session.set_logging_level(options.log_level)


@asynccontextmanager
async def _stdio(target: StdioTarget, link: ConnectionState) -> AsyncIterator[Any]:
    link.stderr = tail = StderrTail()
    try:
        parameters = StdioServerParameters(
            command=target.command, args=list(target.args), env=dict(target.env), cwd=target.cwd,
            encoding=ENCODING,
        )  # fmt: skip
        async with stdio_client(parameters, errlog=tail.writer) as (read, write):  # type: ignore[arg-type]
            tail.handed_over()
            yield streams(read, write, link)
    finally:
        tail.handed_over()


@asynccontextmanager
async def _http(target: HttpTarget, link: ConnectionState) -> AsyncIterator[Any]:
    async with (
        _http_client(link, headers=dict(target.headers)) as http,
        streamable_http_client(
            target.url, http_client=http, max_sse_event_size=_MAX_EVENT_BYTES
        ) as (read, write),
    ):
        yield streams(read, write, link)


@asynccontextmanager
async def _sse(target: HttpTarget, link: ConnectionState) -> AsyncIterator[Any]:
    async with sse_client(
        target.url,
        headers=dict(target.headers),
        timeout=_HTTP_TIMEOUT_S,
        sse_read_timeout=_SSE_SILENCE_S,
        httpx_client_factory=partial(_http_client, link),
    ) as (read, write):
        yield streams(read, write, link)


# Servers close idle connections after five seconds and more (uvicorn: five). A call that is sent
# just then is lost, and nobody can know whether it ran; so we let go of them first.
_HTTP_LIMITS = httpx2.Limits(keepalive_expiry=3.0)


class _Bounded(httpx2.AsyncByteStream):
    """A body that breaks off where it is too long."""

    def __init__(self, inner: httpx2.AsyncByteStream) -> None:
        self._inner = inner

    async def __aiter__(self) -> AsyncIterator[bytes]:
        received = 0
        async for chunk in self._inner:
            received += len(chunk)
            if received > line_codec.MAX_LINE_BYTES:
                limit = f"more than {line_codec.MAX_LINE_BYTES} bytes"
                raise httpx2.StreamError(f"an answer of {limit}")
            yield chunk

    async def aclose(self) -> None:
        await self._inner.aclose()


def _bound(response: httpx2.Response, link: ConnectionState) -> None:
    """Let no answer fill the memory. Of a stream of events, `mcp` bounds each event."""
    if response.headers.get("content-encoding", "identity").lower() != "identity":
        # A small one could unfold into any size.
        link.why_lost = "the server compressed its answer, though it was not asked to"
        raise httpx2.ReadError(link.why_lost)
    events = response.headers.get("content-type", "").startswith("text/event-stream")
    if isinstance(response.stream, httpx2.AsyncByteStream) and not events:
        response.stream = _Bounded(response.stream)


def _http_client(
    link: ConnectionState,
    headers: dict[str, str] | None = None,
    timeout: httpx2.Timeout | None = None,
    auth: httpx2.Auth | None = None,
) -> httpx2.AsyncClient:
    async def note(response: httpx2.Response) -> None:
        if OF_LOGIN in response.request.extensions:
            return
        _bound(response, link)
        if response.request.method == "POST":
            await link.note(response)

    return httpx2.AsyncClient(
        headers={"accept-encoding": "identity", **(headers or {})},
        # How long an answer may take is for `CallOptions.timeout_s` to say.
        timeout=timeout or httpx2.Timeout(_HTTP_TIMEOUT_S, read=None),
        auth=auth or link.auth,
        event_hooks={"response": [note]},
        limits=_HTTP_LIMITS,
    )
