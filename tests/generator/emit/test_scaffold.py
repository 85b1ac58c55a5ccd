"""What `new-server` makes is a server that nothing is wrong with, and so is its SDK."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import black
import pytest
from mcp_sdkgen import ConfigError, Snapshot, generate
from mcp_sdkgen.emit.format import PYTHON, STUB
from mcp_sdkgen.emit.scaffold import scaffold
from mcp_sdkgen.lint import lint
from mcp_sdkgen.package.write import existing

from tests.checking import type_errors
from tests.docs.pages import blocks
from tests.patience import HANG_S
from tests.warm import COMMAND

PATH = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
CORRECT = """
from parcel_desk_sdk import ParcelDesk, parcel_desk
from parcel_desk_sdk.types import Task

task: Task = parcel_desk.add_task(text="Weigh it", priority="high", due="2031-05-01")
due: str | None = task.due
late = [each.text for each in parcel_desk.list_tasks(done=False) if each.due]
with ParcelDesk() as own:
    own.delete_task(task_id=task.task_id)
"""
WRONG = """
from parcel_desk_sdk import parcel_desk

parcel_desk.add_task(text="Weigh it", priority="urgent")  # error: arg-type
parcel_desk.complete_task(task=1)  # error: call-arg
parcel_desk.list_tasks()[0].number  # error: attr-defined
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("made")
    done = _run(root, *COMMAND, "new-server", "parcel-desk")
    assert done.returncode == 0, done.stdout + done.stderr
    return root / "parcel-desk"


def test_its_own_tests_pass(made: Path) -> None:
    done = _run(made, sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider")
    assert done.returncode == 0, done.stdout + done.stderr


def test_server_and_tests_pass_mypy_strict(made: Path) -> None:
    command = [sys.executable, "-m", "mypy", "--cache-dir", str(made.parent / "mypy")]
    done = _run(made, *command, "parcel_desk_server.py", "tests")
    assert done.returncode == 0, done.stdout


def test_lint_finds_nothing(made: Path) -> None:
    found = lint(
        Snapshot.load(made / "generated" / "parcel-desk" / "parcel_desk_sdk" / "snapshot.json")
    )
    assert not found.all_findings
    assert found.score == 100
    done = _run(made, *COMMAND, "lint", PATH=PATH)
    assert done.returncode == 0, done.stdout + done.stderr


def test_its_sdk_is_what_the_showcases_are(made: Path, tmp_path: Path) -> None:
    folder = made / "generated" / "parcel-desk"
    snapshot = Snapshot.load(folder / "parcel_desk_sdk" / "snapshot.json")
    sdk = generate(snapshot)
    assert not sdk.diagnostics
    assert generate(snapshot).files == sdk.files
    assert sorted(sdk.files) == existing(folder, sdk.package)
    assert all((folder / path).read_text() == text for path, text in sdk.files.items())
    for name, text in sdk.files.items():
        if name.endswith((".py", ".pyi")):
            mode = STUB if name.endswith(".pyi") else PYTHON
            assert black.format_str(text, mode=mode) == text, name
    assert list((made / "generated" / "dist").glob("parcel_desk_sdk-1.0.0-*.whl"))
    programs = []
    for name, text in (("correct", CORRECT), ("wrong", WRONG)):
        programs.append(tmp_path / name / "program.py")
        programs[-1].parent.mkdir()
        programs[-1].write_text(text)
    surface = tmp_path / "alone" / "surface.pyi"
    surface.parent.mkdir()
    surface.write_text(sdk.files[f"{sdk.package}/surface.pyi"])
    errors = type_errors([sdk], [*programs, surface], tmp_path / "checked")
    wanted = {
        f"wrong/program.py:{number}": [line.partition("# error: ")[2]]
        for number, line in enumerate(WRONG.splitlines(), 1)
        if "# error: " in line
    }
    assert errors == wanted


def test_the_program_of_its_page_runs(made: Path) -> None:
    page = (made / "README.md").read_text()
    [program] = [block.text for block in blocks(page) if block.language == "python"]
    sdk = made / "generated" / "parcel-desk"
    done = _run(made, sys.executable, "-c", program, PATH=PATH, PYTHONPATH=str(sdk))
    assert done.returncode == 0, done.stderr
    assert done.stdout == "1 Water the plants\n"


@pytest.mark.parametrize("name", ["", "../x", "Parcel", "a b", "import", "x" * 50, "a--b", "-a"])
def test_a_name_that_is_no_folder_or_module_is_refused(name: str) -> None:
    with pytest.raises(ConfigError):
        scaffold(name)


def test_a_folder_that_is_there_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "desk").mkdir()
    command = (*COMMAND, "new-server", "desk", "--no-build")
    done = _run(tmp_path, *command)
    assert done.returncode == 2
    assert "already exists" in done.stderr
    assert not list((tmp_path / "desk").iterdir())
    assert _run(tmp_path, *command, "--into", "new").returncode == 0
    assert (tmp_path / "new" / "desk" / "desk_server.py").is_file()


def _run(folder: Path, *command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=HANG_S,
    )
