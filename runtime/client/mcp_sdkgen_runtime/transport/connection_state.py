"""What is known about one connection apart from the protocol, and the errors made from it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from http import HTTPStatus
from itertools import count
from typing import Any, Final

import anyio.to_thread

from ..errors import (
    AnswerTooLarge,
    CallTimeout,
    LoginRequired,
    ResultError,
    SdkError,
    SessionError,
)
from ..oauth.challenges import auth_parameters
from ..observability.secret_set import SecretSet
from ..text import shortened, shortened_text
from .installing import Installation
from .stderr_tail import StderrTail, last_lines
from .wire.stand_in import StandIn

_BUSY: Final = (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE)
CLIENT_NAME: Final = "mcp-sdkgen-runtime"
"""What servers are told of who calls their tools."""
MAX_ANSWER_BYTES: Final = 256 << 20
"""What one message may have, unless a session is told otherwise; else a server could fill the
memory."""
MAX_CONTAINERS: Final = 1_000_000
"""Lists and objects of one message."""
MAX_VALUES: Final = 5_000_000
"""Values and names of one message: a table of 200,000 rows and ten columns has 4.2 million."""
MAX_NAMES: Final = 500_000
"""Names of one object, of which each is a text of its own once it is parsed."""
MAX_ITEMS: Final = 10_000
"""Blocks of content of one answer, or items of one page. Each takes some kilobytes as an object."""
MAX_UNREAD: Final = 1000
"""Messages to a server that wait to be written. One that asks and never reads would fill memory."""
MAX_NOISE_LINES: Final = 3
MAX_NOISE_CHARACTERS: Final = 4 * 1024
_LAST_WORDS_WAIT_S = 0.3
_ASIDE: Final = "mcp-sdkgen/aside"
DENIED: Final = {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}
_BRACKETS = re.compile(rb"[\[\]{}]")
_SECRET_PARTS = re.compile(r"(https?://)(?:[^\s'\"/@]*@)?([^\s'\"?#]*)(?:[?#][^\s'\"]*)?")
"""A URL: user and password, then what may be shown, then query and fragment."""


class Weight:
    """What a message costs once it is parsed, counted while it comes: a value or a name of two
    bytes costs up to a hundred. What stands in its texts is no structure, and costs nothing more.
    """

    def __init__(self) -> None:
        self.size = self.containers = self.values = self.names = 0
        self._in_text = False
        self._cut_escape = b""

    def add(self, part: bytes) -> None:
        """Count a part of the message, in a time that grows with its length only."""
        self.size += len(part)
        if self._cut_escape or b"\\" in part:
            # A quote that is left ends a text or begins one.
            part = (self._cut_escape + part).replace(b"\\\\", b"").replace(b'\\"', b"")
            self._cut_escape = b"\\" if part.endswith(b"\\") else b""
        texts = part.split(b'"')
        structure = b"".join(texts[self._in_text :: 2])
        self._in_text ^= len(texts) % 2 == 0
        names = structure.count(b":")
        containers = structure.count(b"{") + structure.count(b"[")
        self.containers += containers
        self.values += names + containers + structure.count(b",")
        # A list or an object that begins or ends within the part ends the row of names.
        *before, last = _BRACKETS.split(structure)
        self.names = last.count(b":") + (0 if before else self.names)


class ConnectionState:
    """One connection: what its server did, and whom to tell what happens.

    All text is the server's own, without the secrets of the binding. What stands in
    `begin_attempt` is of the last attempt to connect.
    """

    def __init__(
        self,
        server: str,
        limit_s: float,
        max_bytes: int | None = None,
        max_answer_bytes: int = MAX_ANSWER_BYTES,
        secrets: SecretSet | None = None,
    ) -> None:
        """`limit_s` is the time for connecting. `max_bytes` bounds all that comes together, and
        `max_answer_bytes` each message. `secrets` are the binding's: no text told here has them."""
        self.secrets = secrets if secrets is not None else SecretSet()
        self.max_answer_bytes = max_answer_bytes
        self.server = server
        self.limit_s = limit_s
        self.lost: Callable[[], None] = lambda: None
        self.listeners: list[Callable[[str | None], None]] = []
        """Told the URI of each resource that changed, and None when the connection ends."""
        self.tools_changed: Callable[[], None] = lambda: None
        self.waits_for: Callable[[Installation], None] = lambda _: None
        """Told when the end of a connection waits for an installation, which may take a while."""
        self.auth: Any = None
        self.login_needed = ""
        self._max_bytes = max_bytes
        self._numbers = count()
        self.begin_attempt()

    def begin_attempt(self) -> None:
        """Forget what an earlier attempt to connect had to tell."""
        self.stderr: StderrTail | None = None
        self.installation = Installation("")
        self.http_status: int | None = None
        """That of the last POST, if it was an error."""
        self.post_statuses: set[int] = set()
        self.instead: dict[int | str, StandIn] = {}
        """What came over HTTP in place of the answer to a request, by its id."""
        self._aside: dict[int, Any] = {}
        self.retry_after = ""
        """When the server that was busy wants to be asked again, as the last response says it."""
        self.names_oauth = False
        """Whether a refusal named OAuth metadata, by RFC 9728."""
        self.forgotten = False
        self.noise: list[str] = []
        """The first lines on stdout that are no JSON-RPC messages."""
        self.garbled = False
        self.answers = 0
        """Results that came."""
        self.ended = False
        """Whether a process closed its output by itself."""
        self.exit_code: int | None = None
        """Of a process that then ended."""
        self.is_closing = False
        self.why_lost = ""
        self._too_large = ""
        """Whether a message was too large, and nobody was told yet."""
        self._received_bytes = 0
        self._is_open = self._is_lost = False

    def opened(self) -> None:
        """The server is connected: from now on, `lost` is called when the connection ends."""
        self._is_open = True
        if self._is_lost:
            self.lost()

    def over(self) -> None:
        """Nothing more can come."""
        self._is_lost = True
        if self._is_open:
            self.lost()

    def put_aside(self, part: Any) -> dict[str, int]:
        """What stands for a part of a message until `taken` gives it back, once."""
        number = next(self._numbers)
        self._aside[number] = part
        return {_ASIDE: number}

    def taken(self, part: Any) -> Any:
        """The part of a message that another stands for, or else that other itself."""
        number = part.get(_ASIDE) if isinstance(part, dict) else None
        return self._aside.pop(number, part) if type(number) is int else part

    def count(self, received_bytes: int) -> None:
        """Count what came; sets `why_lost` when it is too much."""
        self._received_bytes += received_bytes
        if self._max_bytes is not None and self._received_bytes > self._max_bytes:
            self.why_lost = f"it wrote more than {self._max_bytes} bytes"

    def too_large(self, weight: Weight) -> str:
        """How large a message is, when that is too large; else empty."""
        bounds = (
            (weight.size, self.max_answer_bytes, "bytes"),
            (weight.containers, MAX_CONTAINERS, "lists and objects"),
            (weight.values, MAX_VALUES, "values and names"),
            (weight.names, MAX_NAMES, "names in one object"),
        )
        for has, may_have, what in bounds:
            if has > may_have:
                self._too_large = f"of more than {may_have} {what}"
                return self._too_large
        return ""

    def note_noise(self, line: str, *, garbled: bool = False) -> None:
        """Remember a line that is no message; `garbled` where it was meant to be one."""
        self.garbled = self.garbled or garbled
        if line.strip() and len(self.noise) < MAX_NOISE_LINES:
            self.noise.append(self.secrets.text(line.strip())[:MAX_NOISE_CHARACTERS])

    def note(self, response: Any) -> None:
        """Remember how an HTTP POST of this connection ended."""
        # The transport turns any refusal into one and the same message, without its status.
        self.http_status = response.status_code if response.status_code >= 400 else None
        self.post_statuses.add(response.status_code)
        self.retry_after = response.headers.get("retry-after", "").strip()
        if response.status_code == HTTPStatus.UNAUTHORIZED:
            asked = auth_parameters(response.headers.get("www-authenticate", ""))
            self.names_oauth = "resource_metadata" in asked

    def tell(self, uri: str | None) -> None:
        """Tell the listeners."""
        for listener in list(self.listeners):
            listener(uri)

    def login_required(self, server: str, name: str | None = None) -> LoginRequired | None:
        """The error for a login that is missing or has ended, if that is what went wrong."""
        if not self.login_needed or self.http_status not in DENIED:
            return None
        what = f"{self.login_needed} `mcp-sdkgen login {server}`"
        return LoginRequired(what, server=server, tool=name)

    async def lost_call(
        self,
        what: str,
        failure: BaseException | None,
        server: str,
        name: str,
        *,
        refused: bool = False,
    ) -> SessionError:
        """The error for a call that was under way when the connection broke.

        `refused` is whether the server refused that call, as one that does not know its session.
        """
        ran = None
        if self.forgotten:
            self.lost()
            what = "the server no longer knows this session; the next call begins another"
            if refused and self.http_status == HTTPStatus.NOT_FOUND:
                ran = False
        words = last_lines(await self.last_words())
        why = in_words(failure) if failure is not None else self.why_lost
        if self._too_large and self._too_large not in f"{what}{why}":
            why = f"it sent a message {self._too_large}"
        why = f": {why}" if why else ""
        kind = AnswerTooLarge if self._too_large else SessionError
        self._too_large = ""
        whether = "did not run" if ran is False else "may have run"
        return kind(
            f"{self.secrets.text(what + why)}; the tool {whether}{self._status()}",
            server=server, tool=name, http_status=self.http_status, stderr=words, ran=ran,
        )  # fmt: skip

    async def refused(self, code: int, message: str, server: str, name: str) -> SessionError:
        """The error for a call that the server answered with a JSON-RPC or HTTP error."""
        if self.forgotten:
            what = "the call was refused"
            return await self.lost_call(what, None, server, name, refused=True)
        # HTTP 429: refused before the tool ran.
        ran = False if self.http_status == HTTPStatus.TOO_MANY_REQUESTS else None
        said = shortened_text(self.secrets.text(message))
        number = f" ({code})" if code else ""
        return SessionError(
            f"the server refused: {said}{number}{self._status()}{self._later()}",
            server=server, tool=name, code=code or None, http_status=self.http_status, ran=ran,
        )  # fmt: skip

    async def stood_in(self, stand: StandIn, server: str, name: str) -> SdkError:
        """The error for a call in place of whose answer something else came."""
        if stand.is_answer:
            sent = self.secrets.cleaned(stand.sent)
            return ResultError(
                f"the answer breaks the protocol: {self.secrets.text(stand.what)}",
                server=server, tool=name, data=sent, place=stand.place, answer=sent,
            )  # fmt: skip
        if self.forgotten or self._too_large:
            return await self.lost_call(stand.what, None, server, name, refused=True)
        hint = stand.hint
        if self.http_status == HTTPStatus.UNAUTHORIZED:
            hint = self.login_hint()
        ran = False if self.http_status == HTTPStatus.TOO_MANY_REQUESTS else None
        may = "" if ran is False else "; the tool may have run"
        return SessionError(
            f"{self.secrets.text(stand.what)}{may}{self._later()}{'; ' if hint else ''}"
            f"{self.secrets.text(hint)}",
            server=server, tool=name, http_status=self.http_status, ran=ran, answered=True,
        )  # fmt: skip

    def login_hint(self) -> str:
        """What to do about a refusal that asks who is there."""
        run = f"run `mcp-sdkgen login {self.server}`"
        if self.names_oauth:
            return f'it names OAuth metadata: write "auth": "oauth" in its entry, and {run}'
        return (
            'send a token, such as "headers": {"Authorization": "Bearer ${TOKEN}"}; '
            f'or write "auth": "oauth" and {run}'
        )

    def _status(self) -> str:
        return f" (HTTP status {self.http_status})" if self.http_status is not None else ""

    def _later(self) -> str:
        """When the server, which is busy, wants to be asked again: seconds or a date (RFC 9110)."""
        if self.http_status not in _BUSY or not self.retry_after:
            return ""
        if self.retry_after.isdecimal():
            return f"; try again after {self.retry_after[:12]} s"
        return f"; try again after {shortened(self.secrets.text(self.retry_after))}"

    async def last_words(self) -> str:
        """The end of the server's stderr, as it was written but for secrets."""
        if self.stderr is None:
            return ""
        # A server that just died has its last words still in the pipe.
        words = await anyio.to_thread.run_sync(self.stderr.text, _LAST_WORDS_WAIT_S)
        return self.secrets.text(words)


def timed_out(server: str, name: str, timeout_s: float | None) -> CallTimeout:
    """The error for a call that was sent and not answered in time."""
    limit = "" if timeout_s is None else f" within {timeout_s:g} s"
    return CallTimeout(f"no answer{limit}; the tool may still have run", server=server, tool=name)


def not_sent(server: str, name: str, timeout_s: float | None, most: int) -> CallTimeout:
    """The error for a call that waited in vain for its turn behind `most` others."""
    limit = "" if timeout_s is None else f" for {timeout_s:g} s"
    what = f"{most} other calls were under way{limit}, the most at a time; nothing was sent"
    return CallTimeout(what, server=server, tool=name, ran=False)


def leaves(error: BaseException) -> Iterator[BaseException]:
    """The errors inside exception groups, or the error itself."""
    if isinstance(error, BaseExceptionGroup):
        for inner in error.exceptions:
            yield from leaves(inner)
    else:
        yield error


def in_words(error: BaseException) -> str:
    """The first error of a group of errors, in words."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    text = without_url_secrets(str(error))
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def without_url_secrets(text: str) -> str:
    """`text` with every URL in it without what could be a credential."""
    return _SECRET_PARTS.sub(r"\1\2", text)
