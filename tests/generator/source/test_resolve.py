from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from mcp_sdkgen.config import Transport
from mcp_sdkgen.errors import ConfigError, SourceError
from mcp_sdkgen.snapshot import Snapshot
from mcp_sdkgen.source import BrokenSource, SavedSource, ServerSource, resolve

TOOL = {"name": "t", "inputSchema": {"type": "object"}, "title": "T", "_meta": {"k": 1}}


def saved(path: Path, content: Any, **options: Any) -> Snapshot:
    path.write_text(json.dumps(content))
    (source,) = resolve([str(path)], **options).sources
    assert isinstance(source, SavedSource), source
    return source.snapshot


@pytest.mark.parametrize(
    "content",
    [
        [TOOL],
        {"tools": [TOOL]},
        {"result": {"tools": [TOOL]}},
        {"jsonrpc": "2.0", "id": 1, "result": {"tools": [TOOL]}},
        {"server": "other", "tools": [TOOL], "prompts": None, "server_info": None},
    ],
)
def test_a_saved_list_of_any_shape_is_a_source(content: Any, tmp_path: Path) -> None:
    snapshot = saved(tmp_path / "weather.json", content)
    assert snapshot.tools[0].definition == TOOL
    assert snapshot.server == ("other" if "server" in content else "weather")


def test_a_name_renames_a_saved_list(tmp_path: Path) -> None:
    assert saved(tmp_path / "a.json", [TOOL], name="mine").server == "mine"


def test_one_page_of_several_is_noted(tmp_path: Path) -> None:
    snapshot = saved(tmp_path / "a.json", {"tools": [TOOL], "nextCursor": "2"})
    assert [found.code for found in snapshot.diagnostics] == ["incomplete-list"]


def test_a_snapshot_of_ours_and_its_folder_are_sources(tmp_path: Path) -> None:
    snapshot = Snapshot.of("weather", [TOOL])
    (tmp_path / "snapshot.json").write_text(snapshot.dumps())
    for argument in (tmp_path, tmp_path / "snapshot.json"):
        (source,) = resolve([str(argument)]).sources
        assert isinstance(source, SavedSource)
        assert source.snapshot == snapshot


def test_a_saved_error_costs_only_itself(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text('{"jsonrpc": "2.0", "id": 1, "error": {"code": 1, "message": "no"}}')
    (source,) = resolve([str(path)]).sources
    assert isinstance(source, BrokenSource) and isinstance(source.error, SourceError)


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://mcp.example.com/mcp", "example"),
        ("https://api.githubcopilot.com/mcp/", "githubcopilot"),
        ("https://docs.acme.co.uk/sse", "acme"),
        ("http://localhost:8000/mcp", "localhost"),
        ("http://127.0.0.1:8000/weather/mcp", "weather"),
        ("http://127.0.0.1:8000/mcp", "server"),
        ("https://mcp.zapier.com/api/mcp/s/a1b2c3d4e5f6a7b8c9d0e1f2/mcp", "zapier"),
        ("https://user:secret@h.example/v1/mcp?token=secret", "h"),
    ],
)
def test_a_url_names_its_server(url: str, name: str) -> None:
    (source,) = resolve([url]).sources
    assert isinstance(source, ServerSource)
    assert source.name == name
    assert source.config.transport is Transport.HTTP
    assert "secret" not in repr(source)
    (named,) = resolve([url], name="mine").sources
    assert named.name == "mine"


def test_a_command_needs_a_name_and_runs_in_the_working_folder(tmp_path: Path) -> None:
    (source,) = resolve([], name="time", command=["python", "-m", "x"], cwd=tmp_path).sources
    assert isinstance(source, ServerSource)
    assert (source.config.command, source.config.args) == ("python", ("-m", "x"))
    assert source.config.workspace == tmp_path
    with pytest.raises(ConfigError, match="a command needs a name"):
        resolve([], command=["python"])


