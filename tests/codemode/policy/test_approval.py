"""Approval: what a person is shown, and what follows from the answer."""

from __future__ import annotations

import asyncio
import json
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
from mcp_sdkgen_codemode.policy.approval_record import ApprovalKey, CallToApprove, user_key
from mcp_sdkgen_codemode.policy.approval_store import ApprovalStore
from mcp_sdkgen_codemode.policy.question_text import full_text, is_whole
from mcp_sdkgen_codemode.policy.terminal import TerminalApprover

from tests.codemode.broker.guests import Fake, definition, raw_guest
from tests.codemode.policy.typist import Typist


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
        (["always"], [True, True, True], 1),  # there is no store: for the run
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
    assert again.find(write_call())
    assert not again.find(write_call(definition="another"))
    assert not again.find(write_call(server="other"))
    assert not again.find(write_call(binding="elsewhere"))
    record = again.find(write_call())
    store.path.write_text("{")
    assert not again.find(write_call())
    with pytest.raises(OSError, match="not a list of approvals"):
        again.add(record)


def test_an_approval_that_another_key_signed_or_that_was_changed_grants_nothing(
    tmp_path: Path,
) -> None:
    store = ApprovalStore(tmp_path / "approvals.json")
    asked(["write"], ["always"], store)
    assert not ApprovalStore(store.path, ApprovalKey()).find(write_call())
    data = json.loads(store.path.read_text())
    data["approved"][0]["tool"] = "erase"
    store.path.write_text(json.dumps(data))
    assert not store.find(write_call())


def test_approvals_that_others_can_write_or_that_are_a_link_approve_nothing(
    tmp_path: Path,
) -> None:
    store = ApprovalStore(tmp_path / "approvals.json")
    asked(["write"], ["always"], store)
    record = store.find(write_call())
    for mode in (0o620, 0o602):
        store.path.chmod(mode)
        assert not store.find(write_call())
        with pytest.raises(OSError, match=f"chmod go-w {store.path}"):
            store.add(record)
    store.path.chmod(0o600)
    assert store.find(write_call())
    link = tmp_path / "link.json"
    link.symlink_to(store.path)
    assert not ApprovalStore(link).find(write_call())


def write_call(**changes: Any) -> CallToApprove:
    """A call of the fake server's `write`, as its approval for ever has it."""
    service = Fake().service(definition("write", {}))
    tool = service.tools["write"]
    facts = {"binding": service.binding(user_key()), "server": "fake", "definition": tool.digest}
    return CallToApprove(**{**facts, "tool": "write", "arguments": {}, **changes})


def test_what_is_shown_is_what_will_be_sent_and_safe_for_a_terminal() -> None:
    arguments = {
        "path": "a\x1b[2J\u202egpj.exe\u200b",
        "to": "p\u0430ypal.com",  # a Cyrillic letter
        "fine": "Zürich 東京 привет 😀",
        "\u2066key": "a\nb",
        "wide": "\uff41\u00a0x\u0301",
    }
    text = request_text("git\u200bhub", "push\x07", arguments, "it writes")
    assert text.splitlines()[:3] == [
        r'Server: "git\u{200b}hub"', r'Tool: "push\u0007"', "Why: it writes",
    ]  # fmt: skip
    assert r"\u001b[2J\u{202e}gpj.exe\u{200b}" in text
    assert r"p\u{430}ypal.com" in text
    assert "Zürich 東京 привет 😀" in text
    assert r'["\u{2066}key"]: "a\nb"' in text
    assert r"\u{ff41}\u{a0}x\u{301}" in text


def test_long_arguments_are_cut_in_the_middle_and_say_so() -> None:
    text = request_text("s", "t", {"x": "A" * 1_000_000 + "END"}, "it writes")
    assert len(text) < 5000
    assert "characters left out" in text
    assert 'END"' in text


def test_a_program_cannot_choose_what_is_left_out() -> None:
    hidden = {"to": "boss@example.com", "bcc": "attacker@evil.example"}
    arguments = {"subject": "x" * 1980, "message": hidden, "body": ["y" * 1990] * 3}
    text = request_text("acme", "send_mail", arguments, "it writes")
    assert 'message.bcc: "attacker@evil.example"' in text
    assert [line.split(":")[0].strip() for line in text.splitlines()[3:]] == [
        "subject", "message.to", "message.bcc", "body[0]", "body[1]", "body[2]",
    ]  # fmt: skip
    many = {f"k{n}": n for n in range(1000)}
    assert "NOT SHOWN: 940 of 1000 values" in request_text("acme", "send_mail", many, "it writes")
    assert "k999: 999" in full_text("acme", "send_mail", many, "it writes")


def test_a_program_cannot_hide_what_it_asks_for_behind_a_long_or_deep_key() -> None:
    key = "A" * 100_000
    for arguments in ({"to": {key: "evil"}}, {"to": {"é" * 200: 1}}, {"a": nested(90, 1)}):
        text = request_text("acme", "send_mail", arguments, "it writes")
        assert len(text) < 2000
        assert "characters left out" in text
        assert not is_whole("acme", "send_mail", arguments)
    full = full_text("acme", "send_mail", {"to": {key: "evil", "b": [1, {}]}}, "it writes")
    assert full.splitlines()[3:] == [
        "  to:", f'    ["{key}"]: "evil"', "    b:", "      [0]: 1", "      [1]: {}",
    ]  # fmt: skip


