"""Durable runs: suspended or killed, then resumed with what was already answered."""

from __future__ import annotations

import asyncio
import json
import signal
import stat
import subprocess
import sys
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from mcp_sdkgen_codemode.broker.broker import Broker, Run
from mcp_sdkgen_codemode.broker.guest_result import GuestResult
from mcp_sdkgen_codemode.broker.journal import Diverged, Journal, JournalError
from mcp_sdkgen_codemode.policy.approval import (
    Answer,
    ApprovalRequest,
    Approvals,
    Suspended,
    suspend,
)
from mcp_sdkgen_codemode.policy.approval_record import record, user_key
from mcp_sdkgen_codemode.policy.policy import Policy

from tests.codemode.broker.guests import Fake, definition, raw_guest, text
from tests.patience import HANG_S

TOOLS = (definition("read"), definition("write", {}), definition("set", {"idempotentHint": True}))


async def yes(request: ApprovalRequest) -> Answer:
    """Approve this call."""
    return "once"


async def for_run(request: ApprovalRequest) -> Answer:
    """Approve this tool for the run."""
    return "run"


class Host:
    """One process's worth of a run: a journal, a server, and a guest that makes calls."""

    def __init__(self, path: Path, fake: Fake, approver: Any = suspend, **options: Any) -> None:
        self.journal = (
            Journal.open(path, patience_s=0.2) if path.exists() else Journal.create(path, "p")
        )
        self.run = Run(
            Broker({"fake": fake.service(*TOOLS)}), journal=self.journal,
            approvals=Approvals(approver), **options,
        )  # fmt: skip

    def plays(self, *calls: tuple[str, dict[str, Any]], ends: bool = True) -> GuestResult:
        """A guest that makes calls one after the other, and then ends."""

        async def main() -> GuestResult:
            async with raw_guest(self.run) as (guest, serving):
                for number, (name, given) in enumerate(calls):
                    guest.call(number, name, **given)
                    answer = asyncio.ensure_future(guest.frame())
                    await asyncio.wait([answer, serving], return_when="FIRST_COMPLETED")
                    if serving.done():
                        answer.cancel()
                        return await serving
                    self.answers.append(answer.result())
                guest.tell("sandbox/result", {"status": "finished"})
                return await serving

        self.answers: list[Any] = []
        try:
            return asyncio.run(main())
        finally:
            self.journal.close()

    @property
    def statuses(self) -> list[str]:
        """The statuses of the run's calls."""
        return [call.status for call in self.run.calls]


def answered(number: int) -> Mapping[str, Any]:
    return {"content": [text(f"answer {number}")], "isError": False}


def counting() -> Fake:
    """A server that never gives the same answer twice."""
    fake = Fake(lambda tool, arguments: f"answer {len(fake.asked)}")
    return fake


def never() -> tuple[Fake, asyncio.Event]:
    """A server that gives no answer, and what is set once it was asked."""
    reached = asyncio.Event()

    async def answer(tool: str, arguments: dict[str, Any]) -> str:
        reached.set()
        await asyncio.Event().wait()
        return ""

    return Fake(answer), reached


def test_a_suspended_run_goes_on_in_another_process_with_the_same_answers(tmp_path: Path) -> None:
    path, fake = tmp_path / "journal", counting()
    calls = [("read", {"n": 1}), ("read", {"n": 1}), ("write", {}), ("read", {"n": 2})]
    first = Host(path, fake)
    with pytest.raises(Suspended):
        first.plays(*calls)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600

    second = Host(path, fake)
    (waiting,) = second.journal.waiting
    assert (waiting.tool, waiting.arguments) == ("write", {})
    with pytest.raises(Suspended):
        second.plays(*calls)
    assert second.statuses == ["replayed", "replayed", "suspended"]

    third = Host(path, fake, yes)
    third.plays(*calls)
    assert [answer["result"] for answer in third.answers] == [answered(n) for n in (1, 2, 3, 4)]
    assert third.statuses == ["replayed", "replayed", "ok", "ok"]
    assert len(fake.asked) == 4


def test_refusals_and_errors_are_part_of_the_past(tmp_path: Path) -> None:
    path, fake = tmp_path / "journal", counting()
    calls = [("nothing", {}), ("write", {}), ("set", {})]
    with pytest.raises(Suspended):
        Host(path, fake, policy=Policy.of(deny=["fake/write"])).plays(*calls)
    later = Host(path, fake, yes, policy=Policy.of(allow=["fake"]))
    later.plays(*calls)
    assert [("error" in answer) for answer in later.answers] == [True, True, False]
    assert later.statuses == ["replayed", "replayed", "ok"]


