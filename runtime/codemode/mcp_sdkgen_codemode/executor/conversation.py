"""A sandbox that lasts: variables survive from one program to the next, like in a notebook."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Unpack

from mcp_sdkgen_runtime.concurrency.portal import run as run_on_portal

from ..lifecycle import Closing
from ..outcome import Outcome
from .executor import Executor
from .lease import SandboxLease
from .options import RunOptions

IDLE_S = 600.0
"""Seconds without a program after which the sandbox is ended."""


class Conversation(Closing):
    """Runs programs of one conversation in one sandbox, one at a time.

    Each is checked with the names that earlier ones defined, and has the executor's limits for
    itself. What earlier programs made is lost when a program is killed or times out, and after
    `idle_s` without one; `fresh` tells that the next program starts from nothing.
    """

    def __init__(self, executor: Executor, *, idle_s: float = IDLE_S) -> None:
        self._executor = executor
        self._idle_s = idle_s
        self._lease = SandboxLease(lasting=True)
        self._turn = asyncio.Lock()
        self._idle: asyncio.TimerHandle | None = None
        self._ending: asyncio.Task[None] | None = None

    @property
    def fresh(self) -> bool:
        """Whether nothing is left of earlier programs, or there were none."""
        return self._lease.fresh

    async def run_async(self, program: str, **options: Unpack[RunOptions]) -> Outcome:
        """Check and run the next program. `options` are those of `Executor.run_async`."""
        async with self._turn:
            self._stop_waiting()
            had_variables = bool(self._lease.earlier)
            if self.fresh:
                await self._lease.release()
            outcome = await self._executor.run_leased(program, self._lease, **options)
            if had_variables and self.fresh:
                gone = "the variables of earlier programs are gone"
                reason = f"{outcome.reason}; {gone}" if outcome.reason else gone
                outcome = replace(outcome, reason=reason)
            loop = asyncio.get_running_loop()
            self._idle = loop.call_later(self._idle_s, self._end_idle)
            return outcome

    def run(self, program: str, **options: Unpack[RunOptions]) -> Outcome:
        """`run_async` for callers without an event loop."""
        return run_on_portal(self.run_async, program, **options)

    async def aclose(self) -> None:
        """End the sandbox."""
        async with self._turn:
            self._stop_waiting()
            await self._lease.release()

    def _stop_waiting(self) -> None:
        if self._idle is not None:
            self._idle.cancel()

    def _end_idle(self) -> None:
        self._ending = asyncio.create_task(self.aclose())