def test_a_question_takes_no_more_memory_than_its_arguments_many_times() -> None:
    # A path for each value would be 80 GB.
    arguments = {"K" * 400_000: [0] * 200_000}
    assert len(request_text("acme", "send_mail", arguments, "it writes")) < 100_000
    assert len(full_text("acme", "send_mail", arguments, "it writes")) < 10_000_000
    assert not is_whole("acme", "send_mail", arguments)


def nested(depth: int, value: Any) -> Any:
    """A value in that many objects, each under a key of the same length."""
    return value if not depth else {"k" * 60: nested(depth - 1, value)}


def test_after_two_refusals_a_run_asks_no_more_about_a_tool() -> None:
    answered, requests, fake = asked(["write"] * 5 + ["erase"], ["no", "no", "once"])
    assert answered == [False] * 5 + [True]
    assert [request.tool for request in requests] == ["write", "write", "erase"]
    assert len(fake.asked) == 1


def test_a_run_whose_questions_are_refused_or_withdrawn_soon_asks_no_more() -> None:
    names = [f"write{n}" for n in range(20)]
    requests: list[str] = []

    async def main(withdrawn: bool) -> None:
        requests.clear()
        asked = asyncio.Event()

        async def approver(request: ApprovalRequest) -> Answer:
            requests.append(request.tool)
            asked.set()
            if withdrawn:
                await asyncio.Event().wait()
            return "no"

        approvals = Approvals(approver)
        for name in [*names, *names[:1] * 8]:
            asked.clear()
            asking = asyncio.create_task(approvals.approved(write_call(tool=name), {}, "it writes"))
            await asyncio.wait(
                [asking, asyncio.create_task(asked.wait())], return_when="FIRST_COMPLETED"
            )
            asking.cancel()
            await asyncio.wait([asking])

    for withdrawn in (True, False):
        asyncio.run(main(withdrawn))
        assert requests == names[:10]
    names[1:] = ["write0"] * 19
    asyncio.run(main(withdrawn=True))
    assert requests == ["write0"] * 5


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
    ends = [(call.tool, call.status) for call in run.calls]
    assert ends == [("read", "ok"), ("write", "suspended")]


@pytest.mark.parametrize(
    ("typed", "answer"),
    [
        ("y\n", "once"), ("R\n", "run"), ("always\n", "always"), ("n\n", "no"), ("\n", "no"),
        ("what?\ny\n", "once"), ("l\n", "suspend"), ("\x04", "no"),
    ],
)  # fmt: skip
def test_a_terminal_is_asked_and_answers(typed: str, answer: str) -> None:
    with Typist(("[l]ater: ", typed)) as person:
        approver = TerminalApprover(may_suspend=True, path=person.name)
        assert (
            asyncio.run(_asks(approver, ApprovalRequest("s", "t", {}, {}, "it writes"))) == answer
        )
    assert b'Server: "s"\r\nTool: "t"\r\nWhy: it writes\r\n' in person.shown


def test_for_a_single_call_no_run_is_offered() -> None:
    request = ApprovalRequest("s", "t", {}, {}, "it writes")
    with Typist(("[N]o: ", "r\n"), ("no answer", "y\n")) as person:
        approver = TerminalApprover(single=True, path=person.name)
        assert asyncio.run(_asks(approver, request)) == "once"
    assert b"[r]un" not in person.shown
    assert b"[a]lways" in person.shown


def test_a_question_that_is_not_shown_whole_must_be_viewed_before_a_yes() -> None:
    request = ApprovalRequest("s", "t", {"x": "a" * 300 + "MIDDLE" + "b" * 300}, {}, "it writes")
    with Typist(("[N]o: ", "y\n"), ("first.", "v\n"), ("MIDDLE", "y\n")) as person:
        approver = TerminalApprover(path=person.name)
        assert asyncio.run(_asks(approver, request)) == "once"
    assert b"MIDDLE" in person.shown.split(b"first.")[1]


def test_keys_typed_right_after_a_question_was_replaced_do_not_count() -> None:
    async def replaced() -> Answer:
        asking = asyncio.create_task(approver(ApprovalRequest("s", "mail", {}, {}, "it writes")))
        await asyncio.to_thread(person.prompted.wait)
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)
        return await approver(ApprovalRequest("s", "wipe", {}, {}, "it writes"))

    typed = (("[N]o: ", ""), ("you can answer it in a moment", "y\n"), ("[N]o: ", "n\n"))
    with Typist(*typed) as person:
        approver = TerminalApprover(path=person.name, settle_s=0.5)
        assert asyncio.run(replaced()) == "no"
        approver.close()


async def _asks(approver: TerminalApprover, request: ApprovalRequest) -> Answer:
    try:
        return await approver(request)
    finally:
        approver.close()
