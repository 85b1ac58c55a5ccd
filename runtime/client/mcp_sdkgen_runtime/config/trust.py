"""Which configuration files may say what is run and what is allowed.

A file that somebody named is heeded. One that was found, in the working folder or above it, may be
anybody's: it must belong to this user or root, and where that is too little, as in a project that
was cloned, its user must have said once that it is trusted as it is now.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from ..errors import ConfigurationError
from ..files import data_folder, is_ours, replacing

_FORMAT = 1


@dataclass(frozen=True)
class Word:
    """What this user said of a file: whether it is trusted, and the digest of its content then."""

    path: Path
    is_trusted: bool
    digest: str

    @property
    def is_current(self) -> bool:
        """Whether the file still is as it was."""
        return _digest(self.path) == self.digest


def refusal(path: Path, *, must_be_trusted: bool = False) -> str:
    """Why a file that was found is not heeded; empty where it is.

    It, every link on the way to it, and a folder such as `.cursor` that it stands in must belong to
    this user or to root: anybody may put a file, or a link to a file of this user's, into a folder
    such as `/tmp`. With `must_be_trusted` its user must have trusted it besides. A file of another
    user is heeded if this user has trusted it.
    """
    own_folder = [path.parent] if path.parent.name.startswith(".") else []
    if not all(is_ours(place) for place in (*own_folder, path)) and not is_trusted(path):
        return "belongs to another user; name it to use it"
    if must_be_trusted and not is_trusted(path):
        return "is not trusted"
    return ""


def is_trusted(path: Path) -> bool:
    """Whether this user has trusted the file at this path with the content that it has now."""
    word = said(path)
    return word is not None and word.is_trusted


def said(path: Path) -> Word | None:
    """What this user said of a file with the content that it has now, if anything."""
    try:
        found = {word.path: word for word in words()}.get(path.resolve())
    except ConfigurationError:  # nothing is taken from a store that cannot be read
        return None
    return found if found is not None and found.is_current else None


def words() -> list[Word]:
    """What this user said of files, by path. Raises `ConfigurationError` for a spoiled store."""
    store = _store()
    try:
        data = json.loads(store.read_bytes())
        if data["format"] != _FORMAT:
            raise ValueError("of another version")
        found = [
            Word(Path(path), bool(entry["trusted"]), str(entry["sha256"]))
            for path, entry in data["files"].items()
        ]
    except FileNotFoundError:
        return []
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ConfigurationError(
            f"{store}: not a list of trusted files: {error}", hint="remove it, and trust them anew"
        ) from None
    return sorted(found, key=lambda word: word.path)


def say(path: Path, *, trusted: bool) -> Word:
    """Keep that a file, as it is now, is trusted or is not. Raises `ConfigurationError`."""
    path = path.resolve()
    digest = _digest(path)
    if not digest:
        raise ConfigurationError(f"{path}: cannot be read", hint="name a file that is there")
    word = Word(path, trusted, digest)
    # What is gone is forgotten, so that the list does not grow for ever.
    _write({**{word.path: word for word in words() if word.path.exists()}, path: word})
    return word


def forget(path: Path) -> bool:
    """Take back what was said of a file; whether there was anything. Raises
    `ConfigurationError`."""
    found = {word.path: word for word in words()}
    if found.pop(path.resolve(), None) is None:
        return False
    _write(found)
    return True


def _write(found: Mapping[Path, Word]) -> None:
    files = {
        str(path): {"sha256": word.digest, "trusted": word.is_trusted}
        for path, word in sorted(found.items())
    }
    store = _store()
    try:
        store.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with replacing(store) as file:
            file.write(json.dumps({"format": _FORMAT, "files": files}, indent=1).encode())
    except OSError as error:
        raise ConfigurationError(
            f"{store}: {error.strerror}", hint="set XDG_DATA_HOME to a folder of yours"
        ) from None


def _store() -> Path:
    return data_folder() / "trusted.json"


def _digest(path: Path) -> str:
    with suppress(OSError):
        return sha256(path.read_bytes()).hexdigest()
    return ""
