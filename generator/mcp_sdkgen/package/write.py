"""Files → a folder, and back: only what differs is touched, only what is ours is removed.

Whatever cuts a write off, a full disk or a kill, a package is the old one or the new one, whole.
New files are written beside it, and then take its place at once.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import sys
from collections.abc import Mapping
from contextlib import suppress
from errno import EDQUOT, EFBIG, ENOSPC
from pathlib import Path

from mcp_sdkgen_runtime.files import read_regular
from mcp_sdkgen_runtime.schema.definitions import LOCK

from ..errors import BuildError
from ..snapshot import is_built, lock_in
from .scratch import restore, scratch, set_aside

GENERATED = ("README.md", "CHANGELOG.md", "pyproject.toml", LOCK)
"""Files beside the package. A lock there waits for a build, which puts it into the package."""

_NEW = "new"
_NO_ROOM = (ENOSPC, EDQUOT, EFBIG)
_AT_FDCWD, _RENAME_EXCHANGE = -100, 2


def check_folder(folder: Path, option: str = "`--out`") -> None:
    """Raise `BuildError` unless there is a folder that can be written to, or one can be made."""
    for place in (folder, *folder.absolute().parents):
        if not os.path.lexists(place):
            continue
        if place.is_dir():
            if not os.access(place, os.W_OK | os.X_OK):
                raise BuildError(
                    f"{place}: this user may not write in it", hint=f"choose another {option}"
                )
            return
        what = "a broken link" if place.is_symlink() else "a file"
        raise BuildError(
            f"{place}: {what} is in the place of a folder",
            hint=f"move it away, or choose another {option}",
        )


def write(files: Mapping[str, str], folder: Path, package: str) -> list[str]:
    """Make `folder` hold exactly `files`, as far as generated files go; returns what changed.

    Stale files below the package, which belongs to the generator alone, are removed; anything
    else in the folder is left alone. Raises `BuildError`, also for a folder with other files that
    is no SDK of a build; then the folder is as it was before.
    """
    check_folder(folder)
    try:
        restore(folder)
        strangers = _strangers(folder)
        if strangers:
            raise BuildError(
                f"{folder}: holds {strangers[0]!r} and no SDK, so mcp-sdkgen did not build it",
                hint="choose another `--out`, or empty the folder",
            )
        stale = [path for path in existing(folder, package) if path not in files]
        changed = [path for path, text in files.items() if not _is(folder, path, text)]
        if changed or stale:
            with scratch(folder, package) as made:
                _stage(files, folder, package, made / _NEW)
                _take_place(files, folder, package, made)
            for path in stale:
                if not path.startswith(f"{package}/"):  # the new package has none
                    (folder / path).unlink(missing_ok=True)
    except OSError as error:
        raise write_error("the SDK", error) from error
    return sorted([*changed, *stale])


def write_error(what: str, error: OSError) -> BuildError:
    """The error for what could not be written, and what helps."""
    hint = "make room on the disk" if error.errno in _NO_ROOM else "check `--out`"
    return BuildError(f"cannot write {what}: {error}", hint=hint)


def _stage(files: Mapping[str, str], folder: Path, package: str, made: Path) -> None:
    """Write all of the new files into `made`. Those that stay as they are keep their times."""
    made.mkdir()
    for path, text in files.items():
        target = made / path
        target.parent.mkdir(parents=True, exist_ok=True)
        if path.startswith(f"{package}/") and _is(folder, path, text):
            shutil.copy2(folder / path, target)
        else:
            target.write_bytes(text.encode())


def _take_place(files: Mapping[str, str], folder: Path, package: str, made: Path) -> None:
    new, place = made / _NEW / package, folder / package
    if folder.is_symlink():
        folder.unlink()
    if not folder.exists():
        (made / _NEW).rename(folder)
        return
    if place.is_symlink() or place.is_file():
        place.unlink()
    if not place.exists():
        new.rename(place)
    elif not _exchanged(new, place):
        set_aside(place, made)
        new.rename(place)
    for path in files:
        if not path.startswith(f"{package}/"):
            target = folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            (made / _NEW / path).replace(target)


def _exchanged(first: Path, second: Path) -> bool:
    """Whether two paths were exchanged at once, which not every system and disk can do."""
    if not sys.platform.startswith("linux"):
        return False
    rename = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    names = os.fsencode(first), os.fsencode(second)
    return rename is not None and not rename(
        _AT_FDCWD, names[0], _AT_FDCWD, names[1], ctypes.c_uint(_RENAME_EXCHANGE)
    )


def _strangers(folder: Path) -> list[str]:
    if not folder.is_dir() or lock_in(folder) is not None or is_built(folder):
        return []
    return sorted(path.name for path in folder.iterdir() if not path.name.startswith("."))


def existing(folder: Path, package: str) -> list[str]:
    """The generated files that are in `folder`, as paths relative to it, and in the package
    whatever else is no folder, such as a link or a pipe. Python's caches do not count."""
    found = [name for name in GENERATED if (folder / name).is_file()]
    below = folder / package
    if below.is_symlink():  # it has nothing of ours, and may have no end
        return sorted(found)
    for root, folders, names in os.walk(below):
        place = Path(root)
        links = [name for name in folders if (place / name).is_symlink()]
        folders[:] = [name for name in folders if name != "__pycache__"]
        found += [(place / name).relative_to(folder).as_posix() for name in (*names, *links)]
    return sorted(found)


def put(folder: Path, path: str, text: str) -> bool:
    """Write one file below `folder`, through no link, all of it or nothing; returns whether it
    changed.

    Raises `OSError`.
    """
    if _is(folder, path, text):
        return False
    target = folder / path
    # A link could point anywhere: it is replaced, never followed.
    for place in _links(folder, path):
        place.unlink()
    target.parent.mkdir(parents=True, exist_ok=True)
    with scratch(target) as made:
        new = made / target.name
        new.write_bytes(text.encode())
        new.replace(target)
    return True


def _is(folder: Path, path: str, text: str) -> bool:
    """Whether a file has this content, and no link leads to it."""
    target = folder / path
    content = text.encode()
    with suppress(OSError):
        return not _links(folder, path) and read_regular(target, len(content)) == content
    return False


def _links(folder: Path, path: str) -> list[Path]:
    places = [folder / place for place in (Path(path), *Path(path).parents)]
    return [place for place in places if place != folder and place.is_symlink()]
