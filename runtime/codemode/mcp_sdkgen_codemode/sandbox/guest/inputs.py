"""What the host gives a program to begin with: its files, and its standard input."""

from __future__ import annotations

import base64
import io
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

_CHUNK_BYTES = 64 << 10


def receive(
    folder: str, files: Sequence[Sequence[Any]], next_chunk: Callable[[], bytes]
) -> set[int]:
    """Write the files that the host sends, to be read only. Returns their inode numbers, by which
    they are known when the program's own files are given back."""
    found = set()
    for name, size in files:
        path = Path(folder, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        # The mode is given here, because modes cannot be changed once programs run.
        fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o444)
        with os.fdopen(fd, "wb") as file:
            left = size
            while left > 0:
                left -= file.write(next_chunk())
            found.add(os.fstat(fd).st_ino)
    return found


class _Stdin(io.RawIOBase):
    """Bytes that the host is asked for when they are read."""

    def __init__(self, channel: Any) -> None:
        super().__init__()
        self._channel = channel

    def readable(self) -> bool:
        """It is read."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Wait for the next bytes; none at the end."""
        most = min(len(buffer), _CHUNK_BYTES)
        reply = self._channel.answer(self._channel.request("sandbox/stdin", {"most": most}))
        if "result" not in reply:
            raise OSError(str(reply.get("error", {}).get("message", "it cannot be read")))
        data = base64.b64decode(reply["result"]["data"])
        buffer[: len(data)] = data
        return len(data)


def standard_input(channel: Any, given: bool) -> io.TextIOWrapper:
    """What `sys.stdin` is: the host's, if the program is `given` any; else nothing to read."""
    raw: Any = io.BufferedReader(_Stdin(channel), _CHUNK_BYTES) if given else io.BytesIO()
    return io.TextIOWrapper(raw, encoding="utf-8", errors="surrogateescape")
