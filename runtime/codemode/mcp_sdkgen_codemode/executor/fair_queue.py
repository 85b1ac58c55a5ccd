"""Turns at something that does one thing at a time: who wants much does not starve others."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Final, TypeAlias

Client: TypeAlias = tuple[str, ...]
"""Who wants a turn, from the whole to the part: a principal, then one of the principal's clients.
The empty one is for callers who need no telling apart."""

_REMEMBERED: Final = 1024


class FairQueue:
    """Gives turns round: next is the principal, and of that the client, whose last turn is longest
    ago; of equal ones, whoever came first. Belongs to one event loop."""

    def __init__(self) -> None:
        self._taken = False
        self._waiting: list[tuple[Client, asyncio.Future[None]]] = []
        self._last: OrderedDict[Client, int] = OrderedDict()
        self._turns = 0

    @asynccontextmanager
    async def turn(self, client: Sequence[str] = ()) -> AsyncIterator[None]:
        """Wait for a turn, and have it."""
        await self._begin(tuple(client))
        try:
            yield
        finally:
            self._end()

    async def _begin(self, client: Client) -> None:
        if not self._taken:
            self._taken = True
            self._note(client)
            return
        place = client, asyncio.get_running_loop().create_future()
        self._waiting.append(place)
        try:
            await place[1]
        except asyncio.CancelledError:
            if place in self._waiting:
                self._waiting.remove(place)
            else:
                self._end()  # the turn came, and nobody is there to have it
            raise

    def _end(self) -> None:
        if not self._waiting:
            self._taken = False
            return
        place = min(self._waiting, key=lambda place: self._order(place[0]))
        self._waiting.remove(place)
        self._note(place[0])
        place[1].set_result(None)

    def _order(self, client: Client) -> list[int]:
        return [self._last.get(client[:length], 0) for length in range(1, len(client) + 1)]

    def _note(self, client: Client) -> None:
        self._turns += 1
        for length in range(1, len(client) + 1):
            self._last[client[:length]] = self._turns
            self._last.move_to_end(client[:length])
        while len(self._last) > _REMEMBERED:
            self._last.popitem(last=False)
