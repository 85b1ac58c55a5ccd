"""Values that a binding only points at, looked up when it connects and told to nobody."""

from __future__ import annotations

import sys
import traceback
from pathlib import Path
from typing import Any

import pytest
from handmade_weather_sdk import Weather
from mcp_sdkgen_runtime import BindingError
from mcp_sdkgen_runtime.config.binding import resolve
from mcp_sdkgen_runtime.config.secrets import with_secrets

from tests.runtime.oauth.logging_in import keyring_of

SECRET = "s3cret-canary"

TELLS_ITS_TOKEN = (
    "import os; from mcp.server.mcpserver import MCPServer; server = MCPServer('weather');"
    "server.tool(name='pid', structured_output=False)(lambda: os.environ['TOKEN']);"
    "server.run('stdio')"
)


@pytest.fixture
def entry(tmp_path: Path) -> dict[str, Any]:
    (tmp_path / "a token").write_text(f"\n {SECRET}\n")
    return {"url": "http://x", "headers": {"A": f"Bearer {(tmp_path / 'a token').as_uri()}"}}


def test_a_file_is_read_when_connecting_and_its_ends_are_stripped(entry: Any) -> None:
    target = resolve("w", entry)
    assert SECRET not in str(target.headers)  # type: ignore[union-attr]
    found = with_secrets(target, "w")
    assert found.headers == {"A": f"Bearer {SECRET}"}  # type: ignore[union-attr]
    assert SECRET not in repr(found)


def test_a_changed_file_counts_for_the_next_connection(entry: Any, tmp_path: Path) -> None:
    target = resolve("w", entry)
    (tmp_path / "a token").write_text("another")
    assert with_secrets(target, "w").headers == {"A": "Bearer another"}  # type: ignore[union-attr]


def test_an_environment_value_reaches_the_server(tmp_path: Path) -> None:
    (tmp_path / "token").write_text(SECRET)
    env = {"TOKEN": (tmp_path / "token").as_uri()}
    entry = {"command": sys.executable, "args": ["-c", TELLS_ITS_TOKEN], "env": env}
    with Weather(entry) as weather:
        assert weather.pid().text == SECRET


@pytest.mark.parametrize(
    ("reference", "told"),
    [
        ("file:///no/such/file", "cannot be read: No such file"),
        ("{tmp}/empty", "is empty"),
        ("{tmp}/binary", "is not text"),
        ("{tmp}/long", "is longer than"),
        ("{tmp}/lines", "more than one line"),
        ("keyring://service", "write keyring://service/name"),
    ],
)
def test_a_reference_that_leads_nowhere_is_named_with_its_place(
    reference: str, told: str, tmp_path: Path
) -> None:
    (tmp_path / "empty").touch()
    (tmp_path / "binary").write_bytes(b"\xff\xfe" + SECRET.encode())
    (tmp_path / "long").write_text(SECRET * 10_000)
    (tmp_path / "lines").write_text(f"{SECRET}\n{SECRET}")
    reference = reference.replace("{tmp}", tmp_path.as_uri())
    with pytest.raises(BindingError, match=told) as failed:
        Weather({"url": "http://x", "headers": {"X-Key": reference}}).get_forecast(city="Oslo")
    text = "".join(traceback.format_exception(failed.value))
    assert "weather: header X-Key" in text and SECRET not in text


def test_without_the_keyring_library_the_error_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "keyring", None)
    target = resolve("w", {"url": "http://x", "headers": {"A": "keyring://weather/token"}})
    with pytest.raises(BindingError, match=r"pip install keyring"):
        with_secrets(target, "w")


def test_a_keyring_is_asked_by_service_and_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keyring = pytest.importorskip("keyring")
    monkeypatch.setenv("FILE_KEYRING", str(tmp_path / "keyring.json"))
    with keyring_of("file"):
        keyring.set_password("weather", "my token", SECRET)
        entry = {"url": "http://x", "headers": {"A": "Bearer keyring://weather/my%20token"}}
        assert with_secrets(resolve("w", entry), "w").headers == {"A": f"Bearer {SECRET}"}  # type: ignore[union-attr]
        with pytest.raises(BindingError, match="keyring set weather other"):
            with_secrets(resolve("w", {**entry, "headers": {"A": "keyring://weather/other"}}), "w")
    with keyring_of("locked"), pytest.raises(BindingError, match="KeyringLocked") as failed:
        with_secrets(resolve("w", entry), "w")
    assert "c4nary" not in "".join(traceback.format_exception(failed.value))


def test_other_values_stay_as_they_are() -> None:
    for value in ("plain", "see file:///x for more", "https://x", "file:relative", ""):
        entry = {"command": "x", "env": {"A": value}}
        assert with_secrets(resolve("w", entry), "w").env == {"A": value}  # type: ignore[union-attr]
