"""Why a server could not be reached, or gave no answer, in plain words.

The words may quote the server and the address, without what is secret of the binding.
"""

from __future__ import annotations

import shlex
import signal
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit, urlunsplit

import httpx2
from mcp.shared.exceptions import MCPError
from mcp_types import CONNECTION_CLOSED
from pydantic import ValidationError

from ..config.auth import OAuth
from ..config.command_line import shown_args
from ..config.targets import HttpTarget, StdioTarget, Target
from ..errors import NoConnection, SessionError
from .connection_state import DENIED, ConnectionState, in_words, leaves, without_url_secrets
from .inbound import stand_in
from .installation_advice import advice
from .installing import longer
from .stderr_tail import first_and_last_lines
from .wire.http_answers import redirected

MAX_QUOTE_CHARACTERS: Final = 200
_NO_SERVER: Final = "check that this is an MCP server, of a protocol version that is still in use"
_ONLY_MESSAGES: Final = (
    "a stdio server writes nothing but JSON-RPC messages to stdout, each on one line"
)
_CLOSED_WORDS: Final = ("Connection closed", "SSE stream ended")


@dataclass(frozen=True, slots=True)
class Cause:
    """What went wrong, what to do about it, and the end of the server's stderr."""

    what: str
    hint: str
    stderr: str = ""
    http_status: int | None = None
    late_s: float | None = None
    """The time that was over, in seconds, if that is what went wrong."""
    kind: NoConnection = "not_mcp"


class NotConnectedError(Exception):
    """No way to the server led there; `cause` says why, of the way that led furthest."""

    def __init__(self, cause: Cause) -> None:
        super().__init__(cause.what)
        self.cause = cause


