"""Reads along on a session's streams, to keep results exactly as the server sent them.

`mcp` parses a page of definitions into its own models, which drop unknown keys and reject the
whole page for one bad definition. The ledger sits between transport and session: it keeps the raw
result of every list request and hands the session an empty page instead.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from mcp.shared.message import SessionMessage
from mcp_types import JSONRPCRequest, JSONRPCResponse

if TYPE_CHECKING:
    from mcp.client._transport import ReadStream, TransportStreams, WriteStream

_KEYS = {
    "tools/list": "tools",
    "prompts/list": "prompts",
    "resources/list": "resources",
    "resources/templates/list": "resourceTemplates",
}
_OPENING = ("initialize", "server/discover")


class Ledger:
    """The raw results of one session. `answers` counts everything the server answered."""

    def __init__(self) -> None:
        self.results: dict[str, dict[str, Any]] = {}
        self.answers = 0
        self._methods: dict[str, str] = {}

    def wrap(
        self, transport: AbstractAsyncContextManager[TransportStreams]
    ) -> AbstractAsyncContextManager[TransportStreams]:
        """The same transport, read along."""

        @asynccontextmanager
        async def wrapped() -> AsyncGenerator[TransportStreams]:
            async with transport as (read, write):
                yield _Reading(read, self), _Writing(write, self)

        return wrapped()

    def sent(self, item: SessionMessage) -> None:
        """Note which method a request id belongs to."""
        message = item.message
        if isinstance(message, JSONRPCRequest) and message.method in (*_KEYS, *_OPENING):
            self._methods[str(message.id)] = message.method

    def received(self, item: SessionMessage | Exception) -> SessionMessage | Exception:
        """Keep a result that was asked for; pass everything on that is not a page."""
        if isinstance(item, Exception) or not isinstance(item.message, JSONRPCResponse):
            return item
        self.answers += 1
        method = self._methods.pop(str(item.message.id), None)
        if method is None:
            return item
        self.results[method] = item.message.result
        if method in _OPENING:
            # A copy, because the session adjusts the result that it gets.
            result = dict(item.message.result)
        else:
            result = {
                _KEYS[method]: [],
                "resultType": "complete",
                "ttlMs": 0,
                "cacheScope": "private",
            }
        message = item.message.model_copy(update={"result": result})
        return SessionMessage(message, item.metadata)


class _Reading:
    """A read stream that shows each message to the ledger."""

    def __init__(self, inner: ReadStream[SessionMessage | Exception], ledger: Ledger) -> None:
        self._inner = inner
        self._ledger = ledger

    @property
    def last_context(self) -> Any:
        """The sender's context, which the session looks for on HTTP transports."""
        return getattr(self._inner, "last_context", None)

    async def receive(self) -> SessionMessage | Exception:
        return self._ledger.received(await self._inner.receive())

    async def aclose(self) -> None:
        await self._inner.aclose()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> SessionMessage | Exception:
        return self._ledger.received(await self._inner.__anext__())

    async def __aenter__(self) -> Self:
        await self._inner.__aenter__()
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc_val: BaseException | None,
        exc_tb: TracebackType | None,
    ) -> bool | None:
        return await self._inner.__aexit__(exc_type, exc_val, exc_tb)


class _Writing:
    """A write stream that shows each message to the ledger."""

    def __init__(self, inner: WriteStream[SessionMessage], ledger: Ledger) -> None:
        self._inner = inner
        self._ledger = ledger

    async def send(self, item: SessionMessage, /) -> None:
        self._ledger.sent(item)
        await self._inner.send(item)

    async def aclose(self) -> None:
        await self._inner.aclose()

    async def __aenter__(self) -> Self:
        await self._inner.__aenter__()
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc_val: BaseException | None,
        exc_tb: TracebackType | None,
    ) -> bool | None:
        return await self._inner.__aexit__(exc_type, exc_val, exc_tb)
