"""What did not fit into an answer, stored for a while under a handle that nobody can guess."""

from __future__ import annotations

import mimetypes
import secrets
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from mcp_sdkgen_runtime.text import printable

from ..outcome import Artifact
from .prompt import fence
from .tools import READ_OUTPUT, SHOWN_CHARS

STORED_BYTES: Final = 128 << 20
"""What is stored at most; the oldest goes first."""

IMAGES: Final[Mapping[str, bytes]] = {
    "image/png": b"\x89PNG\r\n\x1a\n",
    "image/jpeg": b"\xff\xd8\xff",
    "image/gif": b"GIF8",
    "image/webp": b"RIFF",
}
"""Kinds that models are shown as images, and how such files begin."""


@dataclass(frozen=True, slots=True)
class StoredOutput:
    """One output. `text` is None for what is no text; `handle` is empty where it is not stored."""

    name: str
    mime_type: str
    data: bytes
    text: str | None
    handle: str = ""


@dataclass(frozen=True, slots=True)
class OutputRange:
    """A range of the characters of an output; `next_offset` is None at its end."""

    output: str
    name: str
    offset: int
    text: str
    next_offset: int | None
    characters: int

    def __str__(self) -> str:
        """The range as a model is told of it."""
        end = self.offset + len(self.text)
        where = f"characters {self.offset:,} to {end:,} of {self.characters:,}"
        return f"{where}\n{fence(self.text, 'output')}"


class Outputs:
    """Outputs by handle."""

    def __init__(self, *, max_bytes: int = STORED_BYTES) -> None:
        self._max_bytes = max_bytes
        self._stored: OrderedDict[str, StoredOutput] = OrderedDict()
        self._size = 0

    def add_text(self, name: str, text: str) -> StoredOutput:
        """Store a text."""
        return self._add(name, "text/plain", text.encode("utf-8", "replace"), text)

    def add_file(self, artifact: Artifact) -> StoredOutput:
        """Store a file that a program left."""
        file = file_of(artifact)
        return self._add(file.name, file.mime_type, file.data, file.text)

    def get(self, handle: str) -> StoredOutput:
        """The output. Raises `LookupError`, with words for a model, for one that is not there."""
        if handle not in self._stored:
            raise LookupError(
                "there is no such output, or it is no longer stored; run the program again"
            )
        return self._stored[handle]

    def read(self, handle: str, offset: int, length: int) -> OutputRange:
        """`length` characters from `offset` on. Raises `LookupError`, and for no text too."""
        found = self.get(handle)
        if found.text is None:
            raise LookupError(f"{found.mime_type} is no text, and cannot be read in parts")
        text = found.text[offset : offset + length]
        end, total = offset + len(text), len(found.text)
        following = end if end < total else None
        return OutputRange(handle, found.name, offset, text, following, total)

    def _add(self, name: str, mime_type: str, data: bytes, text: str | None) -> StoredOutput:
        output = StoredOutput(name, mime_type, data, text, f"out-{secrets.token_hex(8)}")
        self._stored[output.handle] = output
        self._size += len(data)
        while self._size > self._max_bytes and len(self._stored) > 1:
            _, oldest = self._stored.popitem(last=False)
            self._size -= len(oldest.data)
        return output


@dataclass(frozen=True, slots=True)
class Cut:
    """Something that was too long for an answer: what it is, how long, and where it is whole."""

    what: str
    characters: int
    output: str


class Shortener:
    """Cuts long texts in the middle; with `outputs`, they are stored whole to be read on."""

    def __init__(self, outputs: Outputs | None) -> None:
        self._outputs = outputs
        self.cuts: list[Cut] = []

    def __call__(self, what: str, text: str) -> str:
        """`text`, or its head and tail with a word on where the rest is."""
        if len(text) <= SHOWN_CHARS:
            return text
        head, tail = SHOWN_CHARS * 2 // 3, SHOWN_CHARS // 3
        left_out = f"{len(text) - head - tail:,} of {len(text):,} characters left out"
        if self._outputs is None:
            advice = "print less"
            self.cuts.append(Cut(what, len(text), ""))
        else:
            handle = self._outputs.add_text(what, text).handle
            advice = f'{READ_OUTPUT}(output="{handle}", offset={head}) goes on here'
            self.cuts.append(Cut(what, len(text), handle))
        return f"{text[:head]}\n[… {left_out}; {advice} …]\n{text[-tail:]}"


def file_of(artifact: Artifact) -> StoredOutput:
    """A file with its kind, not stored: by its name, if the content bears that out."""
    name, data = printable(artifact.name), artifact.data
    for kind, begin in IMAGES.items():
        if data.startswith(begin):
            return StoredOutput(name, kind, data, None)
    guessed, _ = mimetypes.guess_type(artifact.name, strict=True)
    try:
        text = data.decode()
    except UnicodeDecodeError:
        odd = guessed is None or guessed.startswith(("text/", "image/"))
        kind = "application/octet-stream" if odd or guessed is None else guessed
        return StoredOutput(name, kind, data, None)
    if "\0" in text:
        return StoredOutput(name, "application/octet-stream", data, None)
    is_text = guessed is not None and (
        guessed.startswith("text/") or guessed in ("application/json", "application/xml")
    )
    kind = guessed if is_text and guessed else "text/plain"
    return StoredOutput(name, kind, data, printable(text))
