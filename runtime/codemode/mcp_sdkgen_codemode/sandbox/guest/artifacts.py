"""The files that a program left in its working folder."""

from __future__ import annotations

import base64
import gc
import io
import os
import stat
import sys
from collections.abc import Callable, Collection, Iterator
from contextlib import suppress
from typing import Any

_CHUNK_BYTES = 192 << 10
"""A quarter of a mebibyte in base64, far below the limit of a frame."""
_DEEPEST = 16
_NAME_CHARS = 240


def send(
    folder: str,
    limits: dict[str, Any],
    notify: Callable[[str, dict[str, Any]], None],
    given: Collection[int] = (),
) -> None:
    """Send every regular file below `folder` in chunks; say on stderr what is left out.

    `given` are the inode numbers of files that the host gave, and has.
    """
    files, left = int(limits["artifacts"]), int(limits["artifact_bytes"])
    chunk = max(1, min(_CHUNK_BYTES, int(limits["arguments_bytes"]) // 2))
    for name, path in _regular(folder, folder, 0):
        if files <= 0:
            _say(f"{name} and the files after it are not returned: too many files")
            return
        try:
            fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        except OSError:
            continue
        with os.fdopen(fd, "rb") as file:
            if os.fstat(fd).st_ino in given:
                continue
            size = os.fstat(fd).st_size
            if size > left:
                _say(f"{name} is not returned: it has {size:,} bytes, and {left:,} are left")
                continue
            files, left = files - 1, left - size
            while True:
                data = file.read(chunk)
                size -= len(data)
                more = size > 0 and bool(data)
                text = base64.b64encode(data).decode()
                notify("sandbox/file", {"name": name, "data": text, "more": more})
                if not more:
                    break


def flush() -> None:
    """Write what is still in the buffers of files that the program left open, as Python does when
    it ends. What was there before `gc.freeze` is not looked at.
    """
    for found in gc.get_objects():
        if issubclass(type(found), (io.TextIOWrapper, io.BufferedWriter, io.BufferedRandom)):
            with suppress(BaseException):
                found.flush()


def _regular(top: str, folder: str, depth: int) -> Iterator[tuple[str, str]]:
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError:
        return
    for entry in entries:
        if entry.name.startswith("."):
            _say(f"{entry.name!a} is not returned: its name begins with a dot")
        elif entry.is_dir(follow_symlinks=False):
            if depth < _DEEPEST:
                yield from _regular(top, entry.path, depth + 1)
        elif stat.S_ISREG(entry.stat(follow_symlinks=False).st_mode):
            name = os.path.relpath(entry.path, top)
            if _portable(name):
                yield name, entry.path
            else:
                _say(f"{name!a} is not returned: some systems do not allow its name")


def _portable(name: str) -> bool:
    return len(name) <= _NAME_CHARS and name.isprintable() and not {"\\", ":"} & set(name)


def _say(text: str) -> None:
    sys.stderr.write(f"mcp-sdkgen: {text}\n")
