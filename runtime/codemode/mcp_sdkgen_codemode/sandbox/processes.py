"""Child processes that die with this process, and that any event loop can wait for."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import threading
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Final, TypeVar

T = TypeVar("T")
LOOK_S: Final = 0.1
"""Seconds between two looks of a thread at whether its work was ended."""

_spawner: ThreadPoolExecutor | None = None


async def in_spawner(work: Callable[[], T], discard: Callable[[T], Awaitable[None]]) -> T:
    """Run blocking work on the one thread that starts sandboxes. If we are cancelled meanwhile,
    what it made is discarded.

    The signal a child gets when its parent dies is sent when the *thread* that started it ends
    (prctl(2), PR_SET_PDEATHSIG). An event loop may run on a thread that ends before its sandboxes
    do; this one lasts as long as the process.
    """
    global _spawner
    if _spawner is None:
        _spawner = ThreadPoolExecutor(1, "mcp-sdkgen-sandboxes")
    task = asyncio.get_running_loop().run_in_executor(_spawner, work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        with suppress(Exception):
            await discard(await task)
        raise


class Ended(Exception):
    """Work was ended from another thread."""


class Work:
    """What a thread does that another can end: its steps, and the process it waits for."""

    def __init__(self) -> None:
        self._ended = threading.Event()

    def end(self) -> None:
        """End it. May be called at any time, from any thread."""
        self._ended.set()

    def check(self) -> None:
        """Raises `Ended` if it was ended."""
        if self._ended.is_set():
            raise Ended

    def run(self, command: Sequence[str]) -> None:
        """Wait for a command, however it ends. Raises `Ended`."""
        nowhere = subprocess.DEVNULL
        process = subprocess.Popen(
            command, stdin=nowhere, stdout=nowhere, stderr=nowhere, start_new_session=True
        )
        while not self._ended.is_set():
            with suppress(subprocess.TimeoutExpired):
                process.wait(LOOK_S)
                return
        os.killpg(process.pid, signal.SIGKILL)  # with those that it started itself
        process.wait()
        raise Ended


def _forget_after_fork() -> None:
    global _spawner
    _spawner = None  # its thread is not in this process


os.register_at_fork(after_in_child=_forget_after_fork)


async def gone(pidfd: int) -> None:
    """Wait until the process behind a pidfd has ended."""
    loop = asyncio.get_running_loop()
    ended = asyncio.Event()
    # A descriptor of its own: another waiter may watch the same process.
    watched = os.dup(pidfd)
    loop.add_reader(watched, ended.set)
    try:
        await ended.wait()
    finally:
        loop.remove_reader(watched)
        os.close(watched)


def kill(pidfd: int) -> None:
    """SIGKILL to the process behind a pidfd, if it lives."""
    with suppress(OSError):
        signal.pidfd_send_signal(pidfd, signal.SIGKILL)


def ending(process: subprocess.Popen[bytes]) -> str:
    """How a process that passes on its child's code has ended: `exit 0`, `signal SIGSEGV`."""
    code = process.wait()
    number = -code if code < 0 else code - 128
    if number > 0:
        with suppress(ValueError):
            return f"signal {signal.Signals(number).name}"
    return f"exit {code}"
