"""The program of a command line, and what it is given: files and standard input."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Annotated

import typer
from mcp_sdkgen_codemode import Limits
from mcp_sdkgen_codemode.program_input import ReadStdin
from mcp_sdkgen_runtime.files import open_regular
from pydantic import ConfigDict, with_config

from ..errors import ConfigError

Inputs = Annotated[
    list[str] | None,
    typer.Option(
        "--in",
        metavar="PATH[:NAME]",
        help="A file to put into the program's working folder, as NAME. Repeatable.",
    ),
]


_MAX_BYTES = 16 << 20


@with_config(ConfigDict(extra="forbid"))
@dataclass(frozen=True)
class InputFile:
    """A file for a program: where it is, its name there, and its SHA-256."""

    path: str
    name: str
    digest: str


def read_program(program: str) -> str:
    """The text of a program file, or of stdin for `-`. Raises `ConfigError`."""
    try:
        if program == "-":
            raw = sys.stdin.buffer.read(_MAX_BYTES + 1)
        else:
            with Path(program).open("rb") as file:
                raw = file.read(_MAX_BYTES + 1)
        if len(raw) > _MAX_BYTES:
            raise ConfigError(
                f"{program}: larger than {_MAX_BYTES:,} bytes", hint="keep data out of the program"
            )
        return raw.decode()
    except OSError as error:
        raise ConfigError(f"{program}: {error.strerror}", hint="name a file, or -") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{program}: not UTF-8 at byte {error.start}") from error


def read_inputs(words: Iterable[str]) -> tuple[list[InputFile], dict[str, bytes]]:
    """The files that `--in` names, and their content by name. Raises `ConfigError`."""
    listed: list[InputFile] = []
    content: dict[str, bytes] = {}
    left = Limits().input_bytes
    for word in words:
        path, name = _path_and_name(word)
        if name in content:
            raise ConfigError(
                f"--in {word}: two files would be named {name!r}",
                hint=f"rename one: --in {path}:OTHER_NAME",
            )
        content[name] = _read(path, left)
        left -= len(content[name])
        digest = sha256(content[name]).hexdigest()
        listed.append(InputFile(str(path.absolute()), name, digest))
    return listed, content


def read_again(files: Iterable[InputFile]) -> dict[str, bytes]:
    """The content of files that a run began with. Raises `ConfigError` when one has changed."""
    found = {}
    for file in files:
        found[file.name] = _read(Path(file.path), Limits().input_bytes)
        if sha256(found[file.name]).hexdigest() != file.digest:
            raise ConfigError(
                f"{file.path}: this file has changed since the run began",
                hint="restore the file, or start the program again with `mcp-sdkgen run`",
            )
    return found


def _path_and_name(word: str) -> tuple[Path, str]:
    path, colon, name = word.rpartition(":")
    # What exists under the whole name is meant, also where that has a colon.
    if not colon or not path or Path(word).exists():
        return Path(word), Path(word).name
    return Path(path), name


def _read(path: Path, most: int) -> bytes:
    try:
        with open_regular(path) as file:
            data = file.read(most + 1)
    except OSError as error:
        hint = (
            "name each file of the folder" if path.is_dir() else "write --in PATH or --in PATH:NAME"
        )
        if path.exists() and not path.is_file() and not path.is_dir():
            hint = "for a pipe or a device, redirect it to standard input, which programs can read"
        raise ConfigError(f"--in {path}: {error.strerror}", hint=hint) from None
    if len(data) > most:
        limit = Limits().input_bytes
        raise ConfigError(
            f"--in {path}: the input files together are larger than {limit:,} bytes",
            hint="pass a part of the file, or let a tool read it",
        )
    return data


def stdin_for_program(*, taken: str = "") -> ReadStdin:
    """What reads this process's standard input for a program, when that does.

    It raises `OSError` that says why there is none: `taken`, or it is a terminal, whose keys answer
    questions about calls. A program that could read them could provoke an answer.
    """

    async def read(most: int) -> bytes:
        if taken:
            raise OSError(taken)
        if sys.stdin is None:  # closed by whoever started this process
            return b""
        if sys.stdin.isatty():
            raise OSError(
                "programs cannot read the terminal, since it answers questions about calls; "
                "use a pipe or a file: … < FILE"
            )
        descriptor = sys.stdin.fileno()
        await _readable(descriptor)
        return os.read(descriptor, most)

    return read


async def _readable(descriptor: int) -> None:
    """Wait until there is something to read. A run that ends meanwhile ends the wait."""
    # Deferred: whoever only reads a program has no event loop.
    import asyncio

    loop = asyncio.get_running_loop()
    ready = asyncio.Event()
    try:
        loop.add_reader(descriptor, ready.set)
    except PermissionError:
        return  # a regular file, which is always readable
    try:
        await ready.wait()
    finally:
        loop.remove_reader(descriptor)
