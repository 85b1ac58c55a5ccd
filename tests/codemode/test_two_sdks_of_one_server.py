"""Two SDKs of one server: never the wrong one in silence."""

from __future__ import annotations

from pathlib import Path

import pytest
from mcp_sdkgen_codemode import Executor
from mcp_sdkgen_runtime import catalog

from tests.codemode.installing import cli, made, tool


def test_a_run_names_both_and_takes_the_one_that_is_chosen(tmp_path: Path) -> None:
    one = made(tmp_path, "notes", [tool("read"), tool("write")])
    other = made(tmp_path, "notes", [tool("read")], package="old_notes")
    (tmp_path / "program.py").write_text("1\n")
    refused = cli(tmp_path, "run", "program.py")
    assert refused.returncode == 2
    said = " ".join(refused.stderr.split())
    assert "notes_sdk (notes-sdk 1.0.0)" in said
    assert "old_notes (old-notes 1.0.0)" in said
    assert "--sdk old_notes" in said
    chosen = cli(tmp_path, "prompt", "--sdk", "old_notes")
    assert "from old_notes import" in chosen.stdout
    with pytest.raises(ValueError, match="are both SDKs of the server 'notes'"):
        Executor(sdks=[one, other])


def test_two_that_pin_the_same_tools_are_right_together(tmp_path: Path) -> None:
    one = made(tmp_path, "notes", [tool("read")])
    other = made(tmp_path, "notes", [tool("read")], package="old_notes")
    Executor(sdks=[one, other]).close()


def test_a_page_that_both_have_is_read_by_the_name_of_the_package(tmp_path: Path) -> None:
    sdks = [
        made(tmp_path, "notes", [tool("read", "The new.")]),
        made(tmp_path, "notes", [tool("read", "The old.")], package="old_notes"),
    ]
    with pytest.raises(LookupError, match=r"write notes_sdk\.read or old_notes\.read"):
        catalog.page("notes.read", sdks)
    assert "The old." in catalog.page("old_notes.read", sdks)
