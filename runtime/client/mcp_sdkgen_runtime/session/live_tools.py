"""The tools of a connected server, listed when first wanted and anew after they changed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine, Mapping
from typing import Any

from ..concurrency.task_owner import spawn
from ..schema.definitions import Definition
from ..transport.connection_state import ConnectionState
from .paging import PagingError, all_tools, unknown_tools


class LiveTools:
    """What one connection's server lists. `on_change` is called when it tells of a change.

    `page` asks for one page of its list, and `listen` lets it tell of changes, for as long as the
    connection lasts.
    """

    def __init__(
        self,
        link: ConnectionState,
        page: Callable[[str | None], Awaitable[dict[str, Any]]],
        listen: Callable[[], Coroutine[Any, Any, None]],
    ) -> None:
        self.on_change: Callable[[], None] = lambda: None
        self._server = link.server
        self._page = page
        self._listen = listen
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
            spawn(self._listen)
        changes = self._changes
        try:
            found = await all_tools(self._page)
        except PagingError as error:
            raise unknown_tools(self._server, error) from None
        if changes == self._changes:
            self._known = found
        return found

    def _changed(self) -> None:
        self._changes += 1
        self._known = None
        self.on_change()
