"""Approval: a person's answer to a call that policy does not decide."""

from __future__ import annotations

import asyncio
import inspect
import secrets
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal, Protocol, TypeAlias, get_args

from mcp_sdkgen_runtime.observability.log import logger

from .approval_record import ApprovalRecord, CallToApprove, Scope, record, user_key
from .approval_store import ApprovalStore, SpentApprovals
from .question_text import call_name, full_text, is_whole, request_text

_log = logger(__name__)

Answer: TypeAlias = Literal["once", "run", "always", "no", "suspend"]
"""`once`: this call. `run`: this tool for the rest of the run. `always`: this tool, as long as its
definition and its server's place stay the same. `suspend`: nobody can say now; save the run, to be
resumed later."""

MAX_REFUSALS: Final = 2
"""How often a person must say no to a tool before a run asks about it no more."""
MAX_WITHDRAWN: Final = 5
"""How many questions about a tool a program may withdraw before that."""
MAX_IN_VAIN: Final = 10
"""How many questions may be refused or withdrawn before a run asks about nothing more."""


@dataclass(frozen=True, slots=True)
class ApprovalRequest:
    """A call that waits for an answer: one question, known by its nonce.

    `text` is what to show: safe for a terminal. If it is not `whole`, `full_text` shows the rest.
    """

    server: str
    tool: str
    arguments: Mapping[str, Any] = field(repr=False)
    annotations: Mapping[str, Any]
    why: str
    nonce: str = field(default_factory=lambda: secrets.token_hex(16))

    @property
    def text(self) -> str:
        """The question, each value shortened by itself."""
        return request_text(self.server, self.tool, self.arguments, self.why)

    @property
    def full_text(self) -> str:
        """The question with every value in full."""
        return full_text(self.server, self.tool, self.arguments, self.why)

    @property
    def whole(self) -> bool:
        """Whether `text` leaves nothing out."""
        return is_whole(self.server, self.tool, self.arguments)


class Approver(Protocol):
    """Asks somebody. Returning is the answer; raising counts as no."""

    def __call__(self, request: ApprovalRequest, /) -> Awaitable[Answer]:
        """The answer to one request. Requests of one run come one at a time."""
        ...


class Suspended(Exception):
    """Nobody can answer now: the run is to be saved and resumed later. `request` waits."""

    def __init__(self, request: ApprovalRequest) -> None:
        super().__init__(f"waits for approval of {call_name(request.server, request.tool)}")
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
        checked: Answer = answer
        return checked

    return approver


class NotApproved(Exception):
    """An approval is not for the call that is about to be sent."""


