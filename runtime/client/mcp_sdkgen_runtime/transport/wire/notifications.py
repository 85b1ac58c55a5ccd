"""Notifications that would be dropped for one odd member, in the form of the protocol."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any, Final

_LEVELS: Final = frozenset(
    {"debug", "info", "notice", "warning", "error", "critical", "alert", "emergency"}
)
"""https://modelcontextprotocol.io/specification/2025-11-25/server/utilities/logging#log-levels"""
_OTHER_LEVELS: Final = {"warn": "warning", "err": "error", "fatal": "critical", "trace": "debug"}
_NO_DATA: Final = frozenset({"level", "logger", "_meta"})


def mend_notification(method: str, params: dict[str, Any]) -> None:
    """Give a notification's members the types that the protocol has for them, where it is clear
    what is meant."""
    if method == "notifications/progress":
        _progress(params)
    elif method == "notifications/message":
        _log_message(params)


def _progress(params: dict[str, Any]) -> None:
    for key in ("progress", "total"):
        value = params.get(key)
        if isinstance(value, int) and abs(value) > 2**63:
            params[key] = value = 2.0**63 if value > 0 else -(2.0**63)
        if isinstance(value, str):
            with suppress(ValueError):
                params[key] = float(value.strip().removesuffix("%"))
    if isinstance(params.get("total"), bool | str | list | dict):
        del params["total"]
    text = params.get("message")
    if not isinstance(text, str | None):
        params["message"] = _as_text(text)


def _log_message(params: dict[str, Any]) -> None:
    level = str(params.get("level", "")).strip().lower()
    level = _OTHER_LEVELS.get(level, level)
    params["level"] = level if level in _LEVELS else "info"
    if "data" not in params:
        rest = {key: value for key, value in params.items() if key not in _NO_DATA}
        params["data"] = rest["message"] if set(rest) == {"message"} else rest
    if not isinstance(params.get("logger"), str | None):
        params["logger"] = _as_text(params["logger"])


def _as_text(value: Any) -> str:
    try:
        return json.dumps(value, ensure_ascii=False)
    except (ValueError, RecursionError):
        return str(value)
