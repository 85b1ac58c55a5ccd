"""Suspended runs do not fill the disk, and do not wait for ever."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from mcp_sdkgen_codemode.outcome import Call, Outcome
from mcp_sdkgen_codemode.prompting.outcome_text import headline
from mcp_sdkgen_codemode.serve import Suspension, suspension
from mcp_sdkgen_codemode.serve.client import STDIO
from mcp_sdkgen_codemode.serve.suspension import EXPIRY_S, NoRoom

ALICE, BOB = 'http ["alice"]', 'http ["bob"]'
NOW_S = 2_000_000_000.0


def suspended(folder: Path, number: int, *, size: int = 10, age_s: float = 0) -> Path:
    path = folder / f"run-{number:016x}.jsonl"
    with path.open("wb") as file:
        file.truncate(size)
    os.utime(path, (NOW_S - age_s, NOW_S - age_s))
    return path


def test_runs_that_nobody_went_on_with_for_a_month_are_deleted(tmp_path: Path) -> None:
    old = suspended(tmp_path, 1, age_s=EXPIRY_S + 60)
    young = suspended(tmp_path, 2, age_s=EXPIRY_S - 60)
    other = tmp_path / "notes.txt"
    other.write_text("mine")
    os.utime(other, (0, 0))
    Suspension(tmp_path).make_room(STDIO, now_s=NOW_S)
    assert (old.exists(), young.exists(), other.exists()) == (False, True, True)


def test_too_many_runs_are_not_stored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(suspension, "MAX_SUSPENDED", 3)
    for number in range(2):
        suspended(tmp_path, number)
    Suspension(tmp_path).make_room(STDIO, now_s=NOW_S)
    suspended(tmp_path, 3)
    assert not Suspension(tmp_path).is_over(STDIO)
    with pytest.raises(NoRoom, match=r"3 suspended runs .* cache --clear suspended"):
        Suspension(tmp_path).make_room(STDIO, now_s=NOW_S)
    suspended(tmp_path, 4)
    assert Suspension(tmp_path).is_over(STDIO)


def test_too_large_runs_are_not_stored(tmp_path: Path) -> None:
    suspended(tmp_path, 1, size=suspension.MAX_SUSPENDED_BYTES + 1)
    assert Suspension(tmp_path).is_over(STDIO)
    with pytest.raises(NoRoom, match="268,435,457 bytes"):
        Suspension(tmp_path).make_room(STDIO, now_s=NOW_S)


def test_each_principal_has_an_equal_share_and_nothing_of_anothers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(suspension, "MAX_SUSPENDED", 4)
    ours = Suspension(tmp_path / "suspended", principals=2)
    for run in ("run-1", "run-2"):
        ours.create(run, "1", ALICE).close()
    with pytest.raises(NoRoom, match="2 suspended runs"):
        ours.create("run-3", "1", ALICE)
    journal = ours.create("run-3", "1", BOB)
    assert journal.facts["principal"] == BOB
    journal.close()
    assert ours.find("run-3", BOB) == journal.path
    assert ours.find("run-3", ALICE) is ours.find("run-3", STDIO) is ours.find("run-1", BOB) is None


def test_what_a_principal_left_expires_when_another_stores_a_run(tmp_path: Path) -> None:
    ours = Suspension(tmp_path / "suspended")
    ours.create("run-1", "1", ALICE).close()
    path = ours.find("run-1", ALICE)
    assert path is not None
    os.utime(path, (NOW_S - EXPIRY_S - 60,) * 2)
    ours.make_room(BOB, now_s=NOW_S)
    assert not path.exists()


def test_a_run_that_could_not_be_stored_is_not_said_to_have_done_nothing() -> None:
    called = Call("acme", "get_item", "ok", start_s=0, duration_s=0, sent_bytes=0, received_bytes=0)
    stopped = Outcome("refused", reason="it could not be stored", calls=(called,))
    assert headline(stopped) == "stopped where a person was to be asked: 1 tool call"
    assert headline(Outcome("refused")) == "refused; nothing ran: 0 tool calls"