def test_an_approval_for_the_run_is_for_all_of_it(tmp_path: Path) -> None:
    path, fake = tmp_path / "journal", counting()
    calls = [("write", {"n": 1}), ("set", {}), ("write", {"n": 2})]

    async def only_writes(request: ApprovalRequest) -> Answer:
        return "run" if request.tool == "write" else "suspend"

    async def only_set(request: ApprovalRequest) -> Answer:
        assert request.tool == "set"
        return "once"

    with pytest.raises(Suspended):
        Host(path, fake, only_writes).plays(*calls)
    last = Host(path, fake, only_set)
    last.plays(*calls)
    assert last.statuses == ["replayed", "ok", "ok"]


@pytest.mark.parametrize(
    "other",
    [
        [("read", {"n": 2})],
        [("read", {"n": 1}), ("read", {"n": 9})],
        [("read", {"n": 1}), ("write", {"x": 1})],
        [("read", {"n": 1})],
        [],
    ],
)
def test_a_program_that_diverges_is_stopped_and_nothing_new_is_sent(
    tmp_path: Path, other: list[tuple[str, dict[str, Any]]]
) -> None:
    path, fake = tmp_path / "journal", counting()
    with pytest.raises(Suspended):
        Host(path, fake).plays(("read", {"n": 1}), ("write", {}))
    before = list(fake.asked)
    with pytest.raises(Diverged, match=r"does not repeat the run.*nothing new was sent"):
        Host(path, fake, yes).plays(*other)
    assert fake.asked == before


def test_what_a_program_calls_steers_no_terminal_when_it_diverges(tmp_path: Path) -> None:
    with closing(Journal.create(tmp_path / "journal", "p")) as journal:
        name = "read\n\x1b]0;owned\x07\u202e" + "x" * 9999
        entry = journal.claim("fake", name, {})
        told = str(journal.diverged(f"calls {entry.named} instead"))
    assert told.isprintable()
    assert r"fake/read\n\x1b]0;owned\x07\u202e" in told
    assert len(told) < 400


def test_calls_made_together_may_come_back_in_another_order(tmp_path: Path) -> None:
    path, fake = tmp_path / "journal", counting()

    async def together(host: Host, order: str) -> dict[str, Any]:
        async with raw_guest(host.run) as (guest, serving):
            for number, name in enumerate(order):
                guest.call(number, "write" if name == "w" else "read", n=name)
            frames = [await guest.frame() for _ in order if not serving.done()]
            guest.tell("sandbox/result", {"status": "finished"})
            await serving
        return {order[frame["id"]]: frame["result"] for frame in frames}

    async def first(host: Host) -> None:
        async with raw_guest(host.run) as (guest, serving):
            for number, name in enumerate("ab"):
                guest.call(number, "read", n=name)
            for _ in "ab":
                await guest.frame()
            guest.call(3, "write", n="w")
            with pytest.raises(Suspended):
                await serving

    host = Host(path, fake)
    asyncio.run(first(host))
    host.journal.close()
    again = Host(path, fake, yes)
    # New calls (c, d) come before the recorded ones, and wait for them.
    found = asyncio.run(together(again, "cwbda"))
    again.journal.close()
    assert (found["a"], found["b"]) == (answered(1), answered(2))
    assert sorted(again.statuses) == ["ok", "ok", "ok", "replayed", "replayed"]
    assert len(fake.asked) == 5


def test_a_call_that_was_sent_and_not_answered_is_repeated_only_where_that_is_safe(
    tmp_path: Path,
) -> None:
    policy = Policy.of(allow=["fake"])
    for tool, repeated in (("read", True), ("set", True), ("write", False)):
        path, (fake, reached) = tmp_path / tool, never()

        async def dies(host: Host, reached: asyncio.Event, tool: str) -> None:
            async with raw_guest(host.run) as (guest, _):
                guest.call(1, tool)
                await reached.wait()

        host = Host(path, fake, policy=policy)
        asyncio.run(dies(host, reached, tool))
        host.journal.close()
        after = counting()
        resumed = Host(path, after, policy=policy)
        resumed.plays((tool, {}))
        assert len(after.asked) == repeated
        if not repeated:
            error = resumed.answers[0]["error"]
            assert "may have run" in error["message"]
            assert error["data"] == {"kind": "session", "ran": None}


def test_a_call_that_the_program_cancelled_is_not_made_again(tmp_path: Path) -> None:
    path, (fake, reached) = tmp_path / "journal", never()
    after = counting()

    async def cancels(host: Host) -> None:
        async with raw_guest(host.run) as (guest, serving):
            guest.call(1, "set")
            await reached.wait()
            guest.tell("notifications/cancelled", {"requestId": 1})
            guest.tell("ping", id=2)
            await guest.frame()
            guest.call(3, "write")
            with pytest.raises(Suspended):
                await serving

    policy = Policy.of(allow=["fake/set"])
    for server in (fake, after):
        host = Host(path, server, policy=policy)
        asyncio.run(cancels(host))
        host.journal.close()
    assert after.asked == []


