"""What can come of a request: a result, or an error that says why there is none."""

from __future__ import annotations

import json
from typing import Any, Final

from ..stdio import LineCodec
from .envelope import Message, read_message
from .stand_in import StandIn


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
    """Something else came in place of the answer."""

    def __init__(self, stand: StandIn) -> None:
        super().__init__(stand.what)
        self.stand = stand


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
