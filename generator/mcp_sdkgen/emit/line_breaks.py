"""Long lines of generated code, broken as black breaks them, without black's price.

This knows the few forms that templates write: brackets, commas, unions and strings. What it does
not know it leaves to black, and a test compares whole files with black's output.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import pairwise

LINE_LENGTH = 100

_ANNOTATED = re.compile(r"(?P<name>\w+): (?P<type>.+?)(?P<rest>(?: = [\w.]+)?,?)")
_PAIRS = {"(": ")", "[": "]", "{": "}"}
_CLOSING = frozenset(_PAIRS.values())


def broken(text: str, indent: int) -> list[str] | None:
    """`text`, one statement or part of one, as lines of at most `LINE_LENGTH` characters.

    `None` when its form is not one of those known here.
    """
    margin = " " * indent
    if indent + len(text) <= LINE_LENGTH:
        return [margin + text]
    target, _, value = text.rpartition(" = ")
    if value in ("None", "...") and indent + len(target) + 4 <= LINE_LENGTH:
        # Where that is enough, black breaks the value off in brackets of its own.
        return [f"{margin}{target} = (", f"{margin}    {value}", f"{margin})"]
    marks = list(_top_level(text))
    opening = max((at for at, char in marks if char in _PAIRS), default=-1)
    closing = max((at for at, char in marks if char in _CLOSING), default=-1)
    if any(char == "|" for _, char in marks):
        return _union(text, indent)
    if opening < 0 or closing < opening + 2:
        return None
    is_collection = opening == 0 or text[opening - 1] in " ="
    inside = _inside(text[opening + 1 : closing], indent + 4, is_collection)
    return inside and [margin + text[: opening + 1], *inside, margin + text[closing:]]


def _inside(body: str, indent: int, is_collection: bool) -> list[str] | None:
    marks = list(_top_level(body))
    # A broken display or tuple has one item a line, even where they would fit in one together.
    one_each = is_collection and any(char == "," for _, char in marks)
    if indent + len(body) <= LINE_LENGTH and not one_each:
        return [" " * indent + body]
    if any(char == "," for _, char in marks):
        return _each((f"{part.strip()}," for part in _split(body, marks, ",")), indent)
    if any(char == "|" for _, char in marks):
        first, *rest = (part.strip() for part in _split(body, marks, "|"))
        return _each([first, *(f"| {part}" for part in rest)], indent)
    return broken(body, indent)


def _union(text: str, indent: int) -> list[str] | None:
    """A union that is the whole annotation of a parameter or field goes into brackets."""
    match = _ANNOTATED.fullmatch(text)
    if match is None:
        return None
    margin = " " * indent
    inside = _inside(match["type"], indent + 4, False)
    return inside and [f"{margin}{match['name']}: (", *inside, f"{margin}){match['rest']}"]


def _each(parts: Iterable[str], indent: int) -> list[str] | None:
    lines: list[str] = []
    for part in parts:
        own = broken(part, indent)
        if own is None:
            return None
        lines += own
    return lines


def _split(text: str, marks: list[tuple[int, str]], by: str) -> list[str]:
    places = [-1, *(at for at, char in marks if char == by), len(text)]
    parts = [text[a + 1 : b] for a, b in pairwise(places)]
    return [part for part in parts if part.strip()]


def _top_level(text: str) -> Iterator[tuple[int, str]]:
    """Brackets, commas and `|` of `text` that stand in no bracket and no string, with their place.

    An opening and a closing bracket at the top are both given.
    """
    depth, quote, skip = 0, "", False
    for at, char in enumerate(text):
        if skip:
            skip = False
        elif quote:
            skip = char == "\\"
            quote = "" if char == quote else quote
        elif char in "\"'":
            quote = char
        elif char in _PAIRS:
            if depth == 0:
                yield at, char
            depth += 1
        elif char in _CLOSING:
            depth -= 1
            if depth == 0:
                yield at, char
        elif char in ",|" and depth == 0:
            yield at, char
