"""Finds in XML what goes by a secret's name, and where it stands.

No parser of XML tells where the value of an attribute stands, which is needed to hide it, and an
argument may hold a piece of a document, which is no XML by itself. So tags are read one by one:
each character once, no entity but those of characters, whatever is open or closed too often.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import unescape
from typing import Final

from ..display import is_secret_name

_TAG: Final = re.compile(r"<(?:(?P<name>[A-Za-z_][\w.-]*(?::[\w.-]*)?)|(?P<closed>/[\w.:-]*))")
_ATTRIBUTE: Final = re.compile(
    r"""(?P<name>[A-Za-z_][\w.:-]*)(?:\s*=\s*(?:"(?P<a>[^"<]*)"?|'(?P<b>[^'<]*)'?))?|[^<>]"""
)
"""An attribute, or a character between two."""
_NAMING: Final = frozenset(("key", "name", "id", "property"))
_VALUES: Final = frozenset(("value", "val", "content", "data", "text"))
_COMMENT: Final = ("<!--", "-->")
_CDATA: Final = ("<![CDATA[", "]]>")


@dataclass(frozen=True, slots=True)
class Marked:
    """A value that goes by a secret's name: `name` is that of its element or attribute.

    More than one of `spans` are parts of the value between which a comment stands, or CDATA begins.
    """

    name: str
    value: str
    spans: tuple[tuple[int, int], ...]


@dataclass(slots=True)
class _Element:
    name: str
    is_secret: bool = False
    next_is_secret: bool = False
    """A child said so: `<key>password</key>`."""
    pieces: list[str] = field(default_factory=list)
    spans: list[tuple[int, int]] = field(default_factory=list)


def marked_secrets(text: str) -> Iterator[Marked]:
    """What is secret in the XML of a text, by names of elements and attributes. A name may also
    stand beside the value: in an attribute (`<add key="pin" value="1">`, `<entry key="pin">1<`) or
    in an element before it (`<key>pin</key><string>1<`)."""
    return _Document(text).secrets() if "<" in text else iter(())


class _Document:
    """A text, read from its begin to its end."""

    def __init__(self, text: str, start: int = 0, end: int | None = None) -> None:
        self._text = text
        self._at = start
        self._end = len(text) if end is None else end
        self._open = [_Element("")]
        self._names: Counter[str] = Counter()
        self._unended: set[str] = set()

    def secrets(self) -> Iterator[Marked]:
        """The secrets between start and end, as they come."""
        while self._at < self._end:
            begun = self._at
            if self._text[begun] != "<":
                found = self._text.find("<", begun, self._end)
                self._at = self._end if found < 0 else found
                self._add(begun, self._at, unescape(self._text[begun : self._at]))
            elif inside := self._enclosed(_COMMENT):
                yield from _Document(self._text, *inside).secrets()
            elif inside := self._enclosed(_CDATA):
                self._add(*inside, self._text[slice(*inside)])
            elif tag := _TAG.match(self._text, begun, self._end):
                self._at = tag.end()
                if tag["name"] is None:
                    yield from self._closed(_local(tag["closed"][1:]))
                else:
                    yield from self._opened(_local(tag["name"]))
            else:
                self._at += 1
                self._add(begun, self._at, "<")

    def _add(self, start: int, end: int, piece: str) -> None:
        top = self._open[-1]
        top.pieces.append(piece)
        top.spans.append((start, end))

    def _enclosed(self, signs: tuple[str, str]) -> tuple[int, int] | None:
        """Where what is enclosed begins and ends, if it is so here. It is read past."""
        before, after = signs
        if after in self._unended or not self._text.startswith(before, self._at, self._end):
            return None
        start = self._at + len(before)
        end = self._text.find(after, start, self._end)
        if end < 0:
            self._unended.add(after)
            return None
        self._at = end + len(after)
        return start, end

    def _opened(self, name: str) -> Iterator[Marked]:
        parent = self._open[-1]
        if name in _NAMING:
            parent.next_is_secret = False
        is_secret = parent.is_secret or parent.next_is_secret or is_secret_name(name)
        values = []
        while found := _ATTRIBUTE.match(self._text, self._at, self._end):
            self._at = found.end()
            group = "a" if found["a"] is not None else "b"
            if found["name"] and found[group]:
                values.append((_local(found["name"]), unescape(found[group]), found.span(group)))
        is_secret |= any(
            key in _NAMING and is_secret_name(_local(value)) for key, value, _ in values
        )
        for key, value, span in values:
            if is_secret_name(key) or (is_secret and key in _VALUES):
                yield Marked(key if is_secret_name(key) else name, value, (span,))
        is_whole = self._text.startswith(">", self._at, self._end)
        if is_whole and self._text[self._at - 1] != "/":
            self._open.append(_Element(name, is_secret))
            self._names[name] += 1
        self._at += is_whole

    def _closed(self, name: str) -> Iterator[Marked]:
        """What stands before the end of an element is its value, also where the wrong one ends."""
        found = self._text.find(">", self._at, self._at + 64)
        self._at = min(found + 1 or self._at, self._end)
        yield from self._said()
        while self._names[name]:
            last = self._open.pop()
            self._names[last.name] -= 1
            if last.name == name:
                return
            yield from self._said()

    def _said(self) -> Iterator[Marked]:
        """What the innermost element has said since the last tag that ended in it."""
        top = self._open[-1]
        pieces, top.pieces = top.pieces, []
        spans, top.spans = top.spans, []
        value = "".join(pieces).strip()
        if top.is_secret and value:
            several = zip(pieces, spans, strict=True)
            yield Marked(top.name, value, tuple(span for piece, span in several if piece.strip()))
        if top.name in _NAMING and len(self._open) > 1:
            self._open[-2].next_is_secret = is_secret_name(_local(value))


def _local(name: str) -> str:
    return name.rpartition(":")[2]
