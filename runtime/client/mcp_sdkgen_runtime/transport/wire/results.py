"""The result of a call, unless the server asks back in place of one."""

from __future__ import annotations

from typing import Final

from .envelope import INVALID_REQUEST, Message
from .messages import Refused
from .versions import MODERN

_ASKED: Final = {
    "elicitation/create": "Elicitation",
    "sampling/createMessage": "Sampling",
    "roots/list": "List roots",
}


def not_supported(method: str) -> str:
    """What a server is told that asks for what nobody here can do; empty for unknown requests."""
    asked = _ASKED.get(method)
    return f"{asked} not supported" if asked else ""


def check_final(result: Message, version: str) -> None:
    """Raises `Refused` where a server asks back before it answers a call."""
    if version not in MODERN or result.get("resultType") != "input_required":
        return
    asked = result.get("inputRequests")
    methods = [
        one["method"]
        for one in (asked.values() if isinstance(asked, dict) else ())
        if isinstance(one, dict) and isinstance(one.get("method"), str)
    ]
    words = not_supported(methods[0]) if methods else ""
    raise Refused(INVALID_REQUEST, words or "the server asks for what this client cannot do")
