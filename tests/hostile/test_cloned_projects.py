"""What a project brings along, links above all, has nothing outside of it read, written or removed.

Each project here has a configuration, the lock of its server, and an SDK, as one that was cloned.
"""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest

from tests.command_line import mcp_sdkgen

TOOL = {"name": "look", "description": "Look.", "inputSchema": {"type": "object"}}
FAST = ("--no-check", "--no-wheel")
HUGE = 3 * 1024**3


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project whose SDK somebody else built, and beside it folders and files of the user's."""
    for kind in ("DATA", "STATE"):
        monkeypatch.setenv(f"XDG_{kind}_HOME", str(tmp_path / "of another" / kind))
    folder = tmp_path / "project"
    folder.mkdir()
    entry = {"command": "python", "args": ["/nonexistent.py"]}
    (folder / "mcp.json").write_text(json.dumps({"mcpServers": {"weather": entry}}))
    (tmp_path / "weather.json").write_text(json.dumps({"tools": [TOOL]}))
    done = mcp_sdkgen("build", tmp_path / "weather.json", *FAST, cwd=folder)
    assert done.returncode == 0, done.stderr
    for kind in ("DATA", "STATE"):
        monkeypatch.setenv(f"XDG_{kind}_HOME", str(tmp_path / kind))
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "mine.txt").write_text("mine")
    return folder


def outside(project: Path) -> list[str]:
    """What is in the user's folder beside the project."""
    folder = project.parent / "outside"
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))


@pytest.mark.parametrize("name", ["pyproject.toml", "weather_sdk/surface.pyi", "weather_sdk/x.py"])
@pytest.mark.parametrize("kind", ["a pipe", "huge"])
def test_no_verb_waits_for_a_pipe_or_reads_a_huge_file(project: Path, name: str, kind: str) -> None:
    path = project / "generated" / "weather" / name
    assert mcp_sdkgen("trust", "generated", cwd=project).returncode == 0
    path.unlink(missing_ok=True)
    if kind == "a pipe":
        os.mkfifo(path)
    else:
        path.touch()
        os.truncate(path, HUGE)
    (project / "program.py").write_text("from weather_sdk import weather\n")
    for words in (("search", "look"), ("trust", "generated"), ("run", "program.py")):
        assert mcp_sdkgen(*words, cwd=project).returncode in (2, 3), words
    listed = mcp_sdkgen("trust", "--list", cwd=project)
    assert (", but has changed or is gone" in listed.stdout) == (name != "pyproject.toml")
    assert mcp_sdkgen("build", *FAST, cwd=project).returncode == 0
    assert mcp_sdkgen("search", "look", cwd=project).returncode == 0


def test_the_name_of_a_package_is_no_path(project: Path) -> None:
    theirs = shutil.copytree(
        project / "generated" / "weather" / "weather_sdk", project.parent / "outside" / "sdk"
    )
    (theirs / "__pycache__").mkdir()
    file = project / "generated" / "weather" / "pyproject.toml"
    text = file.read_text()
    line = next(line for line in text.splitlines() if line == 'weather = "weather_sdk"')
    for package in (str(theirs), "../../../outside/sdk", ""):
        file.write_text(text.replace(line, f"weather = {json.dumps(package)}"))
        done = mcp_sdkgen("trust", "generated", cwd=project)
        assert done.returncode == 2
        assert "holds no SDKs" in done.stderr
    assert (theirs / "__pycache__").is_dir()


@pytest.mark.parametrize("place", ["weather", "weather/weather_sdk"])
def test_what_a_link_leads_to_is_not_trusted_through_it(project: Path, place: str) -> None:
    link = project / "generated" / place
    theirs = link.rename(project.parent / "outside" / "theirs")
    link.symlink_to(theirs)
    caches = theirs / "__pycache__"
    caches.mkdir()
    done = mcp_sdkgen("trust", "generated", cwd=project)
    assert done.returncode == 2
    assert f"generated/{place}: is a link" in done.stderr
    assert str(theirs) in done.stderr
    assert caches.is_dir()
    assert "trusted" not in mcp_sdkgen("trust", "--list").stdout
