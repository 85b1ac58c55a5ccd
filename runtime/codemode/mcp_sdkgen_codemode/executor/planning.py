"""From the calls that a program is foreseen to make to what a person is asked before it starts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from mcp_sdkgen_runtime.naming import settled_names

from ..catalog import Sdk
from ..diagnostics import ForeseenCall
from ..policy.approval import Approvals
from ..policy.approval_record import CallToApprove
from ..policy.patterns import option
from ..policy.plan import Plan, PlanAnswer, PlannedCall
from ..policy.policy import Policy
from ..policy.services import PinnedTool, Service


def plan(
    foreseen: Iterable[ForeseenCall],
    sdks: Sequence[Sdk],
    services: Mapping[str, Service],
    policy: Policy,
) -> Plan:
    """What policy says to each call. One whose arguments are not known is judged without them."""
    packages = {sdk.package: sdk for sdk in sdks}
    calls = []
    for call in foreseen:
        sdk = packages.get(call.package)
        tool = _tool(sdk, call.method, services) if sdk is not None else None
        if tool is None:
            continue  # an SDK whose files were changed; the call itself is judged when it comes
        arguments = _on_the_wire(tool, call.arguments)
        untrusted = bool(services[tool.server].untrusted)
        verdict = policy.decide(tool, arguments or {}, untrusted=untrusted)
        calls.append(
            PlannedCall(
                tool.server, tool.name, call.line, call.column, arguments, verdict.decision,
                verdict.why, option("allow", tool),
            )
        )  # fmt: skip
    return Plan(calls)


def without_approved(planned: Plan, services: Mapping[str, Service], approvals: Approvals) -> Plan:
    """The plan with the calls as allowed that a person has approved for ever."""
    return Plan(
        [
            replace(call, decision="allow", why="it was approved")
            if call.decision == "ask" and approvals.known(_to_approve(call, services, approvals))
            else call
            for call in planned.calls
        ]
    )


def approve(
    planned: Plan,
    answer: PlanAnswer,
    services: Mapping[str, Service],
    approvals: Approvals,
    who: str,
) -> None:
    """Take note of a person's answer: approvals for these very calls, or for these tools."""
    for call in planned.of("ask"):
        found = _to_approve(call, services, approvals)
        if answer == "run":
            approvals.approve(found, "run", who)
        elif answer == "shown" and call.shown:
            approvals.approve(found, "once", who)


def _to_approve(
    call: PlannedCall, services: Mapping[str, Service], approvals: Approvals
) -> CallToApprove:
    service = services[call.server]
    tool = service.tools[call.tool]
    binding = service.binding(approvals.key)
    arguments = call.arguments or {}
    return CallToApprove(binding, call.server, tool.label, tool.judged_digest, arguments)


def _tool(sdk: Sdk, method: str, services: Mapping[str, Service]) -> PinnedTool | None:
    try:
        name = str(sdk.definition(method)["name"])
    except (OSError, ValueError, KeyError):
        return None
    service = services.get(sdk.key)
    return service.tools.get(name) if service is not None else None


def _on_the_wire(tool: PinnedTool, arguments: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    """The arguments as they will be sent; None where that is not known."""
    if arguments is None:
        return None
    schema = tool.definition.get("inputSchema")
    found = schema.get("properties") if isinstance(schema, Mapping) else None
    properties = list(found) if isinstance(found, Mapping) else []
    names = dict(zip(settled_names(properties, "argument", (), {}), properties, strict=True))
    if not arguments.keys() <= names.keys():
        return None  # its SDK has another name for it than the rules give
    named = {names[name]: value for name, value in arguments.items()}
    if not any(isinstance(value, dict | list) for value in named.values()):
        return named  # there are no keys inside
    # Deferred: it reads schemas.
    from mcp_sdkgen_runtime.tool.spelling import AmbiguousKeyError, Spelling

    try:
        return Spelling(schema).wire(named)
    except AmbiguousKeyError:
        return None
