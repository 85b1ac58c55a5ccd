"""What `mcp-sdkgen check` says of programs with many mistakes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.command_line import mcp_sdkgen


@pytest.fixture
def program(tmp_path: Path) -> Path:
    path = tmp_path / "many.py"
    path.write_text("".join(f"print(nowhere_{number})\n" for number in range(14)))
    return path


def test_all_mistakes_are_counted_and_shown_when_asked_for(program: Path) -> None:
    some = mcp_sdkgen("check", program, cwd=program.parent)
    assert "and 4 more mistakes, from line 11 on" in some.stdout
    assert "14 mistakes, of which 10 are shown; --all shows" in some.stderr
    every = mcp_sdkgen("check", "--all", program, cwd=program.parent)
    assert all(f'"nowhere_{number}"' in every.stdout for number in range(14))
    assert every.stderr.splitlines()[-1] == "14 mistakes"


def test_the_answer_for_machines_is_as_long_as_that_for_people(program: Path) -> None:
    for words, codes in (
        (["--json"], ["name-defined"] * 10 + ["more"]),
        (["--json", "--all"], ["name-defined"] * 14),
    ):
        done = mcp_sdkgen("check", *words, program, cwd=program.parent)
        assert [each["code"] for each in json.loads(done.stdout)["diagnostics"]] == codes
