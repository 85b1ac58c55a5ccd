"""How long a server may take to say what it has, and how many are started at once."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Final

import anyio
from mcp_sdkgen_runtime.session.start_limits import StartLimit, start_limit
from mcp_sdkgen_runtime.transport.installing import longer, package_manager

from ..config import ServerConfig, Transport
from .model import ServerSource, Source

DEFAULT_TIMEOUT_S: Final = 30.0
MAX_AT_ONCE: Final = 16


def limit_of(config: ServerConfig, timeout_s: float | None = None) -> StartLimit:
    """From starting a server to its last page: the limit that a caller or the configuration sets,
    or else one that suits the command."""
    chosen_s = timeout_s or config.timeout_s
    return start_limit(config.command, config.args, chosen_s, DEFAULT_TIMEOUT_S)


def more_time(limit_s: float) -> str:
    """What gives a server that took longer than `limit_s` more time."""
    more_s = longer(limit_s)
    return f'retry with --timeout {more_s}, or write "timeout_s": {more_s} into its entry'


class Starts:
    """Lets fewer servers start at once than there are cores, so that none is late for the others.

    Two that are installed as the same package start one after the other: package managers have one
    folder for both.
    """

    def __init__(self) -> None:
        self._all = anyio.Semaphore(MAX_AT_ONCE)
        self._starting = anyio.Semaphore(max(2, min(MAX_AT_ONCE, (os.cpu_count() or 1) - 1)))
        self._packages: defaultdict[str, anyio.Lock] = defaultdict(anyio.Lock)

    @asynccontextmanager
    async def turn(self, source: Source) -> AsyncIterator[Callable[[], None]]:
        """A block for one source; what it yields lets others start before the block ends."""
        if not isinstance(source, ServerSource) or source.config.transport is not Transport.STDIO:
            async with self._all:
                yield lambda: None
            return
        async with self._packages[_package(source.config)], self._all:
            await self._starting.acquire()
            waiting = [self._starting]

            def settled() -> None:
                if waiting:
                    waiting.pop().release()

            try:
                yield settled
            finally:
                settled()


def _package(config: ServerConfig) -> str:
    """What two servers have in common that are installed into the same folder."""
    if not package_manager(config.command, config.args):
        return config.name
    words = [word for word in config.args if not word.startswith("-")]
    return " ".join((config.command, *words[:1]))
