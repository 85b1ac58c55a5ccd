"""Programs under way: followed by the request that started them, asked about through elicitation,
and ended with it."""

from __future__ import annotations

import asyncio
import re
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any, Final

from mcp.server.mcpserver import Context
from mcp_sdkgen_runtime.observability.log import logger
from mcp_types import ElicitResult, InputRequests, InputRequiredResult

from ..broker.journal import Journal, JournalError
from ..executor.conversation import Conversation
from ..executor.executor import Executor
from ..executor.options import RunOptions
from ..outcome import Outcome
from ..policy.approval import ApprovalRequest
from ..policy.approval import suspend as suspend_run
from .client import Client, client_of, folder_suffix, while_there
from .conversations import Conversations, NoSession
from .elicitation import (
    KEY,
    answer_of,
    can_ask,
    form,
    in_rounds,
    is_too_long,
    message,
    offered,
    question,
)
from .live_run import LiveRun, Question
from .places import NoPlace, take_place
from .suspension import NoRoom, Suspension

ANSWER_S: Final = 600.0
"""Seconds that a program waits for a client to come back with the answer to a question."""

_HANDLE: Final = re.compile(r"run-[0-9a-f]{16}")


def _handle(state: str) -> str:
    return state.rpartition(".")[0]


_log = logger(__name__)


class RunError(Exception):
    """A run cannot begin or go on. The message is for the model."""


