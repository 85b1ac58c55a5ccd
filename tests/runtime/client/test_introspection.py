"""What `dir` and `repr` show of packages and clients, as completion and notebooks ask them."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import handmade_weather_sdk
import mcp_sdkgen_runtime
import pytest
from handmade_weather_sdk import AsyncWeather, Weather
from mcp_sdkgen_runtime import cassette

HIDDEN = ("s3cret", "user", "hunter2", "ghp_", "query")


def test_dir_of_a_package_shows_lazy_names_and_nothing_private() -> None:
    shown = dir(handmade_weather_sdk)
    assert {"Weather", "AsyncWeather"} <= set(shown)
    assert not [name for name in shown if name.startswith("_")]
    assert "lazy_exports" not in shown
    assert set(mcp_sdkgen_runtime.__all__) <= set(dir(mcp_sdkgen_runtime))


def test_everything_that_dir_shows_is_there() -> None:
    for package in (handmade_weather_sdk, handmade_weather_sdk.tools, mcp_sdkgen_runtime):
        for name in dir(package):
            assert hasattr(package, name), name


@pytest.mark.parametrize("client", [Weather(), AsyncWeather()], ids=["blocking", "async"])
def test_dir_of_a_client_shows_its_methods_and_nothing_private(client: Any) -> None:
    shown = dir(client)
    assert {"search", "with_options", "tasks"} <= set(shown)
    assert not [name for name in shown if name.startswith("_")]


@pytest.mark.parametrize(
    ("binding", "shown"),
    [
        ("https://user:hunter2@api.example/v1/mcp?query=s3cret#x", "https://api.example/v1/mcp"),
        ("https://api.example/ghp_0123456789abcdefghij0123/mcp", "https://api.example/***/mcp"),
        (
            ["uvx", "weather", "--api-key", "s3cret", "--port", "8"],
            "uvx weather --api-key *** --port 8",
        ),
        ({"command": "uvx", "args": ["weather"], "env": {"KEY": "s3cret"}}, "uvx weather"),
        ({"url": "https://a.example/mcp", "headers": {"X": "s3cret"}}, "https://a.example/mcp"),
        (Path("nowhere.json"), "nowhere.json"),
        (cassette("calls.ndjson"), "Cassette"),
        (3, "int"),
    ],
)
def test_repr_shows_the_server_and_the_binding_without_secrets(binding: Any, shown: str) -> None:
    assert repr(Weather(binding)) == f"<Weather: server 'weather', at {shown!r}>"
    assert not any(secret in repr(AsyncWeather(binding)) for secret in HIDDEN)


def test_repr_of_a_client_without_a_binding_looks_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MCP_BINDING_WEATHER", "uvx weather")
    assert repr(Weather()) == "<Weather: server 'weather', found on the first call>"


def test_repr_shows_where_a_connected_client_found_its_server(
    stdio_command: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MCP_BINDING_WEATHER", " ".join(stdio_command))
    with Weather() as weather:
        weather.search(q="x")
        assert repr(weather).startswith(f"<Weather: server 'weather', at '{sys.executable} ")
