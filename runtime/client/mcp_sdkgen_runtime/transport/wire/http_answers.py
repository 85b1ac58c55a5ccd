"""What came over HTTP, before a session gets it: messages mended, and what is none of them noted.

`mcp` makes up a JSON-RPC error where an HTTP response is no answer. Who asked would take it for the
server's own, so what really came is noted in `ConnectionState.instead`.
"""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from http import HTTPStatus
from typing import Any, Final

import httpx2

from ...text import shortened
from ..connection_state import ConnectionState, without_url_secrets
from .envelope import Message, RequestId, messages_in, read_message
from .stand_in import StandIn

_SESSION_HEADER: Final = "mcp-session-id"
_JSON: Final = "application/json"
_EVENTS: Final = "text/event-stream"
_QUOTED: Final = 80
_MAX_ERROR_BYTES: Final = 1 << 20
_EVENT_END: Final = re.compile(rb"\r\n\r\n|\n\n|\r\r")
_LINE_END: Final = re.compile(r"\r\n|\n|\r")
_FIELD: Final = re.compile(r"(?:event|data|id|retry)?(?::|$)")
"""How a line of an event begins; one that begins with a colon is a comment."""
_LARGE_BYTES: Final = 64 * 1024
_PARTS: Final = ("result", "params")
_OTHER_EVENTS: Final = frozenset({"endpoint", "ping", "error", "heartbeat", "keepalive"})
"""Names of events that are no messages, in the transports or by custom."""
_BOM: Final = b"\xef\xbb\xbf"


def is_stream(response: httpx2.Response) -> bool:
    """Whether a response is a stream of events."""
    return _kind(response) == _EVENTS


def _kind(response: httpx2.Response) -> str:
    return response.headers.get("content-type", "").partition(";")[0].strip().lower()


async def look_at(response: httpx2.Response, link: ConnectionState, *, streamable: bool) -> None:
    """Look at a response before a session does, and mend what it carries.

    `streamable` is the transport whose POST is answered by what it returns; that of SSE is not.
    """
    number = _request_id(response.request)
    kind = _kind(response)
    if response.status_code >= 400 and _SESSION_HEADER in response.request.headers:
        link.forgotten |= _session_unknown(response.status_code, await _body(response))
    if number is not None:
        link.instead.pop(number, None)
        instead = await _in_place_of_an_answer(response, kind, number, streamable)
        if instead is not None:
            link.instead[number] = instead
            return
    if kind == _EVENTS and response.status_code < 400:
        if isinstance(response.stream, httpx2.AsyncByteStream):
            response.stream = _Events(response.stream, number, link)
    elif number is not None and response.status_code < 300 and streamable:
        await _take_in_body(response, kind, number, link)


def _request_id(request: httpx2.Request) -> RequestId | None:
    """The id of the JSON-RPC request that a POST carries."""
    if request.method != "POST":
        return None
    try:
        sent = json.loads(request.content)
    except (ValueError, httpx2.StreamError):
        return None
    number = sent.get("id") if isinstance(sent, dict) and "method" in sent else None
    return number if isinstance(number, int | str) else None


async def _in_place_of_an_answer(
    response: httpx2.Response, kind: str, number: RequestId, streamable: bool
) -> StandIn | None:
    status = response.status_code
    if response.has_redirect_location:
        return redirected(response)  # where it is followed, the next response stands in its place
    if status == HTTPStatus.ACCEPTED and streamable:
        return StandIn("the server accepted the request (HTTP status 202) and answers nothing",
                       is_answer=False)  # fmt: skip
    if status < 300:
        return None
    body = await _body(response)
    found = messages_in(body.decode("utf-8", "replace"), number)
    error = found[-1] if isinstance(found, list) else None
    if error is not None and "error" in error and len(body) <= _MAX_ERROR_BYTES:
        _give(response, error)
        return None
    what = f"the server answered with HTTP status {named(status)}{_beginning(kind, body)}"
    return StandIn(what, is_answer=False)


