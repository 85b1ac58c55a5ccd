"""Taking back what was approved for ever: in a run under way, and while others write."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path
from typing import Any

from mcp_sdkgen_codemode.broker.broker import Broker, Run
from mcp_sdkgen_codemode.policy.approval import Answer, ApprovalRequest, Approvals, from_callback
from mcp_sdkgen_codemode.policy.approval_record import CallToApprove, record
from mcp_sdkgen_codemode.policy.approval_store import ApprovalStore

from tests.codemode.broker.guests import Fake, definition, raw_guest


def always(store: ApprovalStore, call: CallToApprove) -> None:
    """Approve the tool of a call for ever."""
    store.add(store.key.sign(record("nonce", "", "always", call, "a person")))


def test_always_that_is_taken_back_meanwhile_ends_in_the_run_in_which_it_was_said(
    tmp_path: Path,
) -> None:
    store = ApprovalStore(tmp_path / "approvals.json")
    answers = iter(["always", "once"])
    asked_about = 0

    def ask(request: ApprovalRequest) -> Answer:
        nonlocal asked_about
        asked_about += 1
        return next(answers)  # type: ignore[return-value]

    async def taken_back(tool: str, arguments: dict[str, Any]) -> str:
        if arguments["n"] == 1:  # as by another process, between two calls of the run
            assert ApprovalStore(store.path).forget("fake/write") == 1
        return "done"

    async def main() -> list[int]:
        service = Fake(taken_back).service(definition("write", {}))
        run = Run(Broker({"fake": service}), approvals=Approvals(from_callback(ask), store))
        questions = []
        async with raw_guest(run) as (guest, _):
            for number in range(3):
                guest.call(number, "write", n=number)
                assert "result" in await guest.frame()
                questions.append(asked_about)
        return questions

    assert asyncio.run(main()) == [1, 1, 2]
    assert store.all() == []


def test_always_that_is_taken_back_before_the_call_is_sent_sends_nothing(tmp_path: Path) -> None:
    store = ApprovalStore(tmp_path / "approvals.json")
    fake = Fake()
    service = fake.service(definition("write", {}))
    known = service.binding(store.key), "fake", "write", service.tools["write"].digest
    always(store, CallToApprove(*known, {}))

    async def connect() -> None:
        assert ApprovalStore(store.path).forget("fake/write") == 1

    service.session.connect = connect

    async def main() -> dict[str, Any]:
        run = Run(Broker({"fake": service}), approvals=Approvals(None, store))
        async with raw_guest(run) as (guest, _):
            guest.call(1, "write")
            return await guest.frame()

    assert "not what is about to be sent any more" in str(asyncio.run(main()))
    assert fake.asked == []


def test_processes_that_approve_and_take_back_at_once_lose_nothing(tmp_path: Path) -> None:
    store = ApprovalStore(tmp_path / "approvals.json")
    always(store, CallToApprove("", "fake", "write", "", {}))
    code = (
        "import sys; from pathlib import Path\n"
        "from mcp_sdkgen_codemode.policy.approval_record import CallToApprove, record\n"
        "from mcp_sdkgen_codemode.policy.approval_store import ApprovalStore\n"
        f"store = ApprovalStore(Path({str(store.path)!r}))\n"
        "for i in range(40):\n"
        "    call = CallToApprove('', sys.argv[1], f't{i}', '', {})\n"
        "    store.add(store.key.sign(record('n', '', 'always', call, 'x')))\n"
        "    if i % 2: assert store.forget(f'{sys.argv[1]}/t{i}') == 1\n"
    )
    started = [subprocess.Popen([sys.executable, "-c", code, f"s{n}"]) for n in range(4)]
    assert [process.wait() for process in started] == [0] * 4
    left = {(one.server, one.tool) for one in store.all()} - {("fake", "write")}
    assert left == {(f"s{n}", f"t{i}") for n in range(4) for i in range(0, 40, 2)}
