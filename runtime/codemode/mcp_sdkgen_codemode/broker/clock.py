"""The time of a run, which stands still while a person thinks or a server starts."""

from __future__ import annotations

import asyncio
from typing import Final

MOST_STARTING_S: Final = 900.0
"""What servers may take to start in all, in seconds, before that is the run's time again."""


class Clock:
    """Limits a run to `limit_s` seconds, through `timeout`, without those of its stops.

    Made in the running event loop. `asked_s` are the seconds that a person took so far.
    """

    def __init__(self, limit_s: float) -> None:
        self.timeout = asyncio.timeout(limit_s)
        self.asked_s = 0.0
        self._left_s = limit_s
        self._starting_left_s = MOST_STARTING_S
        self._asking = self._starting = 0
        self._since_s = asyncio.get_running_loop().time()

    def ask(self, begun: bool) -> None:
        """A person is asked, or has answered."""
        self._account()
        self._asking += 1 if begun else -1
        self._reschedule()

    def start(self, begun: bool) -> None:
        """A server starts, or has started or failed to."""
        self._account()
        self._starting += 1 if begun else -1
        self._reschedule()

    def _account(self) -> None:
        now_s = asyncio.get_running_loop().time()
        lasted_s, self._since_s = now_s - self._since_s, now_s
        if self._asking:
            self.asked_s += lasted_s
        elif self._starting and self._starting_left_s > 0:
            self._starting_left_s -= lasted_s
        else:
            self._left_s -= lasted_s

    def _reschedule(self) -> None:
        if self.timeout.expired():
            return
        left_s = self._left_s + (max(self._starting_left_s, 0.0) if self._starting else 0.0)
        self.timeout.reschedule(None if self._asking else self._since_s + left_s)
