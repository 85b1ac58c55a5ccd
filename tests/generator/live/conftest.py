"""A project with one server that tells what it was called with."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.command_line import mcp_sdkgen

SERVER = Path(__file__).with_name("calling_server.py")
Call = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with an mcp.json; what its server's calls change is written to `changed`."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    folder = tmp_path / "project"
    folder.mkdir()
    entry = {"command": sys.executable, "args": [str(SERVER), str(folder / "changed")]}
    (folder / "mcp.json").write_text(json.dumps({"mcpServers": {"demo": entry}}))
    return folder


@pytest.fixture
def sdkgen(project: Path) -> Call:
    """The command line in the project."""

    def run(*words: str | Path) -> subprocess.CompletedProcess[str]:
        return mcp_sdkgen(*words, cwd=project)

    return run
