"""Real servers for the runtime's tests: in memory, as child processes, and over HTTP."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

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


@pytest.fixture(params=["memory", "stdio", "http", "sse"])
def binding(request: pytest.FixtureRequest, http_server: Callable[[str], str]) -> Any:
    """One and the same server, reached in each way there is."""
    if request.param == "memory":
        from weather_server import make_server

        return make_server()
    if request.param == "stdio":
        return [sys.executable, WEATHER, "stdio"]
    return http_server(request.param)


@pytest.fixture
def memory() -> Any:
    from weather_server import make_server

    return make_server()
