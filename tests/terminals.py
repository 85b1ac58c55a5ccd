"""A terminal of its own for a command."""

from __future__ import annotations

import fcntl
import os
import select
import signal
import subprocess
import termios
import time
from collections.abc import Mapping, Sequence
from types import TracebackType

from tests.patience import HANG_S


def interruptible() -> None:
    """Have a child heed Ctrl-C, for `preexec_fn`: a shell starts what runs in the background with
    the signal ignored, and that is inherited."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def _at_its_terminal() -> None:
    interruptible()
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


class Terminal:
    """Runs a command as the leader of a session with a new terminal. A context manager."""

    def __init__(self, command: Sequence[str], environment: Mapping[str, str]) -> None:
        self._ours, theirs = os.openpty()
        self._process = subprocess.Popen(
            command,
            env=environment,
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
            preexec_fn=_at_its_terminal,
        )
        os.close(theirs)
        self._seen = ""

    def read_until(self, text: str) -> str:
        """What was shown up to and with `text`."""
        deadline = time.monotonic() + HANG_S
        while text not in self._seen:
            if not self._read(deadline):
                raise AssertionError(f"the terminal never showed {text!r}: {self._seen}")
        end = self._seen.index(text) + len(text)
        shown, self._seen = self._seen[:end], self._seen[end:]
        return shown

    def read_to_end(self) -> str:
        """The rest of what is shown."""
        deadline = time.monotonic() + HANG_S
        while self._read(deadline):
            pass
        return self._seen

    def type(self, text: str) -> None:
        """Type, as a person would."""
        os.write(self._ours, text.encode())

    def wait(self) -> int:
        """The exit code."""
        return self._process.wait(HANG_S)

    def _read(self, deadline: float) -> bool:
        ready, _, _ = select.select([self._ours], [], [], max(0.0, deadline - time.monotonic()))
        if not ready:
            return False
        try:
            data = os.read(self._ours, 1 << 16)
        except OSError:  # the other end is closed
            return False
        self._seen += data.decode("utf-8", "replace")
        return bool(data)

    def __enter__(self) -> Terminal:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait()
        os.close(self._ours)
