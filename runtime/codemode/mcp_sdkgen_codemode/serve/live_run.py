"""One program under way, and its open question."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from dataclasses import dataclass

from mcp_sdkgen_runtime.text import printable

from ..events import CallEnded, CallStarted, Event, Output, Progress
from ..outcome import Outcome
from ..policy.approval import Answer, ApprovalRequest
from .client import Client


@dataclass
class Question:
    """A call that waits for a person's word."""

    request: ApprovalRequest
    answer: asyncio.Future[Answer]
    was_read: bool = False
    """Whether its principal has read it in full, as a resource."""

    @property
    def nonce(self) -> str:
        """By which its answer is known."""
        return self.request.nonce


class LiveRun:
    """One program under way."""

    def __init__(self, handle: str, client: Client, *, may_suspend: bool) -> None:
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
