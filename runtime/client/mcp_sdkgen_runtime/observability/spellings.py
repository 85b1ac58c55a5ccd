"""The ways in which a server may repeat a value: encoded, escaped, or broken over lines.

Layer by layer is taken off a text, and values are looked for in each.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterable, Iterator
from typing import Final
from urllib.parse import quote, unquote

from .layers import MAX_LAYERS, Layer, lower, squeezed

_MIN_ANY_CASE_CHARACTERS: Final = 8
_MIN_ENCODED_BYTES: Final = 8
_MIN_BROKEN_CHARACTERS: Final = 16
_MAX_LINES: Final = 1_000
"""As many lines of one value are secrets by themselves."""
_SPELLED_IN_ONE_WAY: Final = re.compile(r"[A-Za-z0-9_.~-]*")
_AT_BREAKS: Final = re.compile(r"(?:[\s>|#*\u2500-\u257f]|[=\\](?=\r?\n))+")
"""What stands where a line ends and the next begins: in a text that is quoted, in a comment, in a
box, in mail and in a script as well."""
_BETWEEN_PAIRS: Final = re.compile(r"(?:[\s>|:,-]|0x)+")
_HEXADECIMAL: Final = re.compile(r"(?:[0-9a-f]{2}){8,}")


def forms(value: str) -> set[str]:
    """A value line by line, without quoting for a URL, and in base64 or hexadecimal, alone or
    within more. How a `Finder` reads characters that are escaped is not among them."""
    found: set[str] = set()
    for line in {value, *value.splitlines()[:_MAX_LINES]}:
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
    """Finds texts, also where they are quoted for a URL, escaped in JSON, HTML, a shell or a
    `repr`, one within another, and, where they are long enough to tell, in other case and broken
    over lines."""

    def __init__(self, texts: Iterable[str] = ()) -> None:
        read = {reading for text in texts for reading in _readings(text)}
        self._texts = sorted((read | {text.replace(" ", "+") for text in read}) - {""})
        unbroken = {_AT_BREAKS.sub("", text) for text in read}
        self._long = _squeezed(text for text in unbroken if len(text) >= _MIN_BROKEN_CHARACTERS)
        self._pairs = _squeezed(filter(_HEXADECIMAL.fullmatch, self._texts))

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
        # Each layer is searched: what stands beside a value may make an escape of its first or
        # its last character.
        for layer in _layers(text):
            yield from _found(self._texts, layer)
            if "\n" in layer.text or "\r" in layer.text:
                yield from _found_without(_AT_BREAKS, self._long, layer)
            yield from _found_without(_BETWEEN_PAIRS, self._pairs, layer)


def _layers(text: str) -> Iterator[Layer]:
    layer: Layer | None = Layer(text)
    for _ in range(MAX_LAYERS + 1):
        if layer is None:
            return
        yield layer
        layer = layer.next()


def _readings(text: str) -> Iterator[str]:
    """What a text reads as on each layer, whole and where it cannot be told from what it means."""
    yield text
    given = [text]
    if len(text) >= _MIN_ANY_CASE_CHARACTERS and not _SPELLED_IN_ONE_WAY.fullmatch(text):
        # A path or a sign before it may make an escape of it; a quote behind it ends one.
        given += [f"\\{text}", f"%{text}", text.rstrip("\\"), ascii(text)[1:-1]]
    for one in given:
        layer = Layer(one)
        for _ in range(MAX_LAYERS):
            if (above := layer.unescaped()) is None:
                break
            layer = above
            yield layer.text


def _squeezed(texts: Iterable[str]) -> list[tuple[str, bytes]]:
    return [(text, squeezed(lower(text))) for text in sorted(texts)]


def _found_without(
    left_out: re.Pattern[str], texts: Iterable[tuple[str, bytes]], layer: Layer
) -> Iterator[tuple[int, int]]:
    if within := [text for text, test in texts if test in layer.squeezed]:
        yield from _found(within, layer.without(left_out))


def _found(texts: Iterable[str], layer: Layer) -> Iterator[tuple[int, int]]:
    for wanted in texts:
        any_case = len(wanted) >= _MIN_ANY_CASE_CHARACTERS
        within, sought = (layer.lowered, lower(wanted)) if any_case else (layer.text, wanted)
        alone = not any_case and wanted.isascii() and (wanted.isdecimal() or wanted.isalpha())
        at = within.find(sought)
        while at >= 0:
            end = at + len(sought)
            # Four digits, or a short word, are part of many others.
            if not (alone and (_is_word(within, at - 1) or _is_word(within, end))):
                yield layer.origin(at, end)
            at = within.find(sought, end)


def _merged(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if merged and start < merged[-1][1]:
            merged[-1] = merged[-1][0], max(end, merged[-1][1])
        else:
            merged.append((start, end))
    return merged


def _is_word(text: str, at: int) -> bool:
    return 0 <= at < len(text) and text[at].isascii() and text[at].isalnum()
