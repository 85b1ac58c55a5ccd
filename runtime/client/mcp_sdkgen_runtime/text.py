"""Untrusted text made fit for a message: no control characters, bounded length."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

INVISIBLE: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b"
    "\u200e\u200f\u2028-\u202e\u2060-\u206f\u3164\ufe00-\ufe0d\ufeff\uffa0\ufff9-\uffff\ud800-\udfff"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff\U000f0000-\U0010ffff]"
    # Variation selectors stay after emoji, joiners inside emoji and scripts that write with them.
    "|(?<![#*0-9\u00a9\u00ae\u2100-\u214f\u2190-\u2bff\U0001f000-\U0001faff])[\ufe0e\ufe0f]"
    "|(?<![\u0620-\u0dff\ufe0f\U0001f000-\U0001faff])[\u200c\u200d]"
    "|[\u200c\u200d](?![\u0620-\u0dff\u2600-\u27bf\U0001f000-\U0001faff])"
)
"""Characters that command a terminal, that turn text round, or that nobody can see."""
_FENCES: Final = re.compile("`{3,}")


NOT_UNICODE = "half a surrogate pair is not a character, and cannot be written as UTF-8"


def is_unicode(text: str) -> bool:
    """Whether `text` can be sent at all: one with half a surrogate pair has no UTF-8 form."""
    return text.isascii() or not any("\ud800" <= char <= "\udfff" for char in text)


def printable(text: str) -> str:
    """`text` with everything that could steer a terminal, or that nobody can see, spelled out as an
    escape.

    Line ends and tabs stay. Foreign text reaches error messages, and those reach terminals.
    """
    text = INVISIBLE.sub(_spelled, text)
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() or c in "\n\t" else ascii(c)[1:-1] for c in text)


def shown(text: str) -> str:
    """`text` as it may be printed: with what is `INVISIBLE` spelled out.

    Unlike `printable`, it leaves spaces of all scripts as they are, and joiners where a script or
    an emoji is written with them: the text is data.
    """
    return INVISIBLE.sub(_spelled, text.replace("\r\n", "\n"))


def _spelled(found: re.Match[str]) -> str:
    return ascii(found[0])[1:-1]


def fenced(text: str, language: str = "text") -> str:
    """`text` as a code block of Markdown that nothing inside can close: its fence is longer than
    any run of backticks in the text, as CommonMark has it."""
    ticks = "`" * max((len(run) + 1 for run in _FENCES.findall(text)), default=3)
    return f"{ticks}{language}\n{text}\n{ticks}"


def shortened(value: object, limit: int = 80) -> str:
    """The `repr` of a value, cut in the middle to at most `limit` characters."""
    if isinstance(value, str) and len(value) > limit:
        value = value[:limit] + value[-limit:]
    try:
        shown = printable(repr(value))
    except ValueError:  # Python writes no integer of thousands of digits.
        shown = f"{type(value).__name__} with a number of too many digits"
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
