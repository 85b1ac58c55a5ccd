"""Hearing from a server that a resource has changed, across losses of the connection."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from typing import TYPE_CHECKING, Final

import anyio
import mcp
from mcp.client.subscriptions import Subscription, SubscriptionLost
from mcp.shared.exceptions import MCPError
from mcp_types import (
    EmptyResult,
    SubscribeRequest,
    SubscribeRequestParams,
    UnsubscribeRequest,
    UnsubscribeRequestParams,
)

from ..errors import SessionError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from .connection_state import ConnectionState

_TRIES: Final = 6
_FIRST_WAIT_S: Final = 0.1
_LONGEST_WAIT_S: Final = 10.0
_UNSUBSCRIBE_WITHIN_S: Final = 1.0

Waiting = Callable[[], Awaitable[bool]]
"""Waits for a change. False when there will be no more by this subscription."""


class ResourceChanges:
    """The changes of one resource, for one waiter at a time.

    `live` gives an open connection and its link, `explained` turns what `mcp` raises into errors of
    ours, and `is_passing` says of one whether trying again makes sense. Changes may be missed while
    a connection is down, and are then reported as one.
    """

    def __init__(
        self,
        server: str,
        uri: str,
        within_s: float,
        live: Callable[[], Awaitable[tuple[mcp.Client, ConnectionState]]],
        explained: Callable[[Exception], Awaitable[Exception]],
        is_passing: Callable[[Exception], bool],
    ) -> None:
        self._server = server
        self._uri = uri
        self._within_s = within_s
        self._live = live
        self._explained = explained
        self._is_passing = is_passing
        self._stack: AsyncExitStack | None = None
        self._waiting: Waiting | None = None
        self._known = False
        self._losses = 0
        self._closed = anyio.Event()

    async def next(self) -> bool:
        """Wait until the resource is to be read: at first, after a change, and after a loss.

        False when `aclose` was called. Raises `SessionError` when the server offers no subscription
        to it, or cannot be reached any more; waiting again tries anew.
        """
        while not self._closed.is_set():
            if self._waiting is None:
                await self._open()
                return not self._closed.is_set()
            if await self._waiting():
                self._losses = 0
                return not self._closed.is_set()
            await self._shut()
            if not self._closed.is_set():
                # A server that ends each subscription at once must not keep us busy.
                await self._rest(self._losses)
                self._losses += 1
        return False

    async def aclose(self) -> None:
        """End the subscription; whoever waits is told."""
        self._closed.set()
        await self._shut()

    async def _open(self) -> None:
        for tries in range(1, _TRIES + 1):
            try:
                with anyio.fail_after(self._within_s):
                    await self._subscribe()
                self._known = True
                return
            except TimeoutError:
                failed: Exception = SessionError(
                    f"no subscription to {self._uri} within {self._within_s:g} s",
                    server=self._server, ran=False,
                )  # fmt: skip
            except Exception as error:
                failed = error
            passing = isinstance(failed, SubscriptionLost) or self._is_passing(failed)
            # A server that is not there in the first place is no loss to get over.
            if tries == _TRIES or not self._known or not passing:
                raise await self._explained(failed) from None
            await self._rest(tries)
            if self._closed.is_set():
                return

    async def _subscribe(self) -> None:
        client, link = await self._live()
        older = client.session.initialize_result is not None
        async with AsyncExitStack() as stack:
            how = _by_request(client, link, self._uri) if older else _by_stream(client, self._uri)
            waiting = await stack.enter_async_context(how)
            if waiting is None:
                raise SessionError(
                    f"the server offers no subscription to {self._uri}",
                    server=self._server, ran=False,
                )  # fmt: skip
            self._stack, self._waiting = stack.pop_all(), waiting

    async def _shut(self) -> None:
        stack, self._stack, self._waiting = self._stack, None, None
        if stack is not None:
            await stack.aclose()

    async def _rest(self, losses: int) -> None:
        with anyio.move_on_after(min(_FIRST_WAIT_S * 2**losses, _LONGEST_WAIT_S)):
            await self._closed.wait()


@asynccontextmanager
async def _by_stream(client: mcp.Client, uri: str) -> AsyncIterator[Waiting | None]:
    """As of 2026-07-28: a stream of events, for as long as the request is open."""
    async with client.listen(resource_subscriptions=[uri]) as events:
        honoured = events.honored.resource_subscriptions or ()
        yield (lambda: _next_event(events)) if uri in honoured else None


async def _next_event(events: Subscription) -> bool:
    try:
        await anext(events)
    except (StopAsyncIteration, SubscriptionLost):
        return False
    return True


@asynccontextmanager
async def _by_request(
    client: mcp.Client, link: ConnectionState, uri: str
) -> AsyncIterator[Waiting | None]:
    """Before 2026-07-28: notifications after `resources/subscribe`."""
    offered = client.server_capabilities.resources
    if offered is None or not offered.subscribe:
        yield None
        return
    heard = _ResourceListener(uri)
    link.listeners.append(heard)
    try:
        subscribe = SubscribeRequest(params=SubscribeRequestParams(uri=uri))
        await client.session.send_request(subscribe, EmptyResult)
        yield heard.wait
    finally:
        link.listeners.remove(heard)
        others = any(
            isinstance(one, _ResourceListener) and one.uri == uri for one in link.listeners
        )
        if not heard.lost and not others:
            with anyio.move_on_after(_UNSUBSCRIBE_WITHIN_S, shield=True), suppress(MCPError):
                unsubscribe = UnsubscribeRequest(params=UnsubscribeRequestParams(uri=uri))
                await client.session.send_request(unsubscribe, EmptyResult)
        heard(None)


class _ResourceListener:
    """A listener of a link (see `ConnectionState.listeners`)."""

    def __init__(self, uri: str) -> None:
        self.uri = uri
        self.lost = False
        self._news = anyio.Event()

    def __call__(self, uri: str | None) -> None:
        self.lost = self.lost or uri is None
        # What changed may be a part of what was subscribed to.
        if uri is None or uri == self.uri or uri.startswith(self.uri.rstrip("/") + "/"):
            self._news.set()

    async def wait(self) -> bool:
        await self._news.wait()
        self._news = anyio.Event()
        return not self.lost
