"""`mcp-sdkgen cache` shows what is kept, and clears it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from mcp_sdkgen_codemode.broker.journal import Journal
from mcp_sdkgen_runtime.files import cache_folder, state_folder

from tests.command_line import mcp_sdkgen


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("CACHE", "STATE", "DATA"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(tmp_path / name.lower()))


def kept() -> dict[str, tuple[int, int]]:
    shown = json.loads(mcp_sdkgen("cache", "--json").stdout)["kept"]
    return {one["name"]: (one["entries"], one["bytes"]) for one in shown}


def cached(name: str) -> Path:
    file = cache_folder() / name / "entry" / "file"
    file.parent.mkdir(parents=True)
    file.write_bytes(b"x" * 1000)
    return file


def suspended(name: str) -> Journal:
    folder = state_folder() / "suspended"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return Journal.create(folder / f"{name}.jsonl", "print(1)")


def test_an_empty_machine_keeps_nothing() -> None:
    assert set(kept().values()) == {(0, 0)}


def test_caches_are_shown_and_cleared_one_by_one_or_all_but_the_runs() -> None:
    files = [cached(name) for name in ("sdks", "check", "boxes", "sandboxes")]
    suspended("run-0000000000000001").close()
    assert kept()["sdks"] == (1, 1000)
    assert kept()["sandboxes"] == (2, 2000), "the former name counts too"
    assert "SDKs that were built for runs" in mcp_sdkgen("cache").stdout
    assert mcp_sdkgen("cache", "--clear", "sdks").returncode == 0
    assert [file.exists() for file in files] == [False, True, True, True]
    assert mcp_sdkgen("cache", "--clear", "all").returncode == 0
    assert not any(file.exists() for file in files)
    assert kept()["suspended"][0] == 1


def test_suspended_runs_are_deleted_unless_they_are_under_way() -> None:
    suspended("run-0000000000000001").close()
    live = suspended("run-0000000000000002")
    ended = mcp_sdkgen("cache", "--clear", "suspended")
    assert ended.returncode == 1
    assert "run-0000000000000002 was not deleted" in ended.stderr
    assert kept()["suspended"][0] == 1
    live.close()
    assert mcp_sdkgen("cache", "--clear", "suspended").returncode == 0
    assert kept()["suspended"][0] == 0


def test_an_unknown_name_is_told_the_known_ones() -> None:
    ended = mcp_sdkgen("cache", "--clear", "everything")
    assert ended.returncode == 2
    assert "sdks, sandboxes, check, mypy, vectors, suspended, all" in ended.stderr
