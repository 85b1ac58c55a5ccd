"""Files → a folder, and back: only what differs is touched, only what is ours is removed."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from mcp_sdkgen_runtime.schema.definitions import LOCK

from ..errors import BuildError
from ..snapshot import lock_in

GENERATED = ("README.md", "CHANGELOG.md", "pyproject.toml", LOCK)
"""Files beside the package. A lock there waits for a build, which puts it into the package."""


def write(files: Mapping[str, str], folder: Path, package: str) -> list[str]:
    """Make `folder` hold exactly `files`, as far as generated files go; returns what changed.

    Stale files below the package, which belongs to the generator alone, are removed; anything
    else in the folder is left alone. Raises `BuildError`, also for a folder with other files that
    has no lock.
    """
    strangers = _strangers(folder)
    if strangers:
        raise BuildError(
            f"{folder}: holds {strangers[0]!r} but no {LOCK}, so it is not an SDK of ours",
            hint="choose another `--out`, or empty the folder",
        )
    # They go first: they are what marks the folder as ours.
    marks = [f"{package}/{name}" for name in ("surface.pyi", LOCK)]
    files = {**{path: files[path] for path in marks}, **files}
    try:
        changed = [path for path, text in files.items() if put(folder, path, text)]
        stale = [path for path in existing(folder, package) if path not in files]
        for path in stale:
            (folder / path).unlink()
            changed.append(path)
        _prune(folder / package)
    except OSError as error:
        raise BuildError(f"cannot write the SDK: {error}", hint="check `--out`") from error
    return sorted(changed)


def _strangers(folder: Path) -> list[str]:
    if not folder.is_dir() or lock_in(folder) is not None:
        return []
    return sorted(path.name for path in folder.iterdir() if not path.name.startswith("."))


def existing(folder: Path, package: str) -> list[str]:
    """The generated files that are in `folder`, as paths relative to it."""
    found = [name for name in GENERATED if (folder / name).is_file()]
    below = folder / package
    if below.is_dir():
        found += [
            path.relative_to(folder).as_posix()
            for path in below.rglob("*")
            if path.is_symlink() or (path.is_file() and "__pycache__" not in path.parts)
        ]
    return sorted(found)


def put(folder: Path, path: str, text: str) -> bool:
    """Write one file below `folder`, through no link; returns whether it changed.

    Raises `OSError`.
    """
    target = folder / path
    data = text.encode()
    # A link could point anywhere: it is replaced, never followed.
    for place in (Path(path), *Path(path).parents):
        at = folder / place
        if at != folder and at.is_symlink():
            at.unlink()
    if target.is_file() and target.read_bytes() == data:
        return False
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(data)
    return True


def _prune(package: Path) -> None:
    for place in sorted(package.rglob("*"), reverse=True):
        if place.is_dir() and place.name != "__pycache__":
            rest = [p for p in place.iterdir() if p.name != "__pycache__"]
            if not rest:
                for cached in place.rglob("*.pyc"):
                    cached.unlink()
                for empty in (*place.iterdir(), place):
                    empty.rmdir()
