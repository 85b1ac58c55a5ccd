"""Files that many threads and processes write: how, where they lie, and whose they are.

Lines are of one JSON object each.
"""

from __future__ import annotations

import json
import os
import secrets
import shlex
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from errno import EEXIST, EINVAL, EISDIR, ELOOP, ENOTDIR, EPERM
from pathlib import Path
from stat import S_IMODE, S_ISDIR, S_ISLNK, S_ISREG, S_ISVTX, S_IWGRP, S_IWOTH
from typing import IO, Any

from .errors import ConfigurationError

_MAX_LINKS = 40
_NO_LINK = getattr(os, "O_NOFOLLOW", 0)


def encoded(entry: Mapping[str, Any]) -> bytes:
    """An entry as a line. What a terminal or a reviewer would not see is written as an escape."""
    text = json.dumps(entry, ensure_ascii=False)
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
            if _user() is not None and os.fstat(opened.fileno()).st_mode & 0o077:
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


def open_regular(path: Path, flags: int = os.O_RDONLY) -> IO[bytes]:
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


def check_own(file: int, path: Path) -> None:
    """Raise `PermissionError` unless an open file is this user's own and nobody else can write to
    it. `path` is what it is called."""
    user, found = _user(), os.fstat(file)
    if user is None:
        return
    if found.st_uid != user:
        raise PermissionError(EPERM, "belongs to another user", str(path))
    if found.st_mode & 0o022:
        why = f"others can write to it; chmod go-w {shlex.quote(str(path))}"
        raise PermissionError(EPERM, why, str(path))


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


def is_ours(path: Path) -> bool:
    """Whether a file or folder belongs to this user or root, as do all links that lead to it.

    False for one that is not there. On Windows, where nobody else can write to a user's folders,
    always true.
    """
    return not why_not_ours(path)


def why_not_ours(path: Path) -> str:
    """Why `is_ours` is false of a file or folder, in words; empty where it is true."""
    user = _user()
    if user is None:
        return ""
    try:
        for stat in _way(path):
            if stat.st_uid not in (user, 0):
                return "belongs to another user"
    except FileNotFoundError:
        return "is a broken link" if path.is_symlink() else "is not there"
    except OSError as error:
        return f"cannot be looked at: {error.strerror}"
    return ""


def read_heeded(path: Path, max_bytes: int = -1) -> bytes:
    """What a file holds that says what is run: all of it, or its first `max_bytes`.

    Raises `OSError`, a `PermissionError` where another user may have a say in it, as
    `why_not_heeded` says. That is asked of the very file that is read: it may be another a moment
    later.
    """
    with open_regular(path) as opened:
        why, found = why_not_heeded(path), os.fstat(opened.fileno())
        if not why and not os.path.samestat(found, path.stat()):
            why = "was replaced while it was read"
        if why := why or _why_open_to_others(found, path):
            raise PermissionError(EPERM, why, str(path))
        return opened.read() if max_bytes < 0 else opened.read(max_bytes)


def why_not_heeded(path: Path) -> str:
    """Why another user may have a say in what a file holds, in words; empty where none may.

    The file, all links that lead to it, and the folders that it and a link to it stand in must
    belong to this user or root, and be writable by them alone. A folder such as `/tmp`, in which
    only owners rename, may be open to all. A group of nobody else is no other user.
    """
    if why := why_not_ours(path):
        return why
    if _user() is None:
        return ""
    try:
        target = path.resolve(strict=True)
        for folder in dict.fromkeys((path.parent, target.parent)):
            if why := _why_open_to_others(folder.stat(), folder):
                return f"stands in {folder}, which {why}"
        return _why_open_to_others(target.stat(), target)
    except OSError as error:
        return f"cannot be looked at: {error.strerror}"


def _why_open_to_others(found: os.stat_result, path: Path) -> str:
    user = _user()
    if user is None:
        return ""
    if found.st_uid not in (user, 0):
        return "belongs to another user"
    if S_ISDIR(found.st_mode) and found.st_mode & S_ISVTX:
        return ""
    if _others_write(found):
        return f"can be written to by others; chmod go-w {shlex.quote(str(path))}"
    return ""


def _others_write(found: os.stat_result) -> bool:
    by_group = found.st_mode & S_IWGRP and not _is_own_group(found.st_gid)
    return bool(found.st_mode & S_IWOTH or by_group)


def _is_own_group(group: int) -> bool:
    """Whether nobody but this user and root is in a group: root's own, or one that the user alone
    has, as many systems make for each user."""
    if group == 0:
        return True
    import grp
    import pwd

    try:
        found = grp.getgrgid(group)
    except KeyError:  # of a user that the system does not know, as in containers
        return group == os.getgid()
    try:
        name = pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return False
    return found.gr_name == name and {*found.gr_mem} <= {name}


def is_private(folder: Path) -> bool:
    """Whether only this user and root can put a file, or a link, where `folder` is or will be.

    Of the folders around it, those may be open to all in which only owners rename, as in `/tmp`.
    """
    user = _user()
    return user is None or _is_private(folder.absolute(), user)


def _is_private(folder: Path, user: int, enough: int = 0, links: int = 0) -> bool:
    for place in (folder, *folder.parents):
        try:
            stat = place.lstat()
        except (FileNotFoundError, NotADirectoryError):
            continue
        if stat.st_uid not in (user, 0):
            return False
        if S_ISLNK(stat.st_mode):
            target = place.parent / place.readlink()
            if links == _MAX_LINKS or not _is_private(target, user, enough, links + 1):
                return False
        elif _others_write(stat) and not stat.st_mode & enough:
            return False
        enough = S_ISVTX  # protects what is there, so not the folder itself
    return True


def _own(folder: Path, roots: Path, variable: str) -> Path:
    user = _user()
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


def _user() -> int | None:
    getuid = getattr(os, "getuid", None)
    return None if getuid is None else int(getuid())


def _way(path: Path, links: int = 0) -> Iterator[os.stat_result]:
    """What a path leads to, and each link on the way that is its last part. Raises `OSError`."""
    stat = path.lstat()
    yield stat
    if S_ISLNK(stat.st_mode):
        if links == _MAX_LINKS:
            raise OSError(ELOOP, "too many links", str(path))
        target = path.parent / path.readlink()
        for folder in target.parents:
            if folder.is_symlink():
                yield from _way(folder, links + 1)
        yield from _way(target, links + 1)
