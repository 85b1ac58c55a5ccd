"""Values that a binding only points at: `keyring://service/name` and `file:///path`.

They are looked up when a connection opens, each time, and are kept nowhere.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import unquote, urlsplit

from ..errors import BindingError
from ..files import read_heeded
from .auth import ClientCredentials, OAuth
from .targets import HttpTarget, StdioTarget, Target

_MAX_BYTES = 64 * 1024
_REFERENCE = re.compile(r"(?P<before>[A-Za-z][\w-]* +)?(?P<url>keyring://\S+|file:///\S+)")
"""A reference is the whole value, but for one word before it such as `Bearer`."""


T = TypeVar("T", bound=Target)


def with_secrets(target: T, server: str) -> T:
    """`target` with every reference replaced by what it points at.

    May wait for the keyring, which may ask its user. Raises `BindingError`, which names the key
    and the reference but never a value.
    """
    if isinstance(target, StdioTarget):
        return replace(target, env=_table(target.env, "environment variable", server))
    if isinstance(target, HttpTarget):
        auth = target.auth
        if isinstance(auth, OAuth | ClientCredentials) and auth.client_secret:
            found = looked_up(auth.client_secret, "client_secret", server)
            auth = replace(auth, client_secret=found)
        return replace(target, headers=_table(target.headers, "header", server), auth=auth)
    return target


def _table(values: Mapping[str, str], kind: str, server: str) -> dict[str, str]:
    found = {key: looked_up(value, f"{kind} {key}", server) for key, value in values.items()}
    for key, value in found.items():
        if kind == "header" and re.search(r"[\r\n\0]", value):
            raise BindingError(f"{kind} {key}: its value is more than one line", server=server)
    return found


def looked_up(value: str, key: str, server: str) -> str:
    """What one value means: what its reference points at, or itself when it is none."""
    match = _REFERENCE.fullmatch(value)
    if match is None:
        return value
    reference = match["url"]
    look = _from_keyring if reference.startswith("keyring:") else _from_file
    try:
        found = look(reference)
    except LookupError as error:
        # Not `from error`: a keyring's own message may tell more than it should.
        raise BindingError(f"{key}: {reference}: {error.args[0]}", server=server) from None
    return (match["before"] or "") + found


def _from_file(reference: str) -> str:
    # Deferred: it imports all of HTTP, and most values are no files.
    from urllib.request import url2pathname

    parts = urlsplit(reference)
    try:
        content = read_heeded(Path(url2pathname(parts.path)), _MAX_BYTES + 1)
        text = content.decode().strip()
    except OSError as error:
        raise LookupError(f"cannot be read: {error.strerror}") from None
    except ValueError:
        raise LookupError("is not text") from None
    if len(content) > _MAX_BYTES:
        raise LookupError(f"is longer than {_MAX_BYTES} bytes")
    if not text:
        raise LookupError("is empty")
    return text


def _from_keyring(reference: str) -> str:
    service, _, name = reference.removeprefix("keyring://").partition("/")
    if not service or not name:
        raise LookupError("write keyring://service/name")
    keyring = keyring_library()
    if keyring is None:
        raise LookupError("needs the keyring library; pip install keyring")
    try:
        found: str | None = keyring.get_password(unquote(service), unquote(name))
    except Exception as error:
        raise LookupError(f"the keyring cannot be read ({type(error).__name__})") from None
    if found is None:
        raise LookupError(
            f"is not in the keyring; add it with: keyring set {unquote(service)} {unquote(name)}"
        )
    return found


def keyring_library() -> Any:
    """The `keyring` module, or None where it is not installed."""
    try:
        import keyring
    except ImportError:
        return None
    return keyring
