"""Folders beside what is being written, and what becomes of those that a kill left there.

A project that was cloned may hold folders that look like them. So only those count that are in a
list of this user's, outside of all projects, and no link is followed to them or in them.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from errno import ELOOP, ENOENT, ENOTDIR
from pathlib import Path
from stat import S_ISREG

from mcp_sdkgen_runtime.errors import ConfigurationError
from mcp_sdkgen_runtime.files import make_private, read_own, state_folder
from mcp_sdkgen_runtime.schema.definitions import LOCK

_PREFIX = ".mcp-sdkgen-"
_FORMER = "former"
_OTHERWISE = (ENOENT, ENOTDIR, ELOOP)
"""What is not there, or is a link, is no folder that a build left."""


@dataclass(frozen=True)
class _Entry:
    """One scratch folder in the list: where it is, whom it belongs to, and what it is for.

    `name` is its name in `parent`, an absolute path without links, and ends in a nonce. `place` is
    the name there of what it lies beside, `package` that of the package which is replaced, if one
    is.
    """

    parent: str
    place: str
    name: str
    package: str
    process: int


@contextmanager
def scratch(beside: Path, package: str = "") -> Iterator[Path]:
    """A folder beside a path, on the same disk, for what is to take its place. Raises `OSError`.

    Those that a kill left there are removed. `package` is the name of the package in `beside`, if
    it is to be replaced.
    """
    beside.parent.mkdir(parents=True, exist_ok=True)
    for entry in _left(beside):
        _remove(entry)
    nonce = secrets.token_hex(8)
    name = f"{_PREFIX}{beside.name}-{os.getpid()}-{nonce}"
    made = beside.parent / name
    entry = _Entry(str(beside.parent.resolve()), beside.name, name, package, os.getpid())
    listed = _listed(entry)
    try:
        made.mkdir(0o700)
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)
        if listed is not None and not os.path.lexists(made):
            listed.unlink(missing_ok=True)


def set_aside(package: Path, made: Path) -> None:
    """Move a package into its scratch folder, out of the way of a new one. Raises `OSError`."""
    former = made / _FORMER
    former.mkdir()
    package.rename(former / package.name)


def restore(folder: Path) -> None:
    """Put back a package that a kill caught between two renames, and remove what else the kill
    left. Raises `OSError`."""
    for entry in _left(folder):
        if not entry.package:
            continue
        try:
            _put_back(entry)
        except OSError as error:
            if error.errno not in _OTHERWISE:
                raise
        _remove(entry)


def _put_back(entry: _Entry) -> None:
    with (
        _opened(entry) as parent,
        _below(parent, entry.name, _FORMER) as former,
        _below(parent, entry.place) as place,
    ):
        if _is_package(former, entry.package) and not _exists(place, entry.package):
            os.rename(entry.package, entry.package, src_dir_fd=former, dst_dir_fd=place)


def _left(beside: Path) -> Iterator[_Entry]:
    """The scratch folders beside a path, in this user's list, of processes that are no more."""
    parent = str(beside.parent.resolve())
    for path, entry in _entries():
        if _is_alive(entry.process):
            continue
        if (entry.parent, entry.place) == (parent, beside.name):
            yield entry
        if not os.path.lexists(Path(entry.parent, entry.name)):
            path.unlink(missing_ok=True)


def _remove(entry: _Entry) -> None:
    # A link there is not followed, and nothing that a link in it leads to is removed.
    with suppress(OSError), _opened(entry) as parent:
        shutil.rmtree(entry.name, ignore_errors=True, dir_fd=parent)


@contextmanager
def _opened(entry: _Entry) -> Iterator[int]:
    """The folder around a scratch folder; no part of its path is a link. Raises `OSError`."""
    root = Path(entry.parent).anchor
    opened = os.open(root, os.O_RDONLY | os.O_DIRECTORY)
    try:
        with _below(opened, *Path(entry.parent).relative_to(root).parts) as parent:
            yield parent
    finally:
        os.close(opened)


@contextmanager
def _below(folder: int, *names: str) -> Iterator[int]:
    """A folder in an open one, through no link. Raises `OSError`."""
    opened = os.dup(folder)
    try:
        for name in names:
            flags = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW
            inner = os.open(name, flags, dir_fd=opened)
            os.close(opened)
            opened = inner
        yield opened
    finally:
        os.close(opened)


def _is_package(folder: int, package: str) -> bool:
    """Whether a folder holds a package that was built."""
    with suppress(OSError), _below(folder, package) as opened:
        return S_ISREG(os.stat(LOCK, dir_fd=opened, follow_symlinks=False).st_mode)
    return False


def _exists(folder: int, name: str) -> bool:
    with suppress(FileNotFoundError):
        os.stat(name, dir_fd=folder, follow_symlinks=False)
        return True
    return False


def _list_folder() -> Path:
    return state_folder() / "builds"


def _listed(entry: _Entry) -> Path | None:
    """Put a scratch folder into the list. None where this user has no place for one: a kill then
    leaves the folder for good."""
    try:
        folder = _list_folder()
        make_private(folder)
        path = folder / f"{entry.process}-{secrets.token_hex(8)}.json"
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(file, "wb") as opened:
            opened.write(json.dumps(asdict(entry)).encode())
    except (OSError, ConfigurationError):
        return None
    return path


def _entries() -> Iterator[tuple[Path, _Entry]]:
    """The list. What a kill cut off while it was written is of a folder that was not made."""
    try:
        paths = sorted(_list_folder().glob("*-*.json"))
    except (OSError, ConfigurationError):
        return
    for path in paths:
        try:
            entry = _Entry(**json.loads(read_own(path)))
        except FileNotFoundError:  # removed by its process meanwhile
            continue
        except (OSError, ValueError, TypeError):
            process = path.name.partition("-")[0]
            if process.isdecimal() and not _is_alive(int(process)):
                path.unlink(missing_ok=True)
            continue
        yield path, entry


def _is_alive(process: int) -> bool:
    if sys.platform == "win32":  # there, a signal of 0 would end it
        return True
    if process == os.getpid():
        return True
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        pass
    return True
