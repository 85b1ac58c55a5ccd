"""The ways in which a server may repeat a value: encoded, escaped, or broken over lines.

A text is brought into one plain form in one pass that remembers where each character came from, and
values are looked for in that: what it costs grows with the length of a text, whatever is in it.
"""

from __future__ import annotations

import re
from base64 import b64encode
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from html import unescape
from typing import Final, NamedTuple, TypeAlias
from urllib.parse import quote, unquote

_MIN_ANY_CASE_CHARACTERS: Final = 8
_MIN_ENCODED_BYTES: Final = 8
_MIN_BROKEN_CHARACTERS: Final = 16
_HEX: Final = "[0-9A-Fa-f]"
_PERCENT: Final = "%(?:25)*"
_ESCAPE: Final = re.compile(
    # Nothing of this can fail after a repetition, so no place is read twice.
    rf"\\+(?:u(?P<high>[dD][89ABab]{_HEX}{{2}})\\+u(?P<low>[dD][C-Fc-f]{_HEX}{{2}})"
    rf"|(?:[ux]\{{(?P<braced>{_HEX}{{1,6}})\}}|u(?P<four>{_HEX}{{4}})|U(?P<eight>{_HEX}{{8}})"
    rf"|x(?P<two>{_HEX}{{2}})|(?P<octal>[0-7]{{3}})|(?P<letter>[nrtbfv\"'`/-])))?"
    rf"|{_PERCENT}(?:(?P<ascii>[0-7]{_HEX})"
    rf"|(?P<bytes>[C-Fc-f]{_HEX}(?:{_PERCENT}[89ABab]{_HEX}){{1,3}}))"
    rf"|&(?:amp;)*(?P<entity>\#(?:[0-9]{{1,7}}|[xX]{_HEX}{{1,6}});|[A-Za-z]{{2,8}};)?"
    r"|\x1b\[[0-9;]{0,32}[A-Za-z]|[\u00ad\u200b-\u200f\u2060\ufeff]"
)
"""A character that is spelled in another way, or that shows as none."""
_LETTERS: Final = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f", "v": "\v"}
_BYTE = re.compile(rf"{_PERCENT}({_HEX}{{2}})|({_HEX}{{2}})")
_AT_BREAKS: Final = re.compile(r"[\s>|]+")
"""What stands where a line ends and the next begins, in a text that is quoted as well."""
_BETWEEN_PAIRS: Final = re.compile(r"(?:[\s>|:,-]|0x)+")
_HEXADECIMAL: Final = re.compile(r"(?:[0-9a-f]{2}){8,}")


