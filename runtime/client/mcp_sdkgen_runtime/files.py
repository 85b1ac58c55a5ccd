"""Files that many threads and processes write: lines added, contents replaced, and where they lie.

Lines are of one JSON object each.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any


def encoded(entry: Mapping[str, Any]) -> bytes:
    """An entry as a line. What a terminal or a reviewer would not see is written as an escape."""
    text = json.dumps(entry, ensure_ascii=False)
    if not text.isprintable():
        text = "".join(c if c.isprintable() else json.dumps(c)[1:-1] for c in text)
    return text.encode() + b"\n"


def append(path: Path, line: bytes, *, anew: bool = False) -> None:
    """Write a line at the end of a file, whose folder is made. Raises `OSError`.

    `anew` empties the file first.
    """
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0)
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


def cache_folder() -> Path:
    """Where this user's programs keep what they can always make again."""
    from platformdirs import user_cache_path

    return user_cache_path("mcp-sdkgen", appauthor=False)


def data_folder() -> Path:
    """Where what this user has saved is kept: programs, approvals."""
    from platformdirs import user_data_path

    return user_data_path("mcp-sdkgen", appauthor=False)


def state_folder() -> Path:
    """Where what has to outlive a program is kept: logins, runs that wait, what was typed."""
    from platformdirs import user_state_path

    return user_state_path("mcp-sdkgen", appauthor=False)
