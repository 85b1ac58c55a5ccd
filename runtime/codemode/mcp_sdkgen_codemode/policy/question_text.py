"""What a person is shown of a call before it is approved: every argument, and nothing hidden.

The words come from a program that may want to be approved for something else than it shows. So
every value stands under its own key and is shortened by itself, a question that cannot show all
values says so, and characters that could be missed or mistaken are spelled out.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator, Mapping
from typing import Any, Final

HEAD_CHARS: Final = 160
"""Characters of a value that are shown from its start; a longer value is shortened."""
TAIL_CHARS: Final = 80
"""Characters of a shortened value that are shown from its end."""
MAX_VALUES: Final = 60
"""Values that a question shows; with more, the question says that it is not whole."""


def request_text(server: str, tool: str, arguments: Mapping[str, Any], why: str) -> str:
    """What a person is shown: server, tool and the arguments as they will be sent.

    One line for each value, under its path (`message.to[0]: "…"`). A value that is longer than
    `HEAD_CHARS` and `TAIL_CHARS` together shows both ends and how much is between them. Names and
    keys are shown in ASCII. Safe for a terminal.
    """
    values = [*_values(arguments, "")]
    lines = [f"  {path}: {_shortened(value)}" for path, value in values[:MAX_VALUES]]
    if len(values) > MAX_VALUES:
        lines.append(f"  NOT SHOWN: {len(values) - MAX_VALUES} of {len(values)} values")
    return "\n".join([_heading(server, tool, why), *(lines or ["  (no arguments)"])])


def full_text(server: str, tool: str, arguments: Mapping[str, Any], why: str) -> str:
    """`request_text` with every value in full."""
    lines = [f"  {path}: {plain(value)}" for path, value in _values(arguments, "")]
    return "\n".join([_heading(server, tool, why), *(lines or ["  (no arguments)"])])


def is_whole(arguments: Mapping[str, Any]) -> bool:
    """Whether `request_text` shows all of the arguments."""
    values = [*_values(arguments, "")]
    longest = max((len(value) for _, value in values), default=0)
    return len(values) <= MAX_VALUES and longest <= HEAD_CHARS + TAIL_CHARS


def plain(text: str) -> str:
    """`text` with every character spelled out that a reader could miss or mistake.

    ASCII stays, and so do letters and signs of every script that look like no other. Spelled out
    as `\\u{…}` are controls, invisible and direction marks, combining marks, blanks other than the
    space, characters that are only another form of a plainer one (full-width, mathematical),
    letters of scripts that are written from right to left, since they change the order of what
    stands beside them, non-Latin letters inside a word with Latin ones, and words of another script
    all of whose letters have a Latin look-alike (Unicode TR 39).
    """
    if text.isascii() and text.isprintable():
        return text
    return _WORD.sub(_plain_word, text)


def _heading(server: str, tool: str, why: str) -> str:
    return f"{_name(server)}/{_name(tool)}: {plain(why)}"


def _values(value: Any, path: str) -> Iterator[tuple[str, str]]:
    """(path, JSON text) of each value that holds no other; empty objects and arrays count."""
    if isinstance(value, Mapping) and value:
        for key, inner in value.items():
            name = _key(str(key))
            yield from _values(inner, f"{path}.{name}" if path and name[0] != "[" else path + name)
    elif isinstance(value, list | tuple) and value:
        for number, inner in enumerate(value):
            yield from _values(inner, f"{path}[{number}]")
    else:
        yield path, json.dumps(value, ensure_ascii=False)


def _key(key: str) -> str:
    return key if _PLAIN_KEY.fullmatch(key) else f"[{_name(json.dumps(key, ensure_ascii=False))}]"


def _shortened(value: str) -> str:
    left_out = len(value) - HEAD_CHARS - TAIL_CHARS
    if left_out <= 0:
        return plain(value)
    head, tail = plain(value[:HEAD_CHARS]), plain(value[-TAIL_CHARS:])
    return f"{head} … {left_out} characters left out … {tail}"


def _name(text: str) -> str:
    # A name of another script as a whole could still pass for one in ASCII, as names are.
    return "".join(c if c.isascii() and c.isprintable() else _spelled(c) for c in text)


def _spelled(c: str) -> str:
    return f"\\u{{{ord(c):x}}}"


_PLAIN_KEY = re.compile(r"[A-Za-z_][\w-]{0,63}", re.ASCII)
_WORD = re.compile(r"\w+|\W")


def _plain_word(match: re.Match[str]) -> str:
    word = match[0]
    if word.isascii():
        return "".join(c if c.isprintable() or c == "\n" else _spelled(c) for c in word)
    foreign = "".join(c for c in word if not c.isascii() and c not in _LATIN)
    mixed = any("a" <= c <= "z" for c in word.lower()) or _passes_for_latin(foreign)
    return "".join(c if _harmless(c, mixed) else _spelled(c) for c in word)


def _harmless(c: str, mixed: bool) -> bool:
    if c.isascii():
        return c.isprintable() or c == "\n"
    if unicodedata.category(c)[0] not in "LNPS" or unicodedata.normalize("NFKC", c) != c:
        return False
    if c in _BLANK or unicodedata.bidirectional(c) in ("R", "AL", "AN"):
        return False
    return not (mixed and c.isalpha()) or c in _LATIN


def _passes_for_latin(letters: str) -> bool:
    """Whether every one of these letters has a look-alike among the Latin ones."""
    if not letters or not letters.isalpha():
        return False
    # Half a second, which only questions in other scripts cost.
    from confusable_homoglyphs.confusables import is_confusable

    alike = is_confusable(letters, greedy=True, preferred_aliases=["latin"]) or []
    return {one["character"] for one in alike} == set(letters)


_LATIN: Final = frozenset(map(chr, range(0xC0, 0x180))) - {"\u0131"}
"""Letters of European languages, that stand in words with ASCII letters."""

_BLANK: Final = frozenset("\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0\ufffc\U0001d159\u16fe4")
"""Letters and signs without ink. Unicode has no property that names them all."""
