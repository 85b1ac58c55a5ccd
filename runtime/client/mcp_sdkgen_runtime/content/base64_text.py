"""Bytes that a server sent as text."""

from __future__ import annotations

import base64
import binascii
from typing import Any, Final

from ..errors import ResultError
from ..text import shortened

_MAX_URL_HEAD: Final = 200
_URL_SAFE: Final = str.maketrans("-_", "+/", " \t\r\n")


def decoded(data: Any) -> bytes:
    """The bytes of base64, also of its URL-safe form, without its padding, and of a `data:` URL.

    Raises `ResultError` where it is none.
    """
    text = data if isinstance(data, str) else ""
    if text[:5].lower() == "data:" and ";base64," in text[:_MAX_URL_HEAD]:
        text = text.partition(";base64,")[2]
    text = text.translate(_URL_SAFE).rstrip("=")
    try:
        # Strictly: what is no base64 would otherwise be passed over, and give wrong bytes.
        return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError) as error:
        raise ResultError(f"not base64: {shortened(data)}", data=data) from error