def forms(value: str) -> set[str]:
    """A value line by line, without quoting for a URL, and in base64 or hexadecimal, alone or
    within more. How a `Finder` reads characters that are escaped is not among them."""
    found: set[str] = set()
    for line in {value, *value.splitlines()}:
        for plain in {line.strip(), unquote(line.strip())}:
            found |= {
                plain,
                *_encoded(plain),
                *_encoded(quote(plain, safe="", errors="surrogatepass")),
            }
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
    where they are long enough to tell, in other case and broken over lines."""

    def __init__(self, texts: Iterable[str] = ()) -> None:
        given = set(texts)
        plain = {_plain(text).text for text in given}
        self._as_given = sorted(given - {""})
        self._texts = sorted(plain | {text.replace(" ", "+") for text in plain} - {""})
        unbroken = {_AT_BREAKS.sub("", text) for text in plain}
        self._long = sorted(text for text in unbroken if len(text) >= _MIN_BROKEN_CHARACTERS)
        self._pairs = sorted(filter(_HEXADECIMAL.fullmatch, self._texts))

    def replaced(self, text: str, replacement: str) -> tuple[str, int]:
        """`text` with each of them replaced, and how many were."""
        spans = _merged(self._spans(text)) if self._texts else []
        pieces: list[str] = []
        done = 0
        for start, end in spans:
            pieces += (text[done:start], replacement)
            done = end
        return "".join((*pieces, text[done:])), len(spans)

    def _spans(self, text: str) -> Iterator[tuple[int, int]]:
        plain = _plain(text)
        yield from _found(self._texts, plain)
        if plain.text != text:
            # What stands beside a value may make an escape of its first or its last character.
            yield from _found(self._as_given, _made([(text, 0, None)]))
        if "\n" in plain.text or "\r" in plain.text:
            yield from _found_without(_AT_BREAKS, self._long, plain)
        yield from _found_without(_BETWEEN_PAIRS, self._pairs, plain)


def _found_without(
    left_out: re.Pattern[str], texts: Iterable[str], plain: _Plain
) -> Iterator[tuple[int, int]]:
    squeezed = _lower(left_out.sub("", plain.text))
    if within := [text for text in texts if _lower(text) in squeezed]:
        yield from _found(within, _without(left_out, plain))


def _found(texts: Iterable[str], plain: _Plain) -> Iterator[tuple[int, int]]:
    lowered = _lower(plain.text)
    for wanted in texts:
        any_case = len(wanted) >= _MIN_ANY_CASE_CHARACTERS
        within, sought = (lowered, _lower(wanted)) if any_case else (plain.text, wanted)
        alone = not any_case and wanted.isascii() and (wanted.isdecimal() or wanted.isalpha())
        at = within.find(sought)
        while at >= 0:
            end = at + len(sought)
            # Four digits, or a short word, are part of many others.
            if not (alone and (_is_word(within, at - 1) or _is_word(within, end))):
                yield plain.origin(at, end)
            at = within.find(sought, end)


_Part: TypeAlias = tuple[str, int, int | None]
"""Some text, where it comes from, and where that ends if it is not the same there."""


class _Plain(NamedTuple):
    """A text in its plain form. `places[i]` is where, in the given text, the part that begins at
    `starts[i]` comes from; `exact[i]` whether it does so character by character, else as a whole
    that ends at `ends[i]`."""

    text: str
    starts: list[int]
    places: list[int]
    ends: list[int | None]

    def origin(self, start: int, end: int) -> tuple[int, int]:
        """The part of the given text from which the plain text from `start` to `end` came."""
        first = bisect_right(self.starts, start) - 1
        last = bisect_right(self.starts, end - 1) - 1
        begin = self.places[first]
        if self.ends[first] is None:
            begin += start - self.starts[first]
        whole = self.ends[last]
        return begin, self.places[last] + end - self.starts[last] if whole is None else whole


def _made(parts: Iterable[_Part]) -> _Plain:
    texts, starts, places, ends = [], [], [], []
    length = 0
    for text, place, end in parts:
        if text:
            texts.append(text)
            starts.append(length)
            places.append(place)
            ends.append(end)
            length += len(text)
    return _Plain("".join(texts), starts, places, ends)


def _plain(text: str) -> _Plain:
    return _made(_read(text))


def _read(text: str) -> Iterator[_Part]:
    done = 0
    for found in _ESCAPE.finditer(text):
        if (meant := _meant(found)) == found[0]:
            continue
        start, end = found.span()
        yield text[done:start], done, None
        yield meant, start, end
        done = end
    yield text[done:], done, None


def _meant(found: re.Match[str]) -> str:
    kind, spelled = found.lastgroup, found[0]
    if kind is None:
        return {"\\": "\\", "&": "&"}.get(spelled[0], "")
    given = found[kind]
    if kind == "low":
        high, low = int(found["high"], 16), int(given, 16)
        return chr(0x10000 + ((high - 0xD800) << 10) + low - 0xDC00)
    if kind == "letter":
        return _LETTERS.get(given, given)
    if kind == "entity":
        return unescape(f"&{given}")
    if kind == "bytes":
        return bytes(int(one[1] or one[2], 16) for one in _BYTE.finditer(given)).decode(
            errors="replace"
        )
    code = int(given, 8 if kind == "octal" else 16)
    return chr(code) if code <= 0x10FFFF else spelled


def _without(left_out: re.Pattern[str], plain: _Plain) -> _Plain:
    """The plain text without the parts that a pattern means."""
    parts: list[_Part] = []
    done = 0
    for found in left_out.finditer(plain.text):
        parts += _cut(plain, done, found.start())
        done = found.end()
    return _made([*parts, *_cut(plain, done, len(plain.text))])


def _cut(plain: _Plain, start: int, end: int) -> Iterator[_Part]:
    index = bisect_right(plain.starts, start) - 1
    while start < end:
        following = plain.starts[index + 1] if index + 1 < len(plain.starts) else len(plain.text)
        stop = min(end, following)
        whole = plain.ends[index]
        place = plain.places[index] + (start - plain.starts[index] if whole is None else 0)
        yield plain.text[start:stop], place, whole
        start, index = stop, index + 1


def _merged(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if merged and start < merged[-1][1]:
            merged[-1] = merged[-1][0], max(end, merged[-1][1])
        else:
            merged.append((start, end))
    return merged


def _lower(text: str) -> str:
    """A text in small letters, each by itself, so that it is just as long."""
    return text.replace("\u03a3", "\u03c3").replace("\u0130", "i").lower()


def _is_word(text: str, at: int) -> bool:
    return 0 <= at < len(text) and text[at].isascii() and text[at].isalnum()
