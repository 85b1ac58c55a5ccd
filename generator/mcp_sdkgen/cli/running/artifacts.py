"""Files that a program left, put into a folder of the user's: new ones only, under plain names."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from mcp_sdkgen_codemode.outcome import Artifact

from ...errors import ConfigError, WriteError
from .obeyed import obeyed

_REPLY = "have the program choose another name, or take the file from --json"
_MOST_NAMES = 998


@dataclass(frozen=True)
class Written:
    """The files that were written, by their names, and what kept others from that."""

    paths: Mapping[str, Path]
    failure: WriteError | None = None


def check_out(out: Path) -> None:
    """Raises `ConfigError` for a folder that nothing can be written to, before anything is run."""
    path = out.absolute()
    there = next(each for each in (path, *path.parents) if os.path.lexists(each))
    if not there.is_dir():
        raise ConfigError(f"{there}: not a folder", hint="choose another --out")
    if not os.access(there, os.W_OK | os.X_OK):
        raise ConfigError(f"{there}: you may not write there", hint="choose another --out")


def write_artifacts(artifacts: Sequence[Artifact], out: Path) -> Written:
    """Put files that a program left into `out`, through no link, replacing nothing.

    Where another file has the name, `report.txt` becomes `report-2.txt`, and so on; one that is
    there with the same content stays. A file that cannot be put there costs only itself.
    """
    paths: dict[str, Path] = {}
    refused: list[WriteError] = []
    try:
        if artifacts:
            out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        return Written({}, WriteError(f"{out}: {error.strerror}", hint="choose another --out"))
    for file in artifacts:
        try:
            paths[file.name] = _write(file, out)
        except WriteError as error:
            refused.append(error)
    return Written(paths, _joined(refused, len(artifacts)))


def _joined(refused: Sequence[WriteError], number: int) -> WriteError | None:
    if len(refused) < 2:
        return next(iter(refused), None)
    return WriteError(
        f"{len(refused)} of {number} files were not written",
        detail="\n".join(map(str, refused)),
        hint="; ".join(dict.fromkeys(error.hint for error in refused)),
    )


def _write(file: Artifact, out: Path) -> Path:
    path = out / file.name
    if why := obeyed(file.name):
        raise WriteError(f"{path}: not written: {why}", hint=_REPLY)
    try:
        with _folder(out, PurePosixPath(file.name).parts[:-1]) as folder:
            for free in _names(path):
                if obeyed(str(free.relative_to(out))):
                    continue
                with suppress(FileExistsError):
                    _create(free.name, folder, file.data)
                    return free
    except UnicodeEncodeError:
        hint = "set LC_ALL=C.UTF-8"
        raise WriteError(f"{path}: this locale cannot write the file name", hint=hint) from None
    except OSError as error:
        if any(part.is_symlink() for part in path.parents if part.is_relative_to(out)):
            raise WriteError(
                f"{path}: a link is in the way", hint="choose an empty --out"
            ) from None
        raise WriteError(f"{path}: {error.strerror}", hint="choose another --out") from None
    raise WriteError(
        f"{path}: already exists, and so do {_MOST_NAMES} with numbers", hint="choose another --out"
    )


def _names(path: Path) -> Iterator[Path]:
    """What a file may be called, the first that is free: numbered from 2 on."""
    yield path
    for number in range(2, 2 + _MOST_NAMES):
        yield path.with_name(f"{path.stem}-{number}{path.suffix}")


@contextmanager
def _folder(out: Path, names: Sequence[str]) -> Iterator[int]:
    """A folder below `out`, made where it is missing, as a descriptor that no link led to."""
    here = os.open(out, os.O_RDONLY | os.O_DIRECTORY)
    try:
        for name in names:
            with suppress(FileExistsError):
                os.mkdir(name, dir_fd=here)
            below = os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=here)
            os.close(here)
            here = below
        yield here
    finally:
        os.close(here)


def _create(name: str, folder: int, data: bytes) -> None:
    """A new file. Raises `OSError`; `FileExistsError` unless it is there with the same content."""
    try:
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
        opened = os.open(name, flags, 0o666, dir_fd=folder)
    except FileExistsError:
        if not _holds(name, folder, data):
            raise
        return
    try:
        with os.fdopen(opened, "wb") as file:
            file.write(data)
    except OSError:
        os.unlink(name, dir_fd=folder)
        raise


def _holds(name: str, folder: int, data: bytes) -> bool:
    # Without waiting: what is there may be a pipe.
    try:
        opened = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=folder)
        with os.fdopen(opened, "rb") as file:
            return file.read(len(data) + 1) == data
    except OSError:  # a link, a folder, or a file that this user may not read
        return False
