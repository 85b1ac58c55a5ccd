from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from mcp_sdkgen.config import Config, ServerConfig, Transport, bind, load, load_client, nearest
from mcp_sdkgen.config.clients import CLIENTS, paths
from mcp_sdkgen.errors import ConfigError


def write(path: Path, content: Any) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return path


def only(config: Config | None) -> ServerConfig:
    assert config is not None and not config.broken, config
    (server,) = config.servers
    return server


def entry_of(folder: Path, entry: Any) -> ServerConfig:
    return only(load(write(folder / "mcp.json", {"mcpServers": {"srv": entry}})))


COMMAND = {"command": "run", "args": ["a", "b"]}


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("mcp.json", {"mcpServers": {"srv": COMMAND}}),
        (".mcp.json", {"mcpServers": {"srv": {"type": "stdio", **COMMAND}}}),
        (".cursor/mcp.json", '{"mcpServers": {"srv": {"command": "run", "args": ["a","b"],},},}'),
        (
            ".vscode/mcp.json",
            '{// note\n"servers": {"srv": {"command": "run", "args": ["a", "b"]}}}',
        ),
        ("mcp-sdkgen.toml", '[servers.srv]\ncommand = "run"\nargs = ["a", "b"]\n'),
        ("pyproject.toml", '[tool.mcp-sdkgen.servers.srv]\ncommand = ["run", "a"]\nargs = ["b"]\n'),
    ],
)
def test_every_project_file_is_found_from_a_folder_below(
    name: str, content: Any, tmp_path: Path, home: Path
) -> None:
    write(tmp_path / "p" / name, content)
    (tmp_path / "p" / "deep" / "er").mkdir(parents=True)
    server = only(nearest(tmp_path / "p" / "deep" / "er"))
    assert (server.command, server.args) == ("run", ("a", "b"))
    assert server.workspace == tmp_path / "p"
    assert server.origin.endswith(("/srv", "/servers/srv"))


def test_the_nearest_folder_wins_and_in_it_the_order_is_fixed(tmp_path: Path, home: Path) -> None:
    write(tmp_path / "mcp-sdkgen.toml", '[servers.far]\ncommand = "x"\n')
    near = tmp_path / "near"
    write(near / ".vscode/mcp.json", {"servers": {"code": {"command": "x"}}})
    assert only(nearest(near)).name == "code"
    write(near / "pyproject.toml", '[project]\nname = "other"\n')
    assert only(nearest(near)).name == "code"
    write(near / "mcp.json", {"mcpServers": {"plain": {"command": "x"}}})
    assert only(nearest(near)).name == "plain"


def test_our_own_file_without_servers_adds_settings_to_the_next(tmp_path: Path, home: Path) -> None:
    text = 'out = "sdks"\ntimeout_s = 9\n[packages]\nsrv = "acme_srv"\n'
    write(tmp_path / "mcp-sdkgen.toml", text)
    write(tmp_path / "mcp.json", {"mcpServers": {"srv": COMMAND}})
    config = nearest(tmp_path)
    assert only(config).name == "srv"
    assert config is not None
    assert (config.out, config.timeout_s) == (tmp_path / "sdks", 9)
    assert config.packages == {"srv": "acme_srv"}


def test_the_users_own_cursor_file_is_not_a_projects(home: Path) -> None:
    write(home / ".cursor/mcp.json", {"mcpServers": {"srv": COMMAND}})
    (home / "project").mkdir()
    assert nearest(home / "project") is None
    assert only(load_client("cursor", cwd=home)).name == "srv"


@pytest.mark.parametrize(
    ("entry", "transport"),
    [
        ({"url": "https://h.example/mcp"}, Transport.HTTP),
        ({"httpUrl": "https://h.example/mcp"}, Transport.HTTP),
        ({"serverUrl": "https://h.example/mcp"}, Transport.HTTP),
        ({"type": "streamable-http", "url": "https://h.example/mcp"}, Transport.HTTP),
        ({"type": "remote", "url": "https://h.example/mcp"}, Transport.HTTP),
        ({"type": "sse", "url": "https://h.example/mcp"}, Transport.SSE),
    ],
)
def test_remote_entries_of_every_program_are_read(
    entry: dict[str, Any], transport: Transport, tmp_path: Path
) -> None:
    server = entry_of(tmp_path, {**entry, "headers": {"X-A": "1"}})
    assert (server.transport, server.url) == (transport, "https://h.example/mcp")
    assert server.headers == {"X-A": "1"}


