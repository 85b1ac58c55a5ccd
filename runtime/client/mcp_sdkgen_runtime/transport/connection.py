"""Opening a connection: from a target to an `mcp.Client` that has greeted the server."""

from __future__ import annotations

import logging
import warnings
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, replace
from typing import Any

import mcp
from mcp_types import (
    CallToolResult,
    Implementation,
    ResourceUpdatedNotification,
    ToolListChangedNotification,
)

from .._version import __version__
from ..config.targets import MemoryTarget, StdioTarget, Target
from ..observability.log import keep_secrets_out
from ..options import SessionOptions
from .connection_state import CLIENT_NAME, ConnectionState
from .diagnosis import Cause, NotConnectedError, find_cause
from .fall_back import LEGACY, NO_HANDSHAKE, Way, WayMemory, may_help, ways
from .http import http_streams, sse_streams
from .inbound import MCP_LINES, watched
from .mcp_callbacks import client_callbacks
from .stdio import stdio_streams
from .tasks import TasksExtension

# Without any logging set up, Python prints `mcp`'s tracebacks of what our errors report already.
for _logger in ("mcp", "client"):
    logging.getLogger(_logger).addHandler(logging.NullHandler())
# They log addresses, headers and whole messages.
keep_secrets_out("mcp", "client")


@dataclass(frozen=True)
class ClientSettings:
    """What every attempt to connect has in common: who asks, and what it answers."""

    info: Implementation
    callbacks: Mapping[str, Any]


@asynccontextmanager
async def opened(
    target: Target, options: SessionOptions, link: ConnectionState, memory: WayMemory
) -> AsyncIterator[mcp.Client]:
    """An open client for a target. Entered and left by the task that owns it.

    `memory` is of the connections of one session, so that only the first looks for a way. Raises
    `NotConnectedError`.
    """
    settings = ClientSettings(
        Implementation(name=CLIENT_NAME, version=__version__), client_callbacks(options)
    )
    async with connected(target, link, settings, memory) as (client, _):
        # `ClientSession` would list all tools to check the first answer of each, and turn a misfit
        # into a `RuntimeError` before `call.decode` sees the data.
        client.session.validate_tool_result = _not_validated  # type: ignore[method-assign]
        await _ask_for_logs(client, options)
        try:
            yield client
        finally:
            link.tell(None)


@asynccontextmanager
async def connected(
    target: Target,
    link: ConnectionState,
    settings: ClientSettings,
    memory: WayMemory | None = None,
) -> AsyncIterator[tuple[mcp.Client, Way]]:
    """A client that has greeted its server, and the way there: see `fall_back`."""
    async with AsyncExitStack() as stack:
        client, way = await _first_that_leads(stack, target, link, settings, memory or WayMemory())
        link.opened()
        yield client, way


async def _first_that_leads(
    stack: AsyncExitStack,
    target: Target,
    link: ConnectionState,
    settings: ClientSettings,
    memory: WayMemory,
) -> tuple[mcp.Client, Way]:
    failure: Exception | None = None
    furthest: Cause | None = None
    for way in ways(target, memory.way):
        if failure is not None and not may_help(way, link, failure):
            continue
        link.begin_attempt()
        client = _client(way, target, link, settings)
        try:
            await stack.enter_async_context(client)
        except Exception as error:
            failure = error
            cause = await find_cause(error, target, link)
            if furthest is None or link.answers:
                furthest = cause
            continue
        memory.way = _as_found(way, client)
        return client, way
    assert furthest is not None
    raise NotConnectedError(furthest)


def _client(
    way: Way, target: Target, link: ConnectionState, settings: ClientSettings
) -> mcp.Client:
    async def heed(message: Any) -> None:
        if isinstance(message, ToolListChangedNotification):
            link.tools_changed()
        elif isinstance(message, ResourceUpdatedNotification):
            link.tell(message.params.uri)

    return mcp.Client(
        _server(way, target, link), mode=way.mode, client_info=settings.info,
        message_handler=heed, extensions=[TasksExtension()], **settings.callbacks,
    )  # fmt: skip


def _server(way: Way, target: Target, link: ConnectionState) -> Any:
    if isinstance(target, MemoryTarget):
        return target.server
    transport: AbstractAsyncContextManager[Any]
    if isinstance(target, StdioTarget):
        transport = stdio_streams(target, link, MCP_LINES)
    else:
        transport = (sse_streams if way.transport == "sse" else http_streams)(target, link)
    return _watched(transport, link, way.mode == NO_HANDSHAKE)


@asynccontextmanager
async def _watched(
    transport: AbstractAsyncContextManager[Any],
    link: ConnectionState,
    unversioned: bool,
) -> AsyncIterator[Any]:
    async with transport as (read, write):
        yield watched(read, write, link, unversioned=unversioned)


def _as_found(way: Way, client: mcp.Client) -> Way:
    """The way without the question whose answer is known by now."""
    handshake = client.session.initialize_result is not None
    return replace(way, mode=LEGACY) if handshake else way


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
