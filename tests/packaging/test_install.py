"""`tools/install.py` installs with what is there, and says what to do where nothing is.

The installers are stand-ins, which write down what they are asked to do, or fail, or are missing.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import pytest

ROOT = Path(__file__).parents[2]
MISSING = "raise ImportError('not here')"
PIP = """
    import os, pathlib, sys
    told = sys.argv[1:]
    if told[0] != "install":
        sys.exit(told[0] == "config")
    print("Collecting", told[-1])
    with pathlib.Path(os.environ["TOLD"]).open("a") as told_so_far:
        print("pip", *told, file=told_so_far)
"""
UV = """\
    #!{python}
    import os, pathlib, sys
    told = sys.argv[1:]
    if told[0] == "pip":
        print("Resolved 77 packages", file=sys.stderr)
        print(" + anyio==4.16.0", file=sys.stderr)
        with pathlib.Path(os.environ["TOLD"]).open("a") as told_so_far:
            print("uv", *told, os.environ.get("UV_DEFAULT_INDEX", ""), file=told_so_far)
        sys.exit({code})
"""


class Machine:
    """A machine with only such installers as a test gives it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.told = folder / "told"
        self.told.touch()
        self.module("pip", MISSING)
        self.module("ensurepip", MISSING)
        (folder / "bin").mkdir()

    def module(self, name: str, code: str) -> None:
        package = self.folder / "modules" / name
        package.mkdir(parents=True, exist_ok=True)
        (package / "__init__.py").write_text(MISSING if code == MISSING else "")
        (package / "__main__.py").write_text(dedent(code))

    def uv(self, code: int) -> None:
        script = self.folder / "bin" / "uv"
        script.write_text(dedent(UV).format(python=sys.executable, code=code))
        script.chmod(0o755)

    def install(self, extra: str = "demo", **variables: str) -> subprocess.CompletedProcess[str]:
        environment = {
            "PATH": str(self.folder / "bin"),
            "PYTHONPATH": str(self.folder / "modules"),
            "TOLD": str(self.told),
            **variables,
        }
        command = [sys.executable, "tools/install.py", str(self.folder / "venv"), extra]
        return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)

    def commands(self) -> list[str]:
        return self.told.read_text().splitlines()


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_uv_installs_where_it_is_there(machine: Machine) -> None:
    machine.uv(code=0)
    done = machine.install("docs")
    assert done.returncode == 0, done.stderr
    (command,) = machine.commands()
    assert command.startswith("uv pip install --python")
    assert command.rstrip().endswith("--editable runtime/codemode --editable .[docs]")
    assert "--constraint constraints.txt" in command
    assert "mcp-sdkgen[docs]" in done.stdout
    assert "Resolved 77 packages" in done.stdout
    assert "anyio" not in done.stdout


def test_pip_is_the_way_back_where_uv_fails(machine: Machine) -> None:
    machine.uv(code=2)
    machine.module("pip", PIP)
    done = machine.install()
    assert done.returncode == 0, done.stderr
    assert "uv could not install" in done.stderr
    assert [command.split()[0] for command in machine.commands()] == ["uv", "pip"]
    assert machine.commands()[1].endswith("--editable .[demo]")


def test_pip_fetches_uv_where_it_is_missing_and_installs_itself_where_that_fails(
    machine: Machine,
) -> None:
    machine.module("pip", PIP)
    done = machine.install()
    assert done.returncode == 0, done.stderr
    fetched, installed = machine.commands()
    assert fetched == "pip install --constraint constraints.txt uv"
    assert installed.endswith("--editable .[demo]")


def test_where_there_is_nothing_to_install_with_it_says_what_to_do(machine: Machine) -> None:
    done = machine.install()
    assert done.returncode == 1
    assert "neither pip nor ensurepip" in done.stderr
    assert f"apt install python3.{sys.version_info.minor}-venv" in done.stderr
    assert "Traceback" not in done.stderr


def test_what_failed_is_told_where_all_fail(machine: Machine) -> None:
    machine.uv(code=2)
    done = machine.install()
    assert done.returncode == 1
    assert "Resolved 77 packages" in done.stderr
    assert "uv could not install" in done.stderr.splitlines()[-1]


def test_uv_uses_the_index_that_pip_was_told_to_use(machine: Machine) -> None:
    machine.uv(code=0)
    machine.install(PIP_INDEX_URL="https://index.example/simple")
    machine.install(PIP_INDEX_URL="https://index.example/simple", UV_DEFAULT_INDEX="https://own/")
    first, second = machine.commands()
    assert first.endswith(" https://index.example/simple")
    assert second.endswith(" https://own/")


def test_an_environment_whose_python_is_gone_is_made_anew(machine: Machine) -> None:
    machine.uv(code=0)
    machine.install()
    python = machine.folder / "venv" / "bin" / "python"
    python.unlink()
    python.symlink_to(machine.folder / "gone")
    assert machine.install().returncode == 0
    assert subprocess.run([python, "--version"]).returncode == 0


def test_a_folder_with_other_things_in_it_is_left_alone(machine: Machine) -> None:
    machine.uv(code=0)
    kept = machine.folder / "venv" / "letter.txt"
    kept.parent.mkdir()
    kept.write_text("dear")
    done = machine.install()
    assert done.returncode == 1
    assert "is no virtual environment" in done.stderr
    assert kept.read_text() == "dear"
