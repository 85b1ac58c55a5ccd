"""Which layer has what is there now, found by a look at some hundred files and folders.

To find it out by the files themselves means to walk through all of Python and its packages. An
index holds the name that this gave, and how the files and folders looked by which one can tell that
it would give another.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

from mcp_sdkgen_runtime.files import read_own, replacing

ENDING = ".index"


def index_path(cache: Path, *facts: str) -> Path:
    """The index of a layer that is made from these facts, besides files."""
    return cache / f"{sha256(' '.join(facts).encode()).hexdigest()[:24]}{ENDING}"


def indexed(index: Path) -> str | None:
    """The name of the layer, if nothing has changed since it was noted."""
    with suppress(OSError, ValueError, KeyError, TypeError, AttributeError):
        known = json.loads(read_own(index))
        if all(_look(path) == look for path, look in known["looks"].items()):
            return str(known["layer"])
    return None


def looks(paths: Iterable[Path]) -> dict[str, list[int]]:
    """How files and folders look. To be asked before the files are read.

    A folder looks different when something in it was added, removed or put in the place of
    something else, as installers do; what somebody may edit must be watched itself.
    """
    return {str(path): _look(path) for path in paths}


def note(index: Path, layer: str, seen: Mapping[str, list[int]]) -> None:
    """Keep the name of a layer for as long as all of `seen` looks so. An index that cannot be
    written is missed by nobody."""
    with suppress(OSError), replacing(index) as file:
        file.write(json.dumps({"layer": layer, "looks": seen}).encode())


def watched(files: Mapping[str, Path], installed: tuple[str, ...]) -> set[Path]:
    """What to watch of the files of a layer: the folders of those that lie under `installed`
    there, which nobody edits, and all others themselves."""
    found: set[Path] = set()
    for name, path in files.items():
        folder = path.parent
        if not name.startswith(installed):
            found.add(path)
        found |= {folder, folder.parent}
    return found


def _look(path: str | Path) -> list[int]:
    state = os.stat(path)  # noqa: PTH116  # half the time of the method, of hundreds
    return [state.st_ino, state.st_size, state.st_mtime_ns]
