"""Why a server gave no snapshot, in plain words."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path

import httpx2
import mcp_types as types
from mcp.shared.exceptions import MCPError
from mcp_sdkgen_runtime.config.auth import OAuth
from mcp_sdkgen_runtime.config.display import shown_url
from mcp_sdkgen_runtime.config.targets import HttpTarget, StdioTarget
from pydantic import ValidationError

from ..errors import SdkgenError, SourceError
from .redact import Redactor
from .session import Log

MAX_QUOTE_CHARACTERS = 200
MAX_DETAIL_LINES = 20
MAX_LINE_CHARACTERS = 500


def leaves(error: BaseException) -> Iterator[BaseException]:
    """The errors inside exception groups, or the error itself."""
    if isinstance(error, BaseExceptionGroup):
        for inner in error.exceptions:
            yield from leaves(inner)
    else:
        yield error


def mcp_error(error: BaseException) -> MCPError | None:
    """The protocol error inside `error`, if there is one."""
    return next((leaf for leaf in leaves(error) if isinstance(leaf, MCPError)), None)


def cause(
    error: BaseException,
    server: str,
    target: StdioTarget | HttpTarget,
    log: Log,
    redactor: Redactor,
    timeout_s: float,
) -> SdkgenError:
    """The error to show: message, hint and the last lines of stderr, all redacted."""
    if isinstance(target, StdioTarget):
        what, hint = _of_process(error, target, log, timeout_s)
    else:
        what, hint = _of_http(error, server, target, log, timeout_s)
    return SourceError(
        redactor.text(f"{server}: {what}"),
        hint=redactor.text(hint),
        detail=_detail(log, redactor),
    )


def _of_process(
    error: BaseException, target: StdioTarget, log: Log, timeout_s: float
) -> tuple[str, str]:
    state = log.process
    started = next((leaf for leaf in leaves(error) if isinstance(leaf, OSError)), None)
    if started is not None and not isinstance(started, TimeoutError):
        return _not_started(started, target)
    ours = next((leaf for leaf in leaves(error) if isinstance(leaf, SdkgenError)), None)
    if ours is not None:
        return _of_protocol(ours)
    noise = f"; on stdout it wrote {_quoted(state.noise[0])}" if state.noise else ""
    if state.broken:
        return f"not an MCP server, or a broken one: {state.broken}{noise}", (
            "a stdio server writes nothing but JSON-RPC messages to stdout, each on one line"
        )
    if state.ended and state.exit_code is not None:
        if state.noise and not log.ledger.answers:
            return f"not an MCP server: {_ending(state.exit_code)}{noise}", (
                "a stdio server waits for requests and writes nothing but JSON-RPC to stdout"
            )
        when = "answering" if not log.ledger.answers else "it had listed its tools"
        return f"{_ending(state.exit_code)} before {when}{noise}", (
            "run its command by hand; what it wrote to stderr is below"
            if state.stderr
            else "run its command by hand to see what it lacks"
        )
    if isinstance(error, TimeoutError):
        if state.noise and not log.ledger.answers:
            return f"not an MCP server: no answer in {timeout_s:g} s{noise}", (
                "a stdio server writes nothing but JSON-RPC messages to stdout"
            )
        return _timed_out(log, timeout_s)
    if state.ended:
        return f"closed its output before answering{noise}", "run its command by hand"
    return _of_protocol(error)


def _not_started(error: OSError, target: StdioTarget) -> tuple[str, str]:
    if target.cwd is not None and not Path(target.cwd).is_dir():
        return "its working folder does not exist", 'correct "cwd" in the configuration'
    if isinstance(error, FileNotFoundError):
        hint = "install it, or write its full path"
        if " " in target.command.strip() and not target.args:
            hint = 'put the arguments in "args", apart from "command"'
        return f"command not found: {_quoted(target.command)}", hint
    return f"{_quoted(target.command)} could not be started: {error.strerror}", (
        "check that it is a program and may be run"
    )


def _ending(code: int) -> str:
    if code >= 0:
        return f"exited with code {code}"
    try:
        return f"was ended by {signal.Signals(-code).name}"
    except ValueError:
        return f"was ended by signal {-code}"


def _of_http(
    error: BaseException, server: str, target: HttpTarget, log: Log, timeout_s: float
) -> tuple[str, str]:
    state, address = log.http, shown_url(target.url)
    if state.refused:
        return f"{address}: {state.refused}", "the server is broken or hostile"
    status = state.refusal
    if status in (401, 403) and isinstance(target.auth, OAuth):
        told = state.link.login_needed.partition(";")[0] or _status(status)
        return f"{address}: {told}", f"run `mcp-sdkgen login {server}`"
    if status in (401, 403):
        return f"{address}: {_status(status)}", (
            'send a token, such as "headers": {"Authorization": "Bearer ${TOKEN}"}'
            if not target.headers
            else "the headers of the configuration were not accepted"
        )
    if isinstance(error, TimeoutError):
        return _timed_out(log, timeout_s)
    for leaf in leaves(error):
        if isinstance(leaf, httpx2.ConnectError | httpx2.ConnectTimeout):
            return f"{address}: could not connect: {str(leaf)[:MAX_QUOTE_CHARACTERS]}", (
                "check the address, and that the server runs"
            )
        if isinstance(leaf, httpx2.TimeoutException):
            return _timed_out(log, timeout_s)
    if state.redirect:
        return f"{address}: redirects elsewhere", "write the address it redirects to"
    if status is not None and not log.ledger.answers:
        return f"{address}: {_status(status)}", (
            "check the path of the address; it usually ends in /mcp or /sse"
            if status in (404, 405, 400, 406)
            else "the server failed; try again later"
        )
    what, hint = _of_protocol(error)
    return f"{address}: {what}", hint


def _of_protocol(error: BaseException) -> tuple[str, str]:
    hint = "check that this is an MCP server, of a protocol version that is still in use"
    for leaf in leaves(error):
        if isinstance(leaf, SdkgenError):
            return str(leaf), leaf.hint or "the server is broken or hostile"
        if isinstance(leaf, MCPError):
            if leaf.code == types.CONNECTION_CLOSED and leaf.message == "Connection closed":
                return "closed the connection before answering", hint
            return f"answered with error {leaf.code}: {_quoted(leaf.message)}", hint
        if isinstance(leaf, ValidationError):
            return "not an MCP server, or a broken one: its first answer has the wrong form", hint
        if isinstance(leaf, httpx2.HTTPError):
            return f"{type(leaf).__name__}: {_quoted(str(leaf))}", hint
    last = next(leaves(error), error)
    return f"{type(last).__name__}: {_quoted(str(last))}", hint


def _timed_out(log: Log, timeout_s: float) -> tuple[str, str]:
    return f"timed out after {timeout_s:g} s while {log.activity}", (
        "give it more time, if it is only slow to start"
    )


def _status(code: int) -> str:
    try:
        return f"HTTP {code} {HTTPStatus(code).phrase}"
    except ValueError:
        return f"HTTP {code}"


def _quoted(text: str) -> str:
    return repr(text[:MAX_QUOTE_CHARACTERS]) + ("…" if len(text) > MAX_QUOTE_CHARACTERS else "")


def _detail(log: Log, redactor: Redactor) -> str:
    """The last lines of stderr. Redacted before it is cut, so that no half of a secret stays."""
    text = log.process.stderr.decode("utf-8", "replace")
    if log.process.stderr_is_cut:
        text = text.partition("\n")[2]
    lines = redactor.text(text).splitlines()
    return "\n".join(line[:MAX_LINE_CHARACTERS] for line in lines[-MAX_DETAIL_LINES:])