@pytest.mark.parametrize(
    ("entry", "pointer", "words"),
    [
        ({}, "", "neither a command nor a url"),
        ({"command": "a", "url": "http://h"}, "", "both a command and a url"),
        ([], "", "not an object"),
        ({"command": {"a": 1}}, "/command", "neither text nor a list"),
        ({"command": "a", "args": "b"}, "/args", "not a list"),
        ({"command": "a", "args": [[1]]}, "/args/0", "not text"),
        ({"command": "a", "env": {"A/B": []}}, "/env/A~1B", "not text"),
        ({"url": "ftp://h"}, "/url", "no http or https address"),
        ({"url": "http://h", "headers": {"a b": "c"}}, "/headers", "impossible name"),
        ({"type": "carrier-pigeon", "url": "http://h"}, "/type", "unknown transport"),
        ({"command": "a", "timeout_s": -1}, "/timeout_s", "not a positive number"),
    ],
)
def test_a_bad_entry_costs_only_that_server(
    entry: Any, pointer: str, words: str, tmp_path: Path
) -> None:
    servers = {"bad": entry, "good": {"command": "x"}}
    config = load(write(tmp_path / "mcp.json", {"mcpServers": servers}))
    assert [server.name for server in config.servers] == ["good"]
    ((name, error),) = config.broken
    assert name == "bad"
    assert f"mcp.json:/mcpServers/bad{pointer}: " in str(error)
    assert words in str(error)
    assert error.hint


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("mcp.json", '{\n  "mcpServers": {\n    "a" 1}}', "not JSON: .* line 3 column 9"),
        ("mcp-sdkgen.toml", "a = \n", "not TOML: .*line 1, column"),
        ("mcp-sdkgen.toml", "ouch = 1\n", ":/ouch: an unknown key"),
        ("mcp-sdkgen.toml", '[packages]\na = "No Package"\n', ":/packages/a: not the name"),
        ("mcp.json", "[" * 100_000, "nested too deep"),
        ("mcp.json", "{}", "no servers in it"),
    ],
)
def test_a_bad_file_names_the_place(name: str, content: str, words: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=words) as caught:
        load(write(tmp_path / name, content))
    assert caught.value.hint


def test_disabled_servers_are_skipped_with_a_note(tmp_path: Path) -> None:
    servers = {"a": {"command": "x", "disabled": True}, "b": {"url": "http://h", "enabled": False}}
    config = load(write(tmp_path / "mcp.json", {"mcpServers": servers}))
    assert config.servers == ()
    assert [note.split(" is ")[0] for note in config.notes] == ["'a'", "'b'"]


def test_variables_are_replaced_at_connection_time_only(tmp_path: Path, home: Path) -> None:
    entry = {
        "command": "${workspaceFolder}/run",
        "args": ["${userHome}", "${A}-${env:B}", "${C:-c}", "${env:D:-d}", "$HOME", "${EMPTY:-e}"],
        "env": {"F": "${file:token.txt}"},
        "cwd": "sub",
    }
    write(tmp_path / "token.txt", "from-file\n")
    server = entry_of(tmp_path, entry)
    assert server.args[1] == "${A}-${env:B}"
    binding = bind(server, {"A": "1", "B": "${A}", "EMPTY": ""})
    assert binding.command == f"{tmp_path}/run"
    assert binding.args == (str(home), "1-${A}", "c", "d", "$HOME", "e")
    assert binding.env == {"F": "from-file"}
    assert binding.cwd == tmp_path / "sub"


def test_an_undefined_variable_names_server_key_and_variable(tmp_path: Path) -> None:
    server = entry_of(tmp_path, {"url": "http://h", "headers": {"X-Key": "${NO_SUCH}"}})
    with pytest.raises(ConfigError, match=r"srv: .*headers\.X-Key uses \$\{NO_SUCH\}") as caught:
        bind(server, {})
    assert "NO_SUCH" in caught.value.hint


def test_inputs_of_vscode_come_from_the_environment_or_their_default(tmp_path: Path) -> None:
    content = {
        "inputs": [{"id": "api-key"}, {"id": "region", "default": "eu"}],
        "servers": {
            "srv": {"url": "https://h/${input:region}", "headers": {"K": "${input:api-key}"}}
        },
    }
    server = only(load(write(tmp_path / ".vscode/mcp.json", content)))
    binding = bind(server, {"API_KEY": "k"})
    assert (binding.url, binding.headers) == ("https://h/eu", {"K": "k"})
    with pytest.raises(ConfigError, match=r"\$\{input:api-key\}") as caught:
        bind(server, {})
    assert "INPUT_API_KEY" in caught.value.hint


