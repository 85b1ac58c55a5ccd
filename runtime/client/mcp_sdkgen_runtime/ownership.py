"""Whose files are: who owns them, who may write to them, and whose links lead to them."""

from __future__ import annotations

import os
import shlex
from collections.abc import Callable, Iterator, Sequence
from errno import EINVAL, ELOOP, ENODATA, ENOTSUP, EPERM
from pathlib import Path
from stat import S_ISDIR, S_ISLNK, S_ISVTX, S_IWGRP, S_IWOTH
from struct import Struct

_MAX_LINKS = 40
_ACL_VERSION = (2).to_bytes(4, "little")
_ACL_ENTRY = Struct("<HHI")  # tag, rights, number of the user or group
_ACL_USER, _ACL_OWN_GROUP, _ACL_GROUP, _ACL_MASK = 0x02, 0x04, 0x08, 0x10
_ACL_WRITE = 0o2


def check_own(file: int, path: Path) -> None:
    """Raise `PermissionError` unless an open file is this user's own and nobody else can write to
    it. `path` is what it is called."""
    user, found = user_id(), os.fstat(file)
    if user is None:
        return
    if found.st_uid != user:
        raise PermissionError(EPERM, "belongs to another user", str(path))
    if found.st_mode & 0o022:
        why = f"others can write to it; chmod go-w {shlex.quote(str(path))}"
        raise PermissionError(EPERM, why, str(path))


def is_ours(path: Path) -> bool:
    """Whether a file or folder belongs to this user or root, as do all links that lead to it.

    False for one that is not there. On Windows, where nobody else can write to a user's folders,
    always true.
    """
    return not why_not_ours(path)


def why_not_ours(path: Path) -> str:
    """Why `is_ours` is false of a file or folder, in words; empty where it is true."""
    user = user_id()
    if user is None:
        return ""
    try:
        return _why_not_ours(path, [*_way(path)], user)
    except FileNotFoundError:
        return "is a broken link" if path.is_symlink() else "is not there"
    except OSError as error:
        return f"cannot be looked at: {error.strerror}"


def why_not_reached(path: Path) -> str:
    """Why the way to a file that was named is not this user's, in words; empty where it is.

    Whoever names a file means what stands there, whosever it is: a link of another user's on the
    way, anywhere in the path or behind another link, would make it any file. Raises `OSError`.
    """
    user = user_id()
    return "" if user is None else _why_not_ours(path, [*_way(path)][:-1], user)


def why_not_heeded(path: Path) -> str:
    """Why another user may have a say in what a file holds, in words; empty where none may.

    The file, all links that lead to it, and the folders that it and they stand in must belong to
    this user or root, and be writable by them alone. A folder such as `/tmp`, in which only owners
    rename, may be open to all. A group of nobody else is no other user.
    """
    if why := why_not_ours(path):
        return why
    if user_id() is None:
        return ""
    try:
        way = [*_way(path)]
        for folder in dict.fromkeys(place.parent for place, _ in way):
            if why := why_open_to_others(folder.stat(), folder, folder):
                return f"stands in {folder}, which {why}"
        target, found = way[-1]
        return why_open_to_others(found, target, target)
    except OSError as error:
        return f"cannot be looked at: {error.strerror}"


def why_open_to_others(found: os.stat_result, place: Path | int, path: Path) -> str:
    """Why what was found at a place, which may be an open file, is not this user's and root's alone
    to write, in words; empty where it is. `path` is what it is called. Raises `OSError`."""
    user = user_id()
    if user is None:
        return ""
    if found.st_uid not in (user, 0):
        return "belongs to another user"
    if S_ISDIR(found.st_mode) and found.st_mode & S_ISVTX:
        return ""
    if _others_write(found, place):
        return f"can be written to by others; chmod go-w {shlex.quote(str(path))}"
    return ""


def is_private(folder: Path) -> bool:
    """Whether only this user and root can put a file, or a link, where `folder` is or will be.

    Of the folders around it, those may be open to all in which only owners rename, as in `/tmp`.
    Raises `OSError`.
    """
    user = user_id()
    return user is None or _is_private(folder.absolute(), user)


def user_id() -> int | None:
    """The number of this user; None on Windows."""
    getuid = getattr(os, "getuid", None)
    return None if getuid is None else int(getuid())


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
        elif not stat.st_mode & enough and _others_write(stat, place):
            return False
        enough = S_ISVTX  # protects what is there, so not the folder itself
    return True


def _why_not_ours(path: Path, way: Sequence[tuple[Path, os.stat_result]], user: int) -> str:
    for place, found in way:
        if found.st_uid in (user, 0):
            continue
        if not S_ISLNK(found.st_mode) or place == path.absolute():
            return "belongs to another user"
        return f"is reached through the link {place}, which belongs to another user"
    return ""


def _way(path: Path) -> Iterator[tuple[Path, os.stat_result]]:
    """Each link that a path leads through, whichever part of it that is, and at last what it leads
    to, by paths without links. Raises `OSError`."""
    parts = [*reversed(path.absolute().parts)]
    here, links = Path(parts.pop()), 0
    found = here.lstat()
    while parts:
        part = parts.pop()
        place = here.parent if part == ".." else here / part
        found = place.lstat()
        if not S_ISLNK(found.st_mode):
            here = place
            continue
        yield place, found
        links += 1
        if links > _MAX_LINKS:
            raise OSError(ELOOP, "too many links", str(path))
        if not parts and place.is_relative_to("/proc"):  # an open file: what it says is no path
            here, found = place, place.stat()
            break
        target = place.readlink()
        if target.is_absolute():
            here, found = Path(target.anchor), Path(target.anchor).lstat()
        parts.extend(reversed(target.parts[1:] if target.is_absolute() else target.parts))
    yield here, found


def _others_write(found: os.stat_result, place: Path | int) -> bool:
    """Whether another user than this one and root may write to what was found at a place."""
    if found.st_mode & S_IWOTH:
        return True
    # All that an access list grants is within the bits of the group, which are its mask.
    if not found.st_mode & S_IWGRP:
        return False
    return any(
        not (_is_own_group(number) if is_group else number in (user_id(), 0))
        for is_group, number in _writers(found, place)
    )


def _writers(found: os.stat_result, place: Path | int) -> Iterator[tuple[bool, int]]:
    """The groups, and the users by name, that may write to what was found at a place, each with
    whether it is a group. Access lists are those of Linux, see acl(5)."""
    listed = _access_list(place)
    if listed is None:
        yield True, found.st_gid
        return
    version, entries = listed[:4], listed[4:]
    if version != _ACL_VERSION or len(entries) % _ACL_ENTRY.size:
        raise OSError(EINVAL, "has an access list of an unknown form")
    several = [*_ACL_ENTRY.iter_unpack(entries)]
    mask = next((rights for tag, rights, _ in several if tag == _ACL_MASK), _ACL_WRITE)
    for tag, rights, number in several:
        if rights & mask & _ACL_WRITE and tag in (_ACL_USER, _ACL_GROUP, _ACL_OWN_GROUP):
            yield tag != _ACL_USER, found.st_gid if tag == _ACL_OWN_GROUP else number


def _access_list(place: Path | int) -> bytes | None:
    # Only Linux has this, and typeshed says so.
    getxattr: Callable[[Path | int, str], bytes] | None = getattr(os, "getxattr", None)
    if getxattr is None:
        return None
    try:
        return getxattr(place, "system.posix_acl_access")
    except OSError as error:
        if error.errno in (ENODATA, ENOTSUP):
            return None
        raise


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
