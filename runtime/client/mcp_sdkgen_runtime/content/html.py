"""Content blocks as HTML for notebooks. Nothing a server sent is trusted to be HTML."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from html import escape
from typing import Any

from ..errors import ResultError
from .base64_text import decoded

# SVG is left out: it can carry scripts and remote references.
_SHOWN = {
    "image": {"image/png", "image/jpeg", "image/gif", "image/webp"},
    "audio": {"audio/wav", "audio/mpeg", "audio/mp3", "audio/ogg", "audio/flac", "audio/webm"},
}


def html_of(blocks: Iterable[dict[str, Any]]) -> str:
    """HTML that shows content blocks: texts escaped, raster images and sounds embedded."""
    return "".join(_html(block) for block in blocks)


def _html(block: dict[str, Any]) -> str:
    kind = block.get("type")
    if kind == "text":
        return f"<pre>{escape(str(block.get('text', '')))}</pre>"
    if kind in ("image", "audio"):
        return _media(kind, str(block.get("mimeType")), block.get("data"))
    if kind == "resource" and isinstance(item := block.get("resource"), dict):
        body = f"<pre>{escape(item['text'])}</pre>" if isinstance(item.get("text"), str) else ""
        return f"<p><code>{escape(str(item.get('uri', '')))}</code></p>{body}"
    if kind == "resource_link":
        # No <a href>: the scheme is the server's choice, `javascript:` included.
        name, uri = str(block.get("name", "")), str(block.get("uri", ""))
        return f"<p>{escape(name)} <code>{escape(uri)}</code></p>"
    return f"<p><em>{escape(str(kind))}</em></p>"


def _media(kind: str, mime_type: str, data: Any) -> str:
    if mime_type.lower() not in _SHOWN[kind] or not isinstance(data, str):
        return f"<p><em>{kind}: {escape(mime_type)}</em></p>"
    try:
        safe = base64.b64encode(decoded(data)).decode("ascii")
    except ResultError:
        return f"<p><em>{kind}: damaged data</em></p>"
    source = f"data:{mime_type.lower()};base64,{safe}"
    return (
        f'<img src="{source}">' if kind == "image" else f'<audio controls src="{source}"></audio>'
    )
