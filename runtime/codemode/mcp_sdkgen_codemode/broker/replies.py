"""The replies to calls of a guest, and the words of every refusal: this is their one home.

Of the host's troubles a guest learns the kind, never the place.

Paths, URLs, commands, logins and the last words of a server stay with the host: they go into the
record of the call as `HostOnly`, without secrets.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil
from typing import Any, Final, Literal, TypeAlias

from mcp_sdkgen_runtime import (
    BindingError,
    CallRefused,
    CallTimeout,
    DriftError,
    LoginRequired,
    PromptResult,
    RawResult,
    ResourceResult,
    ResultError,
    SdkError,
    SessionError,
)
from mcp_sdkgen_runtime.errors import AnswerTooLarge, NoConnection
from mcp_sdkgen_runtime.schema.validation import Misfit
from mcp_sdkgen_runtime.text import printable, shortened

from ..host_only import NOTHING, HostOnly
from ..outcome import CallStatus
from ..policy.services import Offered

Reason: TypeAlias = Literal["refused", "arguments", "timeout", "session", "limit"]

_CODES: Final[Mapping[str, int]] = {"refused": -32001, "arguments": -32602}
_OTHER_CODE: Final = -32000
METHOD_NOT_FOUND: Final = -32601


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer to one call: `kind` is `result` or `error`, `body` its JSON.

    `message` is what the program is told when there is no result, and `detail` what the host knows
    beside.
    """

    status: CallStatus
    kind: Literal["result", "error"]
    body: bytes
    message: str = ""
    detail: HostOnly = NOTHING


class Refusal(Exception):
    """A call that is not answered by its tool.

    `message` goes to the program, and both it and `detail` into the host's record of the call.
    """

    def __init__(
        self,
        status: CallStatus,
        reason: Reason,
        message: str,
        *,
        ran: bool | None = False,
        detail: HostOnly = NOTHING,
    ) -> None:
        super().__init__(message)
        self.status: CallStatus = status
        self.reason: Reason = reason
        self.message = message
        self.ran = ran
        self.detail = detail

    def reply(self) -> Reply:
        """The refusal as a reply."""
        data = {"kind": self.reason, "ran": self.ran}
        code = _CODES.get(self.reason, _OTHER_CODE)
        body = error_body(code, self.message, data)
        return Reply(self.status, "error", body, self.message, self.detail)


def error_body(code: int, message: str, data: Mapping[str, Any] | None = None) -> bytes:
    """A JSON-RPC error object."""
    body: dict[str, Any] = {"code": code, "message": printable(message)}
    return json.dumps(body if data is None else {**body, "data": data}).encode()


Answer: TypeAlias = RawResult | PromptResult | ResourceResult
"""What a server gives to `tools/call`, `prompts/get` and `resources/read`."""


def result_reply(answer: Answer, max_bytes: int) -> Reply:
    """An answer as a reply. Raises `Refusal` when it is too large or no JSON."""
    try:
        encoded = _encoded(answer.as_json())
    except (ValueError, TypeError, RecursionError) as error:
        message = "the tool ran, but its answer cannot be passed on as JSON"
        raise Refusal("failed", "limit", message, ran=True, detail=HostOnly.of(error)) from None
    if len(encoded) > max_bytes:
        message = (
            f"the tool ran, but its answer of {len(encoded)} bytes is over the limit of "
            f"{max_bytes}; ask for less"
        )
        raise Refusal("failed", "limit", message, ran=True)
    failed = isinstance(answer, RawResult) and answer.is_error
    return Reply("tool_error" if failed else "ok", "result", encoded)


def _encoded(body: dict[str, Any]) -> bytes:
    try:
        return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
    except UnicodeEncodeError:
        return json.dumps(body, separators=(",", ":")).encode()


def misfit_text(misfit: Misfit) -> str:
    """What is wrong with the arguments, under wire names."""
    return f"argument {misfit.place!r}: {misfit.wrong}" if misfit.path else misfit.wrong


def no_such_server(server: str) -> Refusal:
    """The run has no server of that name."""
    message = f"not allowed: this run has no server {shortened(server)}"
    return Refusal("invalid", "refused", message)


def no_such_tool(name: str, offered: Offered = "tool") -> Refusal:
    """The server has no tool, or no prompt, of that name."""
    message = f"not allowed: the server has no {offered} {shortened(name)}"
    return Refusal("invalid", "refused", message)


def arguments_misfit(misfit: Misfit) -> Refusal:
    """The arguments do not fit the tool's schema. They are called by their wire names."""

    return Refusal("invalid", "arguments", misfit_text(misfit))


def arguments_unchecked(error: Exception) -> Refusal:
    """Whether the arguments fit cannot be found out."""
    message = f"the arguments cannot be checked against the tool's schema: {error}"
    return Refusal("invalid", "arguments", message)


def refused_by_rule(why: str) -> Refusal:
    """A rule of the policy denies the call."""
    return Refusal("refused", "refused", f"not allowed: {why}")


