"""What `mcp-sdkgen check` says of programs with many mistakes, and of those that import others."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from mcp_sdkgen_codemode.library.folder import ProgramFolder
from mcp_sdkgen_codemode.library.library import Library
from mcp_sdkgen_codemode.library.program import SavedProgram

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


@pytest.mark.usefixtures("own_data")
def test_programs_that_import_saved_ones_are_judged_as_run_does(tmp_path: Path) -> None:
    source = 'def main() -> str:\n    """Greet."""\n    return "hello"\n'
    schema = {"type": "object", "properties": {}}
    greet = SavedProgram("greet", source, "Greet.", "greet.main() -> str", schema, {}, {}, ())
    Library().own.write(greet)
    user = tmp_path / "user.py"
    user.write_text("from programs import greet\nprint(greet.main().upper())\n")
    done = mcp_sdkgen("check", user, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, ""), done.stdout
    user.write_text("from programs import greet\nprint(greet.main() + 1)\ngreet()\n")
    done = mcp_sdkgen("check", user, cwd=tmp_path)
    assert done.returncode == 3
    assert "user.py:2:" in done.stdout
    assert "call its main: greet.main(…)" in done.stdout

    # The project's of the same name is not trusted, and hides it.
    folder = ProgramFolder.of_project(tmp_path)
    folder.write(greet)
    assert folder.forget("greet")
    done = mcp_sdkgen("check", user, cwd=tmp_path)
    assert done.returncode == 3
    assert "programs.greet is left out" in done.stderr
    assert "`mcp-sdkgen programs` says how to trust" in done.stderr
