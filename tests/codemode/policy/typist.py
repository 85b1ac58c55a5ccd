"""A person at a terminal who types."""

from __future__ import annotations

import fcntl
import os
import pty
import struct
import termios
import threading


class Typist:
    """A terminal, and a person who types each text when the screen shows what it is for."""

    def __init__(self, *answers: tuple[str, str]) -> None:
        self._ours, self._theirs = pty.openpty()
        self.name = os.ttyname(self._theirs)
        self.shown = b""
        self._answers = answers
        self.prompted = threading.Event()
        """Set when the first text has been seen."""
        self._thread = threading.Thread(target=self._type)

    def _type(self) -> None:
        for what, text in self._answers:
            seen = len(self.shown)
            while what.encode() not in self.shown[seen:]:
                self.shown += os.read(self._ours, 1000)
            self.prompted.set()
            os.write(self._ours, text.encode())

    def __enter__(self) -> Typist:
        os.write(self._ours, b"y\n")  # typed too early
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._thread.join()
        os.close(self._ours)
        os.close(self._theirs)

    def resize(self, rows: int, columns: int = 80) -> None:
        """Give the screen another size."""
        fcntl.ioctl(self._theirs, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