def refused_by_person(why: str = "") -> Refusal:
    """A person was asked, because of `why`, and said no."""
    reason = f"{why}, and " if why else ""
    return Refusal("refused", "refused", f"not allowed: {reason}a person said no")


def nobody_to_ask(why: str, allow_option: str) -> Refusal:
    """A person must approve the call, because of `why`, and the run has no approver."""
    message = (
        f"not allowed: {why}, so a person must approve it, and this run has nobody to "
        f"ask. Allow it with {allow_option}"
    )
    return Refusal("refused", "refused", message)


def approval_void(error: Exception) -> Refusal:
    """What was approved is not what would be sent."""
    return Refusal("refused", "refused", f"not allowed: {error}; the call was not sent")


def budget_spent(budget: int, pattern: str) -> Refusal:
    """The run has made as many calls as the policy gives it for the tools of a pattern."""
    message = f"not allowed: the budget of {budget} calls for {pattern} is spent"
    return Refusal("refused", "refused", message)


def rate_used_up(rate: int, pattern: str, wait_s: float) -> Refusal:
    """The calls of this minute are used up for the tools of a pattern."""
    message = (
        f"not allowed: {rate} calls a minute for {pattern} are used up; the next "
        f"can be made in {ceil(wait_s)} s"
    )
    return Refusal("refused", "refused", message)


def program_ended() -> Refusal:
    """The call came after the end of the program that made it."""
    return Refusal("refused", "refused", "the program that made this call has ended")


def not_repeated() -> Refusal:
    """A resumed run does not send again what may have been done."""
    message = (
        "this call was sent before the run was interrupted, and the tool may have run; "
        "it is not repeated"
    )
    return Refusal("failed", "session", message, ran=None)


def no_answer_within(limit_s: float) -> Refusal:
    """The call's time has run out."""
    message = f"no answer within {limit_s:g} s; the tool may still have run"
    return Refusal("failed", "timeout", message, ran=None)


_NO_CONNECTION: Final[Mapping[NoConnection, str]] = {
    "not_started": "its command could not be started",
    "ended": "its process ended before it answered",
    "timed_out": "it did not answer in time",
    "denied": "it refused the host's login (HTTP{status})",
    "unreachable": "nothing answers at its address",
    "http_error": "it answered with an error (HTTP{status})",
    "not_mcp": "it did not answer as an MCP server does",
}


def _argument(error: SdkError) -> str:
    return f" {shlex.quote(error.server)}" if error.server else ""


def _owner_sees(error: SdkError) -> str:
    """Where the details are, which only the host is told."""
    command = f"`mcp-sdkgen tools{_argument(error)}`"
    return f"the owner of the host sees why in its log, or with {command}"


def refusal_of(error: Exception) -> Refusal:
    """A host-side failure as what the guest may know of it."""
    host = HostOnly.of(error)
    if isinstance(error, CallRefused):
        return Refusal("refused", "refused", "the host refused the call", detail=host)
    if isinstance(error, CallTimeout):
        guest = "no answer in time; the tool may still have run"
        if error.ran is False:
            guest = "too many calls are under way on the host; nothing was sent"
        return Refusal("failed", "timeout", guest, ran=error.ran, detail=host)
    if isinstance(error, BindingError):
        guest = (
            "the host cannot use its configuration of this server, and nothing was sent; "
            f"{_owner_sees(error)}"
        )
        if error.not_trusted:
            guest = (
                "the host has not trusted the file that may say how to reach this server, and "
                "nothing was sent; the owner of the host can trust it with `mcp-sdkgen trust FILE`"
            )
        if isinstance(error, LoginRequired):
            login = f"`mcp-sdkgen login{_argument(error)}`"
            guest = (
                "the host is not logged in to this server, and nothing was sent; the owner of the "
                f"host can log in with {login}"
            )
        return Refusal("failed", "session", guest, detail=host)
    if isinstance(error, DriftError):
        guest = "the live server no longer matches this SDK; the host must rebuild it"
        return Refusal("failed", "session", guest, detail=host)
    if isinstance(error, ResultError):
        guest = "the tool ran, but its answer breaks the protocol"
        return Refusal("failed", "session", guest, ran=True, detail=host)
    if isinstance(error, AnswerTooLarge):
        guest = "the answer is over the limit, and was not read; ask for less"
        return Refusal("failed", "limit", guest, ran=None, detail=host)
    if isinstance(error, SessionError) and error.ran is False:
        guest = "the host has no connection to this server, and nothing was sent"
        if error.no_connection is not None:
            status = f" {error.http_status}" if error.http_status else ""
            why = _NO_CONNECTION[error.no_connection].format(status=status)
            guest = f"{guest}: {why}; {_owner_sees(error)}"
        return Refusal("failed", "session", guest, detail=host)
    if isinstance(error, SessionError) and error.code is not None:
        guest = f"the server refused the call (JSON-RPC error {error.code}); the tool may have run"
        return Refusal("failed", "session", guest, ran=None, detail=host)
    guest = "no answer came from the server; the tool may have run"
    return Refusal("failed", "session", guest, ran=None, detail=host)
