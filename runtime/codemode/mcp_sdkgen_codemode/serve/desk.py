"""The one executor of a server process, made ready in the background and shared by all clients."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from mcp_sdkgen_runtime import SessionOptions
from mcp_sdkgen_runtime.log import logger

from ..execute import Executor, ExecutorOptions
from ..sandbox import SandboxError

_log = logger(__name__)

PATIENCE_S = 40.0
"""Seconds that a call waits for the SDKs; hosts commonly give up after 60."""

Tell = Callable[[str], None]


@dataclass(frozen=True)
class Kit:
    """What programs may use: the options of an executor, and `notes` on what is missing."""

    options: ExecutorOptions
    notes: tuple[str, ...] = ()


Prepare = Callable[[Tell], Kit]
"""Makes the kit, which may take long; blocking. It tells of its steps, from any thread, and raises
when there is nothing to serve."""


class NotReady(Exception):
    """There is no executor yet, or there will be none. The message says why, and what to do."""


class Desk:
    """Prepares an executor and keeps what is to be known besides."""

    def __init__(self, prepare: Prepare) -> None:
        self._prepare = prepare
        self._making: asyncio.Task[Executor] | None = None
        self._warming: asyncio.Task[None] | None = None
        self._step = "starting"
        self._moved = asyncio.Event()
        self._missing: tuple[str, ...] = ()
        self._drift: dict[str, list[str]] = {}

    def start(self) -> None:
        """Begin to prepare. Belongs to the running event loop from now on."""
        self._making = asyncio.create_task(self._make())
        self._making.add_done_callback(lambda _: self._moved.set())

    async def aclose(self) -> None:
        """End everything."""
        if self._making is None:
            return
        if not self._making.done():
            self._making.cancel()
        [made] = await asyncio.gather(self._making, return_exceptions=True)
        if self._warming is not None:
            await self._warming
        if isinstance(made, Executor):
            await made.aclose()

    @property
    def notes(self) -> list[str]:
        """Servers that are missing, and tools that the SDKs no longer know right."""
        drifted = [line for lines in self._drift.values() for line in lines]
        return [*self._missing, *drifted]

    async def executor(self, report: Callable[[str], Awaitable[None]]) -> Executor:
        """The executor, as soon as it is ready; `report` is told of the steps until then.

        Raises `NotReady`.
        """
        assert self._making is not None, "start() it first"
        try:
            async with asyncio.timeout(PATIENCE_S):
                while not self._making.done():
                    self._moved.clear()
                    await report(self._step)
                    await self._moved.wait()
        except TimeoutError:
            raise NotReady(
                f"the SDKs are still being built ({self._step}); call again in a while"
            ) from None
        try:
            return self._making.result()
        except Exception as error:
            hint = getattr(error, "hint", "")
            told = f"{error}" + (f" ({hint})" if hint else "")
            raise NotReady(f"there is nothing to serve: {told}") from None

    async def _make(self) -> Executor:
        loop = asyncio.get_running_loop()

        def tell(step: str) -> None:
            with suppress(RuntimeError):  # the server has ended meanwhile
                loop.call_soon_threadsafe(self._told, step)

        try:
            # Not to_thread: with this context, a build would take the thread for one of the loop.
            kit = await loop.run_in_executor(None, self._prepare, tell)
            self._missing = kit.notes
            options: ExecutorOptions = {**kit.options}
            options["session"] = SessionOptions(drift="warn", on_drift=self._on_drift)
            executor = Executor(**options)
        except Exception as error:
            _log.error("there is nothing to serve: %s", error)
            raise
        self._warming = asyncio.create_task(self._warm(executor))
        return executor

    async def _warm(self, executor: Executor) -> None:
        try:
            await executor.start()
        except SandboxError as error:
            # Searching and reading work without a box; each run says what is wrong.
            self._missing += (f"programs cannot run here: {error.reason}",)
        except Exception as error:
            _log.warning("warming failed: %r", error)

    def _told(self, step: str) -> None:
        self._step = step
        self._moved.set()

    def _on_drift(self, server: str, broken: Mapping[str, Sequence[str]]) -> None:
        self._drift[server] = [
            f"{server}/{tool} has changed since its SDK was built, and programs may fail: "
            + "; ".join(changes)
            for tool, changes in broken.items()
        ]