class Approvals:
    """The approvals of one run, and whom to ask next: one question at a time.

    `store` keeps what was approved for ever; its key signs, or else the user's. Without an approver
    there is nobody to ask.
    """

    def __init__(
        self, approver: Approver | None = None, store: ApprovalStore | None = None
    ) -> None:
        self.approver = approver
        self.asking: Callable[[bool], None] = lambda asking: None
        """Told when a person begins and ends to think: that time is not the program's."""
        self.run = secrets.token_hex(16)
        self.key = store.key if store is not None else user_key()
        self._store = store
        self._records: list[ApprovalRecord] = []
        self._given: set[str] = set()
        self._used: set[str] = set()
        self._spent = SpentApprovals()
        self._single: dict[str, list[ApprovalRecord]] = {}
        self._refusals: Counter[str] = Counter()
        self._withdrawn: Counter[str] = Counter()
        self._turn = asyncio.Lock()

    def resume(self, run: str, records: Iterable[ApprovalRecord]) -> None:
        """Go on with a run of that name: its approvals of tools count if the key signed them."""
        self.run = run
        self._records += [each for each in records if each.scope == "run" and self._signed(each)]

    def known(self, call: CallToApprove) -> ApprovalRecord | None:
        """An approval that this call can be sent with, if there is one already."""
        for each in self._records:
            if each.fits(call, self.run):
                return each
        return self._store.find(call) if self._store is not None else None

    def take(self, call: CallToApprove) -> ApprovalRecord | None:
        """An approval that this call can be sent with. One for a single call is given out once."""
        if found := self.known(call):
            return found
        single = self._single.get(call.digest)
        return single.pop() if single else None

    def approve(self, call: CallToApprove, scope: Literal["once", "run"], who: str) -> None:
        """Take note of what a person said before the run: to this very call, or to its tool.

        Raises `OSError` when it cannot be signed.
        """
        approval = self.key.sign(record(secrets.token_hex(16), self.run, scope, call, who))
        if scope == "once":
            self._given.add(approval.nonce)
            self._single.setdefault(call.digest, []).append(approval)
        else:
            self._records.append(approval)

    async def approved(
        self, call: CallToApprove, annotations: Mapping[str, Any], why: str
    ) -> ApprovalRecord | None:
        """A person's approval of a call, or None. Raises `Suspended` when nobody can say now."""
        if self.approver is None:
            return None
        async with self._turn:
            if found := self.take(call):  # by the answer to a question that went before
                return found
            if self._asked_enough(call.tool_digest):
                return None
            request = ApprovalRequest(call.server, call.tool, call.arguments, annotations, why)
            self.asking(True)
            try:
                answer = await self.approver(request)
            except asyncio.CancelledError:
                self._withdrawn[call.tool_digest] += 1
                raise
            except Exception as error:
                _log.warning(
                    "an approver failed, which counts as no: %s: %s", type(error).__name__, error
                )
                answer = "no"
            finally:
                self.asking(False)
            return self._record_answer(answer, call, request)

    def _asked_enough(self, tool: str) -> bool:
        return (
            self._refusals[tool] >= MAX_REFUSALS
            or self._withdrawn[tool] >= MAX_WITHDRAWN
            or self._refusals.total() + self._withdrawn.total() >= MAX_IN_VAIN
        )

    def fits(self, approval: ApprovalRecord, call: CallToApprove) -> bool:
        """Whether an approval is this user's, for this call, and neither spent nor taken back."""
        if approval.scope == "always":
            return self._store is not None and self._store.find(call) is not None
        if approval.scope == "once" and self._is_spent(approval.nonce):
            return False
        return approval.fits(call, self.run) and self._signed(approval)

    def use(self, approval: ApprovalRecord, call: CallToApprove) -> None:
        """Spend an approval on the call that is about to be sent.

        Raises `NotApproved` when it is for another call, was spent or taken back, has expired, or
        was not signed with this user's key.
        """
        if not self.fits(approval, call):
            taken_back = " any more" if approval.scope == "always" else ""
            raise NotApproved(f"what was approved is not what is about to be sent{taken_back}")
        if approval.scope == "once":
            self._spend(approval.nonce)

    def _is_spent(self, nonce: str) -> bool:
        # What was approved in this process is written nowhere.
        return nonce in self._used or (nonce not in self._given and self._spent.has(nonce))

    def _spend(self, nonce: str) -> None:
        self._used.add(nonce)
        if nonce in self._given:
            return
        try:
            is_new = self._spent.add(nonce)
        except OSError as error:
            raise NotApproved(f"what was approved cannot be used up: {error}") from None
        if not is_new:
            raise NotApproved("what was approved was used by another process")

    def _signed(self, approval: ApprovalRecord) -> bool:
        try:
            return self.key.verifies(approval)
        except OSError as error:
            _log.warning("an approval cannot be verified: %s", error)
            return False

    def _record_answer(
        self, answer: Answer, call: CallToApprove, request: ApprovalRequest
    ) -> ApprovalRecord | None:
        if answer == "suspend":
            raise Suspended(request)
        if answer not in ("once", "run", "always"):
            if answer != "no":
                _log.warning("an approver answered %r, which counts as no", answer)
            self._refusals[call.tool_digest] += 1
            return None
        scope: Scope = answer
        self._given.add(request.nonce)
        who = str(getattr(self.approver, "who", "callback"))
        approval = self.key.sign(record(request.nonce, self.run, scope, call, who))
        if scope == "always":
            approval = self._keep_for_ever(approval, request, call, who)
        if approval.scope == "run":
            self._records.append(approval)
        return approval

    def _keep_for_ever(
        self, approval: ApprovalRecord, request: ApprovalRequest, call: CallToApprove, who: str
    ) -> ApprovalRecord:
        try:
            if self._store is not None:
                self._store.add(approval)
                return approval
            why = "there is no store of approvals"
        except OSError as error:
            why = str(error)
        _log.warning("the approval holds for this run only: %s", why)
        return self.key.sign(record(request.nonce, self.run, "run", call, who))
