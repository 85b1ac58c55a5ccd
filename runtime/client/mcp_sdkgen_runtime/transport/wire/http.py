"""Requests and answers over streamable HTTP, by the specification of 2025-03-26 and later.

https://modelcontextprotocol.io/specification/2025-11-25/basic/transports#streamable-http and, for
the headers of each request, the same page of 2026-07-28.
"""

from __future__ import annotations

import re
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Final
from urllib.request import getproxies

import anyio
import httpx2

from ...config.targets import HttpTarget
from ..connection_state import ConnectionState
from .envelope import Message, read_message
from .http_answers import is_stream, whole
from .http_client import MAX_EVENT_BYTES, http_client
from .messages import Lost, NeedsMcp, Spoilt
from .versions import MODERN

_SESSION_ID: Final = "mcp-session-id"
_CLOSED_WORDS: Final = "the connection closed before an answer came"
_BROKEN_OFF: Final = (httpx2.HTTPError, httpx2.StreamError, httpx2.SSEError)
_SAME_ELSEWHERE: Final = (307, 308)
"""Redirects that want the same request elsewhere, and have done nothing with it."""
_RESUMPTIONS: Final = 2
_RESUME_AFTER_S: Final = 1.0
_LONGEST_WAIT_S: Final = 60.0
_PARTING_S: Final = 5.0
_SAFE_NAME: Final = re.compile(r"[!-~]+")


@asynccontextmanager
async def http_wire(target: HttpTarget, link: ConnectionState) -> AsyncIterator[HttpWire]:
    """A wire to a URL. When it is left, the server is told that its session is over."""
    # Without TLS no authority is asked for, and reading all that a system trusts takes a while.
    trusting = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT) if _is_plain(target.url) else None
    headers = dict(target.headers)
    async with http_client(link, {"POST"}, headers=headers, trusting=trusting) as http:
        wire = HttpWire(http, target.url, link)
        try:
            yield wire
        finally:
            await wire.part()


def _is_plain(url: str) -> bool:
    return url.lower().startswith("http://") and not getproxies()


