"""One call of a guest: looked up, checked, judged, made, and answered."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from math import ceil
from typing import Any, Final

from mcp_sdkgen_runtime import CallOptions, RawResult
from mcp_sdkgen_runtime.text import shortened

from ..limits import Limits
from ..policy.approval import Approvals, NotApproved
from ..policy.approval_record import ApprovalRecord, Call
from ..policy.patterns import matches, option
from ..policy.policy import Policy
from ..policy.rate_limit import Meter
from ..policy.services import PinnedTool, Service
from .framing import Frame, Violation
from .journal import Entry, Journal
from .live_kinds import changed_kind
from .replies import Refusal, Reply, misfit_text, refusal_of, result_reply

OnProgress = Callable[[float, float | None, str | None], None]

SERVER_KEY: Final = "mcp-sdkgen/server"
TOKEN_KEY: Final = "mcp-sdkgen/token"  # noqa: S105
TIMEOUT_KEY: Final = "mcp-sdkgen/timeout_s"
_GRACE_S: Final = 0.5
"""How long a session may take over a call's time to end it in its own, more telling way."""


@dataclass(frozen=True, slots=True)
class CallRequest:
    """What a guest asks for. `timeout_s` is its own wish, `progress` whether it wants to hear."""

    server: str
    tool: str
    arguments: dict[str, Any]
    token: str
    timeout_s: float | None = None
    progress: int | None = None

    @classmethod
    def of(cls, frame: Frame) -> CallRequest:
        """Read a `tools/call`. Raises `Violation`: our own client in the sandbox sends no other."""
        params = frame.params
        if params.keys() - {"name", "arguments", "_meta"}:
            raise Violation("a call has params other than name, arguments and _meta")
        name, arguments = params.get("name"), params.get("arguments", {})
        meta = params.get("_meta", {})
        if not isinstance(name, str):
            raise Violation("a call does not name its tool")
        if not isinstance(arguments, dict):
            raise Violation("the arguments of a call are not an object")
        if not isinstance(meta, dict):
            raise Violation("the _meta of a call is not an object")
        server, token = meta.get(SERVER_KEY), meta.get(TOKEN_KEY)
        if not isinstance(server, str) or not isinstance(token, str):
            raise Violation("a call does not name its server and its run")
        return cls(server, name, arguments, token, _timeout_s(meta), _progress(meta))


def _timeout_s(meta: Mapping[str, Any]) -> float | None:
    found = meta.get(TIMEOUT_KEY)
    if found is None:
        return None
    if isinstance(found, bool) or not isinstance(found, int | float):
        raise Violation("the time-out of a call is not a number")
    # A whole number may be too large for a float, and then is no limit.
    return max(0.0, float(min(found, 10**9)))


def _progress(meta: Mapping[str, Any]) -> int | None:
    found = meta.get("progressToken")
    if found is None:
        return None
    if type(found) is not int or not 0 <= found < 2**53:
        raise Violation("the progress token of a call is not a whole number")
    return found


@dataclass
class PendingCall:
    """One call under way. `started` is called when it goes to its server; then `sent` is True.

    `withdrawn` says that the program itself has cancelled it. `entry` is its place in the journal.
    """

    asked: CallRequest
    started: Callable[[], None]
    report: OnProgress
    entry: Entry | None = None
    begun: bool = False
    sent: bool = False
    withdrawn: bool = False


