"""The one executor of a server process, made ready in the background and shared by all clients."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress

from mcp_sdkgen_runtime import SessionOptions
from mcp_sdkgen_runtime.observability.log import logger

from ..executor.executor import Executor
from ..executor.options import ExecutorOptions
from ..sandbox import SandboxError

_log = logger(__name__)

PATIENCE_S = 40.0
"""Seconds that a call waits for the SDKs; hosts commonly give up after 60."""
RETRY_PATIENCE_S = 10.0
"""Seconds that the call which has missing servers tried again waits for them."""
FIRST_PAUSE_S, LONGEST_PAUSE_S = 5.0, 300.0
"""Seconds between two tries, doubled each time. The first of them needs no pause."""

Tell = Callable[[str], None]


Prepare = Callable[[Tell], ExecutorOptions]
"""Makes what an executor needs, which may take long; blocking. It tells of its steps, from any
thread, and raises when there is nothing to serve."""


class NotReady(Exception):
    """There is no executor yet, or there will be none. The message is for the model."""


class ExecutorProvider:
    """Prepares an executor and keeps what is to be known besides.

    After a caller has seen the failure, the next call retries; there are no retries without a
    caller.
    """

    def __init__(self, prepare: Prepare, servers: Sequence[str] = ()) -> None:
        """`servers` are named where there is nothing to serve."""
        self._prepare = prepare
        self._servers = servers
        self._executor: Executor | None = None
        self._error: Exception | None = None
        self._attempt: asyncio.Task[None] | None = None
        self._warming: asyncio.Task[None] | None = None
        self._step = "starting"
        self._moved = asyncio.Event()
        self._missing: tuple[str, ...] = ()
        self._unable: tuple[str, ...] = ()
        self._drift: dict[str, list[str]] = {}
        self._failure_reported = False
        self._failures = 0
        self._next_s = 0.0

    def start(self) -> None:
        """Begin to prepare. Belongs to the running event loop from now on."""
        self._failure_reported = False
        self._attempt = asyncio.create_task(self._try())
        self._attempt.add_done_callback(lambda _: self._moved.set())

    async def aclose(self) -> None:
        """End everything."""
        if self._attempt is None:
            return
        if not self._attempt.done():
            self._attempt.cancel()
        await asyncio.gather(self._attempt, return_exceptions=True)
        if self._warming is not None:
            self._warming.cancel()
            await asyncio.gather(self._warming, return_exceptions=True)
        if self._executor is not None:
            await self._executor.aclose()

    @property
    def made(self) -> Executor | None:
        """The executor, if there is one by now."""
        return self._executor

    @property
    def notes(self) -> list[str]:
        """Servers that are missing, tools that the SDKs no longer know right, and files."""
        drifted = [line for lines in self._drift.values() for line in lines]
        files = self._executor.files if self._executor is not None else ()
        given = [f"programs can read these files: {', '.join(files)}"] if files else []
        return [*self._missing, *self._unable, *drifted, *given]

    async def executor(self, report: Callable[[str], Awaitable[None]]) -> Executor:
        """The executor, as soon as it is ready; `report` is told of the steps until then.

        Raises `NotReady`.
        """
        assert self._attempt is not None, "start() it first"
        begun = self._attempt.done() and self._due()
        if begun:
            self.start()
        if self._executor is None:
            await self._wait(PATIENCE_S, report)
        elif begun:
            await self._wait(RETRY_PATIENCE_S, report)
        done = self._attempt.done()
        self._failure_reported = done
        if self._executor is not None:
            return self._executor
        if not done:
            raise NotReady(f"the SDKs are still being built ({self._step}); call again in a while")
        servers = ", ".join(self._servers) or "any server"
        raise NotReady(
            f"there is nothing to serve: no SDK could be made ready for {servers}. The log of the "
            "host, which is the stderr of `mcp-sdkgen serve`, says why; a later call tries again"
        )

    def _due(self) -> bool:
        lacking = self._executor is None or bool(self._missing)
        return (
            lacking and self._failure_reported and asyncio.get_running_loop().time() >= self._next_s
        )

    async def _wait(self, patience_s: float, report: Callable[[str], Awaitable[None]]) -> None:
        attempt = self._attempt
        with suppress(TimeoutError):
            async with asyncio.timeout(patience_s):
                while attempt is not None and not attempt.done():
                    self._moved.clear()
                    await report(self._step)
                    await self._moved.wait()

    async def _try(self) -> None:
        loop = asyncio.get_running_loop()

        def tell(step: str) -> None:
            with suppress(RuntimeError):  # the server has ended meanwhile
                loop.call_soon_threadsafe(self._heard, step)

        try:
            # Not to_thread: with this context, a build would take the thread for one of the loop.
            options = await loop.run_in_executor(None, self._prepare, tell)
            await self._take(options)
            self._error, self._missing = None, tuple(options.get("missing", ()))
        except Exception as error:
            self._error = error
            hint = getattr(error, "hint", "")
            _log.error("there is nothing to serve: %s%s", error, f" ({hint})" if hint else "")
        if self._error is not None or self._missing:
            pause_s = FIRST_PAUSE_S * 2 ** (self._failures - 1) if self._failures else 0.0
            self._next_s = loop.time() + min(pause_s, LONGEST_PAUSE_S)
            self._failures += 1

    async def _take(self, options: ExecutorOptions) -> None:
        if self._executor is None:
            own: ExecutorOptions = {**options}
            own["session"] = SessionOptions(drift="warn", on_drift=self._on_drift)
            self._executor = Executor(**own)
            self._warming = asyncio.create_task(self._warm(self._executor))
            return
        known = {sdk.package for sdk in self._executor.sdks}
        new = [sdk for sdk in options.get("sdks") or () if sdk.package not in known]
        if new:
            await self._executor.add(new, options.get("bindings") or {})

    async def _warm(self, executor: Executor) -> None:
        try:
            await executor.start()
        except SandboxError as error:
            # Searching and reading work without a sandbox; each run says what is wrong.
            self._unable = (f"programs cannot run here: {error.reason}",)
            _log.warning("programs cannot run here: %s", error)
        except Exception as error:
            _log.warning(
                "the first sandbox could not be prepared: %s: %s", type(error).__name__, error
            )

    def _heard(self, step: str) -> None:
        self._step = step
        self._moved.set()

    def _on_drift(self, server: str, broken: Mapping[str, Sequence[str]]) -> None:
        self._drift[server] = [
            f"{server}/{tool} has changed since its SDK was built, and programs may fail: "
            + "; ".join(changes)
            for tool, changes in broken.items()
        ]
