"""Files that many threads and processes write: how, and where they lie.

Lines are of one JSON object each.
"""

from __future__ import annotations

import json
import os
import secrets
import shlex
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from errno import EEXIST, EFBIG, EINVAL, EISDIR, ENOTDIR, EPERM
from io import FileIO
from pathlib import Path
from stat import S_IMODE, S_ISDIR, S_ISLNK, S_ISREG
from typing import IO, TYPE_CHECKING, Any, Final

from .errors import ConfigurationError
from .ownership import (
    check_own,
    is_ours,
    is_private,
    user_id,
    why_not_heeded,
    why_not_reached,
    why_open_to_others,
)
from .text import INVISIBLE

if TYPE_CHECKING:
    from filelock import FileLock

_LOCK_TIMEOUT_S: Final = 20.0
_NO_LINK = getattr(os, "O_NOFOLLOW", 0)


def encoded(entry: Mapping[str, Any]) -> bytes:
    """An entry as a line. What a terminal or a reviewer would not see is written as an escape."""
    text = INVISIBLE.sub(
        lambda found: json.dumps(found[0])[1:-1], json.dumps(entry, ensure_ascii=False)
    )
    if not text.isprintable():
        text = "".join(c if c.isprintable() else json.dumps(c)[1:-1] for c in text)
    return text.encode() + b"\n"


def append(path: Path, line: bytes, *, anew: bool = False) -> None:
    """Write a line at the end of a file, whose folder is made. Raises `OSError`, also for a link.

    `anew` empties the file first.
    """
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0) | _NO_LINK
    path.parent.mkdir(parents=True, exist_ok=True)
    file = os.open(path, flags | (os.O_TRUNC if anew else 0), 0o666)
    try:
        # One write, so that lines of other threads and processes never mix with it.
        while line:
            line = line[os.write(file, line) :]
    finally:
        os.close(file)


@contextmanager
def replacing(path: Path) -> Iterator[IO[bytes]]:
    """An open file that takes the place of `path` when the block ends, all of it or nothing.

    Its `name` is its path until then. Only its owner may read it (mode 0600), unless the block
    gives it another mode. Raises `OSError`, and what the block raises; then `path` is as before.
    """
    from tempfile import NamedTemporaryFile

    folder, start = path.parent, f".{path.name}-"
    file = NamedTemporaryFile(dir=folder, prefix=start, delete=False)  # noqa: SIM115 (closed below)
    try:
        with file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        Path(file.name).replace(path)
    except BaseException:
        Path(file.name).unlink(missing_ok=True)
        raise


def lock_beside(path: Path) -> FileLock:
    """A lock, not yet taken, for who reads a file, changes it and replaces it: without it, changes
    of several processes at once are lost. It is a file with the ending `.lock` in the same folder,
    which is made for this user alone.

    Taking it raises `OSError`, also where another process has it for 20 seconds.
    """
    from filelock import FileLock

    with suppress(OSError):  # taking the lock will say it better, or do without
        make_private(path.parent)
    lock = path.with_suffix(".lock")
    return FileLock(lock, timeout=_LOCK_TIMEOUT_S, mode=0o600, thread_local=False)


@contextmanager
def writing(path: Path, *, mode: int = 0o600) -> Iterator[IO[bytes]]:
    """The same for a file that a user named. One that is there keeps its mode, a new one has
    `mode`.

    Raises `FileExistsError` for what is no regular file, such as a link, which would lead to
    another, or a device.
    """
    try:
        found = path.lstat()
    except FileNotFoundError:
        found = None
    if found is not None and not S_ISREG(found.st_mode):
        kind = "a link" if S_ISLNK(found.st_mode) else "no regular file"
        raise FileExistsError(EEXIST, f"is {kind}, and not written to", str(path))
    with replacing(path) as file:
        yield file
        Path(file.name).chmod(mode if found is None else S_IMODE(found.st_mode))


def make_private(folder: Path, *, enterable: bool = False) -> None:
    """Make a folder, and those around it that are missing, for this user alone: with mode 0700,
    whatever the umask. `enterable`: others can reach what they know the name of, with mode 0711.

    Raises `OSError`.
    """
    missing = []
    for place in (folder, *folder.parents):
        if place.is_dir():
            break
        missing.append(place)
    for place in reversed(missing):
        with suppress(FileExistsError):  # by another process
            place.mkdir(0o711 if enterable else 0o700)
    if not folder.is_dir():
        raise NotADirectoryError(ENOTDIR, os.strerror(ENOTDIR), str(folder))


def own_secret(path: Path, make: Callable[[], bytes]) -> bytes:
    """What a file of mode 0600 holds, which `make` gives at first. Its folder is made.

    Raises `OSError`: also for a file that is not this user's own, or that others can read.
    """
    found = read_secret(path)
    if found is not None:
        return found
    make_private(path.parent)
    beside = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    file = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(file, "wb") as opened:
            opened.write(make())
        # Another process may have made one meanwhile, and then that one counts.
        os.link(beside, path)
    except FileExistsError:
        pass
    finally:
        beside.unlink()
    found = read_secret(path)
    assert found is not None
    return found


