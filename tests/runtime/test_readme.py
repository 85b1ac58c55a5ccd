"""The examples of the runtime's README run."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Callable
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import pytest

from tests.patience import HANG_S
from tests.warm import PYTHON

HERE = Path(__file__).parent
CLIENT = HERE.parents[1] / "runtime" / "client"
PLUGIN = "mcp_sdkgen_runtime.cassettes.pytest_plugin"
ALIAS = "import sys, handmade_weather_sdk\nsys.modules['weather_sdk'] = handmade_weather_sdk\n"

Run = Callable[..., str]


def examples(heading: str) -> list[str]:
    text = (CLIENT / "README.md").read_text()
    section = re.split(r"^## ", text.split(f"\n## {heading}\n")[1], flags=re.MULTILINE)[0]
    return re.findall(r"```python\n(.*?)```", section, re.DOTALL)


@pytest.fixture
def run(tmp_path: Path, stdio_command: Any) -> Run:
    """Runs a program with a weather server, or without one, and gives what it printed."""

    def program(*command: str, online: bool = True) -> str:
        given = os.environ.get("PYTHONPATH", "")
        paths = os.pathsep.join([str(HERE / "sdks"), str(CLIENT), given])
        environment = {**os.environ, "PYTHONPATH": paths}
        if online:
            environment["MCP_BINDING_WEATHER"] = json.dumps(stdio_command)
        done = subprocess.run(
            [*PYTHON, *command], cwd=tmp_path, env=environment,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            timeout=HANG_S, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout
        return done.stdout

    return program


def test_the_first_example_runs_and_the_page_has_no_more_than_are_run_here(run: Run) -> None:
    text = (CLIENT / "README.md").read_text()
    first, *others = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    run("-c", ALIAS + first.replace('"https://weather.example/mcp"', ""))
    # The one about logging in is run by `test_runtime_logins.py`, which has a server for it.
    headings = {"Logging in": 1, "Sessions": 3, "Cassettes": 2, "Telemetry": 1}
    assert {heading: len(examples(heading)) for heading in headings} == headings
    assert len(others) == sum(headings.values())


def test_the_example_of_a_fake_session_runs(run: Run) -> None:
    imports = "from mcp_sdkgen_runtime import RawResult\nfrom weather_sdk import Weather\n"
    run("-c", ALIAS + imports + examples("Sessions")[2], online=False)


def test_the_cassette_example_records_and_then_runs_offline(run: Run, tmp_path: Path) -> None:
    code = ALIAS + examples("Cassettes")[0] + "print(high)"
    assert run("-c", code) == "3.0\n"
    assert (tmp_path / "oslo.ndjson").exists()
    assert run("-c", code, online=False) == "3.0\n"


def test_the_pytest_example_passes(run: Run, tmp_path: Path) -> None:
    (tmp_path / "conftest.py").write_text(ALIAS)
    (tmp_path / "test_it.py").write_text(examples("Cassettes")[1])
    installed = any(found.value == PLUGIN for found in entry_points(group="pytest11"))
    command = ["-m", "pytest", *([] if installed else ["-p", PLUGIN])]
    run(*command, "--mcp-record=auto")
    run(*command, online=False)


def test_the_examples_of_long_calls_and_of_resources_run(run: Run) -> None:
    long, changing = examples("Sessions")[:2]
    assert run("-c", ALIAS + long + "print(high)").split()[-1] == "3.0"
    assert run("-c", ALIAS + changing) == "{'id': '7'}\n"


def test_the_telemetry_example_prints_a_span(run: Run) -> None:
    pytest.importorskip("opentelemetry.sdk")
    assert '"name": "execute_tool get_forecast"' in run("-c", ALIAS + examples("Telemetry")[0])
