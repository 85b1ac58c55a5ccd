"""The layers in which a text may be spelled: escapes, and base64 or hexadecimal of a text.

A layer is taken off in one pass that remembers where each character came from. What it costs, in
time and in memory, grows with the length of a text, whatever is in it.
"""

from __future__ import annotations

import re
from array import array
from base64 import b64decode
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from functools import cached_property
from html import unescape
from typing import Final, TypeAlias

MAX_LAYERS: Final = 8
"""How many are taken off a text. Two escapes, one within the other, make up to four of them."""

_HEX: Final = "[0-9A-Fa-f]"
_INVISIBLE: Final = "\x00\u00ad\u200b-\u200f\u2060\ufeff"
_BYTES: Final = rf"(?:x[C-Fc-f]{_HEX}|3[0-7]{{2}})(?:\\+(?:x[89ABab]{_HEX}|2[0-7]{{2}})){{1,3}}"
"""One character of UTF-8 in the `repr` of bytes, or in what a shell quotes."""
_ESCAPE: Final = re.compile(
    # It begins with one set of characters, by which the places are found fast. Nothing can fail
    # after a repetition, so no place is read twice.
    rf"""[\\%&"'\x1b{_INVISIBLE}](?:"""
    rf"(?<=\\)\\*(?:u(?P<high>[dD][89ABab]{_HEX}{{2}})\\+u(?P<low>[dD][C-Fc-f]{_HEX}{{2}})"
    rf"|[ux]\{{(?P<braced>{_HEX}{{1,6}})\}}|u(?P<four>{_HEX}{{4}})|U(?P<eight>{_HEX}{{8}})"
    rf"|(?P<escaped>{_BYTES})|x(?P<two>{_HEX}{{2}})|(?P<octal>[0-7]{{3}})"
    r"|(?P<letter>[nrtbfv !-/:-@\[\]^_`{-~\u0080-\U0010ffff]))?"
    rf"|(?<=%)(?:25)*(?:u(?P<upper>[dD][89ABab]{_HEX}{{2}})%(?:25)*u(?P<lower>[dD][C-Fc-f]{_HEX}{{2}})"
    rf"|u(?P<script>{_HEX}{{4}})|(?P<bytes>[C-Fc-f]{_HEX}(?:%(?:25)*[89ABab]{_HEX}){{1,3}})"
    rf"|(?P<byte>{_HEX}{{2}}))"
    rf"|(?<=&)(?:amp;)*(?P<entity>\#(?:[0-9]{{1,7}}|[xX]{_HEX}{{1,6}});?|[A-Za-z]{{2,8}};"
    r"|amp|lt|gt|quot|apos|nbsp)?"
    r"""|(?<=")"+|(?<=')(?:"'"'|'+)"""
    rf"|(?<=\x1b)\[[0-9;]{{0,32}}[A-Za-z]|(?<=[{_INVISIBLE}]))"
)
"""A character that is spelled in another way, that is doubled, or that shows as none."""
_LETTERS: Final = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f", "v": "\v"}
_BYTE: Final = re.compile(rf"%(?:25)*({_HEX}{{2}})|x({_HEX}{{2}})|([0-7]{{3}})|({_HEX}{{2}})")
_ONE_IS_LEFT: Final = ("\\", "&", '"', "'")

_LETTER: Final = "[A-Za-z0-9+/_-]"
_LEAST_ENCODED: Final = 16
_ENCODED: Final = re.compile(
    rf"(?:{_LETTER}{{76}}\r?\n)+{_LETTER}{{1,76}}|(?:{_LETTER}{{64}}\r?\n)+{_LETTER}{{1,64}}"
    rf"|{_LETTER}{{{_LEAST_ENCODED},}}"
)
"""Base64 or hexadecimal, also in lines of the lengths that mail and certificates have."""
_OTHER_LETTERS: Final = bytes(
    ord("a") if re.match(_LETTER, chr(code)) else ord(" ") for code in range(256)
)
_RUN: Final = b"a" * _LEAST_ENCODED
_HEXADECIMAL: Final = re.compile(rf"{_HEX}*")
_JOINED_PIECES: Final = 4096

_Part: TypeAlias = tuple[str, int, int]
"""Some text, where it comes from, and where that ends; 0 if it is the same there."""


