"""Untrusted text made fit for a message: no control characters, bounded length."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import Final

_DIRECTIONS: Final = frozenset(map(chr, (*range(0x202A, 0x202F), *range(0x2066, 0x206A))))
"""Characters that embed, override and isolate a direction of writing."""
_FENCES: Final = re.compile("`{3,}")


NOT_UNICODE = "half a surrogate pair is not a character, and cannot be written as UTF-8"


def is_unicode(text: str) -> bool:
    """Whether `text` can be sent at all: one with half a surrogate pair has no UTF-8 form."""
    return text.isascii() or not any("\ud800" <= char <= "\udfff" for char in text)


def printable(text: str) -> str:
    """`text` with everything that could steer a terminal spelled out as an escape.

    Line ends and tabs stay. Foreign text reaches error messages, and those reach terminals.
    """
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() or c in "\n\t" else ascii(c)[1:-1] for c in text)


def shown(text: str) -> str:
    """`text` as it may be printed: with controls of a terminal and of direction spelled out.

    Unlike `printable`, it leaves spaces and joiners of all scripts as they are: the text is data.
    """
    if text.isprintable():
        return text
    text = text.replace("\r\n", "\n")
    return "".join(ascii(c)[1:-1] if _steers(c) else c for c in text)


def _steers(character: str) -> bool:
    if character in "\n\t":
        return False
    return unicodedata.category(character) in ("Cc", "Cs") or character in _DIRECTIONS


def fenced(text: str, language: str = "text") -> str:
    """`text` as a code block of Markdown that nothing inside can close: its fence is longer than
    any run of backticks in the text, as CommonMark has it."""
    ticks = "`" * max((len(run) + 1 for run in _FENCES.findall(text)), default=3)
    return f"{ticks}{language}\n{text}\n{ticks}"


def shortened(value: object, limit: int = 80) -> str:
    """The `repr` of a value, cut in the middle to at most `limit` characters."""
    if isinstance(value, str) and len(value) > limit:
        value = value[:limit] + value[-limit:]
    shown = printable(repr(value))
    if len(shown) <= limit:
        return shown
    head = limit * 2 // 3
    return f"{shown[:head]} … {shown[head + 3 - limit :]}"


def shortened_text(text: str, limit: int = 2000) -> str:
    """`text`, cut at its end to at most `limit` characters."""
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


def listed(names: Iterable[str], most: int = 8, where: str = "") -> str:
    """The names with commas: all where there are few, else the first `most`, how many more there
    are, and `where` these can be seen."""
    every = list(names)
    # To name two takes no more room than to count them.
    if len(every) <= most + 2:
        return ", ".join(every)
    rest = f"and {len(every) - most} more"
    return f"{', '.join(every[:most])} {rest}{f' ({where})' if where else ''}"
