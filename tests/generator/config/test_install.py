"""One entry in the configuration of another program, and nothing else in it touched."""

from __future__ import annotations

import json
import stat
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
from mcp_sdkgen.cli import main
from mcp_sdkgen.config import CLIENTS, load_client
from mcp_sdkgen.config.clients import paths
from mcp_sdkgen.config.jsonc import NotEditable, with_member, without_member

ENTRY = {"command": "python", "args": ["serve"]}

COMMENTED = """\
// of mine
{
\t"servers": {
\t\t"github": { "type": "http", "url": "https://x" }, // keep, {this} "too"
\t\t/* and this */
\t},
\t"inputs": [ {"id": "a"}, ],
}
"""


@pytest.fixture(autouse=True)
def user(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A user with nothing configured."""
    for name in ("XDG_CONFIG_HOME", "CODEX_HOME", "CLAUDE_CONFIG_DIR", "OPENCODE_CONFIG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mcp.json").write_text('{"mcpServers": {}}')
    return tmp_path


@pytest.mark.parametrize("client", CLIENTS)
def test_every_program_then_knows_a_server_that_starts_code_mode(client: str, user: Path) -> None:
    assert main(["install", client, "--config", "mcp.json", "--allow", "weather/*"]) == 0
    [server] = load_client(client, cwd=user).servers
    assert (server.name, server.command) == ("code-mode", sys.executable)
    assert list(server.args) == [
        *("-P", "-m", "mcp_sdkgen", "serve", "--config", str(user / "mcp.json")),
        *("--allow", "weather/*"),
    ]
    assert main(["install", client, "--remove"]) == 0
    assert not load_client(client, cwd=user).servers


def test_servers_of_a_file_that_was_only_found_are_left_out_and_how_to_serve_them_is_told(
    user: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = user / "mcp.json"
    file.write_text(json.dumps({"mcpServers": {"weather": ENTRY}}))
    assert main(["install", "cursor"]) == 0
    [server] = load_client("cursor", cwd=user).servers
    assert "--config" not in server.args
    assert f"mcp-sdkgen install cursor --config {file}" in capsys.readouterr().err
    assert main(["install", "cursor", "--config", "mcp.json"]) == 0
    assert main(["install", "cursor", "--remove"]) == 0
    assert "are not part of it" not in capsys.readouterr().err


@pytest.mark.parametrize("client", CLIENTS)
def test_a_server_that_only_the_shell_finds_is_found_from_a_menu_too(
    client: str, user: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (user / "bin").mkdir()
    (user / "bin" / "mine").touch(mode=0o755)
    for name in ("first", "second"):
        monkeypatch.setenv("PATH", f"{user / 'bin'}:/{name}:/bin")
        (user / "mcp.json").write_text('{"mcpServers": {"a": {"command": "mine"}}}')
        assert main(["install", client, "--config", "mcp.json"]) == 0
        [server] = load_client(client, cwd=user).servers
        assert server.env == {"PATH": f"{user / 'bin'}:/{name}:/bin"}
    assert main(["install", client, "--remove"]) == 0
    (user / "mcp.json").write_text(
        '{"mcpServers": {"a": {"command": "/bin/sh"}, "b": {"command": "sh"}}}'
    )
    assert main(["install", client, "--config", "mcp.json"]) == 0
    [server] = load_client(client, cwd=user).servers
    assert not server.env


@pytest.mark.parametrize("client", ["vscode", "codex", "claude-code"])
def test_all_else_stays_to_the_byte_and_a_second_time_changes_nothing(
    client: str, capsys: pytest.CaptureFixture[str]
) -> None:
    texts = {
        "vscode": COMMENTED,
        "codex": '# mine\nm = "o5" # best\n\n[mcp_servers.a]\ncommand = "x"\n\n[other]\nk = 1\n',
        "claude-code": '{"mcpServers":{"a":{"command":"x"}},"projects":{"/p":{"n":1.50}}}',
    }
    [file] = paths(client)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(texts[client])
    file.chmod(0o600)
    assert main(["install", client]) == 0
    after = file.read_text()
    for line in texts[client].splitlines()[:4] if client == "codex" else []:
        assert line in after
    kept = after.replace("\n", "")
    for part in ("// keep, {this}", "/* and this */") if client == "vscode" else ():
        assert part in kept
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert file.with_name(file.name + ".before-mcp-sdkgen").read_text() == texts[client]
    assert main(["install", client]) == 0
    assert "nothing to change" in capsys.readouterr().out
    assert file.read_text() == after
    assert main(["install", client, "--remove"]) == 0
    left = file.read_text()
    if client == "codex":
        assert tomllib.loads(left) == tomllib.loads(texts[client])
    else:
        assert _without_commas(left) == _without_commas(texts[client])


def _without_commas(text: str) -> str:
    return "".join(text.replace(",", "").split())


def test_an_entry_of_somebody_else_is_not_touched(capsys: pytest.CaptureFixture[str]) -> None:
    [file] = paths("cursor")
    file.parent.mkdir(parents=True)
    file.write_text('{"mcpServers": {"code-mode": {"command": "other"}}}')
    assert main(["install", "cursor"]) == 2
    assert main(["install", "cursor", "--remove"]) == 2
    assert "was not written by mcp-sdkgen" in capsys.readouterr().err
    assert main(["install", "cursor", "--name", "mine"]) == 0
    assert list(json.loads(file.read_text())["mcpServers"]) == ["code-mode", "mine"]


def test_what_was_added_to_our_entry_by_hand_stays() -> None:
    [file] = paths("cursor")
    assert main(["install", "cursor"]) == 0
    data = json.loads(file.read_text())
    data["mcpServers"]["code-mode"]["env"] = {"TOKEN": "t"}
    file.write_text(json.dumps(data))
    assert main(["install", "cursor", "--suspend"]) == 0
    entry = json.loads(file.read_text())["mcpServers"]["code-mode"]
    assert (entry["env"], entry["args"][-1]) == ({"TOKEN": "t"}, "--suspend")


def test_a_dry_run_shows_the_change_without_the_lines_around(
    capsys: pytest.CaptureFixture[str],
) -> None:
    [file] = paths("cursor")
    file.parent.mkdir(parents=True)
    before = (
        '{\n  "mcpServers": {\n    "a": {"env": {"K": "secret"}},\n    "b": {"url": "u"}\n  }\n}\n'
    )
    file.write_text(before)
    assert main(["install", "cursor", "--dry-run"]) == 0
    shown = capsys.readouterr().out
    assert '+    "code-mode": {' in shown
    assert "secret" not in shown
    assert file.read_text() == before


def test_a_link_to_the_file_stays_a_link(user: Path) -> None:
    [link] = paths("cursor")
    link.parent.mkdir(parents=True)
    real = user / "dotfiles.json"
    real.write_text("{}")
    link.symlink_to(real)
    assert main(["install", "cursor"]) == 0
    assert link.is_symlink()
    assert "code-mode" in real.read_text()


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[1]", "not an object"),
        ('{"mcpServers": [1]}', "is not an object"),
        ('{"mcpServers": {"a": 1, "a": 2}}', "twice"),
        ("{broken", "cursor"),
    ],
)
def test_a_file_that_cannot_be_edited_safely_is_left_alone(
    text: str, problem: str, capsys: pytest.CaptureFixture[str]
) -> None:
    [file] = paths("cursor")
    file.parent.mkdir(parents=True)
    file.write_text(text)
    assert main(["install", "cursor"]) == 2
    assert problem in capsys.readouterr().err
    assert file.read_text() == text


@pytest.mark.parametrize(
    "text",
    [
        "", "{}", "{ }", '{"a": 1}', '{"t": {}}', '{"t": {"b": [1, {"c": "}"}]}, "z": null}',
        '{\r\n  "t": {\r\n    "b": 1\r\n  }\r\n}', "{'t': {b: 1,},}", '{"t": {"x": "//"} /* } */ }',
        '{"t": {"b": 1 // last\n}}', '{"t": {"x": 1, "b": 2}}',
    ],
)  # fmt: skip
def test_a_member_that_is_put_in_is_read_back_and_taken_out_again(text: str) -> None:
    import json5

    def read(text: str) -> Any:
        return json5.loads(text) if text.strip() else {}

    before = read(text)
    after = with_member(text, ["t", "x"], ENTRY)
    assert read(after) == {**before, "t": {**before.get("t", {}), "x": ENTRY}}
    assert with_member(after, ["t", "x"], ENTRY) == after
    gone = read(without_member(after, ["t", "x"]))
    assert gone["t"] == {k: v for k, v in before.get("t", {}).items() if k != "x"}


def test_text_that_is_no_json_says_at_which_line() -> None:
    with pytest.raises(NotEditable, match="line 2"):
        with_member('{\n"a" 1}', ["t"], 1)


def test_the_copy_of_a_file_replaces_a_link(capsys: pytest.CaptureFixture[str]) -> None:
    [file] = paths("cursor")
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text('{"mcpServers": {}}')
    mine = file.with_name("mine")
    mine.write_text("mine")
    copy = file.with_name(file.name + ".before-mcp-sdkgen")
    copy.symlink_to(mine)
    assert main(["install", "cursor"]) == 0
    assert mine.read_text() == "mine"
    assert copy.read_text() == '{"mcpServers": {}}'
