"""A task that owns an async context manager.

An MCP connection must be opened and closed by one and the same task (anyio's cancel scopes), while
calls come from many tasks and the last one to come may be anybody. So a task of its own enters the
manager, waits, and leaves it.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Coroutine
from contextlib import AbstractAsyncContextManager, suppress
from importlib import import_module
from typing import Any, Generic, TypeAlias, TypeVar

import anyio
import anyio.lowlevel

T = TypeVar("T")
Attend: TypeAlias = Callable[[anyio.CancelScope], Coroutine[Any, Any, None]]


class Owner(Generic[T]):
    """Holds what `manager` gives, open, until `close` or until the manager itself gives up."""

    def __init__(self, manager: AbstractAsyncContextManager[T]) -> None:
        self._manager = manager
        self._scope = anyio.CancelScope()
        self._ready = anyio.Event()
        self._stop = anyio.Event()
        self._done = anyio.Event()
        self._token = anyio.lowlevel.current_token()
        self.resource: T | None = None
        self.failure: BaseException | None = None

    @property
    def alive(self) -> bool:
        """Whether the resource is open and nobody has asked for its end."""
        return self.resource is not None and not self._stop.is_set()

    async def open(self, timeout_s: float, attend: Attend | None = None) -> T:
        """Start the task and wait until the resource is open.

        `attend` runs meanwhile, and may give it more time by the scope that it gets. Raises what
        the manager raised, or `TimeoutError`; nothing is left behind then.
        """
        spawn(self._run)
        try:
            with anyio.fail_after(timeout_s) as scope:
                async with anyio.create_task_group() as tasks:
                    if attend is not None:
                        tasks.start_soon(attend, scope)
                    await self._ready.wait()
                    tasks.cancel_scope.cancel()
        except BaseException:
            self._scope.cancel()
            with anyio.CancelScope(shield=True):
                await self._done.wait()
            raise
        if self.resource is None:
            await self._done.wait()
            # A group may hold cancellations, and then is no `Exception`.
            failure = self.failure
            raise failure if isinstance(failure, Exception) else ConnectionError("closed at once")
        return self.resource

    async def _run(self) -> None:
        try:
            with self._scope:
                async with self._manager as self.resource:
                    self._ready.set()
                    await self._stop.wait()
        except (Exception, BaseExceptionGroup) as error:
            self.failure = error
        finally:
            self.resource = None
            self._ready.set()
            self._done.set()

    def stop(self) -> None:
        """Ask for the end from within the loop. Does not wait."""
        self._stop.set()

    def stop_from_anywhere(self) -> None:
        """Ask for the end from any thread, even when the loop is gone."""
        native: Any = self._token.native_token
        post = getattr(native, "call_soon_threadsafe", None) or native.run_sync_soon
        with suppress(RuntimeError):  # the loop has ended, and ended the task with it
            post(self._stop.set)

    async def close(self) -> None:
        """End it, and wait until the manager has been left."""
        self._stop.set()
        with anyio.CancelScope(shield=True):
            await self._done.wait()


_tasks: set[object] = set()
"""asyncio keeps only weak references to tasks; one that nobody awaits must be held somewhere."""


def spawn(function: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Run a coroutine function in a task that belongs to the event loop, not to the caller."""
    if "trio" in sys.modules:
        trio: Any = import_module("trio")
        try:
            trio.lowlevel.spawn_system_task(function)
            return
        except RuntimeError:
            pass  # trio is imported, but this is an asyncio loop
    import asyncio

    task = asyncio.get_running_loop().create_task(function())
    _tasks.add(task)
    task.add_done_callback(_tasks.discard)
