"""Approval: a person's answer to a call that policy does not decide."""

from __future__ import annotations

import asyncio
import inspect
import json
import re
import unicodedata
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal, Protocol, TypeAlias, get_args

from mcp_sdkgen_runtime.observability.log import logger

from .approval_store import ApprovalStore
from .services import PinnedTool

_log = logger(__name__)

Grant: TypeAlias = tuple[str, str, str]
"""A tool that was approved for more than one call: server, wire name, digest of its definition."""

Answer: TypeAlias = Literal["once", "run", "always", "no", "suspend"]
"""`once`: this call. `run`: this tool for the rest of the run. `always`: this tool, as long as its
definition stays the same. `suspend`: nobody can say now; save the run, to be resumed later."""

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

    Names are shown in ASCII. Every character that is invisible, steers a terminal or could pass for
    another is spelled out; arguments that are too long are cut in the middle, with the number of
    characters left out.
    """
    shown = json.dumps(arguments, ensure_ascii=False, indent=2)
    left_out = len(shown) - MAX_SHOWN
    if left_out > 0:
        half = MAX_SHOWN // 2
        shown = f"{plain(shown[:half])}\n… {left_out} characters left out …\n{plain(shown[-half:])}"
    else:
        shown = plain(shown)
    return f"{_name(server)}/{_name(tool)}: {plain(why)}\n{shown}"


def plain(text: str) -> str:
    """`text` with every character spelled out that a reader could miss or mistake.

    ASCII stays, and so do letters and signs of every script that look like no other. Spelled out
    as `\\u{…}` are controls, invisible and direction marks, combining marks, blanks other than the
    space, characters that are only another form of a plainer one (full-width, mathematical), and
    non-Latin letters inside a word with Latin ones, which could pass for them.
    """
    if text.isascii() and text.isprintable():
        return text
    return _WORD.sub(_plain_word, text)


def _name(text: str) -> str:
    # A name of another script as a whole could still pass for one in ASCII, as names are.
    return "".join(c if c.isascii() and c.isprintable() else _spelled(c) for c in text)


def _spelled(c: str) -> str:
    return f"\\u{{{ord(c):x}}}"


_WORD = re.compile(r"\w+|\W")


def _plain_word(match: re.Match[str]) -> str:
    word = match[0]
    mixed = any("a" <= c <= "z" for c in word.lower())
    return "".join(c if _harmless(c, mixed) else _spelled(c) for c in word)


def _harmless(c: str, mixed: bool) -> bool:
    if c.isascii():
        return c.isprintable() or c == "\n"
    if unicodedata.category(c)[0] not in "LNPS" or unicodedata.normalize("NFKC", c) != c:
        return False
    return not (mixed and c.isalpha()) or c in _LATIN


_LATIN: Final = frozenset(map(chr, range(0xC0, 0x180))) - {"\u0131"}
"""Letters of European languages, that stand in words with ASCII letters."""


class Suspended(Exception):
    """Nobody can answer now: the run is to be saved and resumed later. `request` waits."""

    def __init__(self, request: ApprovalRequest) -> None:
        super().__init__(f"waits for approval of {plain(request.server)}/{plain(request.tool)}")
        self.request = request


async def suspend(request: ApprovalRequest) -> Answer:
    """The approver of a run that nobody watches: it is saved until somebody resumes it."""
    return "suspend"


def from_callback(ask: Callable[[ApprovalRequest], Any]) -> Approver:
    """An approver from a function, async or not, that returns an `Answer`, or True or False."""

    async def approver(request: ApprovalRequest) -> Answer:
        found = ask(request)
        answer = await found if inspect.isawaitable(found) else found
        if isinstance(answer, bool):
            return "once" if answer else "no"
        if answer not in get_args(Answer):
            raise TypeError(
                f"an approver answers {get_args(Answer)}, True or False; not {answer!r}"
            )
        given: Answer = answer
        return given

    return approver


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
        self.granted: set[Grant] = set()
        """What was approved for the rest of the run."""
        self._turn = asyncio.Lock()

    def known(self, tool: PinnedTool) -> bool:
        """Whether the tool has been approved for more than one call."""
        if tool.grant in self.granted:
            return True
        return self._store is not None and self._store.holds(tool)

    async def approved(self, tool: PinnedTool, arguments: Mapping[str, Any], why: str) -> bool:
        """Whether a person approves a call. Raises `Suspended` when nobody can say now."""
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
            except Exception as error:
                _log.warning("an approver failed, which counts as no: %r", error)
                return False
            finally:
                self.asking(False)
            return self._taken(answer, tool, request)

    def _taken(self, answer: Answer, tool: PinnedTool, request: ApprovalRequest) -> bool:
        if answer == "suspend":
            raise Suspended(request)
        if answer == "always" and self._store is not None:
            try:
                self._store.add(tool)
            except OSError as error:
                _log.warning("the approval holds for this run only: %s", error)
        if answer in ("run", "always"):
            self.granted.add(tool.grant)
        if answer not in get_args(Answer):
            _log.warning("an approver answered %r, which counts as no", answer)
        return answer in ("once", "run", "always")
