"""Images, sounds, resources and links inside an answer."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..errors import ResultError
from ..text import shortened
from .base64_text import decoded
from .html import html_of


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _saved(data: bytes, path: str | os.PathLike[str]) -> Path:
    target = Path(path)
    target.write_bytes(data)
    return target


@dataclass(frozen=True, slots=True)
class Media:
    """An image or a sound. `encoded` is the base64 text as it came."""

    kind: str
    mime_type: str
    encoded: str = field(repr=False)

    @classmethod
    def of(cls, block: dict[str, Any]) -> Media:
        """Read an `image` or `audio` content block."""
        return cls(_text(block.get("type")), _text(block.get("mimeType")), _text(block.get("data")))

    @property
    def data(self) -> bytes:
        """The decoded bytes. Raises `ResultError` when they are no base64."""
        return decoded(self.encoded)

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the bytes to a file (replaced when it exists) and return its path."""
        return _saved(self.data, path)

    def _repr_html_(self) -> str:
        block = {"type": self.kind, "mimeType": self.mime_type, "data": self.encoded}
        return html_of([block])


@dataclass(frozen=True, slots=True)
class Resource:
    """One resource's content: `text`, or `data` when it is binary. `wire` is what came."""

    uri: str
    mime_type: str
    text: str | None
    wire: dict[str, Any] = field(repr=False)

    @classmethod
    def of(cls, item: dict[str, Any]) -> Resource:
        """Read the wire form of a resource's contents."""
        text = item.get("text")
        return cls(
            _text(item.get("uri")),
            _text(item.get("mimeType")),
            text if isinstance(text, str) else None,
            item,
        )

    @property
    def data(self) -> bytes:
        """The decoded bytes; a text in UTF-8. Raises `ResultError` when they are no base64."""
        if self.text is not None:
            return self.text.encode("utf-8", "surrogatepass")
        return decoded(self.wire.get("blob"))

    def json(self) -> Any:
        """The text read as JSON. Raises `ResultError` when it is not JSON."""
        try:
            return json.loads(self.text or "")
        except (ValueError, RecursionError) as error:
            raise ResultError(f"not JSON: {shortened(self.text)}", data=self.text) from error

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the bytes to a file (replaced when it exists) and return its path."""
        return _saved(self.data, path)


@dataclass(frozen=True, slots=True)
class ResourceLink:
    """A link to a resource that can be read with `client.resources.read(link.uri)`."""

    uri: str
    name: str
    title: str
    description: str
    mime_type: str

    @classmethod
    def of(cls, block: dict[str, Any]) -> ResourceLink:
        """Read a `resource_link` content block."""
        keys = ("uri", "name", "title", "description", "mimeType")
        return cls(*(_text(block.get(key)) for key in keys))
