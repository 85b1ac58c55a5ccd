"""Logins between runs: tokens in the system's keyring, or in a file that only its owner can read.

One file lists all logins, keyed by issuer and resource. The secret parts stand in the keyring where
there is one, else beside the rest. The file is only ever replaced as a whole, under a lock, so
processes that log in or refresh at once lose nothing.
"""

from __future__ import annotations

import hashlib
import json
import logging
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal
from urllib.parse import urlsplit, urlunsplit

from ..config.secrets import keyring_library
from ..files import lock_beside, replacing, state_folder

if TYPE_CHECKING:
    from filelock import FileLock

FORMAT: Final = "mcp-sdkgen/logins/1"
_SERVICE: Final = "mcp-sdkgen"
_NO_KEYRING: Final = ("keyring.backends.fail", "keyring.backends.null")

_log = logging.getLogger("mcp_sdkgen_runtime")


@dataclass(frozen=True, slots=True)
class Login:
    """One login, without its tokens. Times are seconds since the epoch.

    `server_metadata` and `resource_metadata` are what discovery found, so that a later process
    refreshes where this one logged in.
    """

    issuer: str
    resource: str
    client: dict[str, Any]
    scope: str | None
    expires_at: float | None
    lifetime_s: int | None
    refreshable: bool
    server_metadata: dict[str, Any] | None = field(repr=False)
    resource_metadata: dict[str, Any] | None = field(repr=False)
    saved_at: float = field(default_factory=time.time)
    kept_in: Literal["keyring", "file"] = "file"

    @property
    def key(self) -> tuple[str, str]:
        """What a login is known by."""
        return self.issuer, self.resource


@dataclass(frozen=True, slots=True)
class Secrets:
    """The part of a login that nobody is shown."""

    access_token: str = field(repr=False)
    refresh_token: str | None = field(default=None, repr=False)
    client_secret: str | None = field(default=None, repr=False)


def resource_of(url: str) -> str:
    """What a server's URL is called in the store: without user, query and fragment.

    A query tells servers apart and may hold a credential, so a digest stands for it.
    """
    parts = urlsplit(url)
    query = hashlib.sha256(parts.query.encode()).hexdigest()[:12] if parts.query else ""
    host = parts.netloc.rpartition("@")[2].lower()
    return urlunsplit((parts.scheme.lower(), host, parts.path, query, ""))


class LoginStore:
    """The logins of this user. Every method reads the file anew, and may wait for the keyring."""

    def __init__(self, folder: Path | None = None) -> None:
        if folder is None:
            folder = state_folder()
        self._folder = folder
        self._path = folder / "logins.json"

    def logins(self) -> list[Login]:
        """All logins, the latest first."""
        return [login for login, _ in self._entries()]

    def find(self, resource: str) -> tuple[Login, Secrets] | None:
        """The latest login for a resource whose tokens can be read."""
        for login, secrets in self._entries():
            if login.resource == resource:
                found = secrets or _from_keyring(login)
                if found is not None:
                    return login, found
        return None

    def save(self, login: Login, secrets: Secrets) -> Login:
        """Keep a login in place of an older one of the same issuer and resource."""
        in_keyring = _to_keyring(login, secrets)
        kept = replace(login, kept_in="keyring" if in_keyring else "file")

        def change(entries: list[_Entry]) -> list[_Entry]:
            others = [entry for entry in entries if entry[0].key != login.key]
            return [(kept, None if in_keyring else secrets), *others]

        self._change(change)
        return kept

    def forget(self, resource: str) -> list[Login]:
        """Remove all logins for a resource; returns them."""
        gone = [login for login in self.logins() if login.resource == resource]
        for login in gone:
            if login.kept_in == "keyring":
                _out_of_keyring(login)
        if gone:
            self._change(lambda entries: [e for e in entries if e[0].resource != resource])
        return gone

    def refresh_lock(self, resource: str) -> FileLock:
        """A lock, not yet taken, for who refreshes this login: a refresh token may work once."""
        return lock_beside(self._folder / hashlib.sha256(resource.encode()).hexdigest()[:16])

    def _entries(self) -> list[_Entry]:
        try:
            data = json.loads(self._path.read_text("utf-8"))
            if data["format"] != FORMAT:
                raise ValueError("another format")
            return [_entry(dict(one)) for one in data["logins"]]
        except FileNotFoundError:
            return []
        except (OSError, ValueError, KeyError, TypeError) as error:
            # Its text may quote the file; whoever logs in again repairs it.
            _log.warning("%s cannot be read (%s)", self._path, type(error).__name__)
            return []

    def _change(self, change: Callable[[list[_Entry]], list[_Entry]]) -> None:
        with lock_beside(self._path):
            entries = [
                {**asdict(login), **({"secrets": asdict(secrets)} if secrets else {})}
                for login, secrets in change(self._entries())
            ]
            text = json.dumps({"format": FORMAT, "logins": entries}, indent=1)
            with replacing(self._path) as file:  # only its owner can read it
                file.write(f"{text}\n".encode())


_Entry = tuple[Login, Secrets | None]


def _entry(data: dict[str, Any]) -> _Entry:
    secrets = data.pop("secrets", None)
    return Login(**data), Secrets(**secrets) if secrets else None


def _keyring() -> Any:
    library = keyring_library()
    if library is None:
        return None
    try:
        return None if type(library.get_keyring()).__module__ in _NO_KEYRING else library
    except Exception:
        return None


def _user(login: Login) -> str:
    return f"{login.issuer} {login.resource}"


def _to_keyring(login: Login, secrets: Secrets) -> bool:
    library = _keyring()
    if library is None:
        return False
    try:
        library.set_password(_SERVICE, _user(login), json.dumps(asdict(secrets)))
    except Exception as error:
        # Locked, gone, or too small: some keyrings take only 2,560 bytes.
        _log.warning(
            "the keyring cannot store the login (%s); a file stores it instead",
            type(error).__name__,
        )
        return False
    return True


def _from_keyring(login: Login) -> Secrets | None:
    library = _keyring()
    if library is None or login.kept_in != "keyring":
        return None
    try:
        found = library.get_password(_SERVICE, _user(login))
        return Secrets(**json.loads(found)) if found else None
    except Exception as error:
        _log.warning("the keyring cannot be read (%s)", type(error).__name__)
        return None


def _out_of_keyring(login: Login) -> None:
    library = _keyring()
    if library is not None:
        try:
            library.delete_password(_SERVICE, _user(login))
        except Exception as error:
            _log.warning("the login cannot be removed from the keyring (%s)", type(error).__name__)
