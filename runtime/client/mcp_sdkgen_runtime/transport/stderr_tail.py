"""The end of what a server wrote to stderr, kept for error messages."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from typing import IO, Final

MAX_BYTES: Final = 64 * 1024
MAX_LINES: Final = 20
MAX_LINE_CHARS: Final = 400
_CHUNK_BYTES: Final = 65536


class StderrTail:
    """A place for a child's stderr that keeps the end of it in memory.

    Give `writer` to the child, then call `handed_over`. `hear` is called with each line, in a
    thread of its own; lines that `is_dropped` says so of are not kept.
    """

    def __init__(
        self,
        hear: Callable[[str], None] = lambda _: None,
        is_dropped: Callable[[str], bool] = lambda _: False,
    ) -> None:
        self._hear = hear
        self._is_dropped = is_dropped
        reader, writer = os.pipe()
        self.writer: IO[str] = os.fdopen(writer, "w")
        self._kept = b""
        self._is_cut = False
        # A thread, because on Windows no event loop can wait for a pipe.
        self._thread = threading.Thread(
            target=self._drain, args=(reader,), name="mcp-sdkgen-stderr", daemon=True
        )
        self._thread.start()

    def handed_over(self) -> None:
        """Close our copy of the writing end, so that the child's end ends the pipe."""
        self.writer.close()

    def _drain(self, reader: int) -> None:
        begun = b""
        with os.fdopen(reader, "rb", buffering=0) as stream:
            while chunk := stream.read(_CHUNK_BYTES):
                *whole, begun = (begun + chunk).split(b"\n")
                begun = begun[-MAX_BYTES:]
                for line in whole:
                    self._hear(line[: MAX_LINE_CHARS * 4].decode("utf-8", "replace"))
                kept = self._kept + chunk
                self._is_cut = self._is_cut or len(kept) > MAX_BYTES
                self._kept = kept[-MAX_BYTES:]

    def text(self, wait_s: float = 0.0) -> str:
        """The last `MAX_BYTES`, in whole lines, so that nobody sees the half of a secret.

        Waits up to `wait_s` seconds for the child to close its end.
        """
        self._thread.join(wait_s)
        text = self._kept.decode("utf-8", "replace")
        text = text.partition("\n")[2] if self._is_cut else text
        return "".join(line for line in text.splitlines(True) if not self._is_dropped(line))


def last_lines(text: str) -> str:
    """The last lines that hold something, cut where they are long."""
    lines = [line.rstrip() for line in text.splitlines() if line.strip()]
    return "\n".join(line[:MAX_LINE_CHARS] for line in lines[-MAX_LINES:])
