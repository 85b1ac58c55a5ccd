"""What a server sends, looked at before `mcp` gets it, and how much of ours it leaves unread."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

import anyio
from mcp.shared.exceptions import MCPError
from mcp.shared.message import SessionMessage
from mcp_types import (
    JSONRPCError,
    JSONRPCMessage,
    JSONRPCNotification,
    JSONRPCRequest,
    JSONRPCResponse,
    jsonrpc_message_adapter,
)
from pydantic import ValidationError

from .connection_state import MAX_UNREAD, ConnectionState
from .raw_results import RawResults, error_for
from .stdio import LineCodec
from .wire.envelope import Message, NoMessage, mended, read_message
from .wire.notifications import mend_notification
from .wire.stand_in import StandIn

_WORDS: Final[Mapping[str, tuple[str, ...]]] = {
    "notifications/message": ("data", "logger"),
    "notifications/progress": ("message",),
    "elicitation/create": ("message",),
}
"""What people read of what a server sends unasked."""
_UNSTATED: Final = {"resultType": "complete", "ttlMs": 0, "cacheScope": "private"}


class Unreadable(Exception):
    """A line that is no message: stands in its place in a stream."""

    def __init__(self, line: str) -> None:
        super().__init__("no JSON-RPC message")
        self.line = line


def read_line(text: str) -> SessionMessage | Unreadable:
    """The message in a line, or what stands for one in a stream."""
    message = read_message(text)
    return Unreadable(text) if message is None else _for_mcp(message)


def _for_mcp(message: Message) -> SessionMessage:
    return SessionMessage(jsonrpc_message_adapter.validate_python(message, by_name=False))


def _written(item: SessionMessage) -> str:
    return item.message.model_dump_json(by_alias=True, exclude_unset=True)


MCP_LINES: Final = LineCodec(read_line, _written)


class Outgoing:
    """A write stream that knows which requests wait to be answered, or even to be taken."""

    def __init__(self, inner: Any, raw: RawResults) -> None:
        self._inner = inner
        self._raw = raw
        self.waiting = 0
        self.unanswered: set[int | str] = set()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    async def send(self, message: Any) -> None:
        """Pass it on, and wait until it is taken."""
        if isinstance(message.message, JSONRPCRequest):
            self.unanswered.add(message.message.id)
            self._raw.sent(message.message)
        self.waiting += 1
        try:
            await self._inner.send(message)
        finally:
            self.waiting -= 1

    async def __aenter__(self) -> Outgoing:
        await self._inner.__aenter__()
        return self

    async def __aexit__(self, *error: Any) -> bool | None:
        ended: bool | None = await self._inner.__aexit__(*error)
        return ended


class Incoming:
    """A read stream that tells when it has ended, and that turns a spoilt answer into an error.

    `mcp` passes over what is no message, and whoever waits for the answer would wait in vain.
    """

    def __init__(
        self,
        inner: Any,
        link: ConnectionState,
        outgoing: Outgoing,
        raw: RawResults,
        unversioned: bool,
    ) -> None:
        self._inner = inner
        self._unversioned = unversioned
        self._link = link
        self._outgoing = outgoing
        self._raw = raw
        self._more: deque[Any] = deque()
        """The rest of a batch."""

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def __aiter__(self) -> Incoming:
        return self

    async def __anext__(self) -> Any:
        try:
            message = self._more.popleft() if self._more else await self._inner.__anext__()
            if self._outgoing.waiting > MAX_UNREAD:
                self._link.why_lost = f"it leaves more than {MAX_UNREAD} messages unread"
                raise StopAsyncIteration
            return self._looked_at(message)
        except (StopAsyncIteration, anyio.ClosedResourceError):
            self._link.over()
            raise

    def _looked_at(self, message: Any) -> Any:
        if isinstance(message, Unreadable | ValidationError):
            message = self._mended(message)
        answer = message.message if isinstance(message, SessionMessage) else None
        if answer is None:
            return message
        self._take_back(answer)
        if isinstance(answer, JSONRPCNotification) and answer.params is not None:
            mend_notification(answer.method, answer.params)
        if isinstance(answer, JSONRPCError):
            self._place(answer)
        self._take_secrets_out(answer)
        if isinstance(answer, JSONRPCResponse):
            return SessionMessage(self._result(answer), message.metadata)
        return message

    def _take_back(self, message: JSONRPCMessage) -> None:
        """Put into a message that came over HTTP what waits aside of it."""
        if isinstance(message, JSONRPCResponse):
            message.result = self._link.taken(message.result)
        elif isinstance(message, JSONRPCError):
            message.error.data = self._link.taken(message.error.data)
        elif message.params is not None:
            message.params = self._link.taken(message.params)

    def _place(self, error: JSONRPCError) -> None:
        """Find the request that an error is for, and what it stands for."""
        if error.id is None and len(self._outgoing.unanswered) == 1:
            (error.id,) = self._outgoing.unanswered
        if error.id is None:
            return
        self._outgoing.unanswered.discard(error.id)
        self._raw.failed(error.id)
        if (instead := self._link.instead.pop(error.id, None)) is not None:
            error.error.message, error.error.data = instead.what[:200], instead

    def _result(self, answer: JSONRPCResponse) -> JSONRPCMessage:
        self._outgoing.unanswered.discard(answer.id)
        self._link.instead.pop(answer.id, None)
        self._link.answers += 1
        if self._unversioned:
            # It knows nothing of the version that it is taken to speak.
            answer.result = {**_UNSTATED, **answer.result}
        return self._raw.received(answer)

    def _take_secrets_out(self, message: JSONRPCMessage) -> None:
        """Here, because `mcp` logs errors, raises them and notes them in spans of its own."""
        clean = self._link.secrets
        if isinstance(message, JSONRPCError):
            told = message.error
            told.message = clean.text(told.message)
            if isinstance(stand := told.data, StandIn):
                what, sent = clean.text(stand.what), clean.cleaned(stand.sent)
                told.data = replace(stand, what=what, sent=sent)
            else:
                told.data = clean.cleaned(told.data)
        elif isinstance(message, JSONRPCNotification | JSONRPCRequest) and message.params:
            for key in _WORDS.get(message.method, ()):
                if key in message.params:
                    message.params[key] = clean.cleaned(message.params[key])

    def _mended(self, problem: Unreadable | ValidationError) -> Any:
        """The message that was meant, an error in its place, or the problem: that is noise."""
        line = problem.line if isinstance(problem, Unreadable) else ""
        found = mended(line or _input_of(problem), self._outgoing.unanswered)
        if not isinstance(found, NoMessage):
            first, *rest = map(_for_mcp, found)
            self._more.extend(rest)
            return first
        self._link.note_noise(line, garbled=found.garbled and bool(line))
        if found.number is None:
            return problem
        return SessionMessage(error_for(found.number, found.stand))

    async def __aenter__(self) -> Incoming:
        await self._inner.__aenter__()
        return self

    async def __aexit__(self, *error: Any) -> bool | None:
        ended: bool | None = await self._inner.__aexit__(*error)
        return ended


def watched(
    read: Any,
    write: Any,
    link: ConnectionState,
    *,
    unversioned: bool = False,
) -> tuple[Incoming, Outgoing]:
    """The streams of a transport, watched; `mcp` gets no more of results than it needs.

    An `unversioned` server, which never said what it speaks, need not state what every result of
    the newest version has to.
    """
    raw = RawResults()
    outgoing = Outgoing(write, raw)
    return Incoming(read, link, outgoing, raw, unversioned), outgoing


def stand_in(error: BaseException) -> StandIn | None:
    """What came in place of an answer, if `error` stands for that."""
    data = error.data if isinstance(error, MCPError) else None
    return data if isinstance(data, StandIn) else None


def _input_of(problem: Unreadable | ValidationError) -> str:
    """The text that is no message, as far as `mcp` passes it on."""
    if isinstance(problem, Unreadable):
        return problem.line
    found = problem.errors(include_url=False, include_context=False)[0]["input"]
    try:
        return found if isinstance(found, str) else json.dumps(found)
    except (TypeError, ValueError, RecursionError):
        return ""