class Layer:
    """A text, and where each of its parts stands in the text below, of which it is a reading."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._below: Layer | None = None
        self._starts = self._places = self._ends = array("Q", [0])

    @classmethod
    def _made(cls, parts: Iterable[_Part], below: Layer) -> Layer:
        kind = "I" if len(below.text) < 2**32 else "Q"
        starts, places, ends = array(kind), array(kind), array(kind)
        joined: list[str] = []
        pieces: list[str] = []
        length = 0
        for text, place, end in parts:
            if not text:
                continue
            pieces.append(text)
            if len(pieces) == _JOINED_PIECES:
                joined.append("".join(pieces))
                pieces.clear()
            starts.append(length)
            places.append(place)
            ends.append(end)
            length += len(text)
        made = cls("".join((*joined, *pieces)))
        made._below, made._starts, made._places, made._ends = below, starts, places, ends
        return made

    @cached_property
    def lowered(self) -> str:
        """Its text in small letters."""
        return lower(self.text)

    @cached_property
    def squeezed(self) -> bytes:
        """What is left of its text, in small letters, without what may stand between parts."""
        return squeezed(self.lowered)

    def origin(self, start: int, end: int) -> tuple[int, int]:
        """The part of the very first text from which this text from `start` to `end` came."""
        first = bisect_right(self._starts, start) - 1
        last = bisect_right(self._starts, end - 1) - 1
        begin = self._places[first]
        if not self._ends[first]:
            begin += start - self._starts[first]
        stop = self._ends[last] or self._places[last] + end - self._starts[last]
        return (begin, stop) if self._below is None else self._below.origin(begin, stop)

    def next(self) -> Layer | None:
        """Its text with one layer less; None where nothing in it is spelled in another way."""
        return self.unescaped() or self._decoded()

    def unescaped(self) -> Layer | None:
        """Its text with one layer of escapes less; None where there are none."""
        above = self._made(_read(self.text), self)
        # What is meant is always shorter than how it is spelled.
        return above if len(above.text) < len(self.text) else None

    def without(self, left_out: re.Pattern[str]) -> Layer:
        """Its text without the parts that a pattern means."""
        return self._made(_kept(self.text, left_out), self)

    def _decoded(self) -> Layer | None:
        letters = self.text.encode("latin-1", errors="replace").translate(_OTHER_LETTERS)
        if _RUN not in letters:
            return None
        above = self._made(_with_decoded(self.text, letters), self)
        return above if len(above.text) < len(self.text) else None


def lower(text: str) -> str:
    """A text in small letters, each by itself, so that it is just as long."""
    return text.replace("\u03a3", "\u03c3").replace("\u0130", "i").lower()


_BETWEEN: Final = bytes(
    code for code in range(256) if code > 0x7F or chr(code).isspace() or chr(code) in ">|#*=\\:,-"
)


def squeezed(text: str) -> bytes:
    """A text without all that may stand between its parts: a quick test whether it is within
    another, which says yes too often, and never no wrongly."""
    return text.encode(errors="replace").replace(b"0x", b"").translate(None, _BETWEEN)


def _read(text: str) -> Iterator[_Part]:
    done = 0
    for found in _ESCAPE.finditer(text):
        if (meant := _meant(found)) == found[0]:
            continue
        start, end = found.span()
        yield text[done:start], done, 0
        yield meant, start, end
        done = end
    yield text[done:], done, 0


def _meant(found: re.Match[str]) -> str:
    kind, spelled = found.lastgroup, found[0]
    if kind is None:
        return spelled[0] if spelled[0] in _ONE_IS_LEFT else ""
    given = found[kind]
    if kind in ("low", "lower"):
        high, low = int(found["high"] or found["upper"], 16), int(given, 16)
        return chr(0x10000 + ((high - 0xD800) << 10) + low - 0xDC00)
    if kind == "letter":
        return _LETTERS.get(given, given)
    if kind == "entity":
        return unescape(f"&{given.rstrip(';')};")
    if kind in ("bytes", "escaped"):
        return bytes(map(_byte, _BYTE.finditer(given))).decode(errors="replace")
    code = int(given, 8 if kind == "octal" else 16)
    return chr(code) if code <= 0x10FFFF else spelled


def _byte(found: re.Match[str]) -> int:
    octal = found[3]
    return int(octal, 8) if octal else int(found[1] or found[2] or found[4], 16)


def _with_decoded(text: str, letters: bytes) -> Iterator[_Part]:
    """A text in which all that is base64 or hexadecimal of a text is that text."""
    done, at = 0, letters.find(_RUN)
    while at >= 0:
        found = _ENCODED.match(text, at)
        end = found.end() if found else at + 1
        if found and (meant := _text_of(found[0])):
            yield text[done:at], done, 0
            yield meant, at, end
            done = end
        at = letters.find(_RUN, end)
    yield text[done:], done, 0


def _text_of(encoded: str) -> str:
    """What a text means in hexadecimal or base64; empty where it is none of a text."""
    plain = encoded.replace("\r", "").replace("\n", "").replace("-", "+").replace("_", "/")
    try:
        is_hexadecimal = len(plain) % 2 == 0 and _HEXADECIMAL.fullmatch(plain)
        padded = plain + "=" * (-len(plain) % 4)
        data = bytes.fromhex(plain) if is_hexadecimal else b64decode(padded)
        # In UTF-16, each second byte of most texts is zero.
        is_wide = data.count(0) > len(data) // 4
        return data.decode("utf-16-le" if is_wide else "utf-8")
    except ValueError:
        return ""


def _kept(text: str, left_out: re.Pattern[str]) -> Iterator[_Part]:
    done = 0
    for found in left_out.finditer(text):
        yield text[done : found.start()], done, 0
        done = found.end()
    yield text[done:], done, 0
