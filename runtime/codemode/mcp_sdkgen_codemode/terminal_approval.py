"""Asking for approval at a terminal."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Mapping
from contextlib import suppress
from typing import Final, TextIO

from .approval import Answer, ApprovalRequest

_ANSWERS: Final[Mapping[str, Answer]] = {
    "y": "once", "yes": "once",
    "r": "run", "run": "run",
    "a": "always", "always": "always",
    "n": "no", "no": "no", "": "no",
    "l": "park", "later": "park",
}  # fmt: skip


class TerminalApprover:
    """Asks at the controlling terminal, whatever stdin and stdout are. Nothing typed means no.

    What was typed before the question came is thrown away. `may_park` offers "later", for runs
    with a journal. Raises `OSError` when there is no terminal.
    """

    def __init__(self, *, may_park: bool = False, path: str = "/dev/tty") -> None:
        # Opened as one descriptor: a terminal cannot be sought in, which "r+" would want to do.
        handle = os.open(path, os.O_RDWR | os.O_NOCTTY)
        self._input: TextIO = os.fdopen(handle, encoding="utf-8", errors="replace")
        self._output: TextIO = os.fdopen(os.dup(handle), "w", encoding="utf-8", errors="replace")
        later = ", l later" if may_park else ""
        self._may_park = may_park
        self._prompt = f"Allow? y once, r for this run, a always, N no{later}: "

    async def __call__(self, request: ApprovalRequest) -> Answer:
        """The answer that is typed; an end of input is a no."""
        loop = asyncio.get_running_loop()
        found: asyncio.Future[Answer] = loop.create_future()

        def ask() -> None:
            answer = self._ask(request)
            with suppress(RuntimeError):  # the loop has ended meanwhile
                loop.call_soon_threadsafe(_settle, found, answer)

        # A daemon: a question that nobody answers must not keep the process from ending.
        threading.Thread(target=ask, name="mcp-sdkgen-approval", daemon=True).start()
        return await found

    def _ask(self, request: ApprovalRequest) -> Answer:
        _forget_typed(self._input)
        self._say(f"\n{request.text}\n")
        while True:
            self._say(self._prompt)
            line = self._input.readline()
            if not line:
                return "no"
            answer = _ANSWERS.get(line.strip().lower())
            if answer is not None and (answer != "park" or self._may_park):
                return answer

    def _say(self, text: str) -> None:
        self._output.write(text)
        self._output.flush()

    def close(self) -> None:
        """Let go of the terminal."""
        self._input.close()
        self._output.close()


def _settle(found: asyncio.Future[Answer], answer: Answer) -> None:
    if not found.done():
        found.set_result(answer)


def _forget_typed(stream: TextIO) -> None:
    with suppress(ImportError, OSError):
        import termios

        with suppress(termios.error):
            termios.tcflush(stream.fileno(), termios.TCIFLUSH)
