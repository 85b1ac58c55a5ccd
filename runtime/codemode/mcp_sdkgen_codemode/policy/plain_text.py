"""Text that a person decides by: what could be missed or mistaken is spelled out."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import cache
from typing import Final


def plain(text: str) -> str:
    """`text` in one line, with every character spelled out that a reader could miss or mistake.

    ASCII stays, and so do letters of every script and signs that look like nothing in ASCII.
    Spelled out as `\\u{…}` are controls, invisible and direction marks, combining marks, blanks
    other than the space, characters that are only another form of a plainer one (full-width,
    mathematical), letters of scripts that are written from right to left, since they change the
    order of what stands beside them, or that are not in everyday use, digits outside ASCII, signs
    that look like ASCII (Unicode TR 39, and by their names) or touch a word in it, phonetic and
    small capital Latin letters, non-Latin letters inside a word with Latin ones, and words of
    another script all of whose letters look like ASCII. More than two spaces are spelled as
    `\\u{20}*` and their number: with them a value could fill a line,
    and go on where the next one seems to begin.
    """
    if text.isascii() and text.isprintable() and "   " not in text:
        return text
    return _PART.sub(_plain_part, text)


def ascii_only(text: str) -> str:
    """The same of a name, all in ASCII: one of another script as a whole could still pass for one
    in ASCII, as names are."""
    shown = "".join(c if c.isascii() and c.isprintable() else _spelled(c) for c in text)
    return _BLANKS.sub(_plain_part, shown)


def screen_lines(text: str, columns: int) -> list[str]:
    """The lines of `text` as a terminal has room for them. What goes on in a further line stands
    deeper than its beginning, so that it cannot pass for a line of its own."""
    return [part for line in text.split("\n") for part in _folded(line, max(columns, 20))]


def _folded(line: str, columns: int) -> Iterator[str]:
    deeper = " " * min(len(line) - len(line.lstrip(" ")) + 6, columns // 2)
    shown, width = "", 0
    for c in line:
        wide = 2 if unicodedata.east_asian_width(c) in "WF" else 1
        if width + wide > columns:
            yield shown
            shown, width = deeper, len(deeper)
        shown, width = shown + c, width + wide
    yield shown


def _spelled(c: str) -> str:
    return f"\\u{{{ord(c):x}}}"


_BLANKS = re.compile(r" {3,}")
_PART = re.compile(r" {3,}|\w+|\W")


def _plain_part(match: re.Match[str]) -> str:
    part = match[0]
    if part[:3] == "   ":
        return f"\\u{{20}}*{len(part)}"
    if part.isascii():
        return "".join(c if c.isprintable() else _spelled(c) for c in part)
    if not part[0].isalnum() and part[0] != "_":
        around = match.string[max(match.start() - 1, 0) : match.end() + 1].replace(part, "", 1)
        touching = sum(c.isascii() and c.isalnum() for c in around)
        return part if _is_harmless_sign(part, touching) else _spelled(part)
    return _plain_word(part)


def _plain_word(word: str) -> str:
    foreign = {c for c in word if not c.isascii() and c not in _LATIN}
    has_latin = any("a" <= c <= "z" for c in word.lower())
    hidden = foreign if has_latin or all(map(_looks_like_a_sign_or_ascii, foreign)) else set()
    shown = (c if c.isascii() or (_is_letter(c) and c not in hidden) else _spelled(c) for c in word)
    return "".join(shown)


def _is_letter(c: str) -> bool:
    """Whether it is a letter that can be told from others, read from left to right."""
    if c in _LATIN:
        return True
    is_letter = unicodedata.category(c)[0] == "L" and _has_own_form(c)
    return is_letter and _script(c) in _EVERYDAY_SCRIPTS


def _is_harmless_sign(c: str, touching: int) -> bool:
    """Whether a sign is told from those of ASCII; `touching` of its neighbours are of an ASCII
    word."""
    kind = unicodedata.category(c)
    if kind[0] not in "PS" or not _has_own_form(c):
        return False
    alike = _look_alikes(c)
    if any(part.isascii() for one in alike for part in one):
        return False
    named = {*re.split("[ -]", unicodedata.name(c, ""))}
    if kind[0] == "P":
        is_own = _script(c) in _EVERYDAY_SCRIPTS - {"COMMON"} and not named & _ASCII_WORDS
        return touching < (2 if c in _PROSE else 1) and (c in _TEXT or is_own)
    if kind == "Sc" or c in _SIGNS:
        return True
    is_known = any(ord(c) in block for block in _SIGN_BLOCKS)
    if named & _ASCII_WORDS and c not in _EMOJI:
        return False
    return is_known and not any(unicodedata.category(one[0])[0] == "P" for one in alike)


def _has_own_form(c: str) -> bool:
    is_itself = unicodedata.normalize("NFKC", c) == c and c not in _BLANK
    return is_itself and unicodedata.bidirectional(c) not in ("R", "AL", "AN")


def _looks_like_a_sign_or_ascii(letter: str) -> bool:
    return any(
        unicodedata.category(one[0])[0] in "PSN" or any(part.isascii() for part in one)
        for one in _look_alikes(letter)
    )


@cache
def _look_alikes(c: str) -> tuple[str, ...]:
    """What looks like a character, by Unicode TR 39."""
    # Half a second, which only questions with such characters cost.
    from confusable_homoglyphs.confusables import confusables_data

    return tuple(one["c"] for one in confusables_data.get(c, ()))


@cache
def _script(c: str) -> str:
    from confusable_homoglyphs.categories import alias

    return str(alias(c))


_EVERYDAY_SCRIPTS: Final = frozenset(
    [
        "COMMON", "ARMENIAN", "BENGALI", "BOPOMOFO", "CYRILLIC", "DEVANAGARI", "ETHIOPIC",
        "GEORGIAN", "GREEK", "GUJARATI", "GURMUKHI", "HAN", "HANGUL", "HIRAGANA", "KANNADA",
        "KATAKANA", "KHMER", "LAO", "MALAYALAM", "MYANMAR", "ORIYA", "SINHALA", "TAMIL", "TELUGU",
        "THAI", "TIBETAN",
    ]
)  # fmt: skip
"""Scripts in everyday use (Unicode UAX 31, table 5) that are written from left to right, but for
Latin. Not all letters of others are in Unicode's list of look-alikes: Coptic ones are not."""

