"""The beginning and the end of what a server wrote to stderr, kept for error messages."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from typing import IO, Final

MAX_BYTES: Final = 64 * 1024
MAX_LINES: Final = 20
MAX_LINE_CHARS: Final = 400
FIRST_BYTES: Final = 8 * 1024
FIRST_LINES: Final = 6
"""Of `MAX_LINES`, where the first lines are shown too: what a server says when it cannot start."""
LEFT_OUT: Final = "…"
"""A line that stands for those that are left out."""
_CHUNK_BYTES: Final = 65536


class StderrTail:
    """A place for a child's stderr that keeps the beginning and the end of it in memory.

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
        self._first = self._kept = b""
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
                self._first += chunk[: FIRST_BYTES - len(self._first)]
                kept = self._kept + chunk
                self._is_cut = self._is_cut or len(kept) > MAX_BYTES
                self._kept = kept[-MAX_BYTES:]

    def text(self, wait_s: float = 0.0) -> str:
        """The first `FIRST_BYTES` and the last `MAX_BYTES`, a line `LEFT_OUT` between them.

        In whole lines, so that nobody sees the half of a secret.

        Waits up to `wait_s` seconds for the child to close its end.
        """
        self._thread.join(wait_s)
        text = self._kept.decode("utf-8", "replace")
        if self._is_cut:
            first = self._first.decode("utf-8", "replace").rpartition("\n")[0]
            text = f"{first}\n{LEFT_OUT}\n{text.partition(chr(10))[2]}"
        return "".join(line for line in text.splitlines(True) if not self._is_dropped(line))


def last_lines(text: str) -> str:
    """The last lines that hold something, cut where they are long."""
    return "\n".join(_lines(text)[-MAX_LINES:])


def first_and_last_lines(text: str) -> str:
    """The first and the last lines that hold something, cut where they are long."""
    lines = _lines(text)
    if len(lines) > MAX_LINES:
        # The cause often stands first, and what came of it last.
        lines = [*lines[:FIRST_LINES], LEFT_OUT, *lines[FIRST_LINES - MAX_LINES :]]
    return "\n".join(lines)


def _lines(text: str) -> list[str]:
    return [line.rstrip()[:MAX_LINE_CHARS] for line in text.splitlines() if line.strip()]
