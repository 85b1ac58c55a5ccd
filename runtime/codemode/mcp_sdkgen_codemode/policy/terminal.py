"""Asking for approval at a terminal."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping
from contextlib import suppress
from typing import Final

from .approval import Answer, ApprovalRequest

_ANSWERS: Final[Mapping[str, Answer]] = {
    "y": "once", "yes": "once",
    "r": "run", "run": "run",
    "a": "always", "always": "always",
    "n": "no", "no": "no", "": "no",
    "l": "suspend", "later": "suspend",
}  # fmt: skip

_GRANTS: Final = ("run", "always")


class TerminalApprover:
    """Asks at the controlling terminal, whatever stdin and stdout are. Nothing typed means no.

    What was typed before the question came is thrown away. `may_suspend` offers "later", for runs
    with a journal. Without `may_grant` an answer is for one call. Raises `OSError` when there is no
    terminal.
    """

    def __init__(
        self, *, may_suspend: bool = False, may_grant: bool = True, path: str = "/dev/tty"
    ) -> None:
        self._terminal = os.open(path, os.O_RDWR | os.O_NOCTTY)
        self._refused = {*(() if may_suspend else ("suspend",)), *(() if may_grant else _GRANTS)}
        more = ", r for this run, a always" if may_grant else ""
        later = ", l later" if may_suspend else ""
        self._prompt = f"Allow? y once{more}, N no{later}: "

    async def __call__(self, request: ApprovalRequest) -> Answer:
        """The answer that is typed; an end of input is a no."""
        _forget_typed(self._terminal)
        self._say(f"\n{request.text}\n")
        while True:
            self._say(self._prompt)
            line = await self._line()
            if not line.endswith(b"\n"):
                return "no"
            answer = _ANSWERS.get(line.decode(errors="replace").strip().lower())
            if answer is not None and answer not in self._refused:
                return answer

    async def _line(self) -> bytes:
        """What is typed up to Return; shorter at the end of input. Can be cancelled."""
        loop = asyncio.get_running_loop()
        found = b""
        while not found.endswith(b"\n"):
            readable = asyncio.Event()
            loop.add_reader(self._terminal, readable.set)
            try:
                await readable.wait()
            finally:
                loop.remove_reader(self._terminal)
            if not (typed := os.read(self._terminal, 1024)):
                break
            found += typed
        return found

    def _say(self, text: str) -> None:
        data = text.encode(errors="replace")
        while data:
            data = data[os.write(self._terminal, data) :]

    def close(self) -> None:
        """Let go of the terminal."""
        os.close(self._terminal)


def _forget_typed(terminal: int) -> None:
    with suppress(ImportError):
        import termios

        with suppress(termios.error):
            termios.tcflush(terminal, termios.TCIFLUSH)