def not_connected(server: str, cause: Cause) -> SessionError:
    """The error for a session whose connection could not be opened."""
    return SessionError(
        f"cannot connect: {cause.what}; {cause.hint}",
        server=server, ran=False, http_status=cause.http_status,
        stderr=first_and_last_lines(cause.stderr), no_connection=cause.kind,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Stage:
    """How far a conversation has come: what it is doing, and what it has not come to yet."""

    doing: str = "connecting"
    before: str = "answering"


CONNECTING: Final = Stage()
_NO_ENDPOINT: Final = (400, 404, 405, 406, 501)
"""How a page answers that is no MCP server."""


async def find_cause(
    error: BaseException, target: Target, link: ConnectionState, stage: Stage = CONNECTING
) -> Cause:
    """Why there is no answer. A `TimeoutError` means that the connection's time is over."""
    for leaf in leaves(error):
        if isinstance(leaf, NotConnectedError):
            return leaf.cause
    stderr = await link.last_words()
    if isinstance(target, StdioTarget):
        what, hint = _of_process(error, target, link, stage)
        hint = advice(stderr, target) or hint
    elif isinstance(target, HttpTarget):
        what, hint = _of_http(error, target, link, stage)
    elif isinstance(error, TimeoutError):
        what, hint = _timed_out(link, stage)
    else:
        what, hint = _of_protocol(error, link)
    clean = link.secrets.text
    is_late = any(isinstance(leaf, TimeoutError) for leaf in leaves(error))
    late_s = link.limit_s if is_late else None
    kind = _kind(error, target, link)
    return Cause(clean(what), clean(hint), stderr, link.http_status, late_s, kind)


def _kind(error: BaseException, target: Target, link: ConnectionState) -> NoConnection:
    found = list(leaves(error))
    is_late = any(isinstance(leaf, TimeoutError | httpx2.ReadTimeout) for leaf in found)
    if isinstance(target, StdioTarget):
        if any(isinstance(leaf, OSError) for leaf in found) and not is_late:
            return "not_started"
        if link.ended and not (link.why_lost or link.noise):
            return "ended"
    elif isinstance(target, HttpTarget):
        if link.http_status in DENIED:
            return "denied"
        if any(isinstance(leaf, httpx2.ConnectError | httpx2.ConnectTimeout) for leaf in found):
            return "unreachable"
        if link.http_status is not None:
            return "http_error"
    return "timed_out" if is_late else "not_mcp"


def _of_process(
    error: BaseException,
    target: StdioTarget,
    link: ConnectionState,
    stage: Stage,
) -> tuple[str, str]:
    started = next((leaf for leaf in leaves(error) if isinstance(leaf, OSError)), None)
    if started is not None and not isinstance(started, TimeoutError):
        return _not_started(started, target, link)
    noise = f"; on stdout it wrote {_quoted(link.noise[0], link)}" if link.noise else ""
    if broken_by := _not_followed(error, link):
        return f"not an MCP server, or a broken one: {broken_by}{noise}", _ONLY_MESSAGES
    if link.ended and link.exit_code is not None:
        if link.noise and not link.answers:
            return f"not an MCP server: {_ending(link.exit_code)}{noise}", _ONLY_MESSAGES
        before = stage.before if link.answers else CONNECTING.before
        return f"{_ending(link.exit_code)} before {before}{noise}", _by_hand(target)
    if link.garbled:
        garbled = f"it wrote a line that is not JSON{noise}"
        return f"not an MCP server, or a broken one: {garbled}", _ONLY_MESSAGES
    if isinstance(error, TimeoutError):
        if link.noise and not link.answers:
            return f"not an MCP server: no answer in {link.limit_s:g} s{noise}", _ONLY_MESSAGES
        return _timed_out(link, stage)
    if link.ended:
        return f"closed its output before answering{noise}", _by_hand(target)
    return _of_protocol(error, link)


def _not_followed(error: BaseException, link: ConnectionState) -> str:
    if link.why_lost:
        return link.why_lost
    stand = next(filter(None, map(stand_in, leaves(error))), None)
    return f"it wrote an answer that is no JSON-RPC response: {stand.what}" if stand else ""


def _not_started(error: OSError, target: StdioTarget, link: ConnectionState) -> tuple[str, str]:
    if target.cwd is not None and not Path(target.cwd).is_dir():
        return "its working folder does not exist", 'correct "cwd" in the configuration'
    if isinstance(error, FileNotFoundError):
        hint = "install it, or write its full path"
        if " " in target.command.strip() and not target.args:
            hint = 'put the arguments in "args", apart from "command"'
        return f"command not found: {_quoted(target.command, link)}", hint
    return f"{_quoted(target.command, link)} could not be started: {error.strerror}", (
        "check that it is a program and may be run"
    )


def _by_hand(target: StdioTarget) -> str:
    """What to type to see what is wrong, without what could be a credential."""
    command = shlex.join(shown_args([target.command, *target.args]))
    return f"try it by hand: {without_url_secrets(command)}"


def _ending(code: int) -> str:
    if code >= 0:
        return f"exited with code {code}"
    try:
        return f"was ended by {signal.Signals(-code).name}"
    except ValueError:
        return f"was ended by signal {-code}"


def _of_http(
    error: BaseException, target: HttpTarget, link: ConnectionState, stage: Stage
) -> tuple[str, str]:
    if link.why_lost:
        return link.why_lost, "the server is broken or hostile"
    status = link.http_status
    if status in DENIED:
        for leaf in leaves(error):
            if not isinstance(leaf, MCPError | httpx2.HTTPError | TimeoutError):
                # The login that the server asked for went wrong.
                return in_words(leaf), f"run `mcp-sdkgen login {link.server}`"
        return _denied(status, target, link)
    if isinstance(error, TimeoutError):
        return _timed_out(link, stage)
    for leaf in leaves(error):
        if isinstance(leaf, httpx2.ConnectError | httpx2.ConnectTimeout):
            return f"could not connect: {link.secrets.text(str(leaf))[:MAX_QUOTE_CHARACTERS]}", (
                "check the address, and that the server runs"
            )
        if isinstance(leaf, httpx2.TimeoutException):
            return _timed_out(link, stage)
    if status in _NO_ENDPOINT and not link.answers:
        return _no_endpoint(status, target)
    if status is not None and not link.answers:
        return _status(status), "the server failed; try again later"
    for leaf in leaves(error):
        if (stand := stand_in(leaf)) is not None:
            return stand.what, stand.hint or _NO_SERVER
        if isinstance(leaf, httpx2.HTTPStatusError) and leaf.response.is_redirect:
            stand = redirected(leaf.response)
            return stand.what, stand.hint
    return _of_protocol(error, link)


def _no_endpoint(status: int, target: HttpTarget) -> tuple[str, str]:
    address = urlsplit(target.url)
    path = address.path.rstrip("/")
    if path.endswith(("/mcp", "/sse")):
        hint = "check the address, and that this server speaks MCP"
    else:
        # Without a query, which may be secret.
        base = urlunsplit((address.scheme, address.netloc.rpartition("@")[2], path, "", ""))
        hint = f"try {base}/mcp or {base}/sse"
    return f"no MCP endpoint at this address ({_status(status)})", hint


def _denied(status: int, target: HttpTarget, link: ConnectionState) -> tuple[str, str]:
    if isinstance(target.auth, OAuth):
        told = link.login_needed.partition(";")[0] or _status(status)
        return told, f"run `mcp-sdkgen login {link.server}`"
    if target.headers:
        return _status(status), "the headers of the configuration were not accepted"
    return _status(status), link.login_hint()


def _of_protocol(error: BaseException, link: ConnectionState) -> tuple[str, str]:
    for leaf in leaves(error):
        if isinstance(leaf, MCPError):
            if leaf.code == CONNECTION_CLOSED and leaf.message.startswith(_CLOSED_WORDS):
                return "closed the connection before answering", _NO_SERVER
            return f"answered with error {leaf.code}: {_quoted(leaf.message, link)}", _NO_SERVER
        if isinstance(leaf, ValidationError):
            first = leaf.errors(include_url=False, include_input=False)[0]
            place = ".".join(map(str, first["loc"]))
            return (
                "not an MCP server, or a broken one: its answer has the wrong form: "
                f"{_quoted(place, link)}: {_quoted(first['msg'], link)}",
                _NO_SERVER,
            )
    last = next(leaves(error), error)
    return f"{type(last).__name__}: {_quoted(str(last), link)}", _NO_SERVER


def _timed_out(link: ConnectionState, stage: Stage) -> tuple[str, str]:
    installation = link.installation
    if (manager := installation.manager) and not link.answers:
        at_it = installation.is_under_way or installation.was_given_up
        doing = installation.doing if at_it else "starting"
        return f"{manager} was still {doing} after {link.limit_s:g} s", _more_time(link.limit_s)
    return f"timed out after {link.limit_s:g} s while {stage.doing}", _more_time(link.limit_s)


def _more_time(limit_s: float) -> str:
    more_s = longer(limit_s)
    return (
        f'give it more time: "timeout_s": {more_s} in its entry, --timeout {more_s} of '
        f"`mcp-sdkgen call`, or connect_timeout_s={more_s} of SessionOptions"
    )


def _status(code: int) -> str:
    try:
        return f"HTTP {code} {HTTPStatus(code).phrase}"
    except ValueError:
        return f"HTTP {code}"


def _quoted(text: str, link: ConnectionState) -> str:
    text = without_url_secrets(link.secrets.text(text))
    return repr(text[:MAX_QUOTE_CHARACTERS]) + ("…" if len(text) > MAX_QUOTE_CHARACTERS else "")
