"""What stdout says where its encoding has no bytes for a character."""

from __future__ import annotations

import codecs
import io
import json
import sys


def speak_anything() -> None:
    """Let stdout say what its encoding has no bytes for as `\\uXXXX`, which JSON reads back.

    What a program printed is not to be lost because a terminal is set to ASCII.
    """
    codecs.register_error("mcp-sdkgen-escape", _escape)
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="mcp-sdkgen-escape")


def _escape(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    text = error.object[error.start : error.end]
    return json.dumps(text)[1:-1], error.end
