"""Files that a program left, put into a folder of the user's: new ones only, under plain names."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath

from mcp_sdkgen_codemode.outcome import Artifact

from ...errors import ConfigError
from .obeyed import obeyed

_REPLY = "have the program choose another name, or take the file from --json"


def write_artifacts(artifacts: Sequence[Artifact], out: Path) -> None:
    """Put files that a program left into `out`, through no link, replacing nothing.

    A file that is there with the same content stays. One that cannot be put there costs only
    itself: raises `ConfigError` at the end, with all of them.
    """
    refused: list[ConfigError] = []
    try:
        if artifacts:
            out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError(f"{out}: {error.strerror}", hint="choose another --out") from None
    for file in artifacts:
        try:
            _write(file, out)
        except ConfigError as error:
            refused.append(error)
    if len(refused) == 1:
        raise refused[0]
    if refused:
        raise ConfigError(
            f"{len(refused)} of {len(artifacts)} files were not written",
            detail="\n".join(map(str, refused)),
            hint="; ".join(dict.fromkeys(error.hint for error in refused)),
        )


def _write(file: Artifact, out: Path) -> None:
    path = out / file.name
    if why := obeyed(file.name):
        raise ConfigError(f"{path}: not written: {why}", hint=_REPLY)
    try:
        with _folder(out, PurePosixPath(file.name).parts[:-1]) as folder:
            _create(path.name, folder, file.data)
    except FileExistsError:
        raise ConfigError(
            f"{path}: already exists", hint="remove it, or choose another --out"
        ) from None
    except UnicodeEncodeError:
        hint = "set LC_ALL=C.UTF-8"
        raise ConfigError(f"{path}: this locale cannot write the file name", hint=hint) from None
    except OSError as error:
        if any(part.is_symlink() for part in [path, *path.parents] if part.is_relative_to(out)):
            raise ConfigError(
                f"{path}: a link is in the way", hint="choose an empty --out"
            ) from None
        raise ConfigError(f"{path}: {error.strerror}", hint="choose another --out") from None


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
    opened = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=folder)
    with os.fdopen(opened, "rb") as file:
        return file.read(len(data) + 1) == data
