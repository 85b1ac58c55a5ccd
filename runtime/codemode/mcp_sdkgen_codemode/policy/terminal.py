"""Asking for approval at a terminal."""

from __future__ import annotations

import asyncio
import os
import shlex
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Final

from .approval import Answer, ApprovalRequest
from .plain_text import plain, screen_lines
from .plan import Plan, PlanAnswer

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
_NOT_VIEWED: Final = "Not all of it is shown above: view it to its end first.\n"

_GRANTS: Final = ("run", "always")
_OFFERS: Final[Mapping[str, str]] = {"run": "this tool for the [r]un", "always": "[a]lways"}
_YES: Final = ("once", *_GRANTS)


class TerminalApprover:
    """Asks at the controlling terminal, whatever stdin and stdout are. Nothing typed means no.

    What was typed before the question came is thrown away, and after a question that took the
    place of a withdrawn one also what is typed in the first `settle_s` seconds. A question longer
    than the screen is shown screen by screen; one that was not seen to its end, or that cannot show
    all arguments, must be viewed to its end before a yes. `may_suspend` offers "later", for
    runs with a journal. Without `may_grant` an answer is for one call; a `single` call has no run
    that an answer could be for. Raises `OSError` when there
    is no terminal.
    """

    who = "terminal"

    def __init__(
        self,
        *,
        may_suspend: bool = False,
        may_grant: bool = True,
        single: bool = False,
        path: str = "/dev/tty",
        settle_s: float = SETTLE_S,
    ) -> None:
        self._terminal = os.open(path, os.O_RDWR | os.O_NOCTTY)
        grants = [one for one in _GRANTS if may_grant and not (single and one == "run")]
        self._refused = {*(() if may_suspend else ("suspend",)), *(set(_GRANTS) - set(grants))}
        more = "".join(f", {_OFFERS[one]}" for one in grants)
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
        viewed = await self._shown(request.text) and request.whole
        is_new = not viewed
        while True:
            view = "[v]iew all of it, " if is_new else ""
            self._say(f"{view}{self._answers}: ")
            line = await self._line()
            if not line.endswith(b"\n"):
                return "no"
            word = line.decode(errors="replace").strip().lower()
            if word in _VIEW and is_new:
                viewed = await self._paged(self._screens(request.full_text)) or viewed
                continue
            answer = _ANSWERS.get(word)
            if answer is None or answer in self._refused:
                self._say("That is no answer; type one of the letters in brackets.\n")
                continue
            if answer in _YES and not viewed:
                self._say(_NOT_VIEWED)
                continue
            if answer == "always":
                self._say(f"To take it back: {take_back_command(request.server, request.tool)}\n")
            return answer

    async def before(self, plan: Plan) -> PlanAnswer:
        """The answer to what a program will call, before it starts; nothing typed means no."""
        shown = any(call.shown for call in plan.of("ask"))
        exactly = "[y]es to these calls, " if shown else ""
        choices = f"{exactly}these tools for the [r]un, ask for [e]ach when it comes, [N]o: "
        viewed = await self._shown(plan.text)
        is_long = not viewed
        while True:
            self._say(("[v]iew all of it, " if is_long else "") + choices)
            line = await self._line()
            if not line.endswith(b"\n"):
                return "no"
            word = line.decode(errors="replace").strip().lower()
            if word in _VIEW and is_long:
                viewed = await self._paged(self._screens(plan.text)) or viewed
                continue
            answer = _PLAN_ANSWERS.get(word)
            if answer in ("shown", "run") and not viewed:
                self._say(_NOT_VIEWED)
                continue
            if answer is not None and (shown or answer != "shown"):
                return answer
            self._say("That is no answer; type one of the letters in brackets.\n")

    async def _shown(self, text: str) -> bool:
        """Show a question, screen by screen where it is longer than one. Whether its end was seen.

        What was typed before it came does not count, nor what is typed in the moment after it took
        another's place.
        """
        screens = self._screens(text)
        self._say(f"\n{screens[0]}\n")
        if self._withdrawn:
            self._withdrawn = False
            self._say("This is another question; you can answer it in a moment.\n")
            await asyncio.sleep(self._settle_s)
        _forget_typed(self._terminal)
        return await self._paged(screens, begun=True)

    def _screens(self, text: str) -> list[str]:
        try:
            size = os.get_terminal_size(self._terminal)
        except OSError:  # no terminal that has one
            size = os.terminal_size((0, 0))
        lines = screen_lines(text, (size.columns or 80) - 1)
        step = max((size.lines or 24) - 4, 5)  # below stand the answers, in up to three lines
        return ["\n".join(lines[at : at + step]) for at in range(0, len(lines), step)]

    async def _paged(self, screens: Sequence[str], *, begun: bool = False) -> bool:
        """Show a text screen by screen: Return goes on, q ends. Whether its end was seen. Where it
        has `begun`, the first is shown already."""
        for number, screen in enumerate(screens):
            if number:
                left = len(screens) - number
                self._say(f"-- {left} more screens: [Return] goes on, [q] ends -- ")
                if (await self._line()) != b"\n":
                    return False
            if number or not begun:
                self._say(f"{screen}\n")
        return True

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
    """What to type in a shell to take back what was approved of a tool for ever, whose name is
    written as it is shown."""
    return shlex.join(["mcp-sdkgen", "approve", plain(f"{server}/{tool}"), "--forget"])


def _forget_typed(terminal: int) -> None:
    with suppress(ImportError):
        import termios

        with suppress(termios.error):
            termios.tcflush(terminal, termios.TCIFLUSH)
