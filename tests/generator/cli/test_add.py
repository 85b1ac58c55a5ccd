"""`add` and `remove`: a project's servers without an editor, and what `build` offers of them."""

from __future__ import annotations

import json
import os
import shlex
import sys
from pathlib import Path

import pytest
from mcp_sdkgen_runtime.config.trust import is_trusted, say

from tests.command_line import mcp_sdkgen
from tests.terminals import Terminal

SERVER = Path(__file__).parents[1] / "source" / "servers" / "seed.py"
FAST = ("--no-wheel", "--no-check")


pytestmark = pytest.mark.usefixtures("own_data")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    return folder


def servers(path: Path) -> dict[str, object]:
    found: dict[str, object] = json.loads(path.read_text())["mcpServers"]
    return found


def test_a_command_and_a_url_become_entries_of_a_new_file_that_is_trusted(project: Path) -> None:
    path = project / "mcp.json"
    done = mcp_sdkgen(
        "add", "time", "--env", "KEY=${KEY}", "--", "uvx", "mcp-server-time", "--x", cwd=project
    )
    assert done.returncode == 0, done.stderr
    assert "time is in mcp.json" in done.stdout.replace(f"{project}/", "")
    assert "next: mcp-sdkgen build" in done.stderr
    words = ("https://example.com/mcp", "--header", "Authorization: Bearer ${TOKEN}")
    assert mcp_sdkgen("add", "docs", *words, cwd=project).returncode == 0
    assert servers(path) == {
        "time": {
            "command": "uvx",
            "args": ["mcp-server-time", "--x"],
            "env": {"KEY": "${KEY}"},
        },
        "docs": {
            "url": "https://example.com/mcp",
            "headers": {"Authorization": "Bearer ${TOKEN}"},
        },
    }
    assert is_trusted(path)
    assert mcp_sdkgen("remove", "time", cwd=project).returncode == 0
    assert list(servers(path)) == ["docs"]
    assert is_trusted(path)


def test_a_file_that_came_from_elsewhere_is_not_trusted_by_an_addition(project: Path) -> None:
    path = project / "mcp.json"
    path.write_text('{\n  // ours\n  "mcpServers": {"a": {"command": "x"}}\n}\n')
    assert mcp_sdkgen("add", "b", "--", "y", cwd=project).returncode == 0
    assert "// ours" in path.read_text()
    assert not is_trusted(path)
    say(path, trusted=True)
    assert mcp_sdkgen("remove", "a", cwd=project).returncode == 0
    assert is_trusted(path)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("mcp.json", '{"servers": {}, "inputs": []}'),
        (".vscode/mcp.json", '{"servers": {}}'),
        ("mcp-sdkgen.toml", '# ours\nout = "sdks"\n\n[servers.a]\ncommand = "x"\n'),
        ("pyproject.toml", '[tool.mcp-sdkgen]\nout = "sdks"\n[tool.mcp-sdkgen.servers]\n'),
    ],
)
def test_the_file_that_names_servers_is_the_one_that_is_changed(
    project: Path, name: str, text: str
) -> None:
    path = project / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    assert mcp_sdkgen("add", "b", "--", "y", "z", cwd=project).returncode == 0
    assert not (project / "mcp.json").exists() or name == "mcp.json"
    listed = mcp_sdkgen("remove", "nobody", cwd=project)
    assert listed.returncode == 2
    assert "'b'" in listed.stderr
    assert mcp_sdkgen("remove", "b", cwd=project).returncode == 0
    assert ("# ours" in text) == ("# ours" in path.read_text())
    assert "'b'" not in mcp_sdkgen("remove", "nobody", cwd=project).stderr


def test_a_name_that_is_taken_is_refused_unless_it_is_the_same_server(project: Path) -> None:
    for _ in range(2):
        assert mcp_sdkgen("add", "a", "--", "x", cwd=project).returncode == 0
    done = mcp_sdkgen("add", "a", "--", "y", cwd=project)
    assert done.returncode == 2
    assert "mcp-sdkgen remove a" in done.stderr


@pytest.mark.parametrize(
    "words",
    [
        ("add", "a"),
        ("add", "a", "https://example.com/mcp", "--", "x"),
        ("add", "a", "ftp://example.com"),
        ("add", "a", "--"),
        ("add", "a", "--env", "KEY", "--", "x"),
        ("add", "a", "--header", "K:v", "--", "x"),
        ("add", "", "--", "x"),
        ("remove", "a"),
    ],
)
def test_what_makes_no_sense_is_an_error_and_changes_nothing(
    project: Path, words: tuple[str, ...]
) -> None:
    assert mcp_sdkgen(*words, cwd=project).returncode == 2
    assert list(project.iterdir()) == []


def test_a_secret_that_is_written_out_is_told_of(project: Path) -> None:
    done = mcp_sdkgen("add", "a", "--env", "API_TOKEN=abc", "--", "x", cwd=project)
    assert "API_TOKEN stands in the file as it is" in done.stderr


def test_a_build_of_a_command_says_how_to_keep_its_server(project: Path) -> None:
    command = [sys.executable, str(SERVER)]
    done = mcp_sdkgen("build", "--name", "seed", *FAST, "--", *command, cwd=project)
    last = done.stderr.splitlines()[-1]
    assert last.startswith("next: mcp-sdkgen add seed -- ")
    typed = shlex.split(last.removeprefix("next: ").partition(";")[0])
    assert mcp_sdkgen(*typed[1:], cwd=project).returncode == 0
    assert servers(project / "mcp.json") == {"seed": {"command": command[0], "args": command[1:]}}
    again = mcp_sdkgen("build", cwd=project)
    assert "next: mcp-sdkgen search" in again.stderr


def test_at_a_terminal_a_build_offers_to_write_its_server_down(project: Path) -> None:
    words = ["build", "--name", "seed", *FAST, "--", sys.executable, str(SERVER)]
    there = ["sh", "-c", 'cd "$1"; shift; exec "$@"', "sh", str(project)]
    command = [*there, sys.executable, "-m", "mcp_sdkgen", *words]
    with Terminal(command, {**os.environ, "TERM": "xterm", "COLUMNS": "200"}) as terminal:
        terminal.read_until("Write seed to mcp.json")
        terminal.type("y\n")
        terminal.read_until("next: mcp-sdkgen run")
    assert list(servers(project / "mcp.json")) == ["seed"]


def test_the_report_names_those_that_failed_in_its_last_line(project: Path) -> None:
    entries = {
        "good": {"command": sys.executable, "args": [str(SERVER)]},
        "bad": {"command": "no-such-command"},
    }
    (project / "mcp.json").write_text(json.dumps({"mcpServers": entries}))
    done = mcp_sdkgen("build", *FAST, cwd=project)
    assert done.returncode == 1
    rows = {line.split()[0]: line.split()[1] for line in done.stdout.splitlines()[:3]}
    assert rows == {"server": "status", "good": "built", "bad": "failed"}
    assert done.stdout.splitlines()[-1].startswith("1 of 2 failed: bad; ")
