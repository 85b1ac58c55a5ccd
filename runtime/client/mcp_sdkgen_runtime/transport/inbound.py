"""What a server sends, looked at before `mcp` gets it, and how much of ours it leaves unread."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Final

import anyio
from mcp.shared.message import SessionMessage
from mcp_types import (
    PARSE_ERROR,
    ErrorData,
    JSONRPCError,
    JSONRPCMessage,
    JSONRPCNotification,
    JSONRPCRequest,
    JSONRPCResponse,
    jsonrpc_message_adapter,
)
from pydantic import ValidationError
from pydantic_core import from_json

from .connection_state import MAX_ITEMS, MAX_UNREAD, ConnectionState
from .raw_results import RawResults
from .stdio import LineCodec

_BROKEN: Final = "mcp-sdkgen: the answer is no JSON-RPC response"
_UNREADABLE: Final = ("Failed to parse JSON response", "Failed to parse SSE message")
_WORDS: Final[Mapping[str, tuple[str, ...]]] = {
    "notifications/message": ("data", "logger"),
    "notifications/progress": ("message",),
    "elicitation/create": ("message",),
}
"""What people read of what a server sends unasked."""
_TOO_DEEP: Final = "recursion limit exceeded"
_UNSTATED: Final = {"resultType": "complete", "ttlMs": 0, "cacheScope": "private"}
_METHOD: Final = '"method"'
_LONE: Final = re.compile(r"\\u[dD][89a-fA-F]")
_ESCAPE: Final = re.compile(
    r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\(u[dD][89a-fA-F][0-9a-fA-F]{2}|.)"
)
_FIRST: Final = re.compile(r'\{\s*"jsonrpc"\s*:\s*"2\.0"\s*,\s*"id"\s*:\s*(\d{1,15})\s*,')
_LAST: Final = re.compile(r'"jsonrpc"\s*:\s*"2\.0"\s*,\s*"id"\s*:\s*(\d{1,15})\s*\}\s*\Z')
_ENDING_CHARACTERS: Final = 200


class Unreadable(Exception):
    """A line that is no message: stands in its place in a stream."""

    def __init__(self, line: str, problem: ValidationError) -> None:
        super().__init__("no JSON-RPC message")
        self.line = line
        self.problem = problem


def read_line(text: str) -> SessionMessage | Unreadable:
    """The message in a line, or what stands for one in a stream."""
    try:
        # `validate_json` would take up to eight times the memory for a moment.
        return _checked(from_json(text), text)
    except ValueError:
        pass
    try:
        return SessionMessage(jsonrpc_message_adapter.validate_json(text, by_name=False))
    except ValidationError as error:
        problem = error
    if _TOO_DEEP in problem.errors(include_url=False, include_input=False)[0]["msg"]:
        # Python reads more levels than Pydantic. One deep value need not cost a whole page.
        with suppress(ValueError, RecursionError):
            return _checked(json.loads(text), text)
    return Unreadable(text, problem)


def _checked(message: Any, text: str) -> SessionMessage | Unreadable:
    try:
        return SessionMessage(jsonrpc_message_adapter.validate_python(message, by_name=False))
    except ValidationError as problem:
        return Unreadable(text, problem)


def _written(item: SessionMessage) -> str:
    return item.message.model_dump_json(by_alias=True, exclude_unset=True)


MCP_LINES: Final = LineCodec(read_line, _written)


class Outgoing:
    """A write stream that knows which requests wait to be answered, or even to be taken."""

    def __init__(self, inner: Any, raw: RawResults | None) -> None:
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
            if self._raw is not None:
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
        raw: RawResults | None,
        unversioned: bool,
    ) -> None:
        self._inner = inner
        self._unversioned = unversioned
        self._link = link
        self._outgoing = outgoing
        self._raw = raw

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def __aiter__(self) -> Incoming:
        return self

    async def __anext__(self) -> Any:
        try:
            message = await self._inner.__anext__()
            if self._outgoing.waiting > MAX_UNREAD:
                self._link.why_lost = f"it leaves more than {MAX_UNREAD} messages unread"
                raise StopAsyncIteration
            return self.looked_at(message)
        except (StopAsyncIteration, anyio.ClosedResourceError):
            self._link.over()
            raise

    def looked_at(self, message: Any) -> Any:
        """What the session is to get in place of a message."""
        if isinstance(message, Unreadable):
            message = self._mended(message.problem, message.line)
        elif isinstance(message, ValidationError):
            message = self._mended(message)
        answer = message.message if isinstance(message, SessionMessage) else None
        if answer is not None:
            self._take_secrets_out(answer)
        if isinstance(answer, JSONRPCResponse | JSONRPCError):
            if answer.id is not None:
                self._outgoing.unanswered.discard(answer.id)
            if isinstance(answer, JSONRPCResponse):
                self._link.answers += 1
                if self._unversioned:
                    # It knows nothing of the version that it is taken to speak.
                    answer.result = {**_UNSTATED, **answer.result}
                if self._raw is not None and (other := self._raw.received(answer)) is not None:
                    return SessionMessage(other, message.metadata)
        return _bounded(message)

    def _take_secrets_out(self, message: JSONRPCMessage) -> None:
        """Here, because `mcp` logs errors, raises them and notes them in spans of its own."""
        clean = self._link.secrets
        if isinstance(message, JSONRPCError):
            message.error.message = clean.text(message.error.message)
            message.error.data = clean.cleaned(message.error.data)
        elif isinstance(message, JSONRPCNotification | JSONRPCRequest) and message.params:
            for key in _WORDS.get(message.method, ()):
                if key in message.params:
                    message.params[key] = clean.cleaned(message.params[key])

    def _mended(self, problem: ValidationError, line: str = "") -> Any:
        """The message that was meant, an error in its place, or the problem: that is noise."""
        found = problem.errors(include_url=False, include_context=False)
        text = found[0]["input"]
        is_json = found[0]["type"] != "json_invalid" or not isinstance(text, str)
        number: int | str | None
        if is_json:
            missing = (one["input"] for one in found if one["type"] == "missing")
            number = next(map(_id_of, missing), None)
            what = "it has neither a result nor an error of the right form"
        else:
            whole = _repaired(text)
            if whole is not None:
                return whole
            number, what = self._id_in(text), found[0]["msg"]
        self._link.note_noise(line, garbled=not is_json and line.startswith('{"'))
        if number is None:
            return problem
        told = ErrorData(code=PARSE_ERROR, message=f"{_BROKEN}: {what[:200]}")
        return SessionMessage(JSONRPCError(jsonrpc="2.0", id=number, error=told))

    def _id_in(self, text: str) -> int | str | None:
        number = _id_in(text)
        if number is None and text.startswith('{"') and _METHOD not in text:
            # Meant as an answer. Where one request alone waits, it would wait for ever.
            waiting = self._outgoing.unanswered
            return next(iter(waiting)) if len(waiting) == 1 else None
        return number

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
    raw: RawResults | None = None,
    *,
    unversioned: bool = False,
) -> tuple[Incoming, Outgoing]:
    """The streams of a transport, watched.

    `raw` keeps results as they were sent. An `unversioned` server, which never said what it
    speaks, need not state what every result of the newest version has to.
    """
    outgoing = Outgoing(write, raw)
    return Incoming(read, link, outgoing, raw, unversioned), outgoing


def doubtful_message(
    line: str, link: ConnectionState, unanswered: set[int | str]
) -> tuple[dict[str, Any] | None, str | None]:
    """A line that may be a message, as JSON data; and what is wrong with it, if it stands for an
    answer that is none. `unanswered` are the ids of requests under way."""
    outgoing = Outgoing(None, None)
    outgoing.unanswered = unanswered
    found = Incoming(None, link, outgoing, None, False).looked_at(read_line(line))
    if not isinstance(found, SessionMessage):
        return None, None
    message = found.message
    wrong = broken(message.error) if isinstance(message, JSONRPCError) else None
    return message.model_dump(mode="json", by_alias=True, exclude_unset=True), wrong


def broken(error: ErrorData) -> str | None:
    """What is wrong with an answer that was no JSON-RPC response, if `error` stands for one."""
    if error.code != PARSE_ERROR or not error.message.startswith(_BROKEN):
        return None
    return error.message.removeprefix(_BROKEN).removeprefix(": ")


def unreadable(error: ErrorData) -> bool:
    """Whether what came over HTTP was no message. It may be a proxy's, and nobody's answer."""
    return error.code == PARSE_ERROR and error.message.startswith(_UNREADABLE)


def _repaired(text: str) -> SessionMessage | None:
    """The message in a text that is JSON but for half an emoji."""
    if not _LONE.search(text):
        return None
    # Half a pair is what JavaScript leaves of an emoji at which it cuts a text.
    try:
        whole = _ESCAPE.sub(_paired, text)
        return SessionMessage(jsonrpc_message_adapter.validate_json(whole, by_name=False))
    except ValidationError:
        return None


def _bounded(message: Any) -> Any:
    """The message, or an error in place of an answer that `mcp` would make too many objects of."""
    answer = message.message if isinstance(message, SessionMessage) else None
    if not isinstance(answer, JSONRPCResponse):
        return message
    if not any(isinstance(x, list) and len(x) > MAX_ITEMS for x in answer.result.values()):
        return message
    told = ErrorData(code=PARSE_ERROR, message=f"{_BROKEN}: a list of more than {MAX_ITEMS} items")
    return SessionMessage(JSONRPCError(jsonrpc="2.0", id=answer.id, error=told))


def _paired(escape: re.Match[str]) -> str:
    return "\\ufffd" if (escape[1] or "").lower().startswith("ud") else escape[0]


def _id_in(text: str) -> int | None:
    """The id of an answer that cannot be read; None where that would be a guess."""
    try:
        return _id_of(json.loads(text))
    except (ValueError, RecursionError):
        found = _FIRST.match(text) or _LAST.search(text[-_ENDING_CHARACTERS:])
        return int(found[1]) if found else None


def _id_of(message: Any) -> int | None:
    if not isinstance(message, dict) or "method" in message:
        return None
    number = message.get("id")
    if isinstance(number, float) and number.is_integer():
        return int(number)
    return number if type(number) is int else None
