"""Whether mypy's cache has all that programs may import as it is now, so that a check takes no time
for it."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

MARK = "complete"


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
