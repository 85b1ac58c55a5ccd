"""What a guest is told about its call. Of the host's troubles it learns the kind, never the place.

Paths, URLs, commands, logins and the last words of a server stay with the host: they go into the
record of the call, redacted.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

from mcp_sdkgen_runtime import (
    OMIT,
    BindingError,
    CallRefused,
    CallTimeout,
    DriftError,
    RawResult,
    ResultError,
    SessionError,
)
from mcp_sdkgen_runtime.errors import AnswerTooLarge
from mcp_sdkgen_runtime.observability.redaction import Redaction
from mcp_sdkgen_runtime.schema.validation import Misfit
from mcp_sdkgen_runtime.text import printable, shortened_text

from ..outcome import CallStatus

Reason: TypeAlias = Literal["refused", "arguments", "timeout", "session", "limit"]

_CODES: Final[Mapping[str, int]] = {"refused": -32001, "arguments": -32602}
_OTHER_CODE: Final = -32000
METHOD_NOT_FOUND: Final = -32601


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer to one call: `kind` is `result` or `error`, `body` its JSON.

    `message` is for the host's record of the call.
    """

    status: CallStatus
    kind: Literal["result", "error"]
    body: bytes
    message: str = ""


class Refusal(Exception):
    """A call that is not answered by its tool. `told` goes to the guest, `message` to the host."""

    def __init__(
        self,
        status: CallStatus,
        reason: Reason,
        told: str,
        *,
        ran: bool | None = False,
        message: str = "",
    ) -> None:
        super().__init__(told)
        self.status: CallStatus = status
        self.reason: Reason = reason
        self.told = told
        self.ran = ran
        self.message = message or told

    def reply(self) -> Reply:
        """The refusal as a reply."""
        data = {"kind": self.reason, "ran": self.ran}
        code = _CODES.get(self.reason, _OTHER_CODE)
        return Reply(self.status, "error", error_body(code, self.told, data), self.message)


def error_body(code: int, message: str, data: Mapping[str, Any] | None = None) -> bytes:
    """A JSON-RPC error object."""
    body: dict[str, Any] = {"code": code, "message": printable(message)}
    return json.dumps(body if data is None else {**body, "data": data}).encode()


def result_reply(raw: RawResult, max_bytes: int) -> Reply:
    """A tool's answer as a reply. Raises `Refusal` when it is too large or no JSON."""
    body: dict[str, Any] = {"content": raw.content, "isError": raw.is_error}
    if raw.structured is not OMIT:
        body["structuredContent"] = raw.structured
    try:
        encoded = _encoded(body)
    except (ValueError, TypeError, RecursionError) as error:
        told = "the tool ran, but its answer cannot be passed on as JSON"
        raise Refusal("failed", "limit", told, ran=True, message=f"{told}: {error}") from None
    if len(encoded) > max_bytes:
        told = (
            f"the tool ran, but its answer of {len(encoded)} bytes is over the limit of "
            f"{max_bytes}; ask for less"
        )
        raise Refusal("failed", "limit", told, ran=True)
    return Reply("tool_error" if raw.is_error else "ok", "result", encoded)


def _encoded(body: dict[str, Any]) -> bytes:
    try:
        return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
    except UnicodeEncodeError:
        return json.dumps(body, separators=(",", ":")).encode()


def misfit_text(misfit: Misfit) -> str:
    """What is wrong with the arguments, under wire names."""
    return f"argument {misfit.place!r}: {misfit.wrong}" if misfit.path else misfit.wrong


def refusal_of(error: Exception) -> Refusal:
    """A host-side failure as what the guest may know of it."""
    message = Redaction().text(shortened_text(f"{type(error).__name__}: {error}"))
    if isinstance(error, CallRefused):
        return Refusal("refused", "refused", "the host refused the call", message=message)
    if isinstance(error, CallTimeout):
        told = "no answer in time; the tool may still have run"
        if error.ran is False:
            told = "too many calls are under way on the host; nothing was sent"
        return Refusal("failed", "timeout", told, ran=error.ran, message=message)
    if isinstance(error, BindingError):
        told = "the host cannot reach this server: its configuration or its login is at fault"
        return Refusal("failed", "session", told, message=message)
    if isinstance(error, DriftError):
        told = "the live server no longer matches this SDK; the host must rebuild it"
        return Refusal("failed", "session", told, message=message)
    if isinstance(error, ResultError):
        told = "the tool ran, but its answer breaks the protocol"
        return Refusal("failed", "session", told, ran=True, message=message)
    if isinstance(error, AnswerTooLarge):
        told = "the answer is over the limit, and was not read; ask for less"
        return Refusal("failed", "limit", told, ran=None, message=message)
    if isinstance(error, SessionError) and error.ran is False:
        told = "the host has no connection to this server; nothing was sent"
        return Refusal("failed", "session", told, message=message)
    if isinstance(error, SessionError) and error.code is not None:
        told = f"the server refused the call (JSON-RPC error {error.code}); the tool may have run"
        return Refusal("failed", "session", told, ran=None, message=message)
    told = "no answer came from the server; the tool may have run"
    return Refusal("failed", "session", told, ran=None, message=message)
