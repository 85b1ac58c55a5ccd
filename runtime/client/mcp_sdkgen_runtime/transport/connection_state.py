"""What is known about one connection apart from the protocol, and the errors made from it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, Final

import anyio.to_thread

from ..errors import CallTimeout, LoginRequired, SessionError
from ..text import shortened_text
from .stderr_tail import StderrTail

_LAST_WORDS_WAIT_S = 0.3
_SESSION_HEADER: Final = "mcp-session-id"
_DENIED: Final = {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}
_SECRET_PARTS = re.compile(r"(https?://)(?:[^\s'\"/@]*@)?([^\s'\"?#]*)(?:[?#][^\s'\"]*)?")
"""A URL: user and password, then what may be shown, then query and fragment."""


class ConnectionState:
    """One connection: the server's stderr, its last HTTP error, and whom to tell what happens."""

    def __init__(self) -> None:
        self.stderr: StderrTail | None = None
        self.http_status: int | None = None
        self.forgotten = False
        self.why_lost = ""
        self.lost: Callable[[], None] = lambda: None
        self.listeners: list[Callable[[str | None], None]] = []
        """Told the URI of each resource that changed, and None when the connection ends."""
        self.tools_changed: Callable[[], None] = lambda: None
        self.auth: Any = None
        self.login_needed = ""

    async def note(self, response: Any) -> None:
        """Remember how an HTTP POST of this connection ended."""
        # The transport turns any refusal into one and the same message, without its status.
        self.http_status = response.status_code if response.status_code >= 400 else None
        if await _session_unknown(response):
            self.forgotten = True

    def tell(self, uri: str | None) -> None:
        """Tell the listeners."""
        for listener in list(self.listeners):
            listener(uri)

    def login_required(self, server: str, name: str | None = None) -> LoginRequired | None:
        """The error for a login that is missing or has ended, if that is what went wrong."""
        if not self.login_needed or self.http_status not in _DENIED:
            return None
        what = f"{self.login_needed} `mcp-sdkgen login {server}`"
        return LoginRequired(what, server=server, tool=name)

    async def not_connected(self, server: str, why: str) -> SessionError:
        """The error for a connection that could not be opened."""
        return SessionError(
            f"cannot connect: {why}{self._status()}{self._login_hint(server)}",
            server=server, ran=False, http_status=self.http_status,
            stderr=await self._last_words(),
        )  # fmt: skip

    async def lost_call(
        self, what: str, failure: BaseException | None, server: str, name: str
    ) -> SessionError:
        """The error for a call that was under way when the connection broke."""
        if self.forgotten:
            self.lost()
            what = "the server no longer knows this session; the next call begins another"
        words = await self._last_words()
        why = cause(failure) if failure is not None else self.why_lost
        why = f": {why}" if why else ""
        return SessionError(
            f"{what}{why}; the tool may have run{self._status()}",
            server=server, tool=name, http_status=self.http_status, stderr=words,
        )  # fmt: skip

    async def refused(self, code: int, message: str, server: str, name: str) -> SessionError:
        """The error for a call that the server answered with a JSON-RPC or HTTP error."""
        if self.forgotten:
            return await self.lost_call("the call was refused", None, server, name)
        # Too many requests: turned away at the door.
        ran = False if self.http_status == HTTPStatus.TOO_MANY_REQUESTS else None
        return SessionError(
            f"the server refused: {shortened_text(message)} ({code}){self._status()}",
            server=server, tool=name, code=code, http_status=self.http_status, ran=ran,
        )  # fmt: skip

    def _status(self) -> str:
        return f" (HTTP status {self.http_status})" if self.http_status is not None else ""

    def _login_hint(self, server: str) -> str:
        if self.http_status != HTTPStatus.UNAUTHORIZED or self.auth is not None:
            return ""
        return (
            f'. Give its binding a header, or "auth": "oauth" and run `mcp-sdkgen login {server}`'
        )

    async def _last_words(self) -> str:
        if self.stderr is None:
            return ""
        # A server that just died has its last words still in the pipe.
        return await anyio.to_thread.run_sync(self.stderr.text, _LAST_WORDS_WAIT_S)


async def _session_unknown(response: Any) -> bool:
    """Whether the server says that it does not know the session: it was restarted, for example."""
    if _SESSION_HEADER not in response.request.headers:
        return False
    if response.status_code != HTTPStatus.BAD_REQUEST:
        return bool(response.status_code == HTTPStatus.NOT_FOUND)
    # The specification asks for 404, but many servers do as an example of the TypeScript SDK does.
    # An answer to the request itself names the request.
    try:
        return json.loads(await response.aread()).get("id") is None
    except (ValueError, AttributeError):
        return True


def timed_out(server: str, name: str, timeout_s: float | None) -> CallTimeout:
    """The error for a call that was sent and not answered in time."""
    limit = "" if timeout_s is None else f" within {timeout_s:g} s"
    return CallTimeout(f"no answer{limit}; the tool may still have run", server=server, tool=name)


def cause(error: BaseException) -> str:
    """The first error of a group of errors, in words. URLs lose what could be a credential."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    if isinstance(error, FileNotFoundError):
        return f"not found: {error.filename}"
    text = _SECRET_PARTS.sub(r"\1\2", str(error))
    return f"{type(error).__name__}: {text}" if text else type(error).__name__
