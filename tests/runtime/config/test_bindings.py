"""Where a server is: each place in its turn, and an error that names them all."""

from __future__ import annotations

import json
import sys
import traceback
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from handmade_weather_sdk import Weather
from mcp_sdkgen_runtime import BindingError, SdkError, configure
from mcp_sdkgen_runtime.config.binding import resolve
from mcp_sdkgen_runtime.config.targets import HttpTarget, MemoryTarget, StdioTarget
from mcp_sdkgen_runtime.errors import ConfigurationError


@pytest.fixture(autouse=True)
def _nothing_configured() -> Iterator[None]:
    yield
    configure(weather=None)


def test_a_binding_is_a_url_a_command_an_entry_an_object_or_a_file(tmp_path: Path) -> None:
    assert resolve("w", "https://x.test/mcp") == HttpTarget("https://x.test/mcp")
    assert resolve("w", "uvx 'my server' --a b") == StdioTarget("uvx", ("my server", "--a", "b"))
    assert resolve("w", ["uvx", "s"]) == StdioTarget("uvx", ("s",))
    assert resolve("w", {"command": "uvx", "args": ["s"], "env": {"A": "b"}, "cwd": "/"}) == (
        StdioTarget("uvx", ("s",), {"A": "b"}, "/")
    )
    assert resolve("w", {"type": "sse", "url": "http://x"}).transport == "sse"  # type: ignore[union-attr]
    parameters = SimpleNamespace(command="uvx", args=["s"], env=None, cwd=None)
    assert resolve("w", parameters) == StdioTarget("uvx", ("s",))
    file = tmp_path / "some.json"
    file.write_text('{"mcpServers": {"w": {"url": "http://x"}}}')
    assert resolve("w", file) == HttpTarget("http://x")


def test_an_mcp_server_object_is_recognised(memory: Any) -> None:
    assert resolve("w", memory) == MemoryTarget(memory)


def test_places_are_asked_in_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def url(target: Any) -> str:
        return str(target.url)

    folder = tmp_path / "a" / "b"
    folder.mkdir(parents=True)
    monkeypatch.chdir(folder)
    entry = '{"mcpServers": {"my-weather": {"url": "http://%s"}}}'
    (tmp_path / ".mcp.json").write_text(entry % "far")
    assert url(resolve("my-weather")) == "http://far"
    (tmp_path / "a" / ".vscode").mkdir()
    near = (
        '// VS Code\n{"servers": {"my-weather": {"url": "http://near", /* x */ "type": "http",},},}'
    )
    (tmp_path / "a" / ".vscode" / "mcp.json").write_text(near)
    assert url(resolve("my-weather")) == "http://near"
    named = tmp_path / "named.json"
    named.write_text(entry % "named")
    monkeypatch.setenv("MCP_SDKGEN_CONFIG", str(named))
    assert url(resolve("my-weather")) == "http://named"
    monkeypatch.setenv("MCP_BINDING_MY_WEATHER", "http://variable")
    assert url(resolve("my-weather")) == "http://variable"
    configure({"my-weather": "http://configured"})
    assert url(resolve("my-weather")) == "http://configured"
    assert url(resolve("my-weather", "http://explicit")) == "http://explicit"
    configure({"my-weather": None})
    assert url(resolve("my-weather")) == "http://variable"


def test_the_environment_can_hold_an_entry_as_json(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MCP_BINDING_WEATHER", '{"url": "http://x", "headers": {"A": "b"}}')
    assert resolve("weather") == HttpTarget("http://x", {"A": "b"})
    monkeypatch.setenv("MCP_BINDING_WEATHER", json.dumps([sys.executable, "-m", "x"]))
    assert resolve("weather") == StdioTarget(sys.executable, ("-m", "x"))


def test_the_error_names_every_place_and_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "mcp.json").write_text('{"mcpServers": {"other": {}}}')
    (tmp_path / ".mcp.json").write_text("{}")
    with pytest.raises(BindingError) as missing:
        Weather().get_forecast(city="Oslo")
    text = str(missing.value)
    for part in (
        "MCP_BINDING_WEATHER", "MCP_SDKGEN_CONFIG", "configure", "binding=",
        str(tmp_path / "mcp.json"), "it has 'other'", str(tmp_path / ".mcp.json"),
    ):  # fmt: skip
        assert part in text
    assert len(missing.value.looked) == 6


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{", r"mcp\.json: not JSON: .*line 1 column 2.*; correct that place"),
        ('{"mcpServers": {"my-weather": {}}}', "neither a command nor a url; write one of"),
        ('{"mcpServers": []}', "mcp.json:/mcpServers: not a table of servers"),
        (
            '{"mcpServers": {"my-weather": {"command": "x", "disabled": true}}}',
            "'my-weather' is disabled; enable it there",
        ),
    ],
)
def test_a_near_file_that_cannot_be_used_never_gives_way_to_one_further_up(
    text: str, told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "mcp.json").write_text('{"mcpServers": {"my-weather": {"url": "http://far"}}}')
    near = tmp_path / "near"
    near.mkdir()
    (near / "mcp.json").write_text(text)
    monkeypatch.chdir(near)
    with pytest.raises(ConfigurationError, match=told) as unusable:
        resolve("my-weather")
    assert str(unusable.value).startswith("my-weather: mcp.json")
    assert unusable.value.hint


