"""Which configuration files may say what is run and what is allowed.

A file that somebody named is heeded. One that was found, in the working folder or above it, may be
anybody's: it must belong to this user or root, and where that is too little, as in a project that
was cloned, its user must have said once that it is trusted as it is now.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from hashlib import file_digest, sha256
from pathlib import Path

from ..errors import ConfigurationError
from ..files import (
    data_folder,
    lock_beside,
    make_private,
    open_regular,
    read_heeded,
    read_own,
    read_regular,
    replacing,
)
from ..ownership import why_not_heeded
from .display import shown_path
from .document import MAX_BYTES, within_limit

EDITOR_FOLDERS = (".vscode", ".cursor")
"""Folders whose files speak of the folder around them."""

_FORMAT = 1
_MAX_FILES = 20_000
_MAX_FOLDER_BYTES = 512 * 1024 * 1024


@dataclass(frozen=True)
class Word:
    """What this user said of a file: whether it is trusted, and the digest of its content then."""

    path: Path
    is_trusted: bool
    digest: str

    @property
    def is_current(self) -> bool:
        """Whether the file still is as it was."""
        return self.is_about(_content(self.path))

    def is_about(self, content: bytes | None) -> bool:
        """Whether it was said of this content. None is that of a file that cannot be read."""
        return content is not None and sha256(content).hexdigest() == self.digest


def refusal(path: Path, *, must_be_trusted: bool = False) -> str:
    """Why a file that was found is not heeded; empty where it is.

    Nobody else may have a say in it (`ownership.why_not_heeded`), nor in a folder such as `.cursor`
    that it stands in: anybody may put a file, or a link to a file of this user's, into a folder
    such as `/tmp`. With `must_be_trusted` its user must have trusted it besides.
    """
    own_folder = [path.parent] if path.parent.name.startswith(".") else []
    for place in (*own_folder, path):
        if why := why_not_heeded(place):
            return f"{why}; to use the file all the same, pass its path"
    if must_be_trusted and not is_trusted(path):
        return "is not trusted"
    return ""


def found_content(path: Path) -> bytes:
    """What a file holds that was found. Raises `ConfigurationError`, also where it is not heeded.

    Whose it is, is asked of the very file that is read: it may be another a moment later.
    """
    shown = shown_path(path)
    if why := refusal(path):
        raise ConfigurationError(f"{shown}: {why}", hint="if you trust the file, pass its path")
    try:
        content = read_heeded(path, MAX_BYTES + 1)
    except OSError as error:
        raise ConfigurationError(
            f"{shown}: cannot be read: {error.strerror}", hint="check the path and its permissions"
        ) from None
    return within_limit(content, path)


def is_trusted(path: Path, content: bytes | None = None) -> bool:
    """Whether this user has trusted the file at this path with `content`, else with what it holds
    now. Who goes on to use the content gives it: the file may be another a moment later."""
    word = said(path, content)
    return word is not None and word.is_trusted


def said(path: Path, content: bytes | None = None) -> Word | None:
    """What this user said of a file with `content`, else with what it holds now, if anything."""
    try:
        found = {word.path: word for word in words()}.get(_place(path))
    except ConfigurationError:  # nothing is taken from a store that cannot be read
        return None
    if found is None:
        return None
    return found if found.is_about(_content(path) if content is None else content) else None


def words() -> list[Word]:
    """What this user said of files, by path. Raises `ConfigurationError` for a spoiled store."""
    store = _store()
    try:
        data = json.loads(read_own(store))
        if data["format"] != _FORMAT:
            raise ValueError("written by another version of mcp-sdkgen")
        found = [
            Word(Path(path), bool(entry["trusted"]), str(entry["sha256"]))
            for path, entry in data["files"].items()
        ]
    except FileNotFoundError:
        return []
    except PermissionError as error:
        raise ConfigurationError(
            f"{store}: {error.strerror}",
            hint="make it readable and writable by you alone, then run `mcp-sdkgen trust --list`",
        ) from None
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ConfigurationError(
            f"{store}: not a list of trusted files: {error}",
            hint="remove it, and trust the files again",
        ) from None
    return sorted(found, key=lambda word: word.path)


def say(path: Path, *, trusted: bool, content: bytes | None = None) -> Word:
    """Keep that a file is trusted, or is not, with `content`, which a person was shown, else with
    what it holds now: of a folder, all files below it. Raises `ConfigurationError`."""
    word = _word(path, trusted, content)
    _keep([word])
    return word


def say_all(paths: Iterable[Path], *, trusted: bool) -> None:
    """`say` of several at once, with what they hold now. Raises `ConfigurationError`."""
    _keep([_word(path, trusted, None) for path in paths])


def _word(path: Path, trusted: bool, content: bytes | None) -> Word:
    place = _place(path)
    content = _content(place) if content is None else content
    if content is None:
        raise ConfigurationError(f"{place}: cannot be read", hint="name a file that is there")
    return Word(place, trusted, sha256(content).hexdigest())


def _keep(said: list[Word]) -> None:
    with _changing():
        # What is gone is forgotten, so that the list does not grow for ever.
        known = {word.path: word for word in words() if word.path.exists()}
        _write({**known, **{word.path: word for word in said}})


def forget(path: Path) -> bool:
    """Take back what was said of a file; whether there was anything. Raises
    `ConfigurationError`."""
    with _changing():
        found = {word.path: word for word in words()}
        if found.pop(_place(path), None) is None:
            return False
        _write(found)
        return True


@contextmanager
def _changing() -> Iterator[None]:
    """While the block lasts, no other process changes the store. Raises `ConfigurationError`, also
    for an `OSError` of the block."""
    try:
        with lock_beside(_store()):
            yield
    except OSError as error:
        raise ConfigurationError(
            f"{_store()}: {error.strerror or error}", hint="set XDG_DATA_HOME to a folder of yours"
        ) from None


def _write(found: Mapping[Path, Word]) -> None:
    files = {
        str(path): {"sha256": word.digest, "trusted": word.is_trusted}
        for path, word in sorted(found.items())
    }
    store = _store()
    make_private(store.parent)
    with replacing(store) as file:
        file.write(json.dumps({"format": _FORMAT, "files": files}, indent=1).encode())


def _store() -> Path:
    return data_folder() / "trusted.json"


def _place(path: Path) -> Path:
    """Where a file was found, by which it is known: links lead to its folder, and none from there.

    A file says what is run in the folder that it stands in. So a link in a cloned project to a file
    that is trusted elsewhere is another file.
    """
    within = 2 if path.absolute().parent.name in EDITOR_FOLDERS else 1
    folder = path.absolute().parents[within - 1]
    return folder.resolve().joinpath(*path.absolute().parts[-within:])


def _content(path: Path) -> bytes | None:
    with suppress(OSError):
        return _listing(path) if path.is_dir() else read_regular(path, MAX_BYTES)
    return None


def _listing(folder: Path) -> bytes | None:
    """The digests and names of all files in a folder; None where a link is one, or leads to it, and
    for very many or very large ones. Folders of Python's caches do not count. Raises `OSError`,
    also for a pipe, a socket or a device."""
    lines: list[str] = []
    left = _MAX_FOLDER_BYTES
    for root, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if name != "__pycache__")
        for file in (Path(root, name) for name in sorted([*names, *folders])):
            if file.is_symlink() or len(lines) == _MAX_FILES:
                return None
            if file.is_dir():
                continue
            with open_regular(file) as opened:
                left -= os.fstat(opened.fileno()).st_size
                if left < 0:
                    return None
                digest = file_digest(opened, "sha256").hexdigest()
            lines.append(f"{digest} {file.relative_to(folder).as_posix()!r}\n")
    return None if folder.is_symlink() else "".join(lines).encode()
