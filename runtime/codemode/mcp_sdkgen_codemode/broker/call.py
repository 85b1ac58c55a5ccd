"""One call of a guest: looked up, checked, judged, made, and answered."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from mcp_sdkgen_runtime import CallOptions

from ..limits import Limits
from ..policy.approval import Approvals, NotApproved
from ..policy.approval_record import ApprovalRecord, CallToApprove
from ..policy.patterns import matches, option
from ..policy.policy import Policy, Verdict
from ..policy.rate_limit import Meter
from ..policy.services import Offered, PinnedTool, Service, labelled
from .framing import Frame, Violation
from .journal import Entry, Journal
from .live_kinds import changed_kind
from .replies import (
    Answer,
    Refusal,
    Reply,
    approval_void,
    arguments_misfit,
    arguments_unchecked,
    budget_spent,
    no_answer_within,
    no_such_server,
    no_such_tool,
    nobody_to_ask,
    not_repeated,
    rate_used_up,
    refusal_of,
    refused_by_person,
    refused_by_rule,
    result_reply,
)

OnProgress = Callable[[float, float | None, str | None], None]

METHODS: Final[Mapping[str, Offered]] = {
    "tools/call": "tool",
    "prompts/get": "prompt",
    "resources/read": "resource",
}
"""What a guest may ask servers for, by the method of the protocol."""
SERVER_KEY: Final = "mcp-sdkgen/server"
TOKEN_KEY: Final = "mcp-sdkgen/token"  # noqa: S105
TIMEOUT_KEY: Final = "mcp-sdkgen/timeout_s"
_GRACE_S: Final = 0.5
"""How long a session may take over a call's time to end it in its own, more telling way."""


