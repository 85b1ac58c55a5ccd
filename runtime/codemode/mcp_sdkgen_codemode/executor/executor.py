"""Check a program, run it in a sandbox, let its calls through the broker: one outcome."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Unpack

from mcp_sdkgen_runtime.concurrency.portal import run as run_on_portal
from mcp_sdkgen_runtime.config.binding import Binding

from ..broker.broker import Broker, Run
from ..catalog import Entry, Sdk, check_keys, installed
from ..diagnostics import Diagnostic
from ..library.program import SavedProgram
from ..library.resolver import ProgramResolver
from ..lifecycle import Closing
from ..limits import Limits
from ..outcome import Outcome, Timings
from ..policy.approval import Approvals
from ..policy.plan import Plan
from ..policy.policy import Policy
from ..policy.services import PinnedTool
from ..program_input import ProgramInput
from ..sandbox import SandboxError, SandboxSpec, choose
from ..tool_search.search import search, unmatched_words
from . import planning
from .fair_queue import FairQueue
from .lease import SandboxLease
from .options import ExecutorOptions, RunOptions, check_known
from .pool import Pool, ReadySandbox
from .run import RunEnd, dispatch
from .sessions import import_mcp_for, services

NOT_STARTED = "not all of its calls were approved"
MAX_WARM_TOOLS = 100
"""Tools up to which sandboxes import their modules ahead, at about a millisecond each."""


class Executor(Closing):
    """Runs programs against SDKs, and keeps sandboxes, checker and sessions warm between them.

    `options` are those of `ExecutorOptions`. Raises `ValueError` for two SDKs of one server whose
    tools differ and for a policy with parts that would be without effect (see `Policy.check`), and
    `TypeError` for an option that there is not.

    Use it as a context manager, blocking or async, and from one event loop only. Once it is closed,
    its methods raise `RuntimeError`.
    """

    def __init__(self, **options: Unpack[ExecutorOptions]) -> None:
        check_known(options, ExecutorOptions)
        ProgramInput(files=options.get("files", {})).check(options.get("limits") or Limits())
        sdks = options.get("sdks")
        self.sdks = tuple(installed() if sdks is None else sdks)
        check_keys(self.sdks)
        self.limits = options.get("limits") or Limits()
        self.policy = options.get("policy") or Policy()
        self.approver = options.get("approver")
        self.library = options.get("library")
        self.rerank = options.get("rerank", False)
        self.missing = tuple(options.get("missing", ()))
        self.approved = options.get("approved")
        self._packages = tuple(options.get("packages", ()))
        self._engine = options.get("engine", "")
        self._sandboxes = options.get("sandboxes", 0)
        self._single = options.get("single", False)
        self._payloads = options.get("payloads", False)
        self._session = options.get("session")
        self._files = options.get("files", {})
        self._absent = tuple(options.get("absent", ()))
        bindings = options.get("bindings") or {}
        self._programs = self._resolver()
        self._broker = Broker(services(self.sdks, bindings, self._session, self.limits))
        self._check_policy(self.policy)
        self._pool: Pool | None = None
        self._checks = FairQueue()
        self._choosing = asyncio.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._closed = False

    def _resolver(self) -> ProgramResolver:
        return ProgramResolver(self.library, self.sdks, self._packages, once=self._single)

    @property
    def saved(self) -> tuple[SavedProgram, ...]:
        """The saved programs that fit these SDKs."""
        if self.library is None:
            return ()
        return self.library.program_set(self.sdks, self._packages).programs

    @property
    def files(self) -> tuple[str, ...]:
        """The names of the files that every program finds in its working folder."""
        return tuple(self._files)

    async def search(self, query: str, limit: int = 10) -> tuple[Entry, ...]:
        """The tools and saved programs that fit a query best, at most `limit`; see `search.search`.

        Raises `ImportError` where it is to be by meaning, without the extra.
        """
        if not self.rerank:
            return search(query, limit, self.sdks, programs=self.saved)
        return await asyncio.to_thread(
            search, query, limit, self.sdks, rerank=True, programs=self.saved
        )

    def unmatched_words(self, query: str) -> tuple[str, ...]:
        """The words of a query that no tool has, nor a synonym of them."""
        return unmatched_words(query, self.sdks)

    async def start(self) -> None:
        """Begin to warm a sandbox and the checker. Raises `SandboxError` when no sandbox can be
        had."""
        (await self._ready_pool()).warm()
        names = " ".join(sdk.package for sdk in self.sdks)
        await asyncio.gather(asyncio.to_thread(self._programs.warm), self._import_for(names))

    async def add(self, sdks: Iterable[Sdk], bindings: Mapping[str, Binding]) -> None:
        """Let programs use further SDKs from now on; what is under way goes on without them.

        Raises `ValueError` as making an executor does.
        """
        self._check_open()
        more = tuple(sdks)
        check_keys((*self.sdks, *more))
        further = services(more, bindings, self._session, self.limits)
        async with self._choosing:
            self.sdks += more
            self._broker.services = {**self._broker.services, **further}
            self._check_policy(self.policy)
            before = self._programs
            self._programs = self._resolver()
            if self._pool is not None:
                self._pool.renew(await self._spec())
        await asyncio.to_thread(before.close)

    async def check(
        self, program: str, *, earlier: Sequence[str] = (), client: Sequence[str] = ()
    ) -> list[Diagnostic]:
        """What is wrong with a program, without running it; nothing, if it is right.

        One program is checked at a time. Where several wait, `client` gets its turn as
        `RunOptions.client` says.
        """
        self._check_open()
        # Whoever waits in a thread would keep it from all others.
        async with self._checks.turn(client):
            checker = await asyncio.to_thread(self._programs.checker)
            return await asyncio.to_thread(checker.check, program, earlier=earlier)

    async def run_async(self, program: str, **options: Unpack[RunOptions]) -> Outcome:
        """Check and run a program. What goes wrong with it is in the outcome, never raised.

        Raises `ValueError` for arguments and files that no program can be given.
        """
        return await self.run_leased(program, SandboxLease(), **options)

    def run(self, program: str, **options: Unpack[RunOptions]) -> Outcome:
        """`run_async` for callers without an event loop."""
        return run_on_portal(self.run_async, program, **options)

    def unmatched(self) -> list[str]:
        """The patterns that let through and match no tool: most likely misspelt."""
        return self.policy.unmatched(self._tools())

    def _tools(self) -> list[PinnedTool]:
        return [tool for one in self._broker.services.values() for tool in one.offered]

    def _check_policy(self, policy: Policy) -> None:
        policy.check(self._tools(), self._absent)

    async def aclose(self) -> None:
        """End the sandboxes, the checker and the sessions. It can then be used no more."""
        self._closed = True
        pool, self._pool = self._pool, None
        self._loop = None
        if pool is not None:
            await pool.aclose()
        await self._broker.aclose()
        await asyncio.to_thread(self._programs.close, at_once=True)

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
                spec = await self._spec()
                self._pool = Pool(engine, spec, most=self._sandboxes, single=self._single)
            return self._pool

    async def _spec(self) -> SandboxSpec:
        programs = await asyncio.to_thread(self._programs.folders)
        folders = (*(sdk.folder for sdk in self.sdks), *programs)
        return SandboxSpec(folders, self._packages, _preimported(self.sdks), self.limits)

    async def run_leased(
        self, program: str, lease: SandboxLease, **options: Unpack[RunOptions]
    ) -> Outcome:
        """`run_async` in the sandbox of a lease."""
        check_known(options, RunOptions)
        if "policy" in options:
            self._check_policy(options["policy"])
        started = time.monotonic()
        limits = replace(self.limits, time_s=options.get("timeout_s", self.limits.time_s))
        given = self._given(options, limits)
        outcome = Outcome("refused", limits=limits.as_json())
        try:
            pool = await self._ready_pool()
            # Sandboxes start, and what sessions need is imported, while the program is checked.
            pool.warm()
            sessions = asyncio.create_task(self._import_for(program))
            mistakes = []
            if options.get("typecheck", True):
                mistakes = await self.check(
                    program, earlier=lease.earlier, client=options.get("client", ())
                )
            checked = time.monotonic()
            outcome = replace(
                outcome,
                notes=self._programs.notes(program),
                engine=pool.engine.name,
                timings=Timings(checked - started),
            )
            if mistakes:
                return replace(outcome, status="rejected", diagnostics=tuple(mistakes))
            approvals = Approvals(
                options.get("approver", self.approver), options.get("approved", self.approved)
            )
            may_start, asked_s = await self._may_start(program, lease, options, approvals)
            if not may_start:
                return replace(outcome, status="refused", reason=NOT_STARTED)
            await sessions
            sandbox = await lease.take(pool)
        except SandboxError as error:
            reason = "\n".join(part for part in (error.reason, error.fix) if part)
            return replace(outcome, reason=reason, detail=error.detail)
        start_s = time.monotonic() - checked - asked_s
        run = self._run_of(options, limits, sandbox, given, approvals)
        on_event = options.get("on_event")
        end = await dispatch(sandbox, run, program, lasting=lease.lasting, on_event=on_event)
        if "journal" in options and not end.suspended:
            options["journal"].end(end.status)
        lease.settle(pool, sandbox, program, end)
        run_s = end.run_s - run.asked_s
        timings = Timings(checked - started, start_s, run_s, asked_s + run.asked_s)
        outcome = replace(outcome, timings=timings)
        return _ended(outcome, sandbox, run, end)

    async def plan(self, program: str, policy: Policy | None = None) -> Plan:
        """What a program that passes the check is foreseen to call, and what policy says to it."""
        return await self._plan(program, (), policy or self.policy)

    async def _plan(self, program: str, earlier: Sequence[str], policy: Policy) -> Plan:
        self._check_open()
        found = await asyncio.to_thread(self._programs.foreseen, program, earlier)
        return planning.plan(found, self.sdks, self._broker.services, policy)

    async def _may_start(
        self, program: str, lease: SandboxLease, options: RunOptions, approvals: Approvals
    ) -> tuple[bool, float]:
        """Whether a program may start, by the word of whoever is asked before, and the seconds that
        the answer took."""
        if "before" not in options:
            return True, 0.0
        policy = options.get("policy", self.policy)
        planned = await self._plan(program, lease.earlier, policy)
        known = self._broker.services
        planned = planning.without_approved(planned, known, approvals)
        if not planned.of("ask"):
            return True, 0.0
        begun_s = time.monotonic()
        answer = await options["before"](planned)
        asked_s = time.monotonic() - begun_s
        who = str(getattr(approvals.approver, "who", "callback"))
        planning.approve(planned, answer, known, approvals, who)
        return answer != "no", asked_s

    async def _import_for(self, program: str) -> None:
        known = self._broker.services
        await asyncio.to_thread(import_mcp_for, program, self.sdks, known)

    def _given(self, options: RunOptions, limits: Limits) -> ProgramInput:
        given = ProgramInput(
            tuple(options.get("argv", ())),
            options.get("stdin", b""),
            {**self._files, **options.get("files", {})},
        )
        given.check(limits)
        return given

    def _run_of(
        self,
        options: RunOptions,
        limits: Limits,
        sandbox: ReadySandbox,
        given: ProgramInput,
        approvals: Approvals,
    ) -> Run:
        return Run(
            self._broker,
            policy=options.get("policy", self.policy),
            approvals=approvals,
            limits=limits,
            journal=options.get("journal"),
            on_event=options.get("on_event"),
            on_output=sandbox.feed,
            payloads=self._payloads,
            given=given,
        )


async def execute_async(
    program: str, *, run: RunOptions | None = None, **options: Unpack[ExecutorOptions]
) -> Outcome:
    """Check and run one program. `options` are those of `Executor`, `run` those of its `run`."""
    options.setdefault("single", True)
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


def _ended(outcome: Outcome, sandbox: ReadySandbox, run: Run, end: RunEnd) -> Outcome:
    """What became of a run whose sandbox has ended, or waits for another program."""
    result = end.result
    cut = [name for name in ("stdout", "stderr") if getattr(sandbox, name).truncated]
    return replace(
        outcome,
        status=end.status,
        stdout=sandbox.stdout.text,
        stderr=sandbox.stderr.text,
        truncated=tuple(cut),
        value=result.value if result else None,
        error=result.error if result else None,
        reason=end.reason,
        detail=end.detail,
        suspended=end.suspended,
        calls=tuple(run.calls),
        notes=(*outcome.notes, *run.notes, *(result.notes if result else ())),
        artifacts=tuple(result.artifacts) if result else (),
    )
