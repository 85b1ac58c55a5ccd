"""`mcp-sdkgen login`, `logout` and `status`, as a person at a terminal runs them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from handmade_weather_sdk import Weather
from login_server import CANARY, Running, running

from tests.runtime.logging_in import keyring_of, last_address

BROWSER = "import sys, httpx2; httpx2.get(sys.argv[1], follow_redirects=True)"


@pytest.fixture
def servers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Running]:
    (tmp_path / "browser.py").write_text(BROWSER)
    monkeypatch.setenv("BROWSER", f"{sys.executable} {tmp_path / 'browser.py'} %s")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
    monkeypatch.setenv("COLUMNS", "200")
    with keyring_of("null"), running() as found:
        entry = {"url": found.url, "auth": "oauth"}
        (tmp_path / "mcp.json").write_text(json.dumps({"mcpServers": {"weather": entry}}))
        yield found


def run(*arguments: str, **options: Any) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "mcp_sdkgen", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, **options)
    assert CANARY not in done.stdout + done.stderr
    return done


def test_login_status_call_logout_as_the_sdk_finds_the_server(servers: Running) -> None:
    assert (run("status").returncode, run("status", "weather").returncode) == (1, 1)
    done = run("login", "weather")
    assert done.returncode == 0, done.stderr
    assert f"weather: logged in at {servers.issuer_url}" in done.stdout
    assert "expires in 60 min, renewed by itself; kept in the file" in done.stdout
    with Weather() as weather:
        assert weather.get_forecast(city="Oslo").city == "Oslo"
    for arguments in (("status",), ("status", "weather")):
        shown = run(*arguments)
        assert shown.returncode == 0
        for part in (servers.url, servers.issuer_url, "read", "expires in 60 min", "file"):
            assert part in shown.stdout
    gone = run("logout", "weather")
    assert gone.returncode == 0 and "forgot the login" in gone.stdout
    assert run("logout", "weather").returncode == 1


def test_a_server_can_be_named_by_its_url(servers: Running, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    assert run("login", "weather", servers.url, cwd=elsewhere).returncode == 0
    assert run("logout", "w", str(tmp_path / "mcp.json"), cwd=elsewhere).returncode == 2
    assert run("logout", "weather", str(tmp_path / "mcp.json"), cwd=elsewhere).returncode == 0


def test_a_headless_login_prints_an_address_and_reads_where_it_ended(servers: Running) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "mcp_sdkgen", "login", "weather", "--headless"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env={**os.environ, "BROWSER": "false"},
    )  # fmt: skip
    assert process.stdin is not None and process.stderr is not None
    url = next(line.strip() for line in process.stderr if line.startswith("http"))
    out, err = process.communicate(last_address(url) + "\n", timeout=60)
    assert process.returncode == 0, err
    assert "logged in at" in out and CANARY not in out + err


def test_usage_and_configuration_errors_exit_with_two(servers: Running) -> None:
    missing = run("login", "nowhere")
    assert missing.returncode == 2 and "nothing says how to reach this server" in missing.stderr
    assert run("login", "weather", "no-such-file.json").returncode == 2
    servers.issuer.refuses = "not on Sundays"
    refused = run("login", "weather")
    assert refused.returncode == 1 and "not on Sundays" in refused.stderr
    assert "Traceback" not in refused.stderr
