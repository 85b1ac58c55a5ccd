"""Asking for approval at a terminal."""

from __future__ import annotations

import asyncio
import os
import shlex
from collections.abc import Mapping
from contextlib import suppress
from textwrap import wrap
from typing import Final

from .approval import Answer, ApprovalRequest
from .plan import Plan, PlanAnswer
from .question_text import plain

SETTLE_S: Final = 1.5
"""Seconds in which keys are ignored after a question took another's place: who types then may
still be answering the one that is gone."""

_ANSWERS: Final[Mapping[str, Answer]] = {
    "y": "once", "yes": "once",
    "r": "run", "run": "run",
    "a": "always", "always": "always",
    "n": "no", "no": "no", "": "no",
    "l": "suspend", "later": "suspend",
}  # fmt: skip
_PLAN_ANSWERS: Final[Mapping[str, PlanAnswer]] = {
    "y": "shown", "yes": "shown",
    "r": "run", "run": "run",
    "e": "each", "each": "each",
    "n": "no", "no": "no", "": "no",
}  # fmt: skip
_VIEW: Final = ("v", "view")

_GRANTS: Final = ("run", "always")
_YES: Final = ("once", *_GRANTS)


class TerminalApprover:
    """Asks at the controlling terminal, whatever stdin and stdout are. Nothing typed means no.

    What was typed before the question came is thrown away, and after a question that took the
    place of a withdrawn one also what is typed in the first `settle_s` seconds. A question that
    cannot show all arguments must be viewed in full before a yes. `may_suspend` offers "later", for
    runs with a journal. Without `may_grant` an answer is for one call. Raises `OSError` when there
    is no terminal.
    """

    who = "terminal"

    def __init__(
        self,
        *,
        may_suspend: bool = False,
        may_grant: bool = True,
        path: str = "/dev/tty",
        settle_s: float = SETTLE_S,
    ) -> None:
        self._terminal = os.open(path, os.O_RDWR | os.O_NOCTTY)
        self._refused = {*(() if may_suspend else ("suspend",)), *(() if may_grant else _GRANTS)}
        more = ", this tool for the [r]un, [a]lways" if may_grant else ""
        later = ", [l]ater" if may_suspend else ""
        self._answers = f"[y]es once{more}, [N]o{later}"
        self._settle_s = settle_s
        self._withdrawn = False

    async def __call__(self, request: ApprovalRequest) -> Answer:
        """The answer that is typed; an end of input is a no."""
        try:
            return await self._asked(request)
        except asyncio.CancelledError:
            self._withdrawn = True
            self._say("\nThe question is withdrawn.\n")
            raise

    async def _asked(self, request: ApprovalRequest) -> Answer:
        self._say(f"\n{request.text}\n")
        if self._withdrawn:
            self._withdrawn = False
            self._say("This is another question; keys count in a moment.\n")
            await asyncio.sleep(self._settle_s)
        _forget_typed(self._terminal)
        viewed = request.whole
        while True:
            view = "" if request.whole else "[v]iew all of it, "
            self._say(f"{view}{self._answers}: ")
            line = await self._line()
            if not line.endswith(b"\n"):
                return "no"
            word = line.decode(errors="replace").strip().lower()
            if word in _VIEW and not request.whole:
                await self._page(request.full_text)
                viewed = True
                continue
            answer = _ANSWERS.get(word)
            if answer is None or answer in self._refused:
                self._say("That is no answer; type one of the letters in brackets.\n")
                continue
            if answer in _YES and not viewed:
                self._say("Not all of it is shown above: view it first.\n")
                continue
            if answer == "always":
                self._say(f"To take it back: {take_back_command(request.server, request.tool)}\n")
            return answer

    async def before(self, plan: Plan) -> PlanAnswer:
        """The answer to what a program will call, before it starts; nothing typed means no."""
        shown = any(call.shown for call in plan.of("ask"))
        exactly = "[y]es to these calls, " if shown else ""
        choices = f"{exactly}these tools for the [r]un, ask for [e]ach when it comes, [N]o: "
        self._say(f"\n{plan.text}\n")
        _forget_typed(self._terminal)
        while True:
            self._say(choices)
            line = await self._line()
            if not line.endswith(b"\n"):
                return "no"
            answer = _PLAN_ANSWERS.get(line.decode(errors="replace").strip().lower())
            if answer is not None and (shown or answer != "shown"):
                return answer
            self._say("That is no answer; type one of the letters in brackets.\n")

    async def _page(self, text: str) -> None:
        """Show a text screen by screen: Return goes on, q ends."""
        lines = text.splitlines()
        size = os.get_terminal_size(self._terminal)
        columns, rows = size.columns or 80, size.lines or 24
        screen: list[str] = []
        for line in lines:
            screen += wrap(line, max(columns - 1, 20), drop_whitespace=False) or [""]
        step = max(rows - 2, 5)
        for start in range(0, len(screen), step):
            self._say("\n".join(screen[start : start + step]) + "\n")
            if start + step < len(screen):
                left = len(screen) - start - step
                self._say(f"-- {left} more lines: [Return] goes on, [q] ends -- ")
                if (await self._line()) != b"\n":
                    return

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


def take_back_command(server: str, tool: str) -> str:
    """What to type in a shell to take back what was approved of a tool for ever."""
    return plain(shlex.join(["mcp-sdkgen", "approve", f"{server}/{tool}", "--forget"]))


def _forget_typed(terminal: int) -> None:
    with suppress(ImportError):
        import termios

        with suppress(termios.error):
            termios.tcflush(terminal, termios.TCIFLUSH)
