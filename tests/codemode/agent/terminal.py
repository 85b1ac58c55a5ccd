"""A person at a terminal: the command line behind a pty, what it shows, and what is typed."""

from __future__ import annotations

import os
import pty
import re
import select
import signal
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.patience import HANG_S
from tests.warm import COMMAND

_STYLE = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]|\x1b[=>]|\x1b\][^\x07]*\x07|\r")


@dataclass
class Terminal:
    """A process with a terminal of its own. `shown` is all it wrote, as it came."""

    pid: int
    fd: int
    shown: str = ""
    at: int = 0

    @property
    def text(self) -> str:
        """What it wrote, without colours and moves of the cursor."""
        return _STYLE.sub("", self.shown)

    def until(self, words: str) -> str:
        """Wait for words after those that were waited for last; what came up to them."""
        deadline = time.monotonic() + HANG_S
        while (found := self.text.find(words, self.at)) < 0:
            if not self._read(deadline):
                raise AssertionError(f"{words!r} never came; shown:\n{self.text}")
        before, self.at = self.text[self.at : found], found + len(words)
        return before

    def type(self, text: str) -> None:
        """Type, Return and all."""
        os.write(self.fd, text.encode())

    def end(self) -> int:
        """Wait until the process ends; its exit code."""
        deadline = time.monotonic() + HANG_S
        while self._read(deadline):
            pass
        _, status = os.waitpid(self.pid, 0)
        self.pid = 0
        return os.waitstatus_to_exitcode(status)

    def _read(self, deadline: float) -> bool:
        if not select.select([self.fd], [], [], max(0, deadline - time.monotonic()))[0]:
            return False
        try:
            data = os.read(self.fd, 65536)
        except OSError:  # the other end is closed
            return False
        self.shown += data.decode(errors="replace")
        # A terminal that is asked where its cursor is answers.
        if b"\x1b[6n" in data:
            os.write(self.fd, b"\x1b[1;1R")
        return bool(data)


@contextmanager
def terminal(
    *arguments: str, folder: Path, environment: Mapping[str, str], columns: int = 100
) -> Iterator[Terminal]:
    """`mcp-sdkgen` with these arguments at a terminal; killed at the end if it still runs."""
    pid, fd = pty.fork()
    if pid == 0:
        os.chdir(folder)
        command = [*COMMAND, *arguments]
        size = {"COLUMNS": str(columns), "LINES": "50", "TERM": "xterm-256color"}
        os.execve(command[0], command, {**environment, **size})
    made = Terminal(pid, fd)
    try:
        yield made
    finally:
        if made.pid:
            os.kill(made.pid, signal.SIGKILL)
            os.waitpid(made.pid, 0)
        os.close(fd)