class Runs:
    """All programs of a server process, each of which belongs to a principal.

    `allow_always`: whether clients can approve for ever. `principals`: among how many the places
    are shared.
    """

    def __init__(
        self, suspension: Suspension | None, *, allow_always: bool, principals: int
    ) -> None:
        self.suspension = suspension
        self._allow_always = allow_always
        self._principals = principals
        self._live: set[LiveRun] = set()
        self._waiting_for_answer: dict[str, LiveRun] = {}
        self._sessions = Conversations(principals)
        self._ending: set[asyncio.Task[None]] = set()

    async def aclose(self) -> None:
        """End every program and every session."""
        live = list(self._live)
        for one in live:
            one.give_up()
        tasks = [*(one.task for one in live), *self._ending]
        await asyncio.gather(*tasks, return_exceptions=True)
        for conversation in self._sessions.all:
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
        live = self._new(client_of(context), may_suspend=suspension is not None)
        options = self._options(executor, live, context, timeout_s)
        if session is not None:
            live.session, conversation = self._conversation(executor, session, live.client)
            self._start(live, conversation.run_async(program, **options))
            return live
        journal = None
        if suspension is not None:
            journal = self._journal(
                lambda: suspension.create(live.handle, program, live.client.principal)
            )
        self._start(live, self._run(executor, live, program, options, journal))
        return live

    def resume(self, executor: Executor, handle: str, context: Context[Any, Any]) -> LiveRun:
        """Go on with a suspended run of the same principal. Raises `RunError`."""
        suspension, client = self.suspension, client_of(context)
        if suspension is None or not _HANDLE.fullmatch(handle):
            raise RunError(f"there is no suspended run {handle!r}")
        path = suspension.find(handle, client.principal)
        if path is None:
            raise RunError(f"there is no suspended run {handle!r}; it may be over")
        live = self._new(client, may_suspend=True, handle=handle)
        journal = self._journal(lambda: Journal.open(path))
        if not journal.ours:
            journal.close()
            raise RunError(
                f"somebody changed the record of the run {handle!r}; look at it on the host, with "
                "`mcp-sdkgen resume`"
            )
        options = self._options(executor, live, context, executor.limits.time_s)
        self._start(live, self._run(executor, live, journal.program, options, journal))
        return live

    def question(self, nonce: str, context: Context[Any, Any]) -> ApprovalRequest | None:
        """The open question of that nonce, for whoever it is asked of, who has read it then."""
        principal = client_of(context).principal
        for live in self._live:
            asked = live.open
            if live.client.principal == principal and asked is not None and asked.nonce == nonce:
                asked.was_read = True
                return asked.request
        return None

    def take(self, state: str, context: Context[Any, Any]) -> LiveRun:
        """The run whose question its principal comes back to. Raises `RunError`."""
        handle = _handle(state)
        live = self._waiting_for_answer.get(handle)
        if live is None or live.client.principal != client_of(context).principal:
            raise RunError("the program that asked has ended meanwhile; run it again")
        del self._waiting_for_answer[handle]
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
            self._answer(live, nonce, found.action, found.content)
        live.notify()

    def _answer(self, live: LiveRun, nonce: str, action: str, content: Any) -> None:
        """A yes to what the form could not show counts only when the rest was read."""
        given, asked = answer_of(action, content, self._offered(live)), live.open
        is_yes = given not in ("no", "suspend")
        if is_yes and asked is not None and not asked.was_read and is_too_long(asked.request):
            given = "no"
        live.answer(nonce, given)

    async def _ask(self, live: LiveRun, asked: Question, context: Context[Any, Any]) -> None:
        """Ask in the middle of the request, as long as its client is there to answer."""
        answers = self._offered(live)
        filled_in = context.elicit(message(asked.request), form(answers))
        found = await while_there(context, ANSWER_S, filled_in)
        if found is not None:
            content = found.data.model_dump() if found.action == "accept" else None
            self._answer(live, asked.nonce, found.action, content)
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

    def _new(self, client: Client, *, may_suspend: bool, handle: str = "") -> LiveRun:
        try:
            take_place(client, [live.client for live in self._live], self._principals)
        except NoPlace as error:
            raise RunError(str(error)) from None
        handle = handle or f"run-{secrets.token_hex(8)}"
        return LiveRun(handle, client, may_suspend=may_suspend)

    def _start(self, live: LiveRun, work: Awaitable[Outcome]) -> None:
        live.begin(work)
        self._live.add(live)
        live.task.add_done_callback(lambda _: self._live.discard(live))

    def _options(
        self, executor: Executor, live: LiveRun, context: Context[Any, Any], timeout_s: float
    ) -> RunOptions:
        client = live.client
        options = RunOptions(timeout_s=timeout_s, on_event=live.on_event, client=client.key)
        if executor.approved is not None:
            suffix = folder_suffix(client.principal)
            options["approved"] = executor.approved.beside(suffix)
        if can_ask(context):
            options["approver"] = live.ask
        elif live.may_suspend:
            options["approver"] = suspend_run
        return options

    def _conversation(
        self, executor: Executor, session: str, client: Client
    ) -> tuple[str, Conversation]:
        if session == "new":
            session, ended = self._sessions.new(executor, client.principal)
            for each in ended:
                task = asyncio.create_task(each.aclose())
                self._ending.add(task)
                task.add_done_callback(self._ending.discard)
        try:
            return session, self._sessions.get(session, client.principal)
        except NoSession as error:
            raise RunError(str(error)) from None

    def _journal(self, made: Callable[[], Journal]) -> Journal:
        try:
            return made()
        except NoRoom as error:
            raise RunError(f"the run cannot be stored: {error}") from None
        except (JournalError, OSError) as error:
            _log.error("a run cannot be stored: %s", error)
            told = error.what if isinstance(error, JournalError) else error.strerror
            raise RunError(f"the run cannot be stored: {told}") from None

    async def _run(
        self,
        executor: Executor,
        live: LiveRun,
        program: str,
        options: RunOptions,
        journal: Journal | None,
    ) -> Outcome:
        if journal is None or self.suspension is None:
            return await _ran(executor, program, options)
        suspended = False
        options["journal"] = journal
        try:
            outcome = await _ran(executor, program, options)
            suspended = outcome.suspended
            if suspended and self.suspension.is_over(live.client.principal):
                suspended = False
                why = "it could not be stored for a person to approve: suspended runs are too large"
                return replace(outcome, suspended=False, reason=why)
            return outcome
        finally:
            journal.close()
            if not suspended:
                journal.path.unlink(missing_ok=True)


async def _ran(executor: Executor, program: str, options: RunOptions) -> Outcome:
    """The outcome of a program. What the model may not know of it is logged, for the host."""
    outcome = await executor.run_async(program, **options)
    details = [outcome.detail, *(call.detail for call in outcome.calls)]
    for told in dict.fromkeys(detail.for_host() for detail in details if detail):
        _log.warning("%s", told)
    return outcome
