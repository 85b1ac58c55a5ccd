"""The ways in which a server may repeat a value: encoded, escaped, or broken over lines.

What they cost grows with the length of a text only: an encoded text is decoded once, to see
whether any value is in it at all.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterable, Iterator
from functools import lru_cache
from html import escape
from typing import Final
from urllib.parse import quote, unquote

_MIN_ANY_CASE_CHARACTERS: Final = 8
_MIN_ENCODED_BYTES: Final = 8
_MIN_BROKEN_CHARACTERS: Final = 16
_BREAK: Final = r"[ \t]*(?:(?:\r|\\+r)?(?:\n|\\+n)|\r)[ \t]*"
"""The end of a line within a text, as it is or escaped."""
_ANY_BREAK = re.compile(_BREAK)
_RUN = re.compile(r"[A-Za-z0-9]+")
_ESCAPED: Final = re.compile(
    r"%(?:25)*(?P<percent>[3-7][0-9a-f])|&(?:amp;)*#0{0,8}(?P<decimal>\d{2,3});"
    r"|&(?:amp;)*#x0{0,8}(?P<hexadecimal>[3-7][0-9a-f]);|\\+u00(?P<unicode>[3-7][0-9a-f])"
    r"|\\+x(?P<byte>[3-7][0-9a-f])"
)
"""A letter or a digit that is spelled though it need not be, in small letters."""
_MARKS: Final = ("%", "#", "\\u00", "\\x")
_PAIR_END: Final = r"(?:[ \t:,-]{0,2}(?:0x)?)"
_HEXADECIMAL: Final = re.compile(r"(?:[0-9a-f]{2}){8,}")
_SEPARATORS: Final = (" ", "\t", ":", ",", "-", "0x")


def forms(value: str) -> set[str]:
    """A value line by line, without quoting for a URL, and in base64 or hexadecimal, alone or
    within more. How a `Finder` spells characters is not among them."""
    found: set[str] = set()
    for line in {value, *value.splitlines()}:
        for plain in {line.strip(), unquote(line.strip())}:
            found |= {plain, *_encoded(plain), *_encoded(quote(plain, safe=""))}
    # A variable that is not replaced yet is no value.
    return {form for form in found if form and "${" not in form}


def _encoded(plain: str) -> Iterator[str]:
    data = plain.encode(errors="replace")
    if len(data) < _MIN_ENCODED_BYTES:
        return
    yield data.hex()
    for before in range(3):
        # Of what surrounds it in a longer text, the first and the last characters are not its own.
        whole = b64encode(bytes(before) + data).decode().rstrip("=")
        ours = whole[-(-before * 8 // 6) : (before + len(data)) * 8 // 6]
        yield from {ours, ours.replace("+", "-").replace("/", "_")}


class Finder:
    """Finds texts, also where they are quoted for a URL, escaped in JSON, HTML or a `repr`, and,
    where they are long enough to tell, in other case and broken over lines. The longest first."""

    def __init__(self, texts: Iterable[str] = ()) -> None:
        longest_first = sorted(set(texts), key=lambda text: (-len(text), text))
        # A large text is searched for what no spelling changes, before any pattern is tried.
        self._texts = [(_unchanged(text), text) for text in longest_first]

    def replaced(self, text: str, replacement: str) -> tuple[str, int]:
        """`text` with each of them replaced, and how many were."""
        plain = text.lower()
        decoded = _decoded(plain)
        is_escaped = decoded != plain
        if is_escaped:
            plain += decoded
        if "\n" in plain or "\r" in plain or "\\n" in plain:
            plain += _ANY_BREAK.sub("", plain)
        squeezed = _without(plain, _SEPARATORS)
        found = tuple(
            one
            for unchanged, one in self._texts
            if unchanged in plain or (_HEXADECIMAL.fullmatch(one) and one in squeezed)
        )
        return _pattern(found, is_escaped).subn(replacement, text) if found else (text, 0)


def _unchanged(text: str) -> str:
    return max(_RUN.findall(text), key=len, default="").lower()


def _decoded(plain: str) -> str:
    """A text in small letters, in which letters and digits stand for themselves."""
    if not any(mark in plain for mark in _MARKS):
        return plain
    return _ESCAPED.sub(lambda escape: _meant(escape[0]), plain)


@lru_cache(maxsize=1024)
def _meant(escape: str) -> str:
    found = _ESCAPED.fullmatch(escape)
    assert found is not None
    kind = found.lastgroup or ""
    character = chr(int(found[kind], 10 if kind == "decimal" else 16))
    return character.lower() if character.isascii() and character.isalnum() else escape


def _without(plain: str, parts: Iterable[str]) -> str:
    for part in parts:
        plain = plain.replace(part, "")
    return plain


@lru_cache(maxsize=256)
def _pattern(texts: tuple[str, ...], is_escaped: bool) -> re.Pattern[str]:
    return re.compile("|".join(_spellings(text, is_escaped) for text in texts))


def _spellings(text: str, is_escaped: bool) -> str:
    between = f"(?:{_BREAK})?" if len(text) >= _MIN_BROKEN_CHARACTERS else ""
    spelled = [_spelling(character, is_escaped) for character in text]
    if _HEXADECIMAL.fullmatch(text):
        spelled = list(map("".join, zip(spelled[::2], spelled[1::2], strict=True)))
        between += _PAIR_END
    found = between.join(spelled)
    if len(text) >= _MIN_ANY_CASE_CHARACTERS:
        return f"(?i:{found})"
    # Four digits, or a short word, are part of many others.
    is_plain = text.isascii() and (text.isdecimal() or text.isalpha())
    return f"(?<![A-Za-z0-9]){found}(?![A-Za-z0-9])" if is_plain else found


@lru_cache(maxsize=1024)
def _spelling(character: str, is_escaped: bool) -> str:
    if character.isascii() and character.isalnum() and not is_escaped:
        return character
    code = ord(character)
    units = character.encode("utf-16-be", "surrogatepass").hex()
    spelled = [
        re.escape(character),
        re.escape(escape(character)),
        "".join(f"%(?:25)*(?i:{byte:02x})" for byte in character.encode(errors="surrogatepass")),
        "".join(rf"\\+u(?i:{units[at : at + 4]})" for at in range(0, len(units), 4)),
        f"&(?:amp;)*#0*{code};|&(?:amp;)*#[xX]0*(?i:{code:x});",
    ]
    if code < 256:
        spelled.append(rf"\\+x(?i:{code:02x})")
    if character in "\\\"'/":
        spelled.append(rf"\\+{re.escape(character)}")
    if character == " ":
        spelled.append(r"\+")
    # Backslashes and `25` may be many, where JSON stands in JSON, or a URL in a URL.
    # The longest first: else the rest of an escape would be taken for what comes next.
    longest_first = sorted(dict.fromkeys(spelled), key=len, reverse=True)
    return f"(?:{'|'.join(longest_first)})"
