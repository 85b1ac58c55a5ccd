"""The last lines a server wrote to stderr, kept for error messages."""

from __future__ import annotations

import os
import threading
from collections import deque
from typing import IO

MAX_LINES = 20
MAX_LINE_CHARS = 400
_CHUNK_BYTES = 65536


class StderrTail:
    """A place for a child's stderr that keeps its last lines in memory.

    Give `writer` to the child, then call `handed_over`.
    """

    def __init__(self) -> None:
        reader, writer = os.pipe()
        self.writer: IO[str] = os.fdopen(writer, "w")
        self._lines: deque[str] = deque(maxlen=MAX_LINES)
        # A thread, because on Windows no event loop can wait for a pipe.
        self._thread = threading.Thread(
            target=self._drain, args=(reader,), name="mcp-sdkgen-stderr", daemon=True
        )
        self._thread.start()

    def handed_over(self) -> None:
        """Close our copy of the writing end, so that the child's end ends the pipe."""
        self.writer.close()

    def _drain(self, reader: int) -> None:
        partial = b""
        with os.fdopen(reader, "rb", buffering=0) as stream:
            while chunk := stream.read(_CHUNK_BYTES):
                *whole, partial = (partial + chunk).split(b"\n")
                partial = partial[: MAX_LINE_CHARS * 4]
                for line in whole[-MAX_LINES:]:
                    self._keep(line)
        self._keep(partial)

    def _keep(self, line: bytes) -> None:
        text = line.decode("utf-8", "replace").rstrip()
        if text:
            self._lines.append(text[:MAX_LINE_CHARS])

    def text(self, wait_s: float = 0.0) -> str:
        """The last lines. Waits up to `wait_s` seconds for the child to close its end."""
        self._thread.join(wait_s)
        return "\n".join(self._lines.copy())
