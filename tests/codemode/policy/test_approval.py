"""Approval: what a person is shown, and what follows from the answer."""

from __future__ import annotations

import asyncio
import os
import pty
import stat
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from mcp_sdkgen_codemode.broker.broker import Broker, Run
from mcp_sdkgen_codemode.limits import Limits
from mcp_sdkgen_codemode.policy.approval import (
    Answer,
    ApprovalRequest,
    Approvals,
    Suspended,
    from_callback,
    request_text,
    suspend,
)
from mcp_sdkgen_codemode.policy.approval_store import ApprovalStore
from mcp_sdkgen_codemode.policy.services import PinnedTool
from mcp_sdkgen_codemode.policy.terminal import TerminalApprover

from tests.codemode.broker.guests import Fake, definition, raw_guest


def asked(
    calls: Sequence[str], given: Sequence[Any], store: ApprovalStore | None = None
) -> tuple[list[bool], list[ApprovalRequest], Fake]:
    """Which calls were answered, what was asked, and what reached the server."""
    requests: list[ApprovalRequest] = []
    replies = iter(given)

    def ask(request: ApprovalRequest) -> Answer:
        requests.append(request)
        found: Any = next(replies)
        if isinstance(found, Exception):
            raise found
        return found  # type: ignore[no-any-return]

    fake = Fake()
    service = fake.service(definition("read"), definition("write", {}), definition("erase", {}))
    approvals = Approvals(from_callback(ask), store)

    async def main() -> list[bool]:
        answered = []
        async with raw_guest(Run(Broker({"fake": service}), approvals=approvals)) as (guest, _):
            for number, name in enumerate(calls):
                guest.call(number, name, n=number)
                answered.append("result" in await guest.frame())
        return answered

    return asyncio.run(main()), requests, fake


@pytest.mark.parametrize(
    ("given", "answered", "questions"),
    [
        (["once", "no"], [True, False, True], 2),
        ([True, False], [True, False, True], 2),
        (["run"], [True, True, True], 1),
        (["always"], [True, True, True], 1),
        (["no", "no"], [False, False, True], 2),
        (["perhaps", RuntimeError("broken")], [False, False, True], 2),
    ],
)
def test_an_answer_is_for_one_call_or_for_a_tool(
    given: list[Any], answered: list[bool], questions: int
) -> None:
    found, requests, fake = asked(["write", "write", "read"], given)
    assert found == answered
    assert len(requests) == questions
    assert len(fake.asked) == sum(answered)


def test_an_answer_for_one_tool_is_not_for_another() -> None:
    found, requests, _ = asked(["write", "erase"], ["run", "no"])
    assert found == [True, False]
    assert [request.tool for request in requests] == ["write", "erase"]


def test_always_outlives_the_run_and_ends_when_the_tool_changes(tmp_path: Path) -> None:
    store = ApprovalStore(tmp_path / "kept" / "approvals.json")
    asked(["write"], ["always"], store)
    assert stat.S_IMODE(store.path.stat().st_mode) == 0o600
    again = ApprovalStore(store.path)
    assert asked(["write"], [], again)[0] == [True]
    assert again.holds(PinnedTool("fake", definition("write", {})))
    assert not again.holds(PinnedTool("fake", definition("write", {}, maxProperties=1)))
    assert not again.holds(PinnedTool("other", definition("write", {})))
    store.path.write_text(store.path.read_text().replace("sha256:", ""))  # as it was at first
    assert again.holds(PinnedTool("fake", definition("write", {})))
    store.path.write_text("{")
    assert not again.holds(PinnedTool("fake", definition("write", {})))
    with pytest.raises(OSError, match="not a list of approvals"):
        again.add(PinnedTool("fake", definition("write", {})))


def test_what_is_shown_is_what_will_be_sent_and_safe_for_a_terminal() -> None:
    arguments = {
        "path": "a\x1b[2J\u202egpj.exe\u200b",
        "to": "p\u0430ypal.com",  # a Cyrillic letter
        "fine": "Zürich 東京 привет 😀",
        "\u2066key": "a\nb",
        "wide": "\uff41\u00a0x\u0301",
    }
    text = request_text("git\u200bhub", "push\x07", arguments, "it writes")
    assert text.splitlines()[0] == r"git\u{200b}hub/push\u{7}: it writes"
    assert r"\u001b[2J\u{202e}gpj.exe\u{200b}" in text
    assert r"p\u{430}ypal.com" in text
    assert "Zürich 東京 привет 😀" in text
    assert r'"\u{2066}key": "a\nb"' in text
    assert r"\u{ff41}\u{a0}x\u{301}" in text


def test_long_arguments_are_cut_in_the_middle_and_say_so() -> None:
    text = request_text("s", "t", {"x": "A" * 1_000_000 + "END"}, "it writes")
    assert len(text) < 5000
    assert "characters left out" in text
    assert 'END"' in text


def test_the_time_that_a_person_takes_is_not_the_programs() -> None:
    async def slow(request: ApprovalRequest) -> Answer:
        await asyncio.sleep(2.5)
        return "once"

    async def main() -> None:
        run = Run(
            Broker({"fake": Fake().service()}), approvals=Approvals(slow), limits=Limits(time_s=2)
        )
        async with raw_guest(run) as (guest, serving):
            guest.call(1, "write")
            assert "result" in await guest.frame()
            guest.tell("sandbox/result", {"status": "finished"})
            await serving

    asyncio.run(main())


def test_a_run_that_must_wait_is_suspended_after_what_is_under_way() -> None:
    release = threading.Event()

    async def answer(tool: str, arguments: dict[str, Any]) -> str:
        await asyncio.to_thread(release.wait)
        return "done"

    async def later(request: ApprovalRequest) -> Answer:
        release.set()
        return await suspend(request)

    async def main() -> Run:
        run = Run(Broker({"fake": Fake(answer).service()}), approvals=Approvals(later))
        async with raw_guest(run) as (guest, serving):
            guest.call(1, "read")
            guest.call(2, "write")
            with pytest.raises(Suspended, match="waits for approval of fake/write"):
                await serving
        return run

    run = asyncio.run(main())
    assert [(call.tool, call.status) for call in run.calls] == [("read", "ok"), ("write", "failed")]


@pytest.mark.parametrize(
    ("typed", "answer"),
    [
        ("y\n", "once"), ("R\n", "run"), ("always\n", "always"), ("n\n", "no"), ("\n", "no"),
        ("what?\ny\n", "once"), ("l\n", "suspend"), ("\x04", "no"),
    ],
)  # fmt: skip
def test_a_terminal_is_asked_and_answers(typed: str, answer: str) -> None:
    ours, theirs = pty.openpty()
    name = os.ttyname(theirs)
    shown = b""

    async def main() -> Answer:
        approver = TerminalApprover(may_suspend=True, path=name)
        request = ApprovalRequest("s", "t", {}, {}, "s/t: it writes\n{}")
        try:
            return await approver(request)
        finally:
            approver.close()

    def person() -> None:
        nonlocal shown
        # Nothing is typed before the question is there: that would be thrown away.
        while b"l later: " not in shown:
            shown += os.read(ours, 1000)
        os.write(ours, typed.encode())

    os.write(ours, b"y\n")  # typed too early
    watching = threading.Thread(target=person)
    watching.start()
    assert asyncio.run(main()) == answer
    watching.join()
    assert b"s/t: it writes" in shown
    os.close(ours)
    os.close(theirs)
