"""The contents of a resource as they change."""

from __future__ import annotations

import copy
from dataclasses import replace
from types import TracebackType
from typing import TYPE_CHECKING, Self

from ..concurrency.portal import run
from ..content.results import ResourceResult
from .client import AsyncClient, Client

if TYPE_CHECKING:
    from ..transport.subscriptions import ResourceChanges

Exc = type[BaseException] | None


class Subscription:
    """The contents of one resource: now, and again after each change, until it is closed.

    Iterate over it. The connection is opened again after a loss, and the contents are then given
    even if nothing has changed. Changes that come faster than they are taken are given as one.
    Raises `SessionError` when the server offers no subscription to the resource, when it cannot be
    reached for a while, or when the resource cannot be read; one may go on iterating after that.

    It ends when it or its client is closed, from whatever thread.
    """

    def __init__(self, client: Client, uri: str) -> None:
        self.uri = uri
        self._client = copy.copy(client)
        # What was remembered before the subscription began may be out of date.
        self._client._call_options = replace(client._call_options, fresh=True)
        self._changes: ResourceChanges | None = None
        self._closed = False

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> ResourceResult:
        if self._closed:
            raise StopIteration
        if self._changes is None:
            self._changes = self._client._carrier("changes")(self.uri)
        if not run(self._changes.next):
            self._closed = True
            raise StopIteration
        return self._client._read_resource(self.uri)

    def close(self) -> None:
        """End the subscription."""
        self._closed = True
        if self._changes is not None:
            run(self._changes.aclose)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: Exc, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()


class AsyncSubscription:
    """The async twin of `Subscription`."""

    def __init__(self, client: AsyncClient, uri: str) -> None:
        self.uri = uri
        self._client = copy.copy(client)
        # What was remembered before the subscription began may be out of date.
        self._client._call_options = replace(client._call_options, fresh=True)
        self._changes: ResourceChanges | None = None
        self._closed = False

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> ResourceResult:
        if self._closed:
            raise StopAsyncIteration
        if self._changes is None:
            self._changes = await self._client._carrier("changes")(self.uri)
        if not await self._changes.next():
            self._closed = True
            raise StopAsyncIteration
        return await self._client._read_resource(self.uri)

    async def aclose(self) -> None:
        """End the subscription."""
        self._closed = True
        if self._changes is not None:
            await self._changes.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: Exc, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()
