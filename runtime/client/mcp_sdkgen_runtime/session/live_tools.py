"""The tools of a connected server, listed when first wanted and anew after they changed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from ..concurrency.task_owner import spawn
from ..schema.definitions import Definition
from ..transport.connection import hear_of_tools
from ..transport.connection_state import ConnectionState
from ..transport.raw_results import raw_result
from .paging import PagingError, all_tools, unknown_tools


class LiveTools:
    """What one connection's server lists. `on_change` is called when it tells of a change."""

    def __init__(self, client: Any, link: ConnectionState) -> None:
        self.on_change: Callable[[], None] = lambda: None
        self._client = client
        self._server = link.server
        self._known: Mapping[str, Definition] | None = None
        self._changes = 0
        self._listens = False
        link.tools_changed = self._changed

    async def known(self) -> Mapping[str, Definition]:
        """The definitions by wire name, as they were when they were last heard of."""
        return await self.listed() if self._known is None else self._known

    async def listed(self) -> Mapping[str, Definition]:
        """The definitions by wire name, listed now. Raises `SessionError` if they have no end."""
        if not self._listens:
            self._listens = True
            spawn(partial(hear_of_tools, self._client))
        changes = self._changes
        try:
            found = await _definitions(self._client)
        except PagingError as error:
            raise unknown_tools(self._server, error) from None
        if changes == self._changes:
            self._known = found
        return found

    def _changed(self) -> None:
        self._changes += 1
        self._known = None
        self.on_change()


async def _definitions(client: Any) -> dict[str, Any]:
    async def ask(cursor: str | None) -> dict[str, Any]:
        return raw_result(await client.list_tools(cursor=cursor, cache_mode="refresh"))

    return await all_tools(ask)
