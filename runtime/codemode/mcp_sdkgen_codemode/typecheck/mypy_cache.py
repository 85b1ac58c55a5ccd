"""mypy's caches, one for each set of modules: used by one build at a time, copied whole, emptied
when damaged, and marked when they have all that programs may import."""

from __future__ import annotations

import os
import shutil
import sqlite3
import sys
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from hashlib import sha256
from pathlib import Path

from mcp_sdkgen_runtime.files import make_private
from mypy.version import __version__ as mypy_version

KEPT_CACHES = 8
MARK = "complete"


@contextmanager
def cache_folder(root: Path, parts: Iterable[str]) -> Iterator[Path]:
    """A folder for this set of modules, for one process at a time; a new one starts as a copy.

    mypy takes from the copy what has not changed: the standard library and pydantic.
    """
    root = root / f"{mypy_version}-{sys.version_info.major}.{sys.version_info.minor}"
    make_private(root)
    folder = root / sha256("\0".join(parts).encode()).hexdigest()[:16]
    flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0)
    with os.fdopen(os.open(root / "lock", flags, 0o600), "wb") as lock:
        _wait_for(lock.fileno())
        others = sorted(
            (each for each in root.iterdir() if each.is_dir() and each != folder),
            key=lambda each: each.stat().st_mtime,
        )
        if not folder.exists() and others:
            _copy(others[-1], folder)
        folder.mkdir(exist_ok=True)
        os.utime(folder)
        for old in others[: -(KEPT_CACHES - 1)]:
            shutil.rmtree(old, ignore_errors=True)
        yield folder


def empty(folder: Path, *, all_of_it: bool = True) -> None:
    """Take everything out of a cache that is damaged, or else its mark alone."""
    for entry in folder.iterdir() if all_of_it else ():
        if entry.is_dir():
            shutil.rmtree(entry)
        else:
            entry.unlink()
    (folder / MARK).unlink(missing_ok=True)


def _copy(source: Path, target: Path) -> None:
    """Copy a cache without its mark, unless it is damaged. A checker that is warm may be writing
    into it, so databases are read by transactions."""
    try:
        for path in source.rglob("*.db"):
            copy = target / path.relative_to(source)
            copy.parent.mkdir(parents=True, exist_ok=True)
            with closing(sqlite3.connect(path)) as old, closing(sqlite3.connect(copy)) as new:
                old.backup(new)
    except (sqlite3.Error, OSError):
        shutil.rmtree(target, ignore_errors=True)


def _wait_for(descriptor: int) -> None:
    try:
        import fcntl
    except ImportError:  # Windows: two cold starts at once would both write
        return
    fcntl.flock(descriptor, fcntl.LOCK_EX)


def state_of(modules: Iterable[str]) -> str:
    """A digest of how the files of these modules look, wherever they are found on `sys.path`."""
    packages = sorted({name.partition(".")[0] for name in modules})
    looks = sorted(look for name in packages for look in _looks(name))
    return sha256("\n".join(looks).encode(errors="surrogateescape")).hexdigest()


def complete(cache: Path, modules: Iterable[str]) -> bool:
    """Whether the cache was complete for these modules as they look now."""
    with suppress(OSError):
        return (cache / MARK).read_text() == state_of(modules)
    return False


def note_complete(cache: Path, state: str) -> None:
    """Note that the cache is complete for modules that looked so before it was made. A note that
    cannot be written is missed by nobody."""
    with suppress(OSError):
        (cache / MARK).write_text(state)


def _looks(package: str) -> Iterator[str]:
    for place in dict.fromkeys(sys.path):
        for name in (package, f"{package}-stubs", f"{package}.py", f"{package}.pyi"):
            yield from _below(os.path.join(place, name))  # noqa: PTH118  # of thousands, on each start


def _below(path: str) -> Iterator[str]:
    with suppress(OSError):
        found = os.stat(path)  # noqa: PTH116
        yield f"{path} {found.st_size} {found.st_mtime_ns}"
    with suppress(OSError), os.scandir(path) as inside:
        for entry in inside:
            if entry.name != "__pycache__":
                yield from _below(entry.path)
