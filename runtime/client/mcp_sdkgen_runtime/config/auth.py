"""How a binding says that it logs in: the `auth` of an `mcp.json` entry, read into values."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias
from urllib.parse import urlsplit

OF_LOGIN: Final = "mcp_sdkgen_login"
"""Marks a request that a login makes for itself: its status is not the server's."""


@dataclass(frozen=True, slots=True)
class OAuth:
    """A person logs in once, with `mcp-sdkgen login`; the tokens are kept and refreshed.

    Without `client_id`, the client is the document at `client_metadata_url` where the server knows
    such, and else registers itself. `scopes` are asked for exactly; the server names them if empty.
    """

    scopes: tuple[str, ...] = ()
    client_id: str | None = None
    client_secret: str | None = field(default=None, repr=False)
    client_metadata_url: str | None = None


@dataclass(frozen=True, slots=True)
class ClientCredentials:
    """A machine logs in with its own id and secret; nobody is asked, and nothing is kept.

    `issuer` pins who may be given the secret. Without it, the MCP server says who that is.
    """

    client_id: str
    client_secret: str = field(repr=False)
    scopes: tuple[str, ...] = ()
    issuer: str | None = None


Auth: TypeAlias = OAuth | ClientCredentials

_KEYS: Final = {
    "oauth": ("scopes", "client_id", "client_secret", "client_metadata_url"),
    "client_credentials": ("scopes", "client_id", "client_secret", "issuer"),
}


def read_auth(entry: Any, value: Callable[[Any], str]) -> Auth | None:
    """Read the `auth` of an entry; `value` expands its texts. Raises `ValueError`.

    No message repeats what was given, since a token may stand there by mistake.
    """
    if entry is None or entry is False:
        return None
    if isinstance(entry, str):
        entry = {"type": entry}
    if not isinstance(entry, Mapping):
        raise ValueError('`auth` is neither "oauth" nor an object')
    # Cursor writes its keys in capitals.
    given = {str(key).lower(): found for key, found in entry.items() if found is not None}
    kind = str(given.pop("type", "oauth"))
    if kind not in _KEYS:
        raise ValueError('`auth` is of a type other than "oauth" and "client_credentials"')
    if unknown := sorted(set(given) - set(_KEYS[kind])):
        raise ValueError(f"`auth` has keys that {kind} does not know: {', '.join(unknown)[:80]}")
    scopes = given.pop("scopes", ())
    words = value(scopes).split() if isinstance(scopes, str) else [value(one) for one in scopes]
    texts: dict[str, str] = {key: value(found) for key, found in given.items()}
    if kind == "oauth":
        if "client_metadata_url" in texts:
            _check_document(texts["client_metadata_url"])
        return OAuth(scopes=tuple(words), **texts)
    for key in ("client_id", "client_secret"):
        if not texts.get(key):
            raise ValueError(f"`auth` of type client_credentials needs {key}")
    return ClientCredentials(scopes=tuple(words), **texts)


def _check_document(url: str) -> None:
    parts = urlsplit(url)
    if parts.scheme != "https" or parts.path in ("", "/"):
        raise ValueError("`client_metadata_url` is not an https address with a path")
