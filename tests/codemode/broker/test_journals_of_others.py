"""What is in a journal that others wrote in, or whose program is another one, approves nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from mcp_sdkgen_codemode.broker.journal import Journal, JournalError
from mcp_sdkgen_codemode.broker.journal_file import Seal
from mcp_sdkgen_codemode.policy.approval import ApprovalRequest, Suspended
from mcp_sdkgen_codemode.policy.approval_record import record, user_key

from tests.codemode.broker.test_journal import Host, counting, for_run


@pytest.fixture(autouse=True)
def data_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    yield


def approved(path: Path, scope: str) -> None:
    """The journal of a stopped run with a call that was approved: itself, or its tool."""
    if scope == "run":

        async def then_later(request: ApprovalRequest) -> Any:
            return await for_run(request) if request.tool == "write" else "suspend"

        with pytest.raises(Suspended):
            Host(path, counting(), then_later).plays(("write", {}), ("set", {}))
        return
    with pytest.raises(Suspended):
        Host(path, counting()).plays(("write", {}))
    journal = Journal.open(path)
    (waiting,) = journal.waiting
    assert waiting.asked is not None
    approval = record("n", journal.run, "once", waiting.asked, "me")
    journal.approve(waiting, user_key().sign(approval))
    journal.close()


def changed(path: Path, *, sealed: bool) -> None:
    """Put another program in its place; `sealed`: as if this user had."""
    head, *others = [json.loads(line) for line in path.read_bytes().splitlines()]
    head["program"] = "another"
    if not sealed:
        path.write_text("".join(json.dumps(each) + "\n" for each in (head, *others)))
        return
    seal = Seal(user_key())
    plain = [{k: v for k, v in each.items() if k != "digest"} for each in (head, *others)]
    path.write_bytes(b"".join(seal.line(each) for each in plain))


@pytest.mark.parametrize("scope", ["once", "run"])
@pytest.mark.parametrize("sealed", [False, True])
def test_what_was_approved_belongs_to_its_program(tmp_path: Path, scope: str, sealed: bool) -> None:
    path = tmp_path / "journal"
    new = ("write", {"n": 1}) if scope == "run" else ("write", {})
    calls = [*([("write", {}), ("set", {})] if scope == "run" else []), new]
    approved(path, scope)
    kept = path.read_bytes()

    async def allows_set(request: ApprovalRequest) -> Any:
        return "once" if request.tool == "set" else "suspend"

    assert Host(path, counting(), allows_set).plays(*calls).status == "finished"
    path.write_bytes(kept)
    # The approval of the single call is spent, and is given anew.
    if scope == "once":
        path.unlink()
        approved(path, scope)
    changed(path, sealed=sealed)
    fake = counting()
    host = Host(path, fake, allows_set)
    assert host.journal.ours == sealed
    with pytest.raises(Suspended):
        host.plays(*calls)
    assert "write" not in [name for name, _ in fake.asked]


@pytest.mark.parametrize(
    ("name", "value"), [("program", 1), ("facts", []), ("facts", "x"), ("run", 5), ("run", None)]
)
def test_a_head_of_other_types_is_damaged(tmp_path: Path, name: str, value: Any) -> None:
    path = tmp_path / "journal"
    path.write_text(json.dumps({"journal": 3, "program": "p", "facts": {}, name: value}) + "\n")
    with pytest.raises(JournalError, match="a record is damaged"):
        Journal.open(path)


@pytest.mark.parametrize(
    ("name", "value"), [("number", "1"), ("number", True), ("server", 1), ("arguments", [])]
)
def test_a_record_of_other_types_is_damaged(tmp_path: Path, name: str, value: Any) -> None:
    path = tmp_path / "journal"
    head = {"journal": 3, "program": "p", "facts": {}}
    call = {"at": "sent", "number": 1, "server": "s", "tool": "t", "arguments": {}, name: value}
    path.write_text(json.dumps(head) + "\n" + json.dumps(call) + "\n")
    with pytest.raises(JournalError, match="a record is damaged"):
        Journal.open(path)