class HttpWire:
    """Each request is a POST of its own. `hear` gets what the server sends before its answer."""

    needs_headers = True

    def __init__(self, http: httpx2.AsyncClient, url: str, link: ConnectionState) -> None:
        self.hear: Callable[[Message], Awaitable[None]]
        self.version = ""
        """The version that requests say they are of."""
        self._http = http
        self._url = url
        self._link = link
        self._session = ""

    @property
    def tells_cancelling(self) -> bool:
        """Whether a request that nobody waits for any more is cancelled by a message: since
        2026-07-28, its stream is closed instead."""
        return self.version not in MODERN

    async def ask(self, request: Message) -> Message:
        """The answer to a request. Raises `Lost`, `Spoilt` and `NeedsMcp`."""
        try:
            async with self._http.stream(
                "POST", self._url, json=request, headers=self._headers(request),
                follow_redirects=False,
            ) as response:  # fmt: skip
                answer = await self._answer(response, request)
        except _BROKEN_OFF as error:
            raise Lost(_CLOSED_WORDS, error) from None
        self._link.answers += "result" in answer
        return answer

    async def tell(self, message: Message) -> None:
        """Send a message that nobody answers. Raises `Lost`."""
        try:
            headers = self._headers(message)
            await self._http.post(self._url, json=message, headers=headers, follow_redirects=False)
        except _BROKEN_OFF as error:
            raise Lost(_CLOSED_WORDS, error) from None

    async def part(self) -> None:
        """End the server's session, if it has one. A server may refuse that."""
        if self._session:
            with (
                anyio.CancelScope(shield=True),
                anyio.move_on_after(_PARTING_S),
                suppress(*_BROKEN_OFF),
            ):
                await self._http.delete(self._url, headers=self._headers({}))

    def _headers(self, message: Message) -> dict[str, str]:
        headers = {
            "accept": "application/json, text/event-stream",
            "content-type": "application/json",
        }
        if self._session:
            headers[_SESSION_ID] = self._session
        if self.version:
            headers["mcp-protocol-version"] = self.version
        if self.version in MODERN and "method" in message:
            headers["mcp-method"] = message["method"]
            if message["method"] == "tools/call":
                headers["mcp-name"] = message["params"]["name"]
        return headers

    async def _answer(self, response: httpx2.Response, request: Message) -> Message:
        kept = response.status_code in _SAME_ELSEWHERE or request["method"] != "tools/call"
        if response.has_redirect_location and kept:
            raise NeedsMcp  # which follows those that stay at the same place
        self.check(request["id"])
        if request["method"] == "initialize":
            self._session = response.headers.get(_SESSION_ID, "")
        if is_stream(response):
            return await self._streamed(response, request)
        answer = read_message(await response.aread())
        assert answer is not None  # else something stood in its place
        answer = whole(answer, self._link)
        if answer.get("id") != request["id"] and response.status_code < 400:
            await anyio.sleep_forever()  # an answer to another question is no answer
        return answer

    def check(self, number: int) -> None:
        """Raises `Spoilt` where something else came in place of the answer to a request."""
        if (stand := self._link.instead.pop(number, None)) is not None:
            raise Spoilt(stand)

    async def _streamed(self, response: httpx2.Response, request: Message) -> Message:
        """The answer in a stream of events, which is asked for again where it broke off."""
        events = _Events(self, request["id"])
        if (answer := await events.answer_in(response)) is not None:
            return answer
        self.check(request["id"])
        left = _RESUMPTIONS
        while events.last_id and left and not self._link.why_lost:
            await anyio.sleep(events.wait_s)
            headers = {**self._headers({}), "last-event-id": events.last_id}
            try:
                async with self._http.stream(
                    "GET", self._url, headers=headers, follow_redirects=False
                ) as resumed:
                    resumed.raise_for_status()
                    left = _RESUMPTIONS
                    answer = await events.answer_in(resumed)
            except _BROKEN_OFF:
                left -= 1
                continue
            if answer is not None:
                return answer
        raise Lost(_CLOSED_WORDS)

    def whole(self, message: Message) -> Message:
        """A message that came, with what waits aside of it."""
        return whole(message, self._link)

    @property
    def max_event_bytes(self) -> int:
        """What one event may have."""
        return min(MAX_EVENT_BYTES, self._link.max_answer_bytes)


class _Events:
    def __init__(self, wire: HttpWire, number: int) -> None:
        self._wire = wire
        self._number = number
        self.last_id = ""
        self.wait_s = _RESUME_AFTER_S

    async def answer_in(self, response: httpx2.Response) -> Message | None:
        """The answer in a stream; None when it broke off before. Raises `Lost` and `Spoilt`."""
        try:
            async for event in httpx2.EventSource(
                response, max_event_size=self._wire.max_event_bytes
            ):
                if event.id:
                    self.last_id = event.id
                if event.retry is not None:
                    self.wait_s = min(event.retry / 1000, _LONGEST_WAIT_S)
                if event.event != "message" or not event.data:
                    continue
                message = read_message(event.data)
                if message is None:
                    self._wire.check(self._number)
                    raise Lost("what came is no answer: an event that is no message")
                message = self._wire.whole(message)
                if "method" not in message:
                    return {**message, "id": self._number}
                await self._wire.hear(message)
        except httpx2.SSEError as error:
            raise Lost(_CLOSED_WORDS, error) from None
        except (httpx2.HTTPError, httpx2.StreamError):
            # The state of the connection says why, if it was too much that came.
            return None
        return None


def fits_a_header(name: str) -> bool:
    """Whether a tool's name goes into a header as it is."""
    return _SAFE_NAME.fullmatch(name) is not None and not name.startswith("=?")