_LATIN: Final = frozenset(
    map(chr, (*range(0xC0, 0x180), *range(0x218, 0x21C), *range(0x1EA0, 0x1EFA)))
) - {*"\u00d7\u00f7\u0131\u0132\u0133\u0138\u0149\u017f"}
"""Letters of languages that are written in Latin, which stand in words with ASCII letters."""

_PROSE: Final = frozenset("¡¿«»")
"""Signs that stand at one end of a word."""

_TEXT: Final = _PROSE | frozenset("—§¶†‡•※、。・「」『』【】《》।॥")
"""Punctuation of several scripts that is not taken for ASCII's."""

_ASCII_WORDS: Final = frozenset(
    [
        "ACCENT", "AMPERSAND", "APOSTROPHE", "ASTERISK", "ASTERISKS", "BAR", "BRACKET", "COLON",
        "COMMA", "CROSS", "DASH", "DIVIDES", "DOLLAR", "DOT", "DOTS", "EQUALS", "EXCLAMATION",
        "FLAT", "FULL", "GREATER", "HYPHEN", "LESS", "LINE", "MINUS", "MULTIPLICATION",
        "PARENTHESIS", "PERCENT", "PERIOD", "PLUS", "POINT", "PRIME", "PROPORTION", "QUESTION",
        "QUOTATION", "RATIO", "SALTIRE", "SEMICOLON", "SHARP", "SLASH", "SOLIDUS", "STOP",
        "STROKE", "TILDE", "X",
    ]
)  # fmt: skip
"""Words of Unicode's names for signs of ASCII and their variants. Its list of look-alikes has not
all of them: no ornaments, for one."""

_EMOJI: Final = frozenset("🌕🌝🍫💠💨💵📊🔇🔕🔛🔯🚏🧼🫥")
"""Pictures with such words in their names, which look like nothing in ASCII."""

_SIGNS: Final = frozenset("°©®±÷¬≤≥")
_SIGN_BLOCKS: Final = (range(0x2190, 0x2300), range(0x2600, 0x27C0), range(0x1F300, 0x1FB00))
"""Arrows, operators and emoji."""

_BLANK: Final = frozenset("\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0\ufffc\U0001d159\u16fe4")
"""Letters and signs without ink. Unicode has no property that names them all."""