def test_a_file_that_the_environment_names_and_that_is_not_there_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MCP_SDKGEN_CONFIG", "none.json")
    with pytest.raises(ConfigurationError, match=r"MCP_SDKGEN_CONFIG: none\.json: cannot be read"):
        resolve("weather")


def test_a_binding_in_code_may_hold_paths_and_tuples(tmp_path: Path) -> None:
    entry = {"command": tmp_path / "run", "args": (tmp_path, 1), "cwd": tmp_path}
    args = (str(tmp_path), "1")
    assert resolve("w", entry) == StdioTarget(str(tmp_path / "run"), args, {}, str(tmp_path))
    assert resolve("w", {"command": "x", "cwd": "sub"}) == StdioTarget("x", (), {}, "sub")
    with pytest.raises(ConfigurationError, match="the binding= argument: the server is disabled"):
        resolve("w", {"command": "x", "disabled": True})


def test_a_users_own_cursor_file_is_no_projects(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / ".cursor").mkdir()
    (tmp_path / ".cursor" / "mcp.json").write_text('{"mcpServers": {"weather": {"command": "x"}}}')
    with pytest.raises(BindingError, match="nothing says how to reach"):
        resolve("weather")


@pytest.mark.parametrize(
    "binding", ["", "ftp://x", "'unclosed", {}, {"command": 3}, 3, [1], [], "{not json"]
)
def test_nonsense_is_refused(binding: Any) -> None:
    with pytest.raises(BindingError):
        resolve("weather", binding)


def test_configure_reaches_clients_made_before(memory: Any) -> None:
    weather = Weather()
    configure(weather=memory)
    assert weather.get_forecast(city="Oslo").city == "Oslo"


def test_environment_values_reach_the_server_and_headers_the_url(
    stdio_command: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MCP_BINDING_WEATHER", json.dumps(stdio_command))
    with Weather() as weather:
        assert weather.pid().text


SECRET = "s3cret-canary"


@pytest.mark.parametrize(
    "binding",
    [
        f"ftp://user:{SECRET}@x.test",
        f"'{SECRET}",
        {"password": SECRET},
        {"url": f"http://${{NO_SUCH_VARIABLE}}/?token={SECRET}"},
        {"command": "no-such-command", "args": [SECRET], "env": {"TOKEN": SECRET}},
        {"command": "x", "env": {"A": f"${{file:/no/such/file}}{SECRET}"}},
        {"url": f"https://x.test/{SECRET} and more", "headers": {"A": SECRET}},
        {"url": f"http://127.0.0.1:9/mcp?token={SECRET}", "headers": {"A": SECRET}},
        {"url": f"http://user:{SECRET}@127.0.0.1:9/sse?token={SECRET}", "type": "sse"},
    ],
)
def test_no_credential_of_a_binding_reaches_an_error(binding: Any) -> None:
    with pytest.raises(SdkError) as failed:
        Weather(binding).get_forecast(city="Oslo")
    assert SECRET not in "".join(traceback.format_exception(failed.value))


def test_the_url_in_an_http_error_loses_its_credentials(http_server: Any) -> None:
    url = http_server("http").replace("http://", f"http://user:{SECRET}@")
    binding = {"url": f"{url}/nowhere?token={SECRET}", "type": "sse"}
    with pytest.raises(SdkError, match="404") as failed:
        Weather(binding).get_forecast(city="Oslo")
    assert SECRET not in "".join(traceback.format_exception(failed.value))


@pytest.mark.parametrize("name", ["mcp.json", ".vscode/mcp.json"])
def test_a_server_of_a_file_runs_in_the_folder_of_that_file(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "project" / name
    file.parent.mkdir(parents=True)
    entries = {
        "w": {"command": "uvx"},
        "x": {"command": "uvx", "cwd": "sub"},
        "y": {"url": "http://h/"},
    }
    file.write_text(json.dumps({"servers": entries}))
    below = tmp_path / "project" / "deep"
    below.mkdir()
    monkeypatch.chdir(below)
    assert resolve("w") == StdioTarget("uvx", (), {}, str(tmp_path / "project"))
    assert resolve("x") == StdioTarget("uvx", (), {}, str(tmp_path / "project" / "sub"))
    assert resolve("y") == HttpTarget("http://h/", {}, "auto")


def test_one_variable_does_not_say_where_two_servers_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MCP_BINDING_A_B", "python3 -m one_of_two")
    assert resolve("a.b").command == "python3"  # type: ignore[union-attr]
    assert resolve("a.b").command == "python3"  # type: ignore[union-attr]
    with pytest.raises(BindingError, match=r"both 'a\.b' and 'a-b'"):
        resolve("a-b")