def _session_unknown(status: int, body: bytes) -> bool:
    """Whether a refusal says that the server does not know the session: it was restarted, say."""
    if status != HTTPStatus.BAD_REQUEST:
        return status == HTTPStatus.NOT_FOUND
    # The specification asks for 404, but many servers do as an example of the TypeScript SDK does.
    # An answer to the request itself names the request.
    try:
        return json.loads(body).get("id") is None
    except (ValueError, AttributeError):
        return True


def redirected(response: httpx2.Response) -> StandIn:
    """What a redirect says that is not followed, without what may be secret in its target."""
    sent = response.request.url
    try:
        location = sent.join(response.headers["location"])
    except httpx2.InvalidURL:
        return StandIn("the server redirects to what is no address", is_answer=False)
    target = without_url_secrets(str(location))
    what = f"the server redirects to {target} (HTTP status {named(response.status_code)})"
    if (location.scheme, location.host, location.port) == (sent.scheme, sent.host, sent.port):
        hint = f"write that address in its place: {target}"
    else:
        hint = (
            f"if that is the server that you mean, write its address: {target}; "
            "nothing was sent there, since credentials are for one host"
        )
    return StandIn(what, is_answer=False, hint=hint)


def named(status: int) -> str:
    """An HTTP status with its name."""
    try:
        return f"{status} ({HTTPStatus(status).phrase})"
    except ValueError:
        return str(status)


async def _take_in_body(
    response: httpx2.Response, kind: str, number: RequestId, link: ConnectionState
) -> None:
    try:
        body = await _body(response)
    except httpx2.StreamError as error:
        link.instead[number] = StandIn(f"what came is no answer: {error}", is_answer=False)
        _replace(response, b"", _JSON)
        return
    if kind == _JSON and (message := read_message(body)) is not None:
        if len(body) > _LARGE_BYTES:
            _give(response, _light(message, link))
        return
    found = messages_in(body.decode("utf-8", "replace"), number)
    if isinstance(found, list):
        _give(response, *(_light(one, link) for one in found))
        return
    is_json = not isinstance(found.sent, str)
    if kind == _JSON and is_json:
        link.instead[number] = found
    else:
        what = f"the server answered with no JSON-RPC message{_beginning(kind, body)}"
        link.instead[number] = StandIn(what, found.sent, is_answer=False)


async def _body(response: httpx2.Response) -> bytes:
    """All of a body, which can be read again then."""
    stream = response.stream
    assert isinstance(stream, httpx2.AsyncByteStream)
    body = b"".join([chunk async for chunk in stream])
    response.stream = _Read(body, stream)
    return body


def _give(response: httpx2.Response, *messages: Message) -> None:
    """Let these messages be read in place of the body: answers last, as they end a stream."""
    if len(messages) == 1:
        _replace(response, json.dumps(messages[0]).encode(), _JSON)
    else:
        in_order = sorted(messages, key=lambda one: "method" not in one)
        _replace(response, "".join(map(_as_event, in_order)).encode(), _EVENTS)


def _replace(response: httpx2.Response, body: bytes, kind: str) -> None:
    assert isinstance(response.stream, httpx2.AsyncByteStream)
    response.stream = _Read(body, response.stream)
    response.headers["content-type"] = kind


def _as_event(message: Message) -> str:
    return f"event: message\ndata: {json.dumps(message)}\n\n"


def _beginning(kind: str, body: bytes) -> str:
    text = body[: 4 * _QUOTED].decode("utf-8", "replace").strip()
    what = f" of type {shortened(kind)}" if kind else ""
    if not text:
        return f" and an empty body{what}"
    cut = text[:_QUOTED] + ("…" if len(text) > _QUOTED else "")
    return f" and a body{what} that begins {shortened(cut, 2 * _QUOTED)}"


class _Read(httpx2.AsyncByteStream):
    """A body that was read already, or one in its place. Closing it closes the response."""

    def __init__(self, body: bytes, inner: httpx2.AsyncByteStream) -> None:
        self._body = body
        self._inner = inner

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield self._body

    async def aclose(self) -> None:
        await self._inner.aclose()