def read_secret(path: Path) -> bytes | None:
    """What a file of mode 0600 holds; None where there is none.

    Raises `OSError` for a file that is not this user's own, that others can read, or a link.
    """
    try:
        with open_regular(path, os.O_RDONLY | _NO_LINK) as opened:
            check_own(opened.fileno(), path)
            if user_id() is not None and os.fstat(opened.fileno()).st_mode & 0o077:
                why = "others can read it"
                raise PermissionError(
                    EPERM, f"{why}; chmod 600 {shlex.quote(str(path))}", str(path)
                )
            return opened.read()
    except FileNotFoundError:
        return None


def read_own(path: Path) -> bytes:
    """What a file holds that says what this user allowed. Raises `OSError`: also for one that is
    not the user's own, that others can write to, or a link."""
    with open_regular(path, os.O_RDONLY | _NO_LINK) as opened:
        check_own(opened.fileno(), path)
        return opened.read()


def read_regular(path: Path, max_bytes: int) -> bytes:
    """What a regular file of at most `max_bytes` holds. Raises `OSError`, also for a larger one,
    and for what could keep a reader waiting, such as a pipe."""
    with open_regular(path) as opened:
        content = opened.read(max_bytes + 1)
    if len(content) > max_bytes:
        raise OSError(EFBIG, f"larger than {max_bytes} bytes", str(path))
    return content


def open_regular(path: Path, flags: int = os.O_RDONLY) -> FileIO:
    """A regular file, unbuffered. What it is is asked of what was opened, and opening never waits.

    Raises `OSError`, also for a pipe, a socket, a device or a folder.
    """
    flags |= getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    file = os.open(path, flags)
    try:
        if not S_ISREG(os.fstat(file).st_mode):
            if S_ISDIR(os.fstat(file).st_mode):
                raise IsADirectoryError(EISDIR, os.strerror(EISDIR), str(path))
            raise OSError(EINVAL, "not a regular file", str(path))
        return os.fdopen(file, "r+b" if flags & os.O_RDWR else "rb", buffering=0)
    except BaseException:
        os.close(file)
        raise


def cache_folder() -> Path:
    """Where this user's programs keep what they can always make again.

    Of this and the two folders below: each is made for this user alone, and none that another user
    could put something into is used. Root has folders of the system's where its home is not root's
    alone, as with `sudo -E`; for others raises `ConfigurationError`.
    """
    from platformdirs import user_cache_path

    path = user_cache_path("mcp-sdkgen", appauthor=False)
    return _own(path, Path("/var/cache/mcp-sdkgen"), "XDG_CACHE_HOME")


def data_folder() -> Path:
    """Where what this user has saved is kept: programs, approvals, files that are trusted."""
    from platformdirs import user_data_path

    path = user_data_path("mcp-sdkgen", appauthor=False)
    return _own(path, Path("/var/lib/mcp-sdkgen/data"), "XDG_DATA_HOME")


def state_folder() -> Path:
    """Where what has to outlive a program is kept: logins, runs that wait, what was typed."""
    from platformdirs import user_state_path

    path = user_state_path("mcp-sdkgen", appauthor=False)
    return _own(path, Path("/var/lib/mcp-sdkgen/state"), "XDG_STATE_HOME")


def read_named(path: Path, max_bytes: int) -> bytes:
    """The first `max_bytes` of a file that a user named, whosever it is.

    Raises `OSError`, a `PermissionError` where another user's link leads to it.
    """
    with path.open("rb") as opened:
        _check(path, opened.fileno(), why_not_reached(path))
        return opened.read(max_bytes)


def read_heeded(path: Path, max_bytes: int = -1) -> bytes:
    """What a file holds that says what is run: all of it, or its first `max_bytes`.

    Raises `OSError`, a `PermissionError` where another user may have a say in it, as
    `why_not_heeded` says. That is asked of the very file that is read: it may be another a moment
    later.
    """
    with open_regular(path) as opened:
        _check(path, opened.fileno(), why_not_heeded(path))
        if why := why_open_to_others(os.fstat(opened.fileno()), opened.fileno(), path):
            raise PermissionError(EPERM, why, str(path))
        return opened.read() if max_bytes < 0 else opened.read(max_bytes)


def _check(path: Path, file: int, why: str) -> None:
    """Raise `PermissionError` where there is a reason, or what is open is not there any more."""
    if not why and not os.path.samestat(os.fstat(file), path.stat()):
        why = "was replaced while it was read"
    if why:
        raise PermissionError(EPERM, why, str(path))


def _own(folder: Path, roots: Path, variable: str) -> Path:
    user = user_id()
    if user is None:
        return folder
    if user == 0 and not is_private(folder):
        folder = roots
    try:
        # Before somebody else does: the folder around it may be one that all can write to. The
        # sandboxes of root run as another user, and their files are in the system's cache.
        make_private(folder, enterable=folder == roots and variable == "XDG_CACHE_HOME")
    except OSError:  # whoever writes there says it better
        return folder
    if user == 0:
        return folder
    if not is_ours(folder):
        raise ConfigurationError(
            f"{folder}: belongs to another user, who could change the files in it",
            hint=f"set {variable} to a folder of yours",
        )
    if not is_private(folder):
        raise ConfigurationError(
            f"{folder}: others can write to it or to a folder around it, and so could change what "
            "is kept there",
            hint=f"take that from them (chmod go-w), or set {variable} to a folder of yours alone",
        )
    return folder
