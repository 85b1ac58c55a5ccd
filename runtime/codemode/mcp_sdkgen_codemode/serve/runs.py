"""Programs under way: followed by the request that started them, asked about through elicitation,
and ended with it."""

from __future__ import annotations

import asyncio
import re
import secrets
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from mcp.server.mcpserver import Context
from mcp_sdkgen_runtime.text import printable
from mcp_types import ElicitResult, InputRequests, InputRequiredResult

from ..broker.journal import Journal, JournalError, journal_path
from ..events import CallEnded, CallStarted, Event, Output, Progress
from ..executor.conversation import Conversation
from ..executor.executor import Executor
from ..executor.options import RunOptions
from ..outcome import Outcome
from ..policy.approval import Answer, ApprovalRequest
from ..policy.approval import suspend as suspend_run
from .client import client_of, is_alone, while_there
from .elicitation import KEY, answer_of, can_ask, form, in_rounds, message, offered, question
from .quota import NoRoom, is_over, make_room

MAX_RUNS: Final = 16
"""Programs under way at once, those that wait for an answer included."""
MAX_CLIENT_RUNS: Final = 8
"""Of those, the programs of one client among several."""
MAX_SESSIONS: Final = 8
"""Sandboxes that keep variables. The one that was used longest ago is ended for another."""
ANSWER_S: Final = 600.0
"""Seconds that a program waits for a client to come back with the answer to a question."""

_HANDLE: Final = re.compile(r"run-[0-9a-f]{16}")


def _handle(state: str) -> str:
    return state.rpartition(".")[0]


class RunError(Exception):
    """A run cannot begin or go on. The message is for the model."""


@dataclass(frozen=True)
class Suspension:
    """Where runs that wait for a person are kept; `facts` is what `mcp-sdkgen resume` needs.

    Runs are also resumed from the folders in `older`, where earlier versions kept them.
    """

    folder: Path
    facts: Mapping[str, Any] = field(default_factory=dict)
    older: Sequence[Path] = ()

    def journal(self, run: str) -> Path:
        """The journal of that run: where it is, else where it would be."""
        return journal_path(run, (self.folder, *self.older))


@dataclass
class Question:
    """A call that waits for a person's word."""

    request: ApprovalRequest
    answer: asyncio.Future[Answer]

    @property
    def nonce(self) -> str:
        """By which its answer is known."""
        return self.request.nonce


class LiveRun:
    """One program under way."""

    def __init__(self, handle: str, may_suspend: bool, client: str = "") -> None:
        self.handle = handle
        self.client = client
        self.may_suspend = may_suspend
        self.session: str | None = None
        self.task: asyncio.Task[Outcome]
        self.open: Question | None = None
        self.expiry: asyncio.TimerHandle | None = None
        self._changed = asyncio.Event()
        self._last_progress: str | None = None

    def begin(self, work: Awaitable[Outcome]) -> None:
        """Let it run, in a task of its own: requests come and go while it waits for answers."""

        async def outcome() -> Outcome:
            return await work

        self.task = asyncio.create_task(outcome())
        self.task.add_done_callback(lambda _: self._changed.set())

    async def wait_for_change(self) -> str | None:
        """Wait until something has changed. Returns the progress to report, if there is any."""
        if not self.task.done():
            await self._changed.wait()
        self._changed.clear()
        progress, self._last_progress = self._last_progress, None
        return progress

    def on_event(self, event: Event) -> None:
        """Remember the last progress. A slow client misses what came before it."""
        match event:
            case CallStarted(_, server, tool):
                self._last_progress = f"calling {server}/{tool}"
            case CallEnded(_, call):
                self._last_progress = f"{call.server}/{call.tool}: {call.status}"
            case Progress(_, progress, total, text):
                share = f"{progress:g}" + (f"/{total:g}" if total is not None else "")
                self._last_progress = f"{share} {text}".rstrip()
            case Output(_, text):
                lines = text.strip().splitlines()
                self._last_progress = lines[-1][:200] if lines else self._last_progress
        self._last_progress = (
            None if self._last_progress is None else printable(self._last_progress)
        )
        self._changed.set()

    async def ask(self, request: ApprovalRequest) -> Answer:
        """The approver of this run: the client's user, as soon as a request can ask."""
        self.open = Question(request, asyncio.get_running_loop().create_future())
        self._changed.set()
        try:
            return await self.open.answer
        finally:
            self.open = None

    def answer(self, nonce: str, given: Answer) -> None:
        """Take the answer to a question. One to a question that is open no more is dropped."""
        question = self.open
        if question is not None and question.nonce == nonce and not question.answer.done():
            question.answer.set_result(given)

    def notify(self) -> None:
        """Have whoever follows the run look at its open question again."""
        self._changed.set()

    def give_up(self) -> None:
        """The client has gone: save the run if it may wait for a person, else end it."""
        if self.may_suspend and self.open is not None:
            self.answer(self.open.nonce, "suspend")
        else:
            self.task.cancel()


