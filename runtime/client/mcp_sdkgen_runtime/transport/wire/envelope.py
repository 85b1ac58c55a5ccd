"""JSON-RPC messages in what a server sent, also where their form is a little off.

Read are: a byte order mark, half of an emoji, a batch, a missing `jsonrpc`, an `error` of null
beside a result, an error that is a text, an id that is the text of a number, and a result that is
no object.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from pydantic_core import from_json

from ...content.blocks import kind_of
from ...content.results import BARE
from ..connection_state import MAX_ITEMS
from .stand_in import StandIn

Message: TypeAlias = dict[str, Any]
RequestId: TypeAlias = int | str

INVALID_REQUEST: Final = -32600
METHOD_NOT_FOUND: Final = -32601
NO_CODE: Final = 0
MAX_BATCH: Final = 1000
CONTENT_KEYS: Final = {
    "tools/call": "content",
    "prompts/get": "messages",
    "resources/read": "contents",
}
"""Where the list is in the result of each method that gives content."""

_BOM: Final = "\ufeff"
_LONE: Final = re.compile(r"\\u[dD][89a-fA-F]")
_ESCAPE: Final = re.compile(
    r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\(u[dD][89a-fA-F][0-9a-fA-F]{2}|.)"
)
_OUR_ID: Final = re.compile(r"[0-9]{1,15}")
_METHOD: Final = '"method"'
_FIRST: Final = re.compile(r'\{\s*"jsonrpc"\s*:\s*"2\.0"\s*,\s*"id"\s*:\s*(\d{1,15})\s*,')
_LAST: Final = re.compile(r'"jsonrpc"\s*:\s*"2\.0"\s*,\s*"id"\s*:\s*(\d{1,15})\s*\}\s*\Z')
_ENDING_CHARACTERS: Final = 200
_ANSWER_STARTS: Final = ('{"', '\ufeff{"')


@dataclass(frozen=True, slots=True)
class NoMessage:
    """A line that is no message: `number` is the request whose answer it was meant to be, None
    where it is noise. `garbled` is whether it was meant as a message, and is not even JSON."""

    stand: StandIn
    number: RequestId | None
    garbled: bool


def read_message(text: str | bytes) -> Message | None:
    """The message in a text; None for all that has not exactly the form of one."""
    try:
        found = from_json(text)
    except ValueError:
        return None
    exact = isinstance(found, dict) and found.get("jsonrpc") == "2.0" and _has_form(found)
    return found if exact else None


def messages_in(text: str, number: RequestId | None = None) -> list[Message] | StandIn:
    """The messages in a text, or why there are none. `number` is the request that it answers."""
    text = _whole(text.removeprefix(_BOM))
    if (exact := read_message(text)) is not None:
        return [exact]
    try:
        # Python reads more levels than `from_json`. One deep value need not cost a whole page.
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        why = str(error) if isinstance(error, ValueError) else "it nests too deep"
        return StandIn(f"it is not JSON: {why}", text)
    if isinstance(found, list) and 0 < len(found) <= MAX_BATCH:
        each = [_message(one, number) for one in found]
        problem = next((one for one in each if isinstance(one, StandIn)), None)
        return problem or [one for one in each if not isinstance(one, StandIn)]
    one = _message(found, number)
    return one if isinstance(one, StandIn) else [one]


def mended(line: str, unanswered: Collection[RequestId]) -> list[Message] | NoMessage:
    """The messages that were meant by a line which `read_message` does not take, or what it is.

    `unanswered` are the requests under way. Where there is one alone, what names none answers it.
    """
    only = next(iter(unanswered)) if len(unanswered) == 1 else None
    is_answer = line.startswith(_ANSWER_STARTS) and _METHOD not in line
    found = messages_in(line, only if is_answer else None)
    if isinstance(found, list):
        return found
    is_json = not isinstance(found.sent, str)
    number: RequestId | None = _id_in(line)
    if number is None and is_answer and not is_json:
        # Meant as an answer. Where one request alone waits, it would wait for ever.
        number = only
    return NoMessage(found, number, not is_json and line.startswith('{"'))


def too_many(method: str, result: Message) -> StandIn | None:
    """What stands in place of a result with more items than one may have."""
    key = CONTENT_KEYS.get(method, "")
    found = result.get(key)
    if not isinstance(found, list) or len(found) <= MAX_ITEMS:
        return None
    return StandIn(f"a list of more than {MAX_ITEMS} items", place=key)


def _has_form(message: Message) -> bool:
    number = message.get("id")
    if "method" in message:
        of_answer = "result" in message or "error" in message
        has_params = isinstance(message.get("params", {}), dict)
        has_id = type(number) in (int, str) or "id" not in message
        return isinstance(message["method"], str) and has_id and has_params and not of_answer
    if ("result" in message) == ("error" in message):
        return False
    if type(number) is not int and not (isinstance(number, str) and not _OUR_ID.fullmatch(number)):
        return False
    if "result" in message:
        return isinstance(message["result"], dict)
    error = message["error"]
    return (
        isinstance(error, dict)
        and type(error.get("code")) is int
        and isinstance(error.get("message"), str)
    )


def _whole(text: str) -> str:
    """`text` without halves of pairs, which JavaScript leaves of an emoji when it cuts a text."""
    return _ESCAPE.sub(_paired, text) if _LONE.search(text) else text


def _paired(escape: re.Match[str]) -> str:
    return "\\ufffd" if (escape[1] or "").lower().startswith("ud") else escape[0]


def _message(found: Any, number: RequestId | None) -> Message | StandIn:
    if not isinstance(found, dict):
        return StandIn(f"{kind_of(found)} in place of a message", found)
    message = {**found, "jsonrpc": "2.0"}
    if isinstance(message.get("method"), str):
        if message.get("id") is None:
            message.pop("id", None)
        if not isinstance(message.get("params", {}), dict):
            message.pop("params")
        return message
    if not found.keys() & {"jsonrpc", "id"}:
        return StandIn("it has neither `jsonrpc` nor `id`", found)  # a line of a log, rather
    given = _number(message.get("id"))
    message["id"] = number if given is None else given
    if message["id"] is None:
        return StandIn("it has no `id` of a request", found, place="id")
    if message.get("error") is not None:
        message["error"] = _error(message["error"])
        message.pop("result", None)
    elif "result" in message:
        message.pop("error", None)
        if not isinstance(message["result"], dict):
            message["result"] = {BARE: message["result"]}
    else:
        return StandIn("it has neither a result nor an error", found)
    return message


_MOST: Final = 2.0**63
"""Beyond this, and where it is no number, a code says nothing."""


def _error(given: Any) -> dict[str, Any]:
    """An error object, as a server meant it. A code that it does not give is `NO_CODE`."""
    told = given if isinstance(given, dict) else {"message": given}
    code, message = told.get("code"), told.get("message")
    if isinstance(code, str):
        with suppress(ValueError):
            code = int(code)
    if not isinstance(message, str):
        message = json.dumps(given if message is None else message, ensure_ascii=False)
    if isinstance(code, bool) or not isinstance(code, int | float) or not -_MOST < code < _MOST:
        code = NO_CODE
    plain = {"code": int(code), "message": message}
    return {**plain, "data": told["data"]} if "data" in told else plain


def _number(given: Any) -> RequestId | None:
    """The id of an answer. Ours are numbers, of which some servers make texts."""
    if isinstance(given, float) and given.is_integer():
        return int(given)
    if isinstance(given, str):
        return int(given) if _OUR_ID.fullmatch(given) else given
    return given if type(given) is int else None


def _id_in(text: str) -> int | None:
    """The id of an answer that cannot be read; None where that would be a guess."""
    try:
        message = json.loads(text)
    except (ValueError, RecursionError):
        found = _FIRST.match(text) or _LAST.search(text[-_ENDING_CHARACTERS:])
        return int(found[1]) if found else None
    if not isinstance(message, dict) or "method" in message:
        return None
    number = _number(message.get("id"))
    return number if isinstance(number, int) else None
