"""Sandboxes that are started before they are needed: a program waits only for dispatch."""

from __future__ import annotations

import asyncio
import os
from collections import deque
from dataclasses import dataclass

from ..broker.channel import ChannelClosed, HostChannel
from ..broker.framing import Violation
from ..host_only import HostOnly
from ..sandbox import Engine, Sandbox, SandboxError, SandboxSpec
from .capture import Capture

READY_S = 60.0
"""Seconds that a sandbox has to start and import."""
REFILL_S = 0.05
"""Seconds after which a sandbox that was taken is replaced."""
IDLE_S = 60.0
"""Seconds without a program after which a pool keeps one sandbox only."""


@dataclass(frozen=True, slots=True, eq=False)
class ReadySandbox:
    """A sandbox that has imported what it was told to and waits for its program."""

    sandbox: Sandbox
    channel: HostChannel
    stdout: Capture
    stderr: Capture

    @property
    def alive(self) -> bool:
        """Whether the sandbox still holds its end of the channel."""
        return self.channel.open

    def feed(self, stream: str, data: bytes) -> None:
        """Take output that came through the channel."""
        (self.stderr if stream == "stderr" else self.stdout).feed(data)

    async def printed(self) -> None:
        """Wait for the end of what it prints: until it has been killed or ended by itself."""
        await self.stdout.ended()
        await self.stderr.ended()

    async def end(self) -> str:
        """Kill the sandbox, whatever it does, and wait until nothing of it is left.

        Returns how it ended (see `Sandbox.wait`). What it had printed is in the captures by then.
        """
        self.sandbox.kill()
        how = await self.sandbox.wait()
        await self.printed()
        self.channel.close()
        self.sandbox.close()
        return how


async def start(engine: Engine, spec: SandboxSpec) -> ReadySandbox:
    """Start one sandbox and wait until it is ready. Raises `SandboxError`."""
    sandbox = await engine.start(spec)
    limit = spec.limits.output_bytes
    channel = await HostChannel.of(sandbox.channel, spec.limits)
    ready = ReadySandbox(sandbox, channel, Capture(limit), Capture(limit))
    for fd, capture in ((sandbox.stdout, ready.stdout), (sandbox.stderr, ready.stderr)):
        if fd is not None:
            capture.attach(fd)
    try:
        async with asyncio.timeout(READY_S):
            await channel.ready()
        return ready
    except TimeoutError:
        problem = f"it was not ready after {READY_S:g} s"
    except (ChannelClosed, Violation) as error:
        problem = str(error)
    except BaseException:
        await ready.end()
        raise
    how = await ready.end()
    said = (ready.stderr.text or ready.stdout.text).strip()[-2000:]
    raise SandboxError(
        f"a sandbox did not start: {problem} ({how})",
        "`mcp-sdkgen doctor` tells what works on this machine",
        HostOnly(said),
    )


class Pool:
    """Ready sandboxes of one kind, each for one program.

    The pool keeps as many sandboxes ready as were recently needed at once, at most `most` (the
    number of cores by default), and one after `IDLE_S` without a program; none at all once a
    program came that was to be the only one (`single`). Belongs to the event loop that it is made
    in.
    """

    def __init__(
        self, engine: Engine, spec: SandboxSpec, *, most: int | None = None, single: bool = False
    ) -> None:
        self.engine = engine
        self.spec = spec
        self._most = max(1, most or os.cpu_count() or 1)
        self._single = single
        self._wanted = 1
        self._ready: deque[ReadySandbox] = deque()
        self._waiting: deque[asyncio.Future[ReadySandbox]] = deque()
        self._starting: set[asyncio.Task[bool]] = set()
        self._ending: set[asyncio.Task[str]] = set()
        self._shrink: asyncio.TimerHandle | None = None
        self._closed = False

    def warm(self) -> None:
        """Begin to start sandboxes."""
        self._fill()

    async def take(self) -> ReadySandbox:
        """A ready sandbox, which is the caller's to `end`. Raises `SandboxError` if none starts."""
        if self._closed:
            raise SandboxError("the pool of sandboxes is closed", "make a new Executor")
        if self._single:
            self._wanted = 0
        else:
            self._rest_later()
        while self._ready:
            ready = self._ready.popleft()
            if ready.alive:
                # A start takes a core for some time, which a short program would have to share.
                asyncio.get_running_loop().call_later(REFILL_S, self._fill)
                return ready
            self.discard(ready)
        if not self._single:
            self._wanted = min(self._wanted + 1, self._most)
        waiter: asyncio.Future[ReadySandbox] = asyncio.get_running_loop().create_future()
        self._waiting.append(waiter)
        self._fill()
        try:
            return await waiter
        except asyncio.CancelledError:
            if waiter.done() and not waiter.cancelled() and waiter.exception() is None:
                self.discard(waiter.result())
            raise

    def renew(self, spec: SandboxSpec) -> None:
        """Hand out sandboxes of another kind from now on. Those that were taken go on as they
        are."""
        self.spec = spec
        for ready in self._ready:
            self.discard(ready)
        self._ready.clear()
        self._fill()

    def discard(self, ready: ReadySandbox) -> None:
        """End a sandbox that was taken, in the background; `aclose` waits for it."""
        task = asyncio.create_task(ready.end())
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)

    async def aclose(self) -> None:
        """End every sandbox that nobody has taken."""
        self._closed = True
        if self._shrink is not None:
            self._shrink.cancel()
        starting = list(self._starting)
        for task in starting:
            task.cancel()
        await asyncio.gather(*starting, return_exceptions=True)
        for ready in self._ready:
            self.discard(ready)
        self._ready.clear()
        await asyncio.gather(*self._ending, return_exceptions=True)

    def _fill(self) -> None:
        if self._closed:
            return
        waiting = sum(not waiter.done() for waiter in self._waiting)
        missing = self._wanted + waiting - len(self._ready) - len(self._starting)
        # More starts at a time than there are cores would only slow the first one down.
        for _ in range(min(missing, self._most - len(self._starting))):
            task = asyncio.create_task(self._start())
            self._starting.add(task)
            task.add_done_callback(self._started)

    async def _start(self) -> bool:
        spec = self.spec
        try:
            ready = await start(self.engine, spec)
        except (SandboxError, OSError) as error:
            problem = (
                error
                if isinstance(error, SandboxError)
                else SandboxError("a sandbox did not start", "", HostOnly.of(error))
            )
            if (waiter := self._next_waiter()) is not None:
                waiter.set_exception(problem)
            return False
        if self._closed or spec is not self.spec:
            self.discard(ready)
        elif (waiter := self._next_waiter()) is not None:
            waiter.set_result(ready)
        else:
            self._ready.append(ready)
        return True

    def _started(self, task: asyncio.Task[bool]) -> None:
        self._starting.discard(task)
        if self._closed or task.cancelled():
            return
        # After a failure only whoever still waits is worth another try; stock is not.
        if task.result() or any(not waiter.done() for waiter in self._waiting):
            self._fill()

    def _next_waiter(self) -> asyncio.Future[ReadySandbox] | None:
        while self._waiting:
            waiter = self._waiting.popleft()
            if not waiter.done():
                return waiter
        return None

    def _rest_later(self) -> None:
        if self._shrink is not None:
            self._shrink.cancel()
        self._shrink = asyncio.get_running_loop().call_later(IDLE_S, self._rest)

    def _rest(self) -> None:
        self._wanted = 1
        while len(self._ready) > 1:
            self.discard(self._ready.pop())