class _Events(httpx2.AsyncByteStream):
    """A stream of events whose messages are mended."""

    def __init__(
        self, inner: httpx2.AsyncByteStream, number: RequestId | None, link: ConnectionState
    ) -> None:
        """`number` is of the request that the stream answers; None for one that is for any."""
        self._inner = inner
        self._number = number
        self._link = link
        self._unknown: dict[str, None] = {}
        self._is_first = True
        self._words: bytes | None = b""
        """What came so far that belongs to no event; None once an event came."""

    async def __aiter__(self) -> AsyncIterator[bytes]:
        held = bytearray()
        seen = 0
        async for chunk in self._inner:
            held += chunk
            while (end := _EVENT_END.search(held, max(0, seen - 3))) is not None:
                yield self._event(bytes(held[: end.end()]))
                del held[: end.end()]
                seen = 0
            seen = len(held)
            if seen > self._link.max_answer_bytes:
                yield bytes(held)  # `mcp` bounds an event, and says so
                held.clear()
                seen = 0
        if held:
            # A last event without its end may be whole all the same.
            yield self._event(bytes(held), b"\n\n")
        if self._unknown and self._number is not None:
            names = ", ".join(map(shortened, self._unknown))
            what = f"the server's events are named {names}, where messages have the name 'message'"
            self._link.instead.setdefault(self._number, StandIn(what, is_answer=False))
        elif self._words and self._number is not None:
            what = f"the server answered with no event{_beginning(_EVENTS, self._words)}"
            self._link.instead.setdefault(self._number, StandIn(what, is_answer=False))

    def _event(self, raw: bytes, end: bytes = b"") -> bytes:
        if self._is_first:
            self._is_first = False
            raw = raw.removeprefix(_BOM)
        lines = _LINE_END.split(raw.decode("utf-8", "replace"))
        name = next((_value(line) for line in lines if line.startswith("event")), "message")
        data = "\n".join(_value(line) for line in lines if line.startswith("data"))
        if data:
            self._words = None
        elif self._words is not None and any(_FIELD.match(line) is None for line in lines):
            self._words = (self._words + raw)[: 4 * _QUOTED]
        if not data:
            return raw
        if name not in ("", "message"):
            if name not in _OTHER_EVENTS and len(self._unknown) < 5:
                self._unknown[name] = None
            return raw
        if (message := read_message(data)) is None:
            return self._mended(raw, lines, data)
        return raw + end if len(raw) <= _LARGE_BYTES else self._given(lines, [message])

    def _mended(self, raw: bytes, lines: list[str], data: str) -> bytes:
        found = messages_in(data, self._number)
        if isinstance(found, list):
            return self._given(lines, found)
        if self._number is not None:
            self._link.instead[self._number] = found
        return raw

    def _given(self, lines: list[str], messages: list[Message]) -> bytes:
        head = "".join(f"{line}\n" for line in lines if line.startswith(("id", "retry")))
        return (head + "".join(_as_event(_light(one, self._link)) for one in messages)).encode()

    async def aclose(self) -> None:
        await self._inner.aclose()


def whole(message: Message, link: ConnectionState) -> Message:
    """A message that was read from a response, with what `_light` put aside."""
    given = dict(message)
    for key in _PARTS:
        if key in given:
            given[key] = link.taken(given[key])
    if isinstance(error := given.get("error"), dict) and "data" in error:
        given["error"] = {**error, "data": link.taken(error["data"])}
    return given


def _light(message: Message, link: ConnectionState) -> Message:
    """A message to be read in place of one: its content waits with the connection.

    `mcp` reads what a response holds into about ten times what the values take, and it was read
    already.
    """
    given = {key: link.put_aside(one) if key in _PARTS else one for key, one in message.items()}
    if isinstance(error := given.get("error"), dict) and "data" in error:
        given["error"] = {**error, "data": link.put_aside(error["data"])}
    return given


def _value(line: str) -> Any:
    return line.partition(":")[2].removeprefix(" ")
