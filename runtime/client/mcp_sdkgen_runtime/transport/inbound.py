"""What a server sends, looked at before `mcp` gets it, and how much of ours it leaves unread."""

from __future__ import annotations

import json
import re
from typing import Any, Final

import anyio
from mcp.shared.message import SessionMessage
from mcp_types import PARSE_ERROR, ErrorData, JSONRPCError, JSONRPCResponse, jsonrpc_message_adapter
from pydantic import ValidationError

from . import line_codec
from .connection_state import ConnectionState
from .line_codec import is_too_long

MAX_UNREAD: Final = 1000
"""Messages to a server that wait to be written. One that asks and never reads would fill memory."""
MAX_ITEMS: Final = 10_000
"""Blocks of content of one answer, or items of one page. Each takes some kilobytes as an object."""

_BROKEN: Final = "mcp-sdkgen: the answer is no JSON-RPC response"
_UNREADABLE: Final = ("Failed to parse JSON response", "Failed to parse SSE message")
_LONE: Final = re.compile(r"\\u[dD][89a-fA-F]")
_ESCAPE: Final = re.compile(
    r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\(u[dD][89a-fA-F][0-9a-fA-F]{2}|.)"
)
_FIRST: Final = re.compile(r'\{\s*"jsonrpc"\s*:\s*"2\.0"\s*,\s*"id"\s*:\s*(\d{1,15})\s*,')
_LAST: Final = re.compile(r'"jsonrpc"\s*:\s*"2\.0"\s*,\s*"id"\s*:\s*(\d{1,15})\s*\}\s*\Z')
_ENDING_CHARACTERS: Final = 200


class Outgoing:
    """A write stream that knows how many messages wait to be taken."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner
        self.waiting = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    async def send(self, message: Any) -> None:
        """Pass it on, and wait until it is taken."""
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

    def __init__(self, inner: Any, link: ConnectionState, outgoing: Outgoing) -> None:
        self._inner = inner
        self._link = link
        self._outgoing = outgoing

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def __aiter__(self) -> Incoming:
        return self

    async def __anext__(self) -> Any:
        try:
            message = await self._inner.__anext__()
            if is_too_long(message):
                limit = f"a line of more than {line_codec.MAX_LINE_BYTES} bytes"
                self._link.why_lost = f"the server wrote {limit} to stdout"
                raise StopAsyncIteration
            if self._outgoing.waiting > MAX_UNREAD:
                self._link.why_lost = f"the server leaves more than {MAX_UNREAD} messages unread"
                raise StopAsyncIteration
            return _bounded(_mended(message) if isinstance(message, ValidationError) else message)
        except (StopAsyncIteration, anyio.ClosedResourceError):
            self._link.lost()
            raise

    async def __aenter__(self) -> Incoming:
        await self._inner.__aenter__()
        return self

    async def __aexit__(self, *error: Any) -> bool | None:
        ended: bool | None = await self._inner.__aexit__(*error)
        return ended


def streams(read: Any, write: Any, link: ConnectionState) -> tuple[Incoming, Outgoing]:
    """The streams of a transport, watched."""
    outgoing = Outgoing(write)
    return Incoming(read, link, outgoing), outgoing


def broken(error: ErrorData) -> str | None:
    """What is wrong with an answer that was no JSON-RPC response, if `error` stands for one."""
    if error.code != PARSE_ERROR or not error.message.startswith(_BROKEN):
        return None
    return error.message.removeprefix(_BROKEN).removeprefix(": ")


def unreadable(error: ErrorData) -> bool:
    """Whether what came over HTTP was no message. It may be a proxy's, and nobody's answer."""
    return error.code == PARSE_ERROR and error.message.startswith(_UNREADABLE)


def _mended(problem: ValidationError) -> Any:
    """The message that was meant, an error in its place, or the problem: nobody waits for noise."""
    found = problem.errors(include_url=False, include_context=False)
    text = found[0]["input"]
    if found[0]["type"] == "json_invalid" and isinstance(text, str):
        if _LONE.search(text):
            # Half a pair is what JavaScript leaves of an emoji at which it cuts a text.
            try:
                whole = _ESCAPE.sub(_paired, text)
                return SessionMessage(jsonrpc_message_adapter.validate_json(whole, by_name=False))
            except ValidationError:
                pass
        number, what = _id_in(text), found[0]["msg"]
    else:
        number = next((_id_of(one["input"]) for one in found if one["type"] == "missing"), None)
        what = "it has neither a result nor an error of the right form"
    if number is None:
        return problem
    told = ErrorData(code=PARSE_ERROR, message=f"{_BROKEN}: {what[:200]}")
    return SessionMessage(JSONRPCError(jsonrpc="2.0", id=number, error=told))


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
