from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from mcp_sdkgen.config import Config, ServerConfig, bind, load, load_client, nearest
from mcp_sdkgen.config.clients import CLIENTS, paths
from mcp_sdkgen.errors import ConfigError
from mcp_sdkgen.source import BrokenSource, ServerSource, Source
from mcp_sdkgen.source import resolve as resolve_sources
from mcp_sdkgen_runtime import BindingError
from mcp_sdkgen_runtime.config.binding import resolve
from mcp_sdkgen_runtime.config.targets import HttpTarget, StdioTarget

from tests.runtime.config.entry_forms import DISABLED, ENVIRONMENT, FILES, FORMS, INPUTS, meant


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


@pytest.mark.parametrize("form", FORMS)
def test_a_build_asks_the_server_that_an_sdk_starts(
    form: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, text in FILES.items():
        write(tmp_path / "p" / name, text)
    for name, value in {**ENVIRONMENT, "HOME": str(tmp_path)}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("NOT_SET", raising=False)
    monkeypatch.delenv("MCP_SDKGEN_CONFIG", raising=False)
    monkeypatch.chdir(tmp_path / "p")
    entry, expected = FORMS[form]
    file = write(tmp_path / "p" / "mcp.json", {"mcpServers": {"srv": entry}, "inputs": INPUTS})
    if expected == DISABLED:
        with pytest.raises(ConfigError, match="all servers in it are disabled"):
            resolve_sources([str(file)])
        return
    sources = resolve_sources([str(file)]).sources
    if isinstance(expected, str):
        with pytest.raises(ConfigError) as refused:
            bound(sources[0])
        with pytest.raises(BindingError) as of_sdk:
            resolve("srv")
        said = f"{refused.value}; {refused.value.hint}"
        assert expected in said
        assert str(of_sdk.value).removeprefix("srv: ") == said.removeprefix("srv: ")
    else:
        assert bound(sources[0]) == resolve("srv") == meant(expected, tmp_path / "p")


def bound(source: Source) -> StdioTarget | HttpTarget:
    if isinstance(source, BrokenSource):
        raise source.error
    assert isinstance(source, ServerSource)
    return bind(source.config)


def test_a_bad_entry_costs_only_that_server(tmp_path: Path) -> None:
    servers = {"bad": {"command": 1}, "good": {"command": "x"}}
    config = load(write(tmp_path / "mcp.json", {"mcpServers": servers}))
    assert [server.name for server in config.servers] == ["good"]
    ((name, error),) = config.broken
    assert name == "bad"
    assert "mcp.json:/mcpServers/bad/command: neither text nor a list" in str(error)
    assert error.hint


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("mcp.json", '{\n  "mcpServers": {\n    "a" 1}}', "not JSON: .* line 3 column 9"),
        ("mcp-sdkgen.toml", "a = \n", "not TOML: .*line 1, column"),
        ("mcp-sdkgen.toml", "ouch = 1\n", ":/ouch: an unknown key"),
        ("mcp-sdkgen.toml", '[packages]\na = "No Package"\n', ":/packages/a: not the name"),
        (
            "mcp-sdkgen.toml",
            '[packages]\n"*" = "acme"\n',
            r":/packages/\*: not a prefix that ends in `_\*`",
        ),
        (
            "mcp-sdkgen.toml",
            '[packages]\na = "pydantic"\n',
            ":/packages/a: the name of a package that",
        ),
        (
            "mcp-sdkgen.toml",
            '[packages]\na = "pytest"\n',
            ":/packages/a: the name of a package that",
        ),
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


def test_variables_are_replaced_at_connection_time_only(tmp_path: Path) -> None:
    server = entry_of(tmp_path, {"command": "x", "args": ["${A}-${env:B}"]})
    assert server.args == ("${A}-${env:B}",)
    assert bind(server, {"A": "1", "B": "${A}"}) == StdioTarget("x", ("1-${A}",), {}, str(tmp_path))
    with pytest.raises(ConfigError, match=r"srv: .*args\[0\] uses \$\{A\}, but A is not") as caught:
        bind(server, {})
    assert "set A" in caught.value.hint


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
    bound = {
        client: bind(only(load_client(client, cwd=home)), environ)
        for client in ("codex", "opencode", "gemini")
    }
    headers = {"X-B": "b", "Authorization": "Bearer t"}
    assert bound["codex"] == HttpTarget("https://h", headers)
    assert bound["opencode"] == HttpTarget("https://h", {"K": "k"})
    assert bound["gemini"] == StdioTarget("x", (), {"K": "k"}, str(home))


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
    with pytest.raises(ConfigError, match="unknown program 'emacs'"):
        load_client("emacs", cwd=home)
