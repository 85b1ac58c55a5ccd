"""Check a program, run it in a sandbox, let its calls through the broker: one outcome."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypedDict, Unpack

from mcp_sdkgen_runtime import LazySession, SessionOptions
from mcp_sdkgen_runtime.concurrency.portal import run as run_on_portal
from mcp_sdkgen_runtime.config.binding import Binding

from ..broker.broker import Broker, Run
from ..broker.journal import Journal
from ..catalog import Entry, Sdk, check_keys, installed
from ..diagnostics import Diagnostic
from ..events import OnEvent
from ..library.library import Library, SavedProgram
from ..library.resolver import ProgramResolver
from ..lifecycle import Closing
from ..limits import Limits
from ..outcome import Outcome, Timings
from ..policy.approval import Approvals, Approver
from ..policy.approval_store import ApprovalStore
from ..policy.policy import Policy
from ..policy.services import Service
from ..sandbox import SandboxError, SandboxSpec, choose
from ..tool_search.search import search
from .pool import Pool, ReadySandbox
from .run import RunEnd, dispatch

MAX_WARM_TOOLS = 100
"""Tools up to which sandboxes import their modules ahead, at about a millisecond each."""


class RunOptions(TypedDict, total=False):
    """What may be said of one run."""

    check: bool
    """Whether the program is type-checked first; true if unset."""
    timeout_s: float
    """Wall clock of this run, in seconds."""
    policy: Policy
    """What judges this run's calls, instead of the executor's."""
    approver: Approver
    """Who answers where this run's policy says "ask", instead of the executor's."""
    journal: Journal
    """What calls are answered is kept in it, and what it already holds is not done again. With it,
    a run can be suspended by its approver, and be resumed by another run of the same program."""
    on_event: OnEvent
    """Called with what happens while the program runs."""


class ExecutorOptions(TypedDict, total=False):
    """What may be said of an executor; see there."""

    sdks: Iterable[Sdk]
    bindings: Mapping[str, Binding]
    policy: Policy
    limits: Limits
    approver: Approver
    approved: ApprovalStore
    packages: Sequence[str]
    engine: str
    sandboxes: int
    payloads: bool
    library: Library | None
    session: SessionOptions
    rerank: bool


@dataclass(slots=True)
class SandboxLease:
    """What stays of a program for the next one. Nothing, unless `keep`."""

    keep: bool = False
    sandbox: ReadySandbox | None = None
    earlier: list[str] = field(default_factory=list)

    def after(self, program: str, sandbox: ReadySandbox | None) -> None:
        """Take note of a program that ran; without a sandbox, what it and earlier ones made is
        gone."""
        self.sandbox = sandbox
        self.earlier = [*self.earlier, program] if sandbox is not None else []


class Executor(Closing):
    """Runs programs against SDKs, and keeps sandboxes, checker and sessions warm between them.

    `sdks` are those a program may use, all installed ones by default; `bindings` say where their
    servers are, by server key, where `configure`, the environment and the nearest `mcp.json` are
    not to decide. `policy` judges every tool call and `approver` answers where it says "ask";
    without one, asking is refusing. `approved` keeps what was approved for ever. `packages` are
    further distributions that a program may import. `engine` names one (`bubblewrap`, `podman`,
    `docker`); by default the best that passes its self-test is taken. `sandboxes` is how many are
    kept ready at most. With `payloads`, outcomes keep the arguments and results of calls, for a
    trace. `library` has programs that were kept, which others may import from `programs`.
    `session` is how sessions to servers behave. With `rerank`, tools are searched by meaning too,
    which needs the extra `mcp-sdkgen-codemode[rerank]`. Raises `ValueError` for two SDKs of one
    server whose tools differ.

    Use it as a context manager, blocking or async, and from one event loop only. Once it is closed,
    its methods raise `RuntimeError`.
    """

    def __init__(
        self,
        *,
        sdks: Iterable[Sdk] | None = None,
        bindings: Mapping[str, Binding] | None = None,
        policy: Policy | None = None,
        limits: Limits | None = None,
        approver: Approver | None = None,
        approved: ApprovalStore | None = None,
        packages: Sequence[str] = (),
        engine: str = "",
        sandboxes: int = 0,
        payloads: bool = False,
        library: Library | None = None,
        session: SessionOptions | None = None,
        rerank: bool = False,
    ) -> None:
        self.sdks = tuple(installed() if sdks is None else sdks)
        check_keys(self.sdks)
        self.limits = limits or Limits()
        self.policy = policy or Policy()
        self.approver = approver
        self._approved = approved
        self._packages = tuple(packages)
        self._engine = engine
        self._sandboxes = sandboxes
        self._payloads = payloads
        self._session = session
        self.library = library
        self.rerank = rerank
        self._kept = ProgramResolver(library, self.sdks, self._packages)
        self._broker = Broker(_services(self.sdks, bindings or {}, session))
        self._pool: Pool | None = None
        self._choosing = asyncio.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._closed = False

    @property
    def saved(self) -> tuple[SavedProgram, ...]:
        """The kept programs that fit these SDKs."""
        if self.library is None:
            return ()
        return self.library.shelf(self.sdks, self._packages).programs

    async def search(self, query: str, limit: int = 10) -> tuple[Entry, ...]:
        """The tools and kept programs that fit a query best, at most `limit`; see `search.search`.

        Raises `ImportError` where it is to be by meaning, without the extra.
        """
        if not self.rerank:
            return search(query, limit, self.sdks, programs=self.saved)
        return await asyncio.to_thread(
            search, query, limit, self.sdks, rerank=True, programs=self.saved
        )

    async def start(self) -> None:
        """Begin to warm a sandbox and the checker. Raises `SandboxError` when no sandbox can be
        had."""
        (await self._ready_pool()).warm()
        await asyncio.gather(asyncio.to_thread(self._kept.warm), asyncio.to_thread(_import_mcp))

    async def add(self, sdks: Iterable[Sdk], bindings: Mapping[str, Binding]) -> None:
        """Let programs use further SDKs from now on; what is under way goes on without them.

        Raises `ValueError` as making an executor does.
        """
        self._check_open()
        more = tuple(sdks)
        check_keys((*self.sdks, *more))
        services = _services(more, bindings, self._session)
        async with self._choosing:
            self.sdks += more
            self._broker.services = {**self._broker.services, **services}
            kept, self._kept = self._kept, ProgramResolver(self.library, self.sdks, self._packages)
            if self._pool is not None:
                self._pool.renew(await self._spec())
        await asyncio.to_thread(kept.close)

    async def check(self, program: str, *, earlier: Sequence[str] = ()) -> list[Diagnostic]:
        """What is wrong with a program, without running it; nothing, if it is right."""
        self._check_open()
        return await asyncio.to_thread(self._kept.check, program, earlier)

    async def run_async(self, program: str, **options: Unpack[RunOptions]) -> Outcome:
        """Check and run a program. What goes wrong with it is in the outcome, never raised."""
        return await self.run_held(program, SandboxLease(), **options)

    def run(self, program: str, **options: Unpack[RunOptions]) -> Outcome:
        """`run_async` for callers without an event loop."""
        return run_on_portal(self.run_async, program, **options)

    def unmatched(self) -> list[str]:
        """The patterns of the policy that match no tool: most likely misspelt."""
        services = self._broker.services.values()
        return self.policy.unmatched(tool for one in services for tool in one.tools.values())

    async def aclose(self) -> None:
        """End the sandboxes, the checker and the sessions. It can then be used no more."""
        self._closed = True
        pool, self._pool = self._pool, None
        self._loop = None
        if pool is not None:
            await pool.aclose()
        await self._broker.aclose()
        await asyncio.to_thread(self._kept.close)

    def _check_open(self) -> None:
        if self._closed:
            raise RuntimeError("this Executor is closed; make another")

    async def _ready_pool(self) -> Pool:
        self._check_open()
        loop = asyncio.get_running_loop()
        if self._loop not in (None, loop):
            raise RuntimeError(
                "this Executor is in use by another event loop: use either its blocking methods or "
                "one loop's, or make an Executor for each"
            )
        self._loop = loop
        async with self._choosing:
            if self._pool is None:
                engine = await choose(self._engine or None)
                self._pool = Pool(engine, await self._spec(), most=self._sandboxes)
            return self._pool

    async def _spec(self) -> SandboxSpec:
        kept = await asyncio.to_thread(self._kept.folders)
        folders = (*(sdk.folder for sdk in self.sdks), *kept)
        return SandboxSpec(folders, self._packages, _preimported(self.sdks), self.limits)

    async def run_held(
        self, program: str, held: SandboxLease, **options: Unpack[RunOptions]
    ) -> Outcome:
        """`run_async` in the sandbox that `held` has, if it has one; what stays is in it
        afterwards."""
        started = time.monotonic()
        limits = replace(self.limits, time_s=options.get("timeout_s", self.limits.time_s))
        told = Outcome("refused", limits=limits.as_json())
        try:
            pool = await self._ready_pool()
            # Sandboxes start, and what sessions need is imported, while the program is checked.
            pool.warm()
            sessions = asyncio.create_task(asyncio.to_thread(_import_mcp))
            found = []
            if options.get("check", True):
                found = await self.check(program, earlier=held.earlier)
            checked = time.monotonic()
            notes = self._kept.notes(program)
            told = replace(
                told, notes=notes, engine=pool.engine.name, timings=Timings(checked - started)
            )
            if found:
                return replace(told, status="rejected", diagnostics=tuple(found))
            await sessions
            ready = (
                held.sandbox
                if held.sandbox is not None and held.sandbox.alive
                else await pool.take()
            )
        except SandboxError as error:
            reason = "\n".join(part for part in (error.reason, error.fix) if part)
            return replace(told, reason=reason)
        start_s = time.monotonic() - checked
        on_event, journal = options.get("on_event"), options.get("journal")
        run = Run(
            self._broker,
            policy=options.get("policy", self.policy),
            approvals=Approvals(options.get("approver", self.approver), self._approved),
            limits=limits,
            journal=journal,
            on_event=on_event,
            on_output=ready.feed,
            payloads=self._payloads,
        )
        ending = await dispatch(ready, run, program, keep=held.keep, on_event=on_event)
        if journal is not None and not ending.suspended:
            journal.end(ending.status)
        kept = held.keep and ending.result is not None
        held.after(program, ready if kept else None)
        if not kept:
            pool.discard(ready)
        told = replace(told, timings=Timings(checked - started, start_s, ending.run_s))
        return _outcome(told, ready, run, ending)


async def execute_async(
    program: str, *, run: RunOptions | None = None, **options: Unpack[ExecutorOptions]
) -> Outcome:
    """Check and run one program. `options` are those of `Executor`, `run` those of its `run`."""
    options.setdefault("sandboxes", 1)
    async with Executor(**options) as executor:
        return await executor.run_async(program, **(run or {}))


def execute(
    program: str, *, run: RunOptions | None = None, **options: Unpack[ExecutorOptions]
) -> Outcome:
    """`execute_async` for callers without an event loop."""
    return run_on_portal(execute_async, program, run=run, **options)


def _preimported(sdks: Sequence[Sdk]) -> tuple[str, ...]:
    """The modules that a sandbox imports ahead: all of small SDKs, the clients of large ones."""
    found = ["asyncio", *(f"{sdk.package}.{name}" for sdk in sdks for name in ("client", "aio"))]
    tools = [f"{sdk.package}.tools.{tool}" for sdk in sdks for tool in sdk.tools]
    return tuple([*found, *tools] if len(tools) <= MAX_WARM_TOOLS else found)


def _import_mcp() -> None:
    import mcp_sdkgen_runtime.session.mcp_session  # noqa: F401  # a second and more, once


def _services(
    sdks: Iterable[Sdk], bindings: Mapping[str, Binding], options: SessionOptions | None
) -> dict[str, Service]:
    """What stands behind the broker: for each SDK, its tools and a session to its server."""
    found = {}
    for sdk in sdks:
        session = LazySession(sdk.key, bindings.get(sdk.key), options, str(sdk.folder))
        found[sdk.key] = Service.of(sdk.key, session, sdk.definitions)
    return found


def _outcome(told: Outcome, ready: ReadySandbox, run: Run, ending: RunEnd) -> Outcome:
    """What became of a run whose sandbox has ended, or waits for another program."""
    result = ending.result
    cut = [name for name in ("stdout", "stderr") if getattr(ready, name).truncated]
    return replace(
        told,
        status=ending.status,
        stdout=ready.stdout.text,
        stderr=ready.stderr.text,
        truncated=tuple(cut),
        value=result.value if result else None,
        error=result.error if result else None,
        reason=ending.reason,
        suspended=ending.suspended,
        calls=tuple(run.calls),
        artifacts=tuple(result.artifacts) if result else (),
    )
