"""Real servers for the runtime's tests: in memory, as child processes, and over HTTP."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.warm import PYTHON

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
sys.path[:0] = [str(HERE / "sdks"), str(HERE / "servers"), str(ROOT / "runtime" / "client")]

WEATHER = str(HERE / "servers" / "weather_server.py")


@pytest.fixture(autouse=True)
def _no_bindings_from_outside(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("MCP_SDKGEN_CONFIG", raising=False)
    monkeypatch.delenv("MCP_BINDING_WEATHER", raising=False)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def stdio_command() -> list[str]:
    return [sys.executable, WEATHER, "stdio"]


@pytest.fixture(scope="session")
def http_server() -> Iterator[Callable[[str], str]]:
    """Starts a server once per kind (`http`, `sse`) and gives its URL."""
    started: dict[str, tuple[subprocess.Popen[str], str]] = {}

    def url(kind: str) -> str:
        if kind not in started:
            process = subprocess.Popen(
                [sys.executable, WEATHER, kind],
                stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
            )  # fmt: skip
            assert process.stdout is not None
            port = process.stdout.readline().split()[1]
            path = {"http": "mcp", "sse": "sse"}[kind]
            started[kind] = process, f"http://127.0.0.1:{port}/{path}"
        return started[kind][1]

    yield url
    for process, _ in started.values():
        process.kill()
        process.wait()


def _memory(request: pytest.FixtureRequest) -> Any:
    return request.getfixturevalue("memory")


def _stdio(request: pytest.FixtureRequest) -> Any:
    return [*PYTHON, WEATHER, "stdio"]


def _http(request: pytest.FixtureRequest) -> Any:
    return request.getfixturevalue("http_server")("http")


def _sse(request: pytest.FixtureRequest) -> Any:
    return request.getfixturevalue("http_server")("sse")


@pytest.fixture(params=[_memory, _stdio, _http, _sse], ids=["memory", "stdio", "http", "sse"])
def binding(request: pytest.FixtureRequest) -> Any:
    """One and the same server, reached in each way there is."""
    return request.param(request)


@pytest.fixture
def memory() -> Any:
    from weather_server import make_server

    return make_server()
