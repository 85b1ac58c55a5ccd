"""The result of a call: taken as it is where it is surely right, else judged as `mcp` judges it."""

from __future__ import annotations

from typing import Any, Final

from ...content.results import RawResult
from ...types import OMIT
from .messages import INVALID_REQUEST, Refused
from .versions import MODERN

_KEYS: Final = {"content", "structuredContent", "isError", "resultType", "_meta"}
_BLOCKS: Final = {
    "text": {"type", "text"},
    "image": {"type", "data", "mimeType"},
    "audio": {"type", "data", "mimeType"},
}
"""Blocks of text alone, by their kind: what they have, all of it."""
_ASKED: Final = {
    "elicitation/create": "Elicitation",
    "sampling/createMessage": "Sampling",
    "roots/list": "List roots",
}


def raw_result(result: dict[str, Any], version: str) -> RawResult:
    """A tool's answer. Raises `ValidationError`, and `Refused` where the server asks back."""
    is_modern = version in MODERN
    if not _is_surely_right(result, is_modern):
        return _judged(result, version)
    structured = result.get("structuredContent", OMIT)
    return RawResult(result["content"], structured, result.get("isError", False))


def not_supported(method: str) -> str:
    """What a server is told that asks for what nobody here can do; empty for unknown requests."""
    asked = _ASKED.get(method)
    return f"{asked} not supported" if asked else ""


def _is_surely_right(result: dict[str, Any], is_modern: bool) -> bool:
    if not result.keys() <= _KEYS or not isinstance(result.get("_meta", {}), dict):
        return False
    if result.get("resultType") != ("complete" if is_modern else None):
        return False
    if type(result.get("isError", False)) is not bool:
        return False
    if not isinstance(result.get("structuredContent", {}), dict):
        return False
    content = result.get("content")
    return isinstance(content, list) and all(map(_is_plain, content))


def _is_plain(block: Any) -> bool:
    return (
        isinstance(block, dict)
        and block.keys() == _BLOCKS.get(str(block.get("type")))
        and all(isinstance(value, str) for value in block.values())
    )


def _judged(result: dict[str, Any], version: str) -> RawResult:
    # Deferred: it takes a quarter of a second, and most answers are surely right.
    from .judge import judged

    if version in MODERN and result.get("resultType") == "input_required":
        asked = result.get("inputRequests")
        methods = [
            one["method"]
            for one in (asked.values() if isinstance(asked, dict) else ())
            if isinstance(one, dict) and isinstance(one.get("method"), str)
        ]
        words = not_supported(methods[0]) if methods else ""
        raise Refused(INVALID_REQUEST, words or "the server asks for what this client cannot do")
    return judged(result, version)
