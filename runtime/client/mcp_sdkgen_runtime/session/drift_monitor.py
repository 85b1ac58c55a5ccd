"""Comparing a connection's live tools with the ones the SDK was generated from."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import TypeAlias

import anyio
import anyio.to_thread

from ..errors import DriftError
from ..observability.log import logger
from ..observability.secret_set import SecretSet
from ..options import DriftCallback
from ..schema.definitions import Definition, digest, shipped_definitions
from ..text import printable

_log = logger(__name__)

Live: TypeAlias = Callable[[], Awaitable[Mapping[str, Definition]]]


class DriftWatch:
    """What is known of a server's drift. Without a package there is nothing to compare with."""

    def __init__(
        self,
        server: str,
        package: str,
        on_drift: DriftCallback | None = None,
        secrets: SecretSet | None = None,
    ) -> None:
        """`secrets` are the binding's: a definition may repeat them, and no change tells them."""
        self._secrets = secrets if secrets is not None else SecretSet()
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
            compared = await anyio.to_thread.run_sync(compare)
            broken = {
                tool: [self._secrets.text(change) for change in changes]
                for tool, changes in compared.items()
            }
        except Exception as error:
            self.failure = error
            # A short program may well be over before the list has come.
            _log.info(
                "%s: cannot compare its tools with the SDK's: %s: %s",
                self._server,
                type(error).__name__,
                error,
            )
            return
        for tool, changes in broken.items():
            if self._broken.get(tool) != changes:
                told = "; ".join(changes)
                _log.warning("%s.%s has changed: %s", self._server, printable(tool), told)
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
    found = {name: _breaking(name, old, live.get(name)) for name, old in shipped.items()}
    return {name: changes for name, changes in found.items() if changes}


def _breaking(name: str, old: Definition, new: Definition | None) -> list[str]:
    """What breaks callers of a tool, a line for each change, safe to print. None: it is gone."""
    if new is not None and digest(old) == digest(new):
        return []
    # Most servers are as they were; only one that is not needs the judge.
    from ..schema.compat import Drift, Severity, tool_changes, tool_removed

    changes = [tool_removed(name)] if new is None else tool_changes(dict(old), dict(new))
    return [
        change.message for change in Drift.of(changes).changes
        if change.severity is Severity.BREAKING
    ]  # fmt: skip
