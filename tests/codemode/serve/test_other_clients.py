"""Clients of other makers: fastmcp's, and the Inspector's command line."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.codemode.serve.driving import REPORT, TOKEN, Home
from tests.patience import HANG_S
from tests.runtime.peers import PeerMissing, inspector_script, python_with_fastmcp

DRIVER = Path(__file__).parent / "fastmcp_driver.py"

pytestmark = pytest.mark.slow


def test_fastmcp_lists_searches_runs_is_asked_cancels_and_resumes(place: Home) -> None:
    try:
        python = python_with_fastmcp()
    except PeerMissing as missing:
        pytest.skip(str(missing))
    given = {"command": place.command("--suspend"), "env": place.environment, "report": REPORT}
    done = subprocess.run(
        [str(python), str(DRIVER)],
        input=json.dumps(given),
        capture_output=True,
        text=True,
        timeout=HANG_S,
        env={**os.environ, "FASTMCP_CHECK_FOR_UPDATES": "off"},
    )
    assert done.returncode == 0, done.stderr[-3000:]
    told = json.loads(done.stdout)
    assert told["tools"] == ["search", "read", "check", "run", "read_output", "resume"]
    assert told["found"] == "weather.get_forecast"
    assert "## Arguments" in told["page"]
    assert told["checked"] is False
    assert told["asked"] == 3
    assert told["once"] == ["finished", "ok"]
    assert "calling weather/report_observation" in told["progress"]
    assert told["suspended"] == "suspended"
    assert told["resumed"] == ["finished", "ok"]
    assert told["cancelled"] is True
    assert told["after"] == 2


def test_the_inspector_lists_searches_reads_checks_runs_and_resumes(
    url: str, place: Home, tmp_path: Path
) -> None:
    try:
        script = inspector_script()
    except PeerMissing as missing:
        pytest.skip(str(missing))

    def inspect(method: str, *arguments: str) -> dict[str, Any]:
        command = ["node", str(script), "--cli", url, "--transport", "http", "--method", method]
        command += ["--header", f"Authorization: Bearer {TOKEN}"]
        done = subprocess.run(
            [*command, *arguments],
            capture_output=True,
            text=True,
            timeout=HANG_S,
            env={**place.environment, "HOME": str(tmp_path)},
        )
        assert done.returncode in (0, 5), done.stderr[-2000:]
        found: dict[str, Any] = json.loads(done.stdout)
        return found

    def called(tool: str, **arguments: str) -> dict[str, Any]:
        pairs = [f"{key}={value}" for key, value in arguments.items()]
        words = [word for pair in pairs for word in ("--tool-arg", pair)]
        found = inspect("tools/call", "--tool-name", tool, *words)
        answer: dict[str, Any] = found["structuredContent"]
        return answer

    assert {tool["name"] for tool in inspect("tools/list")["tools"]} >= {"search", "run", "resume"}
    assert called("search", query="forecast")["tools"][0]["name"] == "weather.get_forecast"
    assert "## Arguments" in called("read", name="weather.get_forecast")["text"]
    assert called("check", program="1 + 'a'")["ok"] is False
    assert called("run", program="print(6 * 7)")["stdout"] == "42\n"
    run = called("run", program=REPORT)["run"]
    place.cli("approve", run, "--yes")
    assert called("resume", run=run)["status"] == "finished"
