"""A tool is judged by the worse of what its SDK and its server say of it."""

from __future__ import annotations

import asyncio
from typing import Any

import mcp_types as types
import pytest
from mcp.server.lowlevel.server import Server
from mcp_sdkgen_codemode.broker.broker import Broker, Run
from mcp_sdkgen_codemode.policy.approval import Answer, ApprovalRequest, Approvals
from mcp_sdkgen_codemode.policy.policy import Policy
from mcp_sdkgen_codemode.policy.services import PinnedTool, Service
from mcp_sdkgen_runtime import LazySession

from tests.codemode.broker.guests import definition, raw_guest

READS = {"readOnlyHint": True}
ADDS = {"readOnlyHint": False, "destructiveHint": False}
DESTROYS = {"readOnlyHint": False, "destructiveHint": True}


class Changing:
    """A server whose tool `touch` has other annotations than its SDK says."""

    def __init__(
        self, hints: dict[str, Any] | None, *, after: dict[str, Any] | None = None
    ) -> None:
        self._hints, self._after = hints, after
        self.called = self.lists = 0
        listing = {} if hints is None else {"on_list_tools": self.list}
        self.server: Any = Server("fake", on_call_tool=self.call, **listing)

    async def list(self, ctx: Any, params: Any) -> types.ListToolsResult:
        self.lists += 1
        return types.ListToolsResult.model_validate({"tools": [definition("touch", self._hints)]})

    async def call(self, ctx: Any, params: Any) -> types.CallToolResult:
        self.called += 1
        return types.CallToolResult(content=[types.TextContent(type="text", text="done")])

    def service(self, pinned: dict[str, Any]) -> Service:
        """It behind a broker, with an SDK that has these annotations."""
        known = {"touch": definition("touch", pinned)}
        return Service.of("fake", LazySession("fake", self.server), known)


def touched(
    service: Service, policy: Policy | None = None, *, approvals: Approvals | None = None
) -> tuple[Any, tuple[str, ...]]:
    """The frame that answers one call of `touch`, and the notes of its run."""

    async def main() -> tuple[Any, tuple[str, ...]]:
        broker = Broker({"fake": service})
        run = Run(broker, policy=policy, approvals=approvals)
        try:
            async with raw_guest(run) as (guest, _):
                guest.call(1, "touch")
                return await guest.frame(), run.notes
        finally:
            await broker.aclose()

    return asyncio.run(main())


@pytest.mark.parametrize(
    ("live", "why"),
    [(DESTROYS, "it may destroy"), (ADDS, "it writes"), ({}, "it may destroy")],
)
def test_what_was_read_only_and_is_no_longer_is_asked_about(live: dict[str, Any], why: str) -> None:
    server = Changing(live)
    answer, notes = touched(server.service(READS))
    assert why in answer["error"]["message"]
    assert server.called == 0
    assert len(notes) == 1
    assert notes[0].startswith("'fake/touch': its server now says that it ")


def test_a_rule_for_what_destroys_holds_for_what_destroys_by_now() -> None:
    server = Changing(DESTROYS)
    policy = Policy.of(allow=["fake"], deny=["*@destroys"])
    answer, _ = touched(server.service(ADDS), policy)
    assert "`deny *@destroys` refuses it" in answer["error"]["message"]
    assert server.called == 0


def test_a_server_cannot_talk_itself_into_more() -> None:
    server = Changing(READS)
    answer, notes = touched(server.service(DESTROYS))
    assert "it may destroy" in answer["error"]["message"]
    assert notes == ()


@pytest.mark.parametrize("live", [READS, None])
def test_an_unchanged_tool_and_one_of_a_server_that_lists_nothing_are_called(
    live: dict[str, Any] | None,
) -> None:
    server = Changing(live)
    answer, notes = touched(server.service(READS))
    assert "result" in answer
    assert (server.called, notes) == (1, ())


def test_nothing_is_asked_of_a_server_whose_call_nobody_can_permit() -> None:
    server = Changing(DESTROYS)
    answer, _ = touched(server.service(ADDS))
    assert "it writes" in answer["error"]["message"]
    assert server.lists == 0


def test_an_approval_for_what_wrote_is_none_for_what_destroys() -> None:
    tool = PinnedTool("fake", definition("touch", ADDS))
    before = tool.judged_digest
    assert not tool.hear(definition("touch", ADDS))
    assert tool.judged_digest == before
    assert tool.hear(definition("touch", DESTROYS))
    assert tool.judged_digest != before


def test_the_question_is_about_the_tool_as_it_is_now() -> None:
    seen: list[str] = []

    async def approver(request: ApprovalRequest) -> Answer:
        seen.append(request.text)
        return "once"

    server = Changing(DESTROYS)
    answer, _ = touched(server.service(READS), approvals=Approvals(approver))
    assert "result" in answer
    assert "may destroy" in seen[0]
