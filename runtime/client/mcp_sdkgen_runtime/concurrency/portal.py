"""One event loop on a background thread, shared by all blocking clients of the process."""

from __future__ import annotations

import atexit
import os
import threading
from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from contextlib import AbstractContextManager
from functools import partial
from typing import Any, TypeVar

from anyio.from_thread import BlockingPortal, start_blocking_portal

T = TypeVar("T")


class _Loop:
    """The portal, if it runs. A fork leaves the child with a thread that is not there."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.portal: BlockingPortal | None = None
        self.manager: AbstractContextManager[BlockingPortal] | None = None

    def running(self) -> BlockingPortal:
        with self.lock:
            if self.portal is None:
                self.manager = start_blocking_portal(name="mcp-sdkgen-sessions")
                self.portal = self.manager.__enter__()
            return self.portal

    def stop(self) -> None:
        with self.lock:
            manager, self.portal, self.manager = self.manager, None, None
        if manager is not None:
            # The loop's end cancels the tasks that own connections, and they close them.
            manager.__exit__(None, None, None)


_loop = _Loop()
_abandoned: list[_Loop] = []


def run(function: Callable[..., Awaitable[T]], /, *args: Any, **named: Any) -> T:
    """Run an async function on the shared loop and wait for it.

    An interrupt (Ctrl-C) while waiting cancels the function, then propagates.
    """
    future = _loop.running().start_task_soon(partial(function, *args, **named))
    return _result(future)


def run_if_started(function: Callable[..., Awaitable[T]], /, *args: Any) -> None:
    """Like `run`, but does nothing when no loop has been started."""
    portal = _loop.portal
    if portal is not None:
        _result(portal.start_task_soon(function, *args))


def _result(future: Future[T]) -> T:
    try:
        return future.result()
    except BaseException:
        future.cancel()
        raise


def _forget_after_fork() -> None:
    global _loop
    # Kept alive: finalising the parent's transports here could reach the parent's servers.
    _abandoned.append(_loop)
    _loop = _Loop()


atexit.register(lambda: _loop.stop())
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_after_fork)
