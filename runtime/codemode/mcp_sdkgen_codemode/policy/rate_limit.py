"""How many calls a pattern had in the last minute, over all runs of a process."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable

WINDOW_S = 60.0


class Meter:
    """Counts calls in a sliding window of a minute. `clock` gives seconds that never go back."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._calls: dict[str, deque[float]] = {}

    def wait_s(self, pattern: str, rate: int) -> float:
        """Seconds until a further call keeps to `rate` calls a minute; 0 if it does so now."""
        calls, now_s = self._calls.get(pattern, deque()), self._clock()
        while calls and calls[0] <= now_s - WINDOW_S:
            calls.popleft()
        if len(calls) < rate:
            return 0.0
        return calls[-rate] + WINDOW_S - now_s if rate else WINDOW_S

    def count(self, patterns: Iterable[str]) -> None:
        """Take note of a call that these patterns match."""
        for pattern in patterns:
            self._calls.setdefault(pattern, deque()).append(self._clock())
