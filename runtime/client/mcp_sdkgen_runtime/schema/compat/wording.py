"""Plain words about schemas. Everything quoted from a server passes through `code`."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterable
from typing import Any

from ...text import listed, shortened_text

MAX_QUOTED = 80
MAX_VALUE = 200
_BEFORE = 20

TYPE_NAMES = ("null", "boolean", "integer", "fraction", "string", "array", "object")


def code(text: str) -> str:
    """`text` in back quotes, on one line, clipped, without control, bidi or format characters.

    Safe in a terminal, and in Markdown, where nothing inside back quotes is markup.
    """
    quoted = map(_visible, shortened_text(text, MAX_QUOTED))
    return f"`{''.join(quoted)}`" if text.strip() else '`""`'


def _visible(character: str) -> str:
    if character == "`":
        return "'"
    category = unicodedata.category(character)
    if category[0] == "C" or category in ("Zl", "Zp"):
        return character.encode("unicode_escape", "surrogatepass").decode("ascii")
    return character


def value(thing: Any) -> str:
    """A JSON value, quoted by `code`."""
    return code(_dumps(thing))


def step(field: str, old: Any, new: Any) -> str:
    """A field, what it said and what it says: `` `title`: `Old` → `New` ``. None is absent.

    Of long texts that begin alike, what is shown begins shortly before the first difference.
    """
    if isinstance(old, str) and isinstance(new, str):
        old, new = _apart(old, new)
    return f"{code(field)}: {_said(old)} → {_said(new)}"


def _apart(old: str, new: str) -> tuple[str, str]:
    if max(len(old), len(new)) <= MAX_QUOTED:
        return old, new
    pairs = enumerate(zip(old, new, strict=False))
    same = next((n for n, (was, now) in pairs if was != now), min(len(old), len(new)))
    start = old.rfind(" ", 0, max(same - _BEFORE, 0)) + 1
    return (f"…{old[start:]}", f"…{new[start:]}") if start else (old, new)


def _said(thing: Any) -> str:
    if thing is None:
        return "absent"
    return code(thing) if isinstance(thing, str) else value(thing)


def short(thing: Any) -> Any:
    """`thing`, or when its JSON is long, the beginning of that JSON as a string."""
    text = _dumps(thing)
    return thing if len(text) <= MAX_VALUE else shortened_text(text, MAX_VALUE)


def _dumps(thing: Any) -> str:
    return json.dumps(thing, ensure_ascii=False, default=str)


def values(things: Iterable[Any]) -> str:
    """Some JSON values: the first few quoted, the rest counted."""
    return listed(map(value, things))


def names(things: Iterable[str]) -> str:
    """Some wire names: the first few quoted, the rest counted."""
    return listed(map(code, things))


def types(kinds: frozenset[str]) -> str:
    """JSON types in words: `string or null`, `anything`, `nothing`."""
    if len(kinds) == len(TYPE_NAMES):
        return "anything"
    words = [name for name in TYPE_NAMES if name in kinds]
    if {"integer", "fraction"} <= kinds:
        words = ["number" if word == "integer" else word for word in words if word != "fraction"]
    words.sort(key=lambda word: word == "null")
    return " or ".join(words) or "nothing"
