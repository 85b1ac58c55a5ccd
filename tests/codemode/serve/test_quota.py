"""Suspended runs do not fill the disk, and do not wait for ever."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from mcp_sdkgen_codemode.serve import quota
from mcp_sdkgen_codemode.serve.quota import EXPIRY_S, NoRoom, is_over, make_room

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
    make_room(tmp_path, now_s=NOW_S)
    assert (old.exists(), young.exists(), other.exists()) == (False, True, True)


def test_too_many_runs_are_not_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quota, "MAX_SUSPENDED", 3)
    for number in range(2):
        suspended(tmp_path, number)
    make_room(tmp_path, now_s=NOW_S)
    suspended(tmp_path, 3)
    assert not is_over(tmp_path)
    with pytest.raises(NoRoom, match=r"3 suspended runs .* cache --clear suspended"):
        make_room(tmp_path, now_s=NOW_S)
    suspended(tmp_path, 4)
    assert is_over(tmp_path)


def test_too_large_runs_are_not_kept(tmp_path: Path) -> None:
    suspended(tmp_path, 1, size=quota.MAX_SUSPENDED_BYTES + 1)
    assert is_over(tmp_path)
    with pytest.raises(NoRoom, match="268,435,457 bytes"):
        make_room(tmp_path, now_s=NOW_S)
