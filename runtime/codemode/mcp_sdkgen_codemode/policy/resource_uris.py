"""What a program may mean by the URI of a resource, before a server reads its own way into it.

A URI can be written in many ways, and a server decides which of them mean the same. So a rule about
URIs is heeded for those only that are written plainly: in the normal form of RFC 3986 (section 6),
and with nothing that climbs to another folder or host.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from mcp.shared.uri_template import UriTemplate

_MOST_CHARACTERS: Final = 2048
_PART: Final = r"(?:[A-Za-z0-9._~:@!$&'()*+,;=-]|%[0-9A-F]{2})*"
_WRITTEN = re.compile(
    rf"(?P<scheme>[a-z][a-z0-9+.-]*):(?P<rest>(?://(?P<authority>{_PART}|\[[0-9a-f:]+\](?::\d+)?))?"
    rf"(?P<path>{_PART}(?:/{_PART})*)(?:\?(?:{_PART}|[/?])*)?)"
)
_HOST = re.compile(r"[a-z0-9.:\[\]-]*")
_WITH_HOSTS: Final = ("http", "https", "ws", "wss", "ftp", "file")
"""Schemes whose authority is a host, in which letters of either case mean the same."""
_ESCAPE = re.compile(r"%([0-9A-F]{2})")
_NEEDLESS = re.compile(r"[A-Za-z0-9._~%/\\\x00-\x1f\x7f-]")
"""What needs no escape, or means another thing to whoever takes the escape away."""
_CLIMBS = re.compile(r"(?<![A-Za-z0-9._~%-])\.{1,2}(?![A-Za-z0-9._~%-])")
_STARTS_PLAINLY = re.compile(r"[a-z][a-z0-9+.-]*:")


def is_plain(uri: str) -> bool:
    """Whether a URI is written in its normal form, and can hardly mean another than it seems to."""
    found = _WRITTEN.fullmatch(uri) if len(uri) <= _MOST_CHARACTERS else None
    if found is None or "//" in found["path"] or _CLIMBS.search(found["rest"]):
        return False
    authority = found["authority"] or ""
    if found["scheme"] in _WITH_HOSTS and not _HOST.fullmatch(authority):
        return False
    if "@" in authority or (found["scheme"] == "file" and authority == "localhost"):
        return False
    return not any(_NEEDLESS.fullmatch(chr(int(byte, 16))) for byte in _ESCAPE.findall(uri))


def follows(uri: str, template: str) -> bool:
    """Whether a plain URI is what a template gives for some values (RFC 6570).

    A template that begins with a variable could give any URI, and one that cannot be taken apart
    (see `mcp.shared.uri_template`) may: none follows them.
    """
    if not is_plain(uri) or not _STARTS_PLAINLY.match(template):
        return False
    parsed = _parsed(template)
    if parsed is None:
        return False
    values = parsed.match(uri, max_uri_length=_MOST_CHARACTERS)
    # Reading is kinder than writing: what it took for a value must be written just so.
    return values is not None and parsed.expand(values) == uri


@lru_cache(maxsize=1024)
def _parsed(template: str) -> UriTemplate | None:
    # Deferred: it imports `mcp`, and few programs read resources.
    from mcp.shared.uri_template import InvalidUriTemplate, UriTemplate

    try:
        return UriTemplate.parse(template)
    except InvalidUriTemplate:
        return None
