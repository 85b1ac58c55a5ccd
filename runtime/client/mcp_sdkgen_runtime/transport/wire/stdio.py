"""Requests and answers over the streams of a child process."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, Final

import anyio

from ...config.targets import StdioTarget
from ...observability.log import logger
from ..connection_state import MAX_UNREAD, ConnectionState
from ..stdio import stdio_streams
from .envelope import Message, NoMessage, RequestId, mended
from .messages import JSON_LINES, Lost, Spoilt

_log = logger(__name__)
_CLOSED_WORDS: Final = "the connection closed before an answer came"


@asynccontextmanager
async def stdio_wire(target: StdioTarget, link: ConnectionState) -> AsyncIterator[StdioWire]:
    """Start a server and read what it writes. Raises `OSError` when it cannot be started."""
    async with (
        stdio_streams(target, link, JSON_LINES) as (read, write),
        anyio.create_task_group() as tasks,
    ):
        wire = StdioWire(write, link, tasks.start_soon)
        tasks.start_soon(wire.read_all, read)
        try:
            yield wire
        finally:
            tasks.cancel_scope.cancel()


class _Waiting:
    def __init__(self) -> None:
        self.over = anyio.Event()
        self.answer: Message | Spoilt | None = None


class StdioWire:
    """Any number of requests at once. `hear` gets what the server sends unasked."""

    needs_headers = False
    tells_cancelling = True

    def __init__(self, write: Any, link: ConnectionState, start: Callable[..., object]) -> None:
        self.hear: Callable[[Message], Awaitable[None]]
        self.version = ""
        self._write = write
        self._link = link
        self._start = start
        self._waiting: dict[RequestId, _Waiting] = {}
        self._unanswered: set[RequestId] = set()
        """Also those that nobody waits for any more."""
        self._unread = 0

    async def ask(self, request: Message) -> Message:
        """The answer to a request. Raises `Lost` and `Spoilt`."""
        self._waiting[request["id"]] = waiting = _Waiting()
        self._unanswered.add(request["id"])
        try:
            await self.tell(request)
            await waiting.over.wait()
        finally:
            del self._waiting[request["id"]]
        if isinstance(waiting.answer, Spoilt):
            raise waiting.answer
        if waiting.answer is None:
            raise Lost(_CLOSED_WORDS)
        return waiting.answer

    async def tell(self, message: Message) -> None:
        """Send a message that nobody answers. Raises `Lost`."""
        try:
            await self._write.send(message)
        except (anyio.BrokenResourceError, anyio.ClosedResourceError) as error:
            raise Lost(_CLOSED_WORDS, error) from None

    async def read_all(self, read: Any) -> None:
        """Take what the server sends until it sends no more."""
        try:
            async for item in read:
                for message in self._mended(item) if isinstance(item, str) else [item]:
                    self._take(message)
                if self._unread > MAX_UNREAD:
                    self._link.why_lost = f"it leaves more than {MAX_UNREAD} messages unread"
                    break
        except anyio.ClosedResourceError:
            pass
        finally:
            self._link.over()
            for waiting in self._waiting.values():
                waiting.over.set()

    def _take(self, message: Message) -> None:
        if "method" in message:
            # Not awaited: a server that reads nothing while it writes would hold up its own answer.
            self._unread += 1
            self._start(self._heard, message)
            return
        self._link.answers += "result" in message
        self._answered(message["id"], message)

    def _answered(self, number: RequestId, answer: Message | Spoilt) -> None:
        self._unanswered.discard(number)
        waiting = self._waiting.get(number)
        if waiting is not None and waiting.answer is None:
            waiting.answer = answer
            waiting.over.set()

    async def _heard(self, message: Message) -> None:
        try:
            await self.hear(message)
        except Lost:
            pass  # whoever waits for an answer is told
        except Exception:
            _log.exception("a callback failed")
        finally:
            self._unread -= 1

    def _mended(self, line: str) -> list[Message]:
        found = mended(line, self._unanswered)
        if not isinstance(found, NoMessage):
            return found
        self._link.note_noise(line, garbled=found.garbled)
        if found.number is not None:
            self._answered(found.number, Spoilt(found.stand))
        return []
