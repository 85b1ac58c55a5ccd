"""The channel where a sandbox has only stdin and stdout, and what is printed in such a sandbox."""

from __future__ import annotations

import base64
import io
import os
from typing import Any

_CHUNK_BYTES = 64 << 10


class Pair:
    """Two pipes in the manner of a socket, as far as the channel's client needs it."""

    def __init__(self) -> None:
        """Take stdin and stdout for it; in their place is nothing."""
        self._in, self._out = os.dup(0), os.dup(1)
        nothing = os.open("/dev/null", os.O_RDWR)
        os.dup2(nothing, 0)
        os.dup2(nothing, 1)
        os.close(nothing)

    def fileno(self) -> int:
        """The end that is read."""
        return self._in

    def setblocking(self, blocking: bool) -> None:
        """Make both ends block, or not."""
        os.set_blocking(self._in, blocking)
        os.set_blocking(self._out, blocking)

    def recv(self, most: int) -> bytes:
        """Read what there is."""
        return os.read(self._in, most)

    def sendall(self, data: bytes) -> None:
        """Write it all."""
        left = memoryview(data)
        while left:
            left = left[os.write(self._out, left) :]

    def shutdown(self, how: int) -> None:
        """Close both ends for good."""
        self.close()

    def close(self) -> None:
        """Close both ends."""
        for fd in (self._in, self._out):
            os.close(fd)


class Printer(io.RawIOBase):
    """A stream whose text goes through the channel."""

    def __init__(self, channel: Any, stream: str) -> None:
        super().__init__()
        self._channel = channel
        self._stream = stream

    def writable(self) -> bool:
        """It is written to."""
        return True

    def write(self, data: Any) -> int:
        """Send it in pieces."""
        raw = bytes(data)
        for start in range(0, len(raw), _CHUNK_BYTES):
            text = base64.b64encode(raw[start : start + _CHUNK_BYTES]).decode()
            self._channel.notify("sandbox/output", {"stream": self._stream, "data": text})
        return len(raw)


def silence() -> None:
    """Take away stderr, which so far told the host's user why a sandbox would not start."""
    os.dup2(1, 2)


def printing(channel: Any, stream: str) -> io.TextIOWrapper:
    """A text stream for `sys.stdout` or `sys.stderr` that goes through the channel."""
    return io.TextIOWrapper(
        Printer(channel, stream),  # type: ignore[arg-type]
        encoding="utf-8", errors="surrogateescape", write_through=True,
    )  # fmt: skip
