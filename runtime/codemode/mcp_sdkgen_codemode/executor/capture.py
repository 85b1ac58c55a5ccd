"""What a program prints: bounded, made safe, and told to the host while it runs."""

from __future__ import annotations

import asyncio
import codecs
import os
from collections.abc import Callable

from mcp_sdkgen_runtime.text import printable

FLOOD = 16
"""A stream that brings more than this many times what is kept of it ends the run."""

_CHUNK = 64 << 10
_DRAINS = 64


class Capture:
    """One output stream: keeps its head and its tail, at most `limit` bytes together.

    `on_text` is called with what has arrived, safe to print; `on_flood` once, when the stream has
    brought `FLOOD` times the limit.
    """

    def __init__(
        self,
        limit: int,
        *,
        on_text: Callable[[str], None] | None = None,
        on_flood: Callable[[], None] | None = None,
    ) -> None:
        self.on_text = on_text
        self.on_flood = on_flood
        self._room = limit // 2
        self._head = bytearray()
        self._tail = bytearray()
        self._total = 0
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._fd: int | None = None
        self._ended = asyncio.Event()

    @property
    def truncated(self) -> bool:
        """Whether something of the middle was left out."""
        return self._total > len(self._head) + len(self._tail)

    @property
    def text(self) -> str:
        """What was kept. Control characters are spelled out, and what is no UTF-8 is replaced."""
        left_out = self._total - len(self._head) - len(self._tail)
        if not left_out:
            return safe(bytes(self._head + self._tail).decode("utf-8", "replace"))
        head, tail = (safe(part.decode("utf-8", "replace")) for part in (self._head, self._tail))
        return f"{head}\n[… {left_out:,} bytes left out …]\n{tail}"

    def feed(self, data: bytes) -> None:
        """Take what has arrived."""
        flooded = self._total > FLOOD * 2 * self._room
        self._total += len(data)
        if flooded:
            return
        if self.on_text is not None and (text := self._decoder.decode(data)):
            self.on_text(safe(text))
        room = self._room - len(self._head)
        self._head += data[:room]
        if len(data) > room:
            self._tail += data[room:]
            del self._tail[: -self._room]
        if self._total > FLOOD * 2 * self._room and self.on_flood is not None:
            self.on_flood()

    def attach(self, fd: int) -> None:
        """Read a non-blocking pipe until its end, on the running loop. It stays the caller's."""
        self._fd = fd
        asyncio.get_running_loop().add_reader(fd, self._readable)

    def _readable(self) -> None:
        assert self._fd is not None
        try:
            data = os.read(self._fd, _CHUNK)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if data:
            self.feed(data)
        else:
            self.detach()

    def drain(self) -> None:
        """Read what is in the pipe now."""
        for _ in range(_DRAINS):
            before = self._total
            if self._fd is None:
                return
            self._readable()
            if self._total == before:
                return

    def restart(self) -> None:
        """Forget what was kept; the next program's output begins."""
        self._head.clear()
        self._tail.clear()
        self._total = 0

    async def ended(self) -> None:
        """Wait until the pipe has ended; at once when none is attached."""
        if self._fd is not None:
            await self._ended.wait()

    def detach(self) -> None:
        """Stop reading."""
        if self._fd is not None:
            asyncio.get_running_loop().remove_reader(self._fd)
            self._fd = None
            self._ended.set()


def safe(text: str) -> str:
    """Foreign text for a terminal or a model: control characters spelled out, plain line ends."""
    return printable(text.replace("\r\n", "\n"))
