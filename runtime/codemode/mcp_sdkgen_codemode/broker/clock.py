"""The time of a run, which stands still while a person thinks."""

from __future__ import annotations

import asyncio


class Clock:
    """Limits a run to `limit_s` seconds, through `timeout`, without those of its stops.

    Made in the running event loop. `asked_s` are the seconds that it has stood still so far.
    """

    def __init__(self, limit_s: float) -> None:
        self.timeout = asyncio.timeout(limit_s)
        self.asked_s = 0.0
        self._left_s = limit_s
        self._stopped_s: float | None = None

    def stop(self, stopped: bool) -> None:
        """Stop the clock, or let it go on."""
        now_s = asyncio.get_running_loop().time()
        if stopped:
            self._stopped_s = now_s
        elif self._stopped_s is not None:
            self.asked_s += now_s - self._stopped_s
            self._stopped_s = None
        if self.timeout.expired():
            return
        if stopped:
            self._left_s = (self.timeout.when() or now_s) - now_s
        self.timeout.reschedule(None if stopped else now_s + self._left_s)
