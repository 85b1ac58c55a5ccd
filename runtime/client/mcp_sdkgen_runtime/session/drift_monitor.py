"""Comparing a connection's live tools with the ones the SDK was generated from."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import TypeAlias

import anyio
import anyio.to_thread

from ..errors import DriftError
from ..observability.log import logger
from ..options import DriftCallback
from ..schema.drift import Definition, breaking_changes, shipped_definitions
from ..text import printable

_log = logger(__name__)

Live: TypeAlias = Callable[[], Awaitable[Mapping[str, Definition]]]


class DriftWatch:
    """What is known of a server's drift. Without a package there is nothing to compare with."""

    def __init__(self, server: str, package: str, on_drift: DriftCallback | None = None) -> None:
        self._server = server
        self._package = package
        self._on_drift = on_drift
        self._broken: dict[str, list[str]] = {}
        self.failure: Exception | None = None
        self._looking = anyio.Lock()
        self._will_look = False

    @property
    def active(self) -> bool:
        """Whether there is a package to compare with."""
        return bool(self._package)

    async def look(self, live: Live) -> None:
        """Compare now. Logs a warning for each tool that broke; keeps what failed in `failure`."""
        async with self._looking:
            await self._look(live)

    async def look_again(self, live: Live) -> None:
        """Compare once more, unless a comparison that has not begun will see the change as well."""
        if self._will_look:
            return
        self._will_look = True
        async with self._looking:
            self._will_look = False
            await self._look(live)

    async def _look(self, live: Live) -> None:
        self.failure = None
        try:
            definitions = await live()
            compare = partial(_compared, self._package, definitions)
            broken = await anyio.to_thread.run_sync(compare)
        except Exception as error:
            self.failure = error
            # A short program may well be over before the list has come.
            _log.info("%s: cannot compare its tools with the SDK's: %r", self._server, error)
            return
        for tool, changes in broken.items():
            if self._broken.get(tool) != changes:
                lines = printable("; ".join(changes))
                _log.warning("%s.%s has changed: %s", self._server, printable(tool), lines)
        self._broken = broken
        if self._on_drift is not None:
            self._on_drift(self._server, broken)

    def check(self, tool: str) -> None:
        """Raise `DriftError` when `tool` was found to have changed in a breaking way."""
        if changes := self._broken.get(tool):
            raise DriftError(
                "the live server no longer matches this SDK; rebuild it:",
                server=self._server, tool=tool, changes=changes,
            )  # fmt: skip


def _compared(package: str, live: Mapping[str, Definition]) -> dict[str, list[str]]:
    shipped = shipped_definitions(package)
    found = {name: breaking_changes(old, live.get(name)) for name, old in shipped.items()}
    return {name: changes for name, changes in found.items() if changes}
