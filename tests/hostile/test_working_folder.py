"""What lies in the folder that a program of ours is started in is never imported by it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from mcp_sdkgen import Snapshot

from tests.hostile.payloads import tool
from tests.patience import HANG_S

BUILDING = """
import sys
from pathlib import Path
from mcp_sdkgen import Snapshot, build, pipeline

pipeline.WORTH_PROCESSES = 0
sources = [Snapshot.loads(Path(name).read_text()) for name in sys.argv[1:3]]
report = build(sources, out=sys.argv[3], run_check=False, make_wheels=False, jobs=2)
raise SystemExit(report.exit_code)
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder with a module by the name of everything that there is to import."""
    folder = tmp_path / "project"
    folder.mkdir()
    text = f"open({str(tmp_path / 'imported')!r}, 'a').write(__name__ + '\\n')\n"
    for name in {*sys.stdlib_module_names, *packages_distributions()}:
        (folder / f"{name}.py").write_text(text)
    return folder


def run(folder: Path, *command: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, "HOME": str(folder.parent), "CLAUDE_CONFIG_DIR": str(folder.parent)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=HANG_S,
    )


def imported(folder: Path) -> str:
    file = folder.parent / "imported"
    return file.read_text() if file.exists() else ""


def test_the_modules_of_the_folder_are_what_python_would_import(project: Path) -> None:
    run(project, sys.executable, "-m", "mcp_sdkgen", "--version")
    assert imported(project)


def test_the_entry_that_install_writes_imports_nothing_of_an_opened_project(project: Path) -> None:
    command = Path(sys.executable).with_name("mcp-sdkgen")
    assert run(project, command, "install", "claude-code").returncode == 0
    file = project.parent / ".claude.json"
    [entry] = json.loads(file.read_text())["mcpServers"].values()
    started = run(project, entry["command"], *entry["args"])
    assert started.returncode == 0, started.stderr
    assert not imported(project)


def test_the_workers_of_a_build_and_their_watchers_import_nothing_of_it(project: Path) -> None:
    for name in ("one", "two"):
        snapshot = Snapshot.of(name, [tool("look", description="Look.")])
        (project.parent / f"{name}.json").write_text(snapshot.dumps())
    script = project.parent / "script" / "building.py"
    script.parent.mkdir()
    script.write_text(BUILDING)
    sources = (project.parent / "one.json", project.parent / "two.json")
    done = run(project, sys.executable, script, *sources, project.parent / "out")
    assert done.returncode == 0, done.stderr
    assert not imported(project)