def test_an_env_file_is_read_at_connection_time(tmp_path: Path) -> None:
    write(tmp_path / ".env", "# note\nexport A='1 2'\nB=3\n")
    server = entry_of(tmp_path, {"command": "x", "envFile": ".env", "env": {"B": "4"}})
    assert bind(server, {}).env == {"A": "1 2", "B": "4"}


def test_a_header_cannot_carry_a_second_header(tmp_path: Path) -> None:
    server = entry_of(tmp_path, {"url": "http://h", "headers": {"K": "${V}"}})
    with pytest.raises(ConfigError, match="line break"):
        bind(server, {"V": "a\r\nX-Evil: 1"})


@pytest.mark.parametrize(
    ("client", "content"),
    [
        ("claude-desktop", {"mcpServers": {"srv": COMMAND}}),
        ("cursor", {"mcpServers": {"srv": COMMAND}}),
        ("vscode", {"servers": {"srv": COMMAND}, "inputs": []}),
        ("windsurf", {"mcpServers": {"srv": COMMAND}}),
        ("codex", '[mcp_servers.srv]\ncommand = "run"\nargs = ["a", "b"]\nenabled = true\n'),
        ("gemini", {"mcp": {"allowed": []}, "mcpServers": {"srv": COMMAND}}),
        ("opencode", {"mcp": {"srv": {"type": "local", "command": ["run", "a", "b"]}}}),
        (
            "opencode",
            {"mcp": {"servers": {"srv": {"type": "local", "command": ["run", "a", "b"]}}}},
        ),
        ("claude-code", {"numStartups": 3, "mcpServers": {"srv": COMMAND}}),
    ],
)
def test_other_programs_files_are_read(client: str, content: Any, home: Path) -> None:
    write(paths(client, home=home)[-1], content)
    server = only(load_client(client, cwd=home))
    assert (server.command, server.args) == ("run", ("a", "b"))


def test_claude_codes_project_comes_before_its_user(home: Path) -> None:
    project = home / "p"
    content = {
        "mcpServers": {"a": {"command": "user"}, "b": {"command": "user"}},
        "projects": {
            str(project): {"mcpServers": {"a": {"command": "local"}}},
            "/elsewhere": {"mcpServers": {"c": {"command": "other"}}},
        },
    }
    write(home / ".claude.json", content)
    config = load_client("claude-code", cwd=project / "deep")
    assert {s.name: s.command for s in config.servers} == {"a": "local", "b": "user"}
    assert len(config.notes) == 1


def test_codex_opencode_and_gemini_words_become_variables(home: Path) -> None:
    codex = '[mcp_servers.s]\nurl = "https://h"\nbearer_token_env_var = "TOK"\n'
    codex += '[mcp_servers.s.env_http_headers]\nX-B = "BVAR"\n'
    write(home / ".codex/config.toml", codex)
    remote = {"type": "remote", "url": "https://h", "headers": {"K": "{env:KEY}"}}
    write(home / ".config/opencode/opencode.jsonc", {"mcp": {"s": remote}})
    gemini = {"s": {"command": "x", "env": {"K": "$KEY"}}}
    write(home / ".gemini/settings.json", {"mcpServers": gemini})
    environ = {"TOK": "t", "BVAR": "b", "KEY": "k"}
    codex_server = only(load_client("codex", cwd=home))
    assert bind(codex_server, environ).headers == {"X-B": "b", "Authorization": "Bearer t"}
    assert bind(only(load_client("opencode", cwd=home)), environ).headers == {"K": "k"}
    assert bind(only(load_client("gemini", cwd=home)), environ).env == {"K": "k"}


def test_every_program_has_a_place_on_every_platform() -> None:
    home = Path("/home/u")
    for client in CLIENTS:
        for platform in ("linux", "darwin", "win32"):
            assert paths(client, platform=platform, home=home, environ={})
    mac = paths("vscode", platform="darwin", home=home, environ={})[0]
    assert mac == home / "Library/Application Support/Code/User/mcp.json"
    windows = paths("claude-desktop", platform="win32", home=home, environ={"APPDATA": "/r"})[0]
    assert windows == Path("/r/Claude/claude_desktop_config.json")


def test_a_program_without_a_file_says_where_it_would_be(home: Path) -> None:
    with pytest.raises(ConfigError, match="no configuration of it") as caught:
        load_client("gemini", cwd=home)
    assert "~/.gemini/settings.json" in caught.value.hint or "settings.json" in caught.value.hint
    with pytest.raises(ConfigError, match="no program 'emacs'"):
        load_client("emacs", cwd=home)
