"""`add` and `remove`: a project's servers without an editor, and what `build` offers of them."""

from __future__ import annotations

import json
import os
import shlex
import sys
from pathlib import Path

import pytest
from mcp_sdkgen.config import nearest
from mcp_sdkgen.config.project import add_server
from mcp_sdkgen.errors import ConfigError
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


BAD_NAMES = [
    "*",
    "a*",
    "a?",
    "[a]",
    "a/",
    "/a",
    "a//b",
    "../a",
    "a/../b",
    "a\\b",
    "a\nb",
    "a\x1b[2J",
]


@pytest.mark.parametrize("name", [*BAD_NAMES, "a\u202eb", " ", "a" * 201])
def test_what_is_no_name_of_a_server_is_neither_added_nor_read(project: Path, name: str) -> None:
    done = mcp_sdkgen("add", name, "--", "x", cwd=project)
    assert done.returncode == 2, done.stdout
    assert "name" in done.stderr
    assert list(project.iterdir()) == []
    entries = {name: {"command": "x"}, "good": {"command": "y"}}
    (project / "mcp.json").write_text(json.dumps({"mcpServers": entries}))
    config = nearest(project)
    assert config is not None
    assert [server.name for server in config.servers] == ["good"]
    assert [broken for broken, _ in config.broken] == [name]


def test_a_name_of_the_registry_is_a_name(project: Path) -> None:
    assert mcp_sdkgen("add", "io.github.acme/mail", "--", "x", cwd=project).returncode == 0
    assert list(servers(project / "mcp.json")) == ["io.github.acme/mail"]


@pytest.mark.parametrize("text", ["a\r\nEvil: b", "a\nb", "a\rb", "a\x1bb", "a\x7f"])
def test_a_header_is_one_line_wherever_it_comes_from(project: Path, text: str) -> None:
    url = "https://example.com/mcp"
    for header in (f"X-Note: {text}", f"X{text}: note"):
        done = mcp_sdkgen("add", "a", url, "--header", header, cwd=project)
        assert done.returncode == 2, done.stdout
        assert "header" in done.stderr
        assert list(project.iterdir()) == []
    entries = {"a": {"url": url, "headers": {"X-Note": text}}, "n": {"url": url + "\0"}}
    (project / "mcp.json").write_text(json.dumps({"mcpServers": entries}))
    config = nearest(project)
    assert config is not None
    assert not config.servers


@pytest.mark.parametrize("entry", [{"env": {"A": "b\0"}}, {"cwd": "\0"}, {"envFile": "a\0"}])
def test_what_no_process_can_be_started_with_is_told_when_it_is_read(
    project: Path, entry: dict[str, object]
) -> None:
    (project / "mcp.json").write_text(json.dumps({"mcpServers": {"a": {"command": "x", **entry}}}))
    config = nearest(project)
    assert config is not None
    [(name, error)] = config.broken
    assert (name, "NUL" in str(error)) == ("a", True)
    with pytest.raises(ConfigError, match="NUL"):
        add_server(project / "other.json", "a", {"command": "x", **entry})


def test_a_file_further_up_is_told_of_and_one_of_another_user_is_not_changed(
    project: Path,
) -> None:
    above = project.parent / "mcp.json"
    assert mcp_sdkgen("add", "a", "--", "x", cwd=project.parent).returncode == 0
    done = mcp_sdkgen("add", "b", "--", "y", cwd=project)
    assert (done.returncode, list(servers(above))) == (0, ["a", "b"])
    assert (
        f"{above} was changed, since it is the nearest configuration that names servers; "
        "--config FILE changes another"
    ) in done.stderr
    done = mcp_sdkgen("remove", "b", cwd=project)
    assert f"{above} was changed, since it is the nearest configuration" in done.stderr
    done = mcp_sdkgen("add", "c", "--config", "mcp.json", "--", "z", cwd=project)
    assert (done.returncode, list(servers(project / "mcp.json"))) == (0, ["c"])
    assert "nearest" not in done.stderr
    if os.geteuid() == 0:
        (project / "mcp.json").unlink()
        os.chown(above, 54_321, -1)
        before = above.read_text()
        assert mcp_sdkgen("add", "d", "--", "z", cwd=project).returncode == 0
        assert (above.read_text(), list(servers(project / "mcp.json"))) == (before, ["d"])


def test_a_link_to_nothing_is_called_that(project: Path) -> None:
    (project / "mcp.json").symlink_to(project / "nowhere")
    done = mcp_sdkgen("add", "a", "--", "x", cwd=project)
    assert done.returncode == 2
    assert "mcp.json: is a broken link" in done.stderr
    assert not (project / "nowhere").exists()


def test_a_secret_that_is_written_out_is_told_of(project: Path) -> None:
    done = mcp_sdkgen("add", "a", "--env", "API_TOKEN=abc", "--", "x", cwd=project)
    assert "the value of API_TOKEN is in the file as plain text" in done.stderr


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


@pytest.mark.parametrize("place", ["generated", "generated/dist", "generated/seed"])
@pytest.mark.parametrize("kind", ["a file", "a broken link"])
def test_what_stands_where_a_build_needs_a_folder_is_told_and_stays(
    project: Path, place: str, kind: str
) -> None:
    path = project / place
    path.parent.mkdir(exist_ok=True)
    if kind == "a file":
        path.write_text("mine")
    else:
        path.symlink_to(project / "nowhere")
    command = [sys.executable, str(SERVER)]
    done = mcp_sdkgen("build", "--name", "seed", "--no-check", "--", *command, cwd=project)
    assert done.returncode == (1 if place.endswith("seed") else 2), done.stderr
    assert f"{place}: {kind} is in the place of a folder" in done.stderr
    assert "move it away, or choose another `--out`" in done.stderr
    assert "Traceback" not in done.stderr
    assert os.path.lexists(path)
    assert not (project / "nowhere").exists()


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        (["add", "foo", "uvx", "bar"], "mcp-sdkgen add foo -- uvx bar"),
        (["add", "foo", "uvx"], "mcp-sdkgen add foo -- uvx"),
        (
            ["add", "foo", "--env", "A=b", "npx", "-y", "bar"],
            "mcp-sdkgen add foo --env A=b -- npx -y bar",
        ),
        (["call", "excel"], "mcp-sdkgen tools excel"),
    ],
)
def test_a_command_line_that_lacks_something_is_told_what_to_type_instead(
    project: Path, words: list[str], meant: str
) -> None:
    done = mcp_sdkgen(*words, cwd=project)
    assert done.returncode == 2
    assert done.stderr.endswith(f": {meant}\n"), done.stderr
    assert not (project / "mcp.json").exists()


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


def test_a_server_is_not_taken_out_of_a_file_that_is_not_there(project: Path) -> None:
    done = mcp_sdkgen("remove", "time", "--config", "none.json", cwd=project)
    assert done.returncode == 2
    assert "none.json: there is no such file" in done.stderr
    assert "--config" in done.stderr