@dataclass(frozen=True, slots=True)
class CallRequest:
    """What a guest asks for: a tool or a prompt by its name, or a resource by its URI.

    `timeout_s` is its own wish, `progress` whether it wants to hear.
    """

    server: str
    tool: str
    arguments: dict[str, Any]
    token: str
    timeout_s: float | None = None
    progress: int | None = None
    offered: Offered = "tool"

    @property
    def label(self) -> str:
        """What records call it."""
        return labelled(self.tool, self.offered)

    @classmethod
    def of(cls, frame: Frame) -> CallRequest:
        """Read a request of one of `METHODS`. Raises `Violation`: our own client in the sandbox
        sends no other."""
        offered = METHODS[frame.method]
        params = dict(frame.params)
        if offered == "resource":
            if "name" in params or "arguments" in params:
                raise Violation("reading a resource has params other than uri and _meta")
            uri = params.pop("uri", None)
            params |= {"name": uri, "arguments": {"uri": uri}}
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
        return cls(server, name, arguments, token, _timeout_s(meta), _progress(meta), offered)


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
    `asked_s` are the seconds that it waited for a person's answer.
    """

    request: CallRequest
    started: Callable[[], None]
    report: OnProgress
    entry: Entry | None = None
    begun: bool = False
    sent: bool = False
    withdrawn: bool = False
    asked_s: float = 0.0


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
    starting: Callable[[bool], None] = lambda begun: None
    """Told when a server begins to start, and when that is over: it is not the program's time."""

    def __post_init__(self) -> None:
        self._slots = asyncio.Semaphore(self.limits.concurrency)
        if self.journal is not None:
            self.approvals.resume(self.journal.run, self.journal.approvals)

    def pending(
        self, request: CallRequest, started: Callable[[], None], report: OnProgress
    ) -> PendingCall:
        """A call that is to be answered. To be called in the order in which the calls came in."""
        if self.journal is None:
            return PendingCall(request, started, report)
        entry = self.journal.claim(request.server, request.label, request.arguments)
        return PendingCall(request, started, report, entry)

    async def answer(self, pending: PendingCall) -> Reply:
        """The reply to one call.

        Raises `Suspended` when the run is to be saved, `Diverged` when it is not the run of the
        journal, `JournalError` when that cannot be written.
        """
        entry = pending.entry
        if self.journal is None or entry is None:
            return await self._reply(pending)
        if (recorded := await self.journal.catch_up(entry)) is not None:
            if entry.sent and (tool := self._tool_or_none(pending.request)) is not None:
                self._charge(tool)
            return replace(recorded, status="replayed")
        try:
            reply = await self._reply(pending)
        except asyncio.CancelledError:
            if pending.withdrawn:
                self.journal.cancelled(entry)
            raise
        await self.journal.answered(entry, reply)
        return reply

    async def _reply(self, pending: PendingCall) -> Reply:
        try:
            return result_reply(await self.result(pending), self.limits.result_bytes)
        except Refusal as refusal:
            return refusal.reply()

    async def result(self, pending: PendingCall) -> Answer:
        """The answer to one call as the server gave it, for a caller on the host.

        Raises `Refusal`, whose `__cause__` is the session's error, and `Suspended`, `JournalError`.
        """
        request = pending.request
        service, tool = self._service_and_tool(request)
        self._check(tool, request.arguments)
        if pending.entry is not None and pending.entry.sent and not tool.repeatable:
            raise not_repeated()
        approval = await self._permit(pending, service, tool)
        async with self._slots:
            if self.journal is not None and pending.entry is not None:
                await self.journal.sending(pending.entry)
            pending.sent = True
            pending.started()
            return await self._send(pending, service, tool, approval)

    def _tool_or_none(self, request: CallRequest) -> PinnedTool | None:
        try:
            return self._service_and_tool(request)[1]
        except Refusal:
            return None

    def _service_and_tool(self, request: CallRequest) -> tuple[Service, PinnedTool]:
        service = self.services.get(request.server)
        if service is None:
            raise no_such_server(request.server)
        tool: PinnedTool | None
        if request.offered == "resource":
            tool = service.resource(request.server, request.tool)
        else:
            known = service.tools if request.offered == "tool" else service.prompts
            tool = known.get(request.tool)
        if tool is None:
            raise no_such_tool(request.tool, request.offered)
        return service, tool

    def _check(self, tool: PinnedTool, arguments: dict[str, Any]) -> None:
        if tool.check is None:
            return  # policy asks about such a tool, unless a rule names it
        try:
            misfit = tool.check(arguments)
        except Exception as error:
            raise arguments_unchecked(error) from None
        if misfit is not None:
            raise arguments_misfit(misfit)

    async def _permit(
        self, pending: PendingCall, service: Service, tool: PinnedTool
    ) -> ApprovalRecord | None:
        """The approval to send the call with. None when a rule allows it. Raises `Refusal`."""
        if self._may_go(pending, service, tool):
            changed = await changed_kind(service, tool, self._connect)
            if changed is not None and changed not in self.notes:
                self.notes.append(changed)
        verdict = self._verdict(pending, service, tool)
        if verdict.decision == "deny":
            raise refused_by_rule(verdict.why)
        for pattern, budget in self.policy.budgets.items():
            if self.spent[pattern] >= budget and matches(pattern, tool):
                raise budget_spent(budget, pattern)
        rates = {one: rate for one, rate in self.policy.rates.items() if matches(one, tool)}
        for pattern, rate in rates.items():
            if wait_s := self.meter.wait_s(pattern, rate):
                raise rate_used_up(rate, pattern, wait_s)
        # Charged before a person answers: calls that wait together must not overspend.
        self._charge(tool)
        self.meter.count(rates)
        if verdict.decision != "ask":
            return None
        call = self._call(pending, service, tool)
        recorded = pending.entry.approval if pending.entry is not None else None
        if recorded is not None and self.approvals.fits(recorded, call):
            return recorded
        return self.approvals.take(call) or await self._ask(pending, call, tool, verdict.why)

    def _may_go(self, pending: PendingCall, service: Service, tool: PinnedTool) -> bool:
        """Whether a call may be made at all, as far as its SDK knows the tool."""
        verdict = self._verdict(pending, service, tool)
        if verdict.decision != "ask" or self.approvals.approver is not None:
            return verdict.decision != "deny"
        recorded = pending.entry is not None and pending.entry.approval is not None
        return recorded or self.approvals.known(self._call(pending, service, tool)) is not None

    def _verdict(self, pending: PendingCall, service: Service, tool: PinnedTool) -> Verdict:
        """What policy says to a call, of a server that is where it is now said to be."""
        untrusted = bool(service.untrusted)
        return self.policy.decide(tool, pending.request.arguments, untrusted=untrusted)

    def _call(self, pending: PendingCall, service: Service, tool: PinnedTool) -> CallToApprove:
        binding = service.binding(self.approvals.key)
        request = pending.request
        return CallToApprove(
            binding, tool.server, request.label, tool.judged_digest, request.arguments
        )

    def _charge(self, tool: PinnedTool) -> None:
        self.spent.update(one for one in self.policy.budgets if matches(one, tool))

    async def _ask(
        self, pending: PendingCall, call: CallToApprove, tool: PinnedTool, why: str
    ) -> ApprovalRecord:
        if self.approvals.approver is None:
            raise nobody_to_ask(why, option("allow", tool))
        if self.journal is not None and pending.entry is not None:
            await self.journal.asking(pending.entry, call)
        asked_s = time.monotonic()
        try:
            approval = await self.approvals.approved(call, tool.annotations, why)
        finally:
            pending.asked_s += time.monotonic() - asked_s
        if approval is None:
            raise refused_by_person(why)
        if self.journal is not None and approval.scope == "run":
            await self.journal.grant(approval)
        return approval

    async def _connect(self, service: Service) -> None:
        """Connect to a server that is not connected yet, which takes none of the program's time.

        Raises what its session raises.
        """
        connect = getattr(service.session, "connect", None)
        if connect is None:
            return
        self.starting(True)
        try:
            await connect()
        finally:
            self.starting(False)

    async def _send(
        self,
        pending: PendingCall,
        service: Service,
        tool: PinnedTool,
        approval: ApprovalRecord | None,
    ) -> Answer:
        request, limit_s = pending.request, self.limits.call_s
        if request.timeout_s is not None:
            limit_s = min(limit_s, request.timeout_s)
        options = CallOptions(timeout_s=limit_s, on_progress=pending.report)
        try:
            # Not of the call's time: a server slower to start would be started by each call.
            await self._connect(service)
            # Only now is it certain where the call goes.
            if approval is None and self._verdict(pending, service, tool).decision != "allow":
                raise NotApproved(
                    "the address or command of its server has changed since a rule allowed it"
                )
            if approval is not None:
                self.approvals.use(approval, self._call(pending, service, tool))
            async with asyncio.timeout(limit_s + _GRACE_S):
                return await _sent(service.session, request, options)
        except TimeoutError:
            raise no_answer_within(limit_s) from None
        except NotApproved as error:
            raise approval_void(error) from None
        except Exception as error:
            raise refusal_of(error) from error


async def _sent(session: Any, request: CallRequest, options: CallOptions) -> Answer:
    answer: Answer
    if request.offered == "prompt":
        answer = await session.get_prompt(request.tool, request.arguments, options=options)
    elif request.offered == "resource":
        answer = await session.read_resource(request.tool, options=options)
    else:
        answer = await session.call(request.tool, request.arguments, options=options)
    return answer