def test_a_name_picks_a_server_of_a_configuration(tmp_path: Path) -> None:
    path = tmp_path / "mcp.json"
    path.write_text(json.dumps({"mcpServers": {"a": {"command": "x"}, "b": {"command": "y"}}}))
    (source,) = resolve([str(path)], name="b").sources
    assert source.name == "b"
    with pytest.raises(ConfigError, match="no server 'c' here"):
        resolve([str(path)], name="c")


def test_a_server_is_named_alone_of_the_nearest_configuration_or_of_the_one_beside_it(
    tmp_path: Path, home: Path
) -> None:
    for name, servers in (("mcp.json", "ab"), ("other.json", "bc")):
        entries = {each: {"command": name} for each in servers}
        (tmp_path / name).write_text(json.dumps({"mcpServers": entries}))

    def commands(*arguments: str) -> list[tuple[str, str]]:
        found = resolve(arguments, cwd=tmp_path).sources
        assert all(isinstance(source, ServerSource) for source in found)
        return [(s.name, s.config.command) for s in found if isinstance(s, ServerSource)]

    assert commands("b") == [("b", "mcp.json")]
    assert commands("other.json", "b") == [("b", "other.json")]
    assert commands("https://mcp.x.example/mcp", "a") == [("x", ""), ("a", "mcp.json")]
    (tmp_path / "a").write_text('{"tools": []}')
    assert isinstance(resolve(["a"], cwd=tmp_path).sources[0], SavedSource), "a file goes first"
    with pytest.raises(ConfigError, match="bb: no such file, and no server of that name") as caught:
        resolve(["bb"], cwd=tmp_path)
    assert "did you mean 'b'? servers: 'a', 'b'" in caught.value.hint
    with pytest.raises(ConfigError, match="c: no such file"):
        resolve(["mcp.json", "c"], cwd=tmp_path)


def test_the_same_name_twice_is_an_error_of_the_later_one(tmp_path: Path) -> None:
    for name, command in (("one", "x"), ("two", "y"), ("three", "x")):
        entry = {"mcpServers": {"a": {"command": command}}}
        (tmp_path / f"{name}.json").write_text(json.dumps(entry))
    files = [str(tmp_path / f"{name}.json") for name in ("one", "two", "three")]
    resolved = resolve(files)
    first, second = resolved.sources
    assert isinstance(first, ServerSource) and first.config.command == "x"
    assert isinstance(second, BrokenSource)
    assert "two.json" in str(second.error) and "one.json" in str(second.error)
    assert resolved.notes == ("'a' was named twice; it is taken once",)


@pytest.mark.parametrize(
    ("content", "words"),
    [(None, "no such file"), ('{"a": 1}', "neither a configuration nor a tool list")],
)
def test_an_argument_that_is_nothing_known_says_what_it_could_be(
    content: str | None, words: str, tmp_path: Path
) -> None:
    path = tmp_path / "x.json"
    if content is not None:
        path.write_text(content)
    with pytest.raises(ConfigError, match=words) as caught:
        resolve([str(path)])
    assert caught.value.hint


def test_nothing_at_all_says_what_to_name(tmp_path: Path, home: Path) -> None:
    with pytest.raises(ConfigError, match="no configuration was found"):
        resolve([], cwd=tmp_path)


def test_settings_of_our_own_file_come_along(tmp_path: Path, home: Path) -> None:
    (tmp_path / "mcp-sdkgen.toml").write_text('out = "o"\n[servers.a]\ncommand = "x"\n')
    resolved = resolve([], cwd=tmp_path)
    assert resolved.out == tmp_path / "o"
    assert [source.name for source in resolved.sources] == ["a"]


def test_an_enormous_name_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "mcp.json"
    path.write_text(json.dumps({"mcpServers": {"x" * 5000: {"command": "y"}, " ": {"url": "z"}}}))
    assert all(isinstance(source, BrokenSource) for source in resolve([str(path)]).sources)
