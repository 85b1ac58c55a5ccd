"""The `mcp_cassette` fixture: programs against SDKs are tested without servers."""

from __future__ import annotations

import json
import os
import subprocess
import textwrap
import tomllib
from collections.abc import Callable
from importlib.metadata import entry_points
from pathlib import Path

import pytest

from tests.patience import HANG_S
from tests.warm import PYTHON

HERE = Path(__file__).parents[1]
CLIENT = HERE.parents[1] / "runtime" / "client"
PLUGIN = "mcp_sdkgen_runtime.cassettes.pytest_plugin"

Run = Callable[..., "subprocess.CompletedProcess[str]"]

TESTS = """
    import subprocess, sys
    import pytest
    from handmade_weather_sdk import weather

    @pytest.mark.parametrize("q", ["a/b", "c d"])
    def test_search(mcp_cassette, q):
        assert weather.search(q=q).text.startswith(f"q={q!r}")

    class TestSome:
        def test_pid(self, mcp_cassette):
            assert weather.pid().text == weather.pid().text

    @pytest.mark.mcp_cassette("shared.ndjson")
    def test_child(mcp_cassette):
        code = "from handmade_weather_sdk import weather; print(weather.search(q='child').text)"
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
        assert "q='child'" in done.stdout, done.stderr
"""


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Runs pytest in a folder of its own, with a server or without."""

    def pytest_in(*arguments: str, online: bool) -> subprocess.CompletedProcess[str]:
        environment = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join([str(HERE / "sdks"), str(CLIENT)]),
        }
        environment.pop("PYTEST_XDIST_WORKER", None)
        if online:
            command = [*PYTHON, str(HERE / "servers" / "weather_server.py"), "stdio"]
            environment["MCP_BINDING_WEATHER"] = json.dumps(command)
        installed = any(found.value == PLUGIN for found in entry_points(group="pytest11"))
        loaded = [] if installed else ["-p", PLUGIN]
        return subprocess.run(
            [*PYTHON, "-m", "pytest", "-q", "--strict-markers", *loaded, *arguments],
            cwd=tmp_path, env=environment, capture_output=True, text=True,
            timeout=HANG_S, check=False,
        )  # fmt: skip

    return pytest_in


def test_tests_record_on_request_and_then_run_offline(run: Run, tmp_path: Path) -> None:
    (tmp_path / "test_program.py").write_text(textwrap.dedent(TESTS))
    refused = run(online=True)
    assert "4 failed" in refused.stdout
    assert "no recorded call fits" in refused.stdout
    recorded = run("--mcp-record=auto", online=True)
    assert "4 passed" in recorded.stdout, recorded.stdout
    files = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*.ndjson")}
    assert files == {
        "shared.ndjson",
        "cassettes/test_program/test_search[a_b].ndjson",
        "cassettes/test_program/test_search[c_d].ndjson",
        "cassettes/test_program/TestSome.test_pid.ndjson",
    }
    replayed = run(online=False)
    assert "4 passed" in replayed.stdout, replayed.stdout


SHARED = """
    import pytest
    from handmade_weather_sdk import weather

    pytestmark = pytest.mark.mcp_cassette("shared.ndjson")

    @pytest.mark.parametrize("q", ["a", "b"])
    def test_search(mcp_cassette, q):
        weather.search(q=q)
"""


def test_record_empties_a_shared_file_once_and_not_for_nothing(run: Run, tmp_path: Path) -> None:
    (tmp_path / "test_program.py").write_text(textwrap.dedent(SHARED))
    file = tmp_path / "shared.ndjson"
    file.write_text("old")
    assert "2 failed" in run("--mcp-record=record", online=False).stdout
    assert file.read_text() == "old"
    assert "2 passed" in run("--mcp-record=record", online=True).stdout
    asked = [json.loads(line)["arguments"]["q"] for line in file.read_text().splitlines()]
    assert asked == ["a", "b"]
    assert list(tmp_path.glob("*.old")) == []


def test_the_plugin_is_found_by_pytest() -> None:
    project = tomllib.loads((CLIENT / "pyproject.toml").read_text())["project"]
    assert project["entry-points"]["pytest11"] == {"mcp_cassette": PLUGIN}
