"""Approval: a person's answer to a call that policy does not decide."""

from __future__ import annotations

import asyncio
import json
import unicodedata
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal, Protocol, TypeAlias

from .approval_store import ApprovalStore
from .services import PinnedTool

Answer: TypeAlias = Literal["once", "run", "always", "no", "park"]
"""`once`: this call. `run`: this tool for the rest of the run. `always`: this tool, as long as its
definition stays the same. `park`: nobody can say now; save the run, to be resumed later."""

MAX_SHOWN: Final = 4000
"""Characters of arguments that are shown; what is longer is cut in the middle, and says so."""


@dataclass(frozen=True, slots=True)
class ApprovalRequest:
    """A call that waits for an answer. `text` is what to show: safe for a terminal."""

    server: str
    tool: str
    arguments: Mapping[str, Any] = field(repr=False)
    annotations: Mapping[str, Any]
    text: str


class Approver(Protocol):
    """Asks somebody. Returning is the answer; raising counts as no."""

    def __call__(self, request: ApprovalRequest, /) -> Awaitable[Answer]:
        """The answer to one request. Requests of one run come one at a time."""
        ...


def request_text(server: str, tool: str, arguments: Mapping[str, Any], why: str) -> str:
    """What a person is shown: server, tool and the arguments as they will be sent.

    Every character that is invisible, steers a terminal or could pass for another is spelled out;
    arguments that are too long are cut in the middle, with the number of characters left out.
    """
    shown = json.dumps(arguments, ensure_ascii=False, indent=2)
    left_out = len(shown) - MAX_SHOWN
    if left_out > 0:
        half = MAX_SHOWN // 2
        shown = f"{plain(shown[:half])}\n… {left_out} characters left out …\n{plain(shown[-half:])}"
    else:
        shown = plain(shown)
    return f"{plain(server)}/{plain(tool)}: {plain(why)}\n{shown}"


def plain(text: str) -> str:
    """`text` with every character spelled out that a reader could miss or mistake.

    ASCII, and letters of other scripts in words that have no ASCII letter, stay as they are. A
    letter of another script inside a word with ASCII letters is spelled out: it could pass for one.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(_words(text))


def _words(text: str) -> list[str]:
    found: list[str] = []
    word: list[str] = []
    for c in text:
        if c.isalnum():
            word.append(c)
            continue
        found.append(_word(word))
        word = []
        found.append(c if _harmless(c) else _spelled(c))
    return [*found, _word(word)]


def _word(letters: list[str]) -> str:
    if any("a" <= c.lower() <= "z" for c in letters):
        return "".join(c if c.isascii() or _latin(c) else _spelled(c) for c in letters)
    return "".join(c if _harmless(c) else _spelled(c) for c in letters)


def _latin(c: str) -> bool:
    return unicodedata.name(c, "").startswith("LATIN ")


def _harmless(c: str) -> bool:
    if c.isascii():
        return c.isprintable() or c == "\n"
    kind = unicodedata.category(c)
    # Combining marks alter what stands before them, and blanks that are no space look like one.
    return kind.startswith(("L", "N", "P", "S")) and c.isprintable()


def _spelled(c: str) -> str:
    return f"\\u{{{ord(c):x}}}"


class Parked(Exception):
    """Nobody can answer now: the run is to be saved and resumed later. `request` waits."""

    def __init__(self, request: ApprovalRequest) -> None:
        super().__init__(f"waits for approval of {plain(request.server)}/{plain(request.tool)}")
        self.request = request


class Approvals:
    """The answers that were given, and whom to ask next: one question of a run at a time.

    `store` keeps what was approved for ever. Without an approver there is nobody to ask.
    """

    def __init__(
        self, approver: Approver | None = None, store: ApprovalStore | None = None
    ) -> None:
        self.approver = approver
        self.asking: Callable[[bool], None] = lambda asking: None
        """Told when a person begins and ends to think: that time is not the program's."""
        self._store = store
        self._for_run: set[tuple[str, str]] = set()
        self._turn = asyncio.Lock()

    def known(self, tool: PinnedTool) -> bool:
        """Whether the tool has been approved for more than one call."""
        if (tool.server, tool.name) in self._for_run:
            return True
        return self._store is not None and self._store.holds(tool)

    async def granted(self, tool: PinnedTool, arguments: Mapping[str, Any], why: str) -> bool:
        """Whether a person approves a call. Raises `Parked` when nobody can say now."""
        if self.approver is None:
            return False
        async with self._turn:
            if self.known(tool):  # by the answer to a question that went before
                return True
            text = request_text(tool.server, tool.name, arguments, why)
            request = ApprovalRequest(tool.server, tool.name, arguments, tool.annotations, text)
            self.asking(True)
            try:
                answer = await self.approver(request)
            finally:
                self.asking(False)
            return self._taken(answer, tool, request)

    def _taken(self, answer: Answer, tool: PinnedTool, request: ApprovalRequest) -> bool:
        if answer == "park":
            raise Parked(request)
        if answer == "always" and self._store is not None:
            self._store.add(tool)
        if answer in ("run", "always"):
            self._for_run.add((tool.server, tool.name))
        return answer in ("once", "run", "always")