class Runs:
    """All programs of a server process. `allow_always`: whether clients can approve for ever."""

    def __init__(self, suspension: Suspension | None, *, allow_always: bool) -> None:
        self.suspension = suspension
        self._allow_always = allow_always
        self._live: set[LiveRun] = set()
        self._waiting_for_answer: dict[str, LiveRun] = {}
        self._sessions: dict[str, Conversation] = {}

    async def aclose(self) -> None:
        """End every program and every session."""
        live = list(self._live)
        for one in live:
            one.give_up()
        await asyncio.gather(*(one.task for one in live), return_exceptions=True)
        for conversation in self._sessions.values():
            await conversation.aclose()

    def begin(
        self,
        executor: Executor,
        program: str,
        context: Context[Any, Any],
        *,
        session: str | None,
        timeout_s: float,
    ) -> LiveRun:
        """Start a program, in a session if there is one. Raises `RunError`."""
        suspension = self.suspension if session is None else None
        live = self._new(context, suspension is not None)
        options = self._options(live, context, timeout_s)
        if session is not None:
            live.session, conversation = self._conversation(executor, session)
            self._start(live, conversation.run_async(program, **options))
            return live
        journal = None
        if suspension is not None:
            try:
                make_room(suspension.folder)
            except NoRoom as error:
                raise RunError(f"the run cannot be kept: {error}") from None
            journal = self._journal(
                lambda: Journal.create(suspension.journal(live.handle), program, suspension.facts)
            )
        self._start(live, _run(executor, program, options, journal))
        return live

    def resume(self, executor: Executor, handle: str, context: Context[Any, Any]) -> LiveRun:
        """Go on with a suspended run. Raises `RunError`."""
        suspension = self.suspension
        if suspension is None or not _HANDLE.fullmatch(handle):
            raise RunError(f"there is no suspended run {handle!r}")
        path = suspension.journal(handle)
        if not path.exists():
            raise RunError(f"there is no suspended run {handle!r}; it may be over")
        live = self._new(context, True, handle)
        journal = self._journal(lambda: Journal.open(path))
        options = self._options(live, context, executor.limits.time_s)
        self._start(live, _run(executor, journal.program, options, journal))
        return live

    def question(self, nonce: str) -> ApprovalRequest | None:
        """The open question of that nonce, which only its own client knows."""
        for live in self._live:
            if live.open is not None and live.open.nonce == nonce:
                return live.open.request
        return None

    def take(self, state: str) -> LiveRun:
        """The run whose question a client comes back to. Raises `RunError`."""
        live = self._waiting_for_answer.pop(_handle(state), None)
        if live is None:
            raise RunError("the program that asked has ended meanwhile; run it again")
        if live.expiry is not None:
            live.expiry.cancel()
        return live

    async def follow(
        self, live: LiveRun, context: Context[Any, Any]
    ) -> Outcome | InputRequiredResult:
        """Report what the program does until it has ended, or until the client must ask its user.

        The program ends when this is cancelled. Raises `RunError` when the client has gone.
        """
        steps = 0
        try:
            while True:
                progress = await live.wait_for_change()
                if live.task.done():
                    return live.task.result()
                if progress is not None:
                    steps += 1
                    await context.report_progress(steps, None, progress)
                if live.open is None or live.open.answer.done():
                    continue
                if in_rounds(context):
                    return self._asking(live, live.open)
                await self._ask(live, live.open, context)
        except BaseException:
            live.task.cancel()
            raise

    def answered(self, live: LiveRun, context: Context[Any, Any]) -> None:
        """Take the answer that a client brings, for the question that it was shown.

        Without one, or when that question is open no more, the open one is asked.
        """
        found = (context.input_responses or {}).get(KEY)
        if isinstance(found, ElicitResult):
            nonce = (context.request_state or "").rpartition(".")[2]
            live.answer(nonce, answer_of(found.action, found.content, self._offered(live)))
        live.notify()

    async def _ask(self, live: LiveRun, asked: Question, context: Context[Any, Any]) -> None:
        """Ask in the middle of the request, as long as its client is there to answer."""
        answers = self._offered(live)
        filled_in = context.elicit(message(asked.request), form(answers))
        found = await while_there(context, ANSWER_S, filled_in)
        if found is not None:
            content = found.data.model_dump() if found.action == "accept" else None
            live.answer(asked.nonce, answer_of(found.action, content, answers))
            return
        live.give_up()
        if not live.may_suspend:
            raise RunError("nobody answered the question about a call; the program has ended")

    def _offered(self, live: LiveRun) -> tuple[str, ...]:
        return offered(always=self._allow_always, later=live.may_suspend)

    def _asking(self, live: LiveRun, open_question: Question) -> InputRequiredResult:
        self._waiting_for_answer[live.handle] = live
        live.expiry = asyncio.get_running_loop().call_later(ANSWER_S, self._expire, live)
        asked: InputRequests = {KEY: question(open_question.request, self._offered(live))}
        return InputRequiredResult(
            input_requests=asked, request_state=f"{live.handle}.{open_question.nonce}"
        )

    def _expire(self, live: LiveRun) -> None:
        if self._waiting_for_answer.pop(live.handle, None) is not None:
            live.give_up()

    def _new(self, context: Context[Any, Any], may_suspend: bool, handle: str = "") -> LiveRun:
        client = client_of(context)
        own = sum(live.client == client for live in self._live)
        if own >= MAX_CLIENT_RUNS and not is_alone(context):
            raise RunError(
                f"{own} programs of this client are under way, the most that one client may have; "
                "wait until one has ended, or answer what they ask"
            )
        if len(self._live) >= MAX_RUNS:
            raise RunError(
                f"{MAX_RUNS} programs are under way, the most that this server runs for all of "
                "its clients; wait until one has ended"
            )
        return LiveRun(handle or f"run-{secrets.token_hex(8)}", may_suspend, client)

    def _start(self, live: LiveRun, work: Awaitable[Outcome]) -> None:
        live.begin(work)
        self._live.add(live)
        live.task.add_done_callback(lambda _: self._live.discard(live))

    def _options(self, live: LiveRun, context: Context[Any, Any], timeout_s: float) -> RunOptions:
        options = RunOptions(timeout_s=timeout_s, on_event=live.on_event)
        if can_ask(context):
            options["approver"] = live.ask
        elif live.may_suspend:
            options["approver"] = suspend_run
        return options

    def _conversation(self, executor: Executor, session: str) -> tuple[str, Conversation]:
        if session == "new":
            while len(self._sessions) >= MAX_SESSIONS:
                _, oldest = self._sessions.popitem()
                self._start(LiveRun("", False), _ended(oldest))
            session = f"session-{secrets.token_hex(8)}"
            self._sessions[session] = Conversation(executor)
        found = self._sessions.pop(session, None)
        if found is None:
            raise RunError(f"there is no session {session!r}; begin another with session='new'")
        self._sessions = {session: found, **self._sessions}  # the one used last comes first
        return session, found

    def _journal(self, made: Callable[[], Journal]) -> Journal:
        try:
            return made()
        except JournalError as error:
            raise RunError(f"the run cannot be kept: {error}") from None


async def _run(
    executor: Executor, program: str, options: RunOptions, journal: Journal | None
) -> Outcome:
    if journal is None:
        return await executor.run_async(program, **options)
    suspended = False
    options["journal"] = journal
    try:
        outcome = await executor.run_async(program, **options)
        suspended = outcome.suspended
        if suspended and is_over(journal.path.parent):
            suspended = False
            told = "it could not be kept for a person to approve: suspended runs are too large"
            return replace(outcome, suspended=False, reason=told)
        return outcome
    finally:
        journal.close()
        if not suspended:
            journal.path.unlink(missing_ok=True)


async def _ended(conversation: Conversation) -> Outcome:
    await conversation.aclose()
    return Outcome("finished")