def test_a_record_that_was_cut_off_is_dropped_and_other_damage_is_told(tmp_path: Path) -> None:
    path, fake = tmp_path / "journal", counting()
    with pytest.raises(Suspended):
        Host(path, fake).plays(("read", {}), ("write", {}))
    whole = path.read_bytes()
    path.write_bytes(whole + b'{"at":"answered","numb')
    host = Host(path, fake, yes)
    host.plays(("read", {}), ("write", {}))
    assert host.statuses == ["replayed", "ok"]
    for damaged in (
        b"",
        b"{}\n",
        b'{"journal":1}\n',
        whole[:-20] + b"\n",
        whole + b"[1]\n",
        whole + b"{}\n",
        whole + b"[" * 100_000 + b"\n",
    ):
        path.write_bytes(damaged)
        with pytest.raises(JournalError, match=str(path)):
            Journal.open(path)


def test_an_approval_in_a_copy_of_a_journal_is_spent_with_the_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    path, copy, fake = tmp_path / "journal", tmp_path / "copy", counting()
    with pytest.raises(Suspended):
        Host(path, fake).plays(("write", {}))
    journal, key = Journal.open(path), user_key()
    (waiting,) = journal.waiting
    assert waiting.asked is not None
    journal.approve(waiting, key.sign(record("n", journal.run, "once", waiting.asked, "me")))
    journal.close()
    copy.write_bytes(path.read_bytes())
    assert Host(path, fake, None).plays(("write", {})).status == "finished"
    assert len(fake.asked) == 1
    again = Host(copy, fake, None)
    again.plays(("write", {}))
    assert again.statuses == ["refused"]
    assert len(fake.asked) == 1


def test_a_journal_is_made_once_and_held_by_one(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    first = Journal.create(path, "print(1)", {"sdks": ["weather"]})
    with pytest.raises(JournalError, match="another process"):
        Journal.open(path)
    first.end("finished")
    first.close()
    with pytest.raises(JournalError, match="there is a journal already"):
        Journal.create(path, "x")
    with pytest.raises(JournalError, match="No such file"):
        Journal.open(tmp_path / "nowhere")
    with pytest.raises(JournalError, match="No such file"):
        Journal.create(tmp_path / "nowhere" / "journal", "x")
    again = Journal.open(path)
    assert (again.program, again.facts, again.ended) == (
        "print(1)",
        {"sdks": ["weather"]},
        "finished",
    )
    again.close()


HOST = """
import asyncio, sys
from pathlib import Path
from mcp_sdkgen_codemode.policy.approval import Approvals
from mcp_sdkgen_codemode.broker.journal import Journal
from tests.codemode.broker.guests import ran, weather_service

async def approver(request):
    print("ASKED " + request.tool, flush=True)
    answer = await asyncio.to_thread(sys.stdin.readline)
    return answer.strip()

async def main(path):
    journal = Journal.open(path) if path.exists() else Journal.create(path, PROGRAM)
    result, run = await ran(
        journal.program, {"weather": weather_service()},
        approvals=Approvals(approver), journal=journal,
    )
    print("DONE", result.value, [call.status for call in run.calls], flush=True)

PROGRAM = '''
from weather_sdk import weather
days = weather.get_forecast(city="Oslo").days
told = weather.report_observation(station="01492", celsius=days[0].high)
value = [len(weather.list_alerts(region="NO-03")), str(told)]
'''
asyncio.run(main(Path(sys.argv[1])))
"""


def test_a_durable_approval_survives_killing_the_host_between_ask_and_answer(
    tmp_path: Path,
) -> None:
    path = tmp_path / "journal"
    command = [sys.executable, "-c", HOST, str(path)]
    root = Path(__file__).parents[3]

    def host() -> subprocess.Popen[str]:
        return subprocess.Popen(
            command, cwd=root, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )

    with host() as first:
        assert first.stdout is not None
        assert first.stdout.readline() == "ASKED report_observation\n"
        first.send_signal(signal.SIGKILL)
    assert first.returncode == -signal.SIGKILL
    recorded = [json.loads(line).get("at") for line in path.read_text().splitlines()]
    assert recorded == [None, "sent", "answered", "asked"]

    with host() as second:
        output, _ = second.communicate("once\n", timeout=HANG_S)
    assert output.splitlines() == [
        "ASKED report_observation",
        "DONE [1, 'Recorded -2 °C for station 01492.'] ['replayed', 'ok', 'ok']",
    ]