@dataclass
class CallPipeline:
    """Makes the calls of one run."""

    services: Mapping[str, Service]
    limits: Limits
    policy: Policy
    approvals: Approvals
    journal: Journal | None = None
    meter: Meter = field(default_factory=Meter)
    spent: Counter[str] = field(default_factory=Counter)
    notes: list[str] = field(default_factory=list)
    """What the reader of its outcome should know of the servers."""

    def __post_init__(self) -> None:
        self._slots = asyncio.Semaphore(self.limits.concurrency)
        if self.journal is not None:
            self.approvals.resume(self.journal.run, self.journal.approvals)

    def ticket(
        self, asked: CallRequest, started: Callable[[], None], report: OnProgress
    ) -> PendingCall:
        """The ticket of a call. Tickets are made in the order in which the calls came in."""
        if self.journal is None:
            return PendingCall(asked, started, report)
        entry = self.journal.claim(asked.server, asked.tool, asked.arguments)
        return PendingCall(asked, started, report, entry)

    async def answer(self, ticket: PendingCall) -> Reply:
        """The reply to one call.

        Raises `Suspended` when the run is to be saved, `Diverged` when it is not the run of the
        journal, `JournalError` when that cannot be written.
        """
        entry = ticket.entry
        if self.journal is None or entry is None:
            return await self._reply(ticket)
        if (recorded := await self.journal.catch_up(entry)) is not None:
            if entry.sent and (tool := self._known(ticket.asked)) is not None:
                self._charge(tool)
            return replace(recorded, status="replayed")
        try:
            reply = await self._reply(ticket)
        except asyncio.CancelledError:
            if ticket.withdrawn:
                self.journal.cancelled(entry)
            raise
        await self.journal.answered(entry, reply)
        return reply

    async def _reply(self, ticket: PendingCall) -> Reply:
        try:
            return await self._made(ticket)
        except Refusal as refusal:
            return refusal.reply()

    async def _made(self, ticket: PendingCall) -> Reply:
        asked = ticket.asked
        service, tool = self._found(asked)
        self._check(tool, asked.arguments)
        if ticket.entry is not None and ticket.entry.sent and not tool.repeatable:
            told = (
                "this call was sent before the run was interrupted, and the tool may have run; "
                "it is not repeated"
            )
            raise Refusal("failed", "session", told, ran=None)
        approval = await self._permit(ticket, service, tool)
        async with self._slots:
            if self.journal is not None and ticket.entry is not None:
                await self.journal.sending(ticket.entry)
            ticket.sent = True
            ticket.started()
            raw = await self._called(ticket, service, tool, approval)
        return result_reply(raw, self.limits.result_bytes)

    def _known(self, asked: CallRequest) -> PinnedTool | None:
        service = self.services.get(asked.server)
        return service.tools.get(asked.tool) if service is not None else None

    def _found(self, asked: CallRequest) -> tuple[Service, PinnedTool]:
        service = self.services.get(asked.server)
        if service is None:
            told = f"not allowed: this run has no server {shortened(asked.server)}"
            raise Refusal("invalid", "refused", told)
        tool = service.tools.get(asked.tool)
        if tool is None:
            told = f"not allowed: the server has no tool {shortened(asked.tool)}"
            raise Refusal("invalid", "refused", told)
        return service, tool

    def _check(self, tool: PinnedTool, arguments: dict[str, Any]) -> None:
        if tool.check is None:
            return  # policy asks about such a tool, unless a rule names it
        try:
            misfit = tool.check(arguments)
        except Exception as error:
            told = f"the arguments cannot be checked against the tool's schema: {error}"
            raise Refusal("invalid", "arguments", told) from None
        if misfit is not None:
            raise Refusal("invalid", "arguments", misfit_text(misfit))

    async def _permit(
        self, ticket: PendingCall, service: Service, tool: PinnedTool
    ) -> ApprovalRecord | None:
        """The approval to send the call with. None when a rule allows it. Raises `Refusal`."""
        if self._may_go(ticket, service, tool):
            changed = await changed_kind(service, tool)
            if changed is not None and changed not in self.notes:
                self.notes.append(changed)
        verdict = self.policy.decide(tool, ticket.asked.arguments)
        if verdict.decision == "deny":
            raise Refusal("refused", "refused", f"not allowed: {verdict.why}")
        for pattern, budget in self.policy.budgets.items():
            if self.spent[pattern] >= budget and matches(pattern, tool):
                told = f"not allowed: the budget of {budget} calls for {pattern} is spent"
                raise Refusal("refused", "refused", told)
        rates = {one: rate for one, rate in self.policy.rates.items() if matches(one, tool)}
        for pattern, rate in rates.items():
            if wait_s := self.meter.wait_s(pattern, rate):
                told = (
                    f"not allowed: {rate} calls a minute for {pattern} are used up; the next "
                    f"can be made in {ceil(wait_s)} s"
                )
                raise Refusal("refused", "refused", told)
        # Charged before a person answers: calls that wait together must not overspend.
        self._charge(tool)
        self.meter.count(rates)
        if verdict.decision != "ask":
            return None
        call = self._call(ticket, service, tool)
        recorded = ticket.entry.approval if ticket.entry is not None else None
        if recorded is not None and self.approvals.fits(recorded, call):
            return recorded
        return self.approvals.known(call) or await self._ask(ticket, call, tool, verdict.why)

    def _may_go(self, ticket: PendingCall, service: Service, tool: PinnedTool) -> bool:
        """Whether a call may be made at all, as far as its SDK knows the tool."""
        verdict = self.policy.decide(tool, ticket.asked.arguments)
        if verdict.decision != "ask" or self.approvals.approver is not None:
            return verdict.decision != "deny"
        recorded = ticket.entry is not None and ticket.entry.approval is not None
        return recorded or self.approvals.known(self._call(ticket, service, tool)) is not None

    def _call(self, ticket: PendingCall, service: Service, tool: PinnedTool) -> Call:
        binding = service.binding(self.approvals.key)
        return Call(binding, tool.server, tool.name, tool.judged_digest, ticket.asked.arguments)

    def _charge(self, tool: PinnedTool) -> None:
        self.spent.update(one for one in self.policy.budgets if matches(one, tool))

    async def _ask(
        self, ticket: PendingCall, call: Call, tool: PinnedTool, why: str
    ) -> ApprovalRecord:
        if self.approvals.approver is None:
            told = (
                f"not allowed: {why}, so a person must approve it, and this run has nobody to "
                f"ask. Allow it with {option('allow', tool)}"
            )
            raise Refusal("refused", "refused", told)
        if self.journal is not None and ticket.entry is not None:
            await self.journal.asking(ticket.entry, call)
        approval = await self.approvals.approved(call, tool.annotations, why)
        if approval is None:
            raise Refusal("refused", "refused", f"not allowed: {why}, and a person said no")
        if self.journal is not None and approval.scope == "run":
            await self.journal.grant(approval)
        return approval

    async def _called(
        self,
        ticket: PendingCall,
        service: Service,
        tool: PinnedTool,
        approval: ApprovalRecord | None,
    ) -> RawResult:
        asked, limit_s = ticket.asked, self.limits.call_s
        if asked.timeout_s is not None:
            limit_s = min(limit_s, asked.timeout_s)
        options = CallOptions(timeout_s=limit_s, on_progress=ticket.report)
        connect = getattr(service.session, "connect", None)
        try:
            if connect is not None:
                # Not of the call's time: a server slower to start would be started by each call.
                await connect()
            if approval is not None:
                # Only now is it certain where the call goes.
                self.approvals.use(approval, self._call(ticket, service, tool))
            async with asyncio.timeout(limit_s + _GRACE_S):
                answer: RawResult = await service.session.call(
                    asked.tool, asked.arguments, options=options
                )
                return answer
        except TimeoutError:
            told = f"no answer within {limit_s:g} s; the tool may still have run"
            raise Refusal("failed", "timeout", told, ran=None) from None
        except NotApproved as error:
            told = f"not allowed: {error}; the call was not sent"
            raise Refusal("refused", "refused", told) from None
        except Exception as error:
            raise refusal_of(error) from None
