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
from login_server import CANARY, MACHINE, MACHINE_SECRET, Running, running

from tests.patience import HANG_S
from tests.runtime.oauth.logging_in import keyring_of, last_address
from tests.warm import COMMAND

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
    command = [*COMMAND, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=HANG_S, **options)
    assert CANARY not in done.stdout + done.stderr
    return done


def test_login_status_call_logout_as_the_sdk_finds_the_server(servers: Running) -> None:
    assert (run("status").returncode, run("status", "weather").returncode) == (1, 1)
    done = run("login", "weather")
    assert done.returncode == 0, done.stderr
    assert f"weather: logged in at {servers.issuer_url}" in done.stdout
    assert "expires in 60 min, renewed automatically; saved in the file" in done.stdout
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
        [*COMMAND, "login", "weather", "--headless"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env={**os.environ, "BROWSER": "false"},
    )  # fmt: skip
    assert process.stdin is not None and process.stderr is not None
    url = next(line.strip() for line in process.stderr if line.startswith("http"))
    out, err = process.communicate(last_address(url) + "\n", timeout=HANG_S)
    assert process.returncode == 0, err
    assert "logged in at" in out and CANARY not in out + err


def test_usage_and_configuration_errors_exit_with_two(servers: Running) -> None:
    misspelt = run("login", "wether")
    assert misspelt.returncode == 2 and "did you mean 'weather'?" in misspelt.stderr
    assert "Looked at" not in misspelt.stderr
    assert run("login", "weather", "no-such-file.json").returncode == 2
    servers.issuer.refuses = "not on Sundays"
    refused = run("login", "weather")
    assert refused.returncode == 1 and "not on Sundays" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_a_build_uses_the_login_that_is_kept(servers: Running, tmp_path: Path) -> None:
    without = run("snapshot", "mcp.json", "--out", "-", cwd=tmp_path)
    assert without.returncode == 1
    assert "not logged in" in without.stderr and "mcp-sdkgen login weather" in without.stderr
    assert run("login", "weather").returncode == 0
    taken = run("snapshot", "mcp.json", "--out", "-", cwd=tmp_path)
    assert taken.returncode == 0, taken.stderr
    assert "get_forecast" in taken.stdout


def test_a_build_looks_secrets_up_and_shows_none(servers: Running, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text(MACHINE_SECRET)
    auth = {"type": "client_credentials", "client_id": MACHINE}
    entry = {"url": servers.url, "auth": {**auth, "client_secret": (tmp_path / "secret").as_uri()}}
    (tmp_path / "machine.json").write_text(json.dumps({"mcpServers": {"weather": entry}}))
    taken = run("snapshot", "machine.json", "--out", "-", cwd=tmp_path)
    assert taken.returncode == 0, taken.stderr
    (tmp_path / "secret").write_text(f"{CANARY}-another-secret")
    assert run("snapshot", "machine.json", "--out", "-", cwd=tmp_path).returncode == 1
    (tmp_path / "secret").unlink()
    missing = run("snapshot", "machine.json", "--out", "-", cwd=tmp_path)
    assert "client_secret: file:///" in missing.stderr and "cannot be read" in missing.stderr
