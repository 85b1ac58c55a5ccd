"""JSON-RPC messages as JSON data, and what can come in place of one."""

from __future__ import annotations

import json
from typing import Any, Final, TypeAlias

from pydantic_core import from_json

from ..stdio import LineCodec

Message: TypeAlias = dict[str, Any]

METHOD_NOT_FOUND: Final = -32601
INVALID_REQUEST: Final = -32600
INTERNAL_ERROR: Final = -32603


class NeedsMcp(Exception):
    """What only `mcp` copes with. Nothing that has an effect was done, so it may begin anew."""


class Refused(Exception):
    """The server, or HTTP, answered a request with an error."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class Lost(Exception):
    """No answer can come any more; whether the request was heard is not known."""

    def __init__(self, what: str, cause: Exception | None = None) -> None:
        super().__init__(what)
        self.what = what
        self.cause = cause


class Spoilt(Exception):
    """An answer came that breaks the protocol."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what


def read_message(text: str | bytes) -> Message | None:
    """The message in a text; None for all that is not surely one."""
    try:
        found = from_json(text)
    except ValueError:
        return None
    if not isinstance(found, dict) or found.get("jsonrpc") != "2.0":
        return None
    return found if _has_form(found) else None


def _has_form(message: Message) -> bool:
    has_id = type(message.get("id")) in (int, str)
    if "method" in message:
        of_answer = "result" in message or "error" in message
        has_params = isinstance(message.get("params", {}), dict)
        named = isinstance(message["method"], str) and (has_id or "id" not in message)
        return named and has_params and not of_answer
    if ("result" in message) == ("error" in message) or not has_id:
        return False
    if "result" in message:
        return isinstance(message["result"], dict)
    error = message["error"]
    return (
        isinstance(error, dict)
        and type(error.get("code")) is int
        and isinstance(error.get("message"), str)
    )


def _read_line(text: str) -> Message | str:
    message = read_message(text)
    return text if message is None else message


JSON_LINES: Final = LineCodec(_read_line, json.dumps)
"""A line that is not surely a message is left as it is."""


def result_of(answer: Message) -> dict[str, Any]:
    """The result of an answer. Raises `Refused`."""
    if "error" in answer:
        raise Refused(answer["error"]["code"], answer["error"]["message"])
    result: dict[str, Any] = answer["result"]
    return result
