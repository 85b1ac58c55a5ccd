"""Calls that a program made and never awaited, so that they did not happen."""

from __future__ import annotations

import asyncio
import gc
import inspect
import warnings
from types import CoroutineType
from typing import Any, Final
from weakref import WeakSet

MOST: Final = 1000
"""Names that are told. A program may forget millions."""


class Unawaited:
    """Notes coroutines that Python drops before they began, and finds those that still wait."""

    def __init__(self) -> None:
        self._dropped: list[str] = []
        self._told: WeakSet[Any] = WeakSet()
        # Python calls this for each of them. `warnings.showwarning` would be the public way, but a
        # program that silences warnings silences that too.
        warnings._warn_unawaited_coroutine = self._note  # type: ignore[attr-defined]

    def _note(self, coroutine: Any) -> None:
        if coroutine not in self._told and len(self._dropped) < MOST:
            self._dropped.append(_name(coroutine))
        message = f"coroutine {_name(coroutine)!r} was never awaited"
        warnings.warn(message, RuntimeWarning, stacklevel=2, source=coroutine)

    def told(self, loop: asyncio.AbstractEventLoop | None) -> dict[str, list[str]]:
        """Names, by what is to be said of them; what was told before is not told again.

        `unawaited` have not begun; `unfinished` are the tasks of `loop` that are not done.
        """
        waiting = [
            each
            for each in gc.get_objects()
            if isinstance(each, CoroutineType)
            and inspect.getcoroutinestate(each) == inspect.CORO_CREATED
        ]
        running = [] if loop is None else [task.get_coro() for task in asyncio.all_tasks(loop)]
        found = {
            "unawaited": [*self._dropped, *self._fresh(waiting)][:MOST],
            "unfinished": self._fresh(running)[:MOST],
        }
        self._dropped = []
        return {name: several for name, several in found.items() if several}

    def _fresh(self, coroutines: list[Any]) -> list[str]:
        fresh = [each for each in coroutines if each not in self._told]
        self._told.update(fresh)
        return [_name(each) for each in fresh]


def _name(coroutine: Any) -> str:
    return str(getattr(coroutine, "__qualname__", type(coroutine).__name__))
