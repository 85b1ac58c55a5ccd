"""Logging in with OAuth, against a real authorisation server and a server that wants its tokens."""

from __future__ import annotations

import json
import logging
import re
import stat
import subprocess
import sys
import time
import traceback
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import anyio
import httpx2
import pytest
from handmade_weather_sdk import AsyncWeather, Weather
from login_server import CANARY, DOCUMENT, MACHINE, MACHINE_SECRET, Running, running
from mcp_sdkgen_runtime import BindingError, LoginRequired, SdkError, SessionError
from mcp_sdkgen_runtime.config.auth import ClientCredentials, OAuth
from mcp_sdkgen_runtime.config.binding import resolve
from mcp_sdkgen_runtime.session.login import logins, logout

from tests.runtime.oauth.logging_in import (
    browser,
    keyring_of,
    last_address,
    logged_in,
    logins_file,
    rewrite,
)

HERE = Path(__file__).parents[1]


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("FILE_KEYRING", str(tmp_path / "keyring.json"))
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
    with keyring_of("null"):
        yield tmp_path / "state"


@pytest.fixture
def servers() -> Iterator[Running]:
    with running() as found:
        yield found


@pytest.fixture
def person(servers: Running) -> dict[str, Any]:
    return {"url": servers.url, "auth": "oauth"}


@pytest.fixture
def machine(servers: Running) -> dict[str, Any]:
    auth = {"type": "client_credentials", "client_id": MACHINE, "client_secret": MACHINE_SECRET}
    return {"url": servers.url, "auth": auth}


def works(binding: Any) -> bool:
    with Weather(binding) as weather:
        return bool(weather.get_forecast(city="Oslo").city == "Oslo")


def test_after_one_login_every_client_is_let_in(servers: Running, person: Any) -> None:
    told: list[str] = []
    kept = logged_in(person, tell=told.append)
    assert "code_challenge_method=S256" in told[0]
    assert (kept.issuer.rstrip("/"), kept.resource) == (servers.issuer_url, servers.url)
    assert works(person) and works(person)
    assert servers.issuer.log == ["register", "code"]


def test_without_a_login_the_error_says_what_to_run(servers: Running, person: Any) -> None:
    with pytest.raises(LoginRequired, match="not logged in; run `mcp-sdkgen login weather`") as no:
        Weather(person).get_forecast(city="Oslo")
    assert no.value.ran is False and isinstance(no.value, BindingError)
    assert servers.issuer.log == []  # nothing was registered on the way
    with pytest.raises(SessionError, match=r'401.*"auth": "oauth".*`mcp-sdkgen login weather`'):
        Weather(servers.url).get_forecast(city="Oslo")


def test_a_token_is_refreshed_before_it_expires(servers: Running, person: Any, state: Path) -> None:
    logged_in(person)
    before = logins_file(state).read_text()
    rewrite(state, expires_at=time.time() + 5)
    assert works(person)
    assert servers.issuer.log == ["register", "code", "refresh"]
    assert json.loads(logins_file(state).read_text()) != json.loads(before)
    assert works(person)
    assert servers.issuer.log == ["register", "code", "refresh"]


def test_a_token_that_expires_while_connected_is_refreshed(servers: Running, person: Any) -> None:
    servers.issuer.lifetime_s = 0
    logged_in(person)
    servers.issuer.lifetime_s = 3600
    with Weather(person) as weather:
        weather.get_forecast(city="Oslo")
        servers.issuer.access.clear()
        assert weather.get_forecast(city="Oslo").city == "Oslo"
    assert servers.issuer.log.count("refresh") == 2


def test_a_login_that_was_revoked_has_ended_until_the_next(servers: Running, person: Any) -> None:
    logged_in(person)
    with Weather(person) as weather:
        weather.get_forecast(city="Oslo")
        servers.issuer.access.clear()
        servers.issuer.refreshes.clear()
        with pytest.raises(LoginRequired, match="the login has ended") as ended:
            weather.get_forecast(city="Oslo")
        assert ended.value.ran is False
        assert servers.issuer.log.count("refresh refused") == 1
        logged_in(person)
        assert weather.get_forecast(city="Oslo").city == "Oslo"


def test_an_authorisation_server_that_is_down_ends_no_login(
    servers: Running, person: Any, state: Path
) -> None:
    logged_in(person)
    with Weather(person) as weather:
        weather.get_forecast(city="Oslo")
        servers.issuer.access.clear()
        servers.issuer.down = True
        with pytest.raises(LoginRequired, match=r"gave no token \(HTTP status 503\); try again"):
            weather.get_forecast(city="Oslo")
        servers.issuer.down = False
        assert weather.get_forecast(city="Oslo").city == "Oslo"


def test_a_login_serves_async_clients_on_asyncio_and_trio(servers: Running, person: Any) -> None:
    logged_in(person)

    async def run() -> None:
        async with AsyncWeather(person) as weather, anyio.create_task_group() as tasks:
            await weather.get_forecast(city="Oslo")
            servers.issuer.access.clear()
            for _ in range(20):
                tasks.start_soon(partial(weather.get_forecast, city="Oslo"))

    for backend in ("asyncio", "trio"):
        anyio.run(run, backend=backend)
    assert servers.issuer.log == ["register", "code", "refresh", "refresh"]


def test_processes_that_refresh_at_once_use_a_refresh_token_once(
    servers: Running, person: Any, state: Path
) -> None:
    logged_in(person)
    rewrite(state, expires_at=1.0)
    code = (
        f"import sys; sys.path[:0] = {[str(HERE / 'sdks')]!r}\n"
        f"from handmade_weather_sdk import Weather\n"
        f"with Weather({person!r}) as w: print(w.get_forecast(city='Oslo').city)"
    )
    started = [
        subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) for _ in range(4)
    ]
    assert [process.communicate()[0].strip() for process in started] == [b"Oslo"] * 4
    assert servers.issuer.log == ["register", "code", "refresh"]


def test_a_machine_logs_in_by_itself_and_keeps_nothing(
    servers: Running, machine: Any, state: Path
) -> None:
    with Weather(machine) as weather:
        weather.get_forecast(city="Oslo")
        servers.issuer.access.clear()
        weather.get_forecast(city="Oslo")
    assert servers.issuer.log == ["machine", "machine"]
    assert not state.exists()
    with pytest.raises(BindingError, match="need no login"):
        logged_in(machine)


def test_a_machine_gives_its_secret_to_the_issuer_it_was_told_only(
    servers: Running, machine: Any
) -> None:
    machine["auth"]["issuer"] = servers.issuer_url + "/"
    assert works(machine)
    machine["auth"]["issuer"] = "https://elsewhere.test"
    with pytest.raises(SessionError, match="issuer"):
        works(machine)
    assert servers.issuer.log == ["machine"]


def test_scopes_are_asked_for_as_they_were_chosen(servers: Running, machine: Any) -> None:
    binding = {"url": servers.url, "auth": {"type": "oauth", "scopes": ["read", "write"]}}
    assert logged_in(binding).scope == "read write"
    machine["auth"]["scopes"] = "read write"
    assert works(machine)
    assert [token.scopes for token in servers.issuer.access.values()] == [["read", "write"]] * 2


def test_a_login_that_lacks_a_scope_says_so(servers: Running, person: Any) -> None:
    logged_in(person)
    for token in servers.issuer.access.values():
        token.scopes = ["write"]
    with pytest.raises(LoginRequired, match="lacks a scope"):
        works(person)


def test_a_client_can_be_a_document_and_a_browser_be_elsewhere(servers: Running) -> None:
    auth = {"type": "oauth", "client_metadata_url": DOCUMENT}
    binding = {"url": servers.url, "auth": auth}
    told: list[str] = []
    kept = logged_in(binding, tell=told.append, read=lambda: last_address(told[0]) + "\n")
    assert kept.client["client_id"] == DOCUMENT
    assert servers.issuer.log == ["code"]
    assert works(binding)


def test_a_pasted_address_without_a_code_is_refused(person: Any) -> None:
    with pytest.raises(SessionError, match="has no code"):
        logged_in(person, read=lambda: "https://elsewhere.test/")


def test_a_refusal_of_the_authorisation_server_is_told(servers: Running, person: Any) -> None:
    servers.issuer.refuses = "not on Sundays"
    with pytest.raises(SessionError, match="access_denied not on Sundays"):
        logged_in(person)
    assert logins() == []


def test_only_who_knows_the_state_reaches_the_waiting_login(person: Any) -> None:
    def attacked(url: str) -> None:
        back = httpx2.URL(url).params["redirect_uri"]
        for wrong in (f"{back}?code=x&state=wrong", f"{back}?code=x", back.replace("/call", "/x")):
            assert httpx2.get(wrong).status_code == 404
        browser(url)

    logged_in(person, open_url=attacked)
    assert works(person)


def test_a_server_that_asks_for_no_login_is_named(http_server: Any) -> None:
    with pytest.raises(SessionError, match="did not ask for a login"):
        logged_in(http_server("http"))
    with pytest.raises(BindingError, match="only servers at a URL"):
        logged_in(["uvx", "weather"])


def test_logout_forgets(person: Any, state: Path) -> None:
    logged_in(person)
    assert [kept.resource for kept in logout("weather", person)] == [person["url"]]
    assert CANARY not in logins_file(state).read_text()
    assert logout("weather", person) == []
    with pytest.raises(LoginRequired, match="not logged in"):
        works(person)


def test_a_file_of_logins_is_for_its_owner_only(person: Any, state: Path) -> None:
    logged_in(person)
    assert stat.S_IMODE(logins_file(state).parent.stat().st_mode) == 0o700
    modes = {stat.S_IMODE(path.stat().st_mode) for path in logins_file(state).parent.iterdir()}
    assert modes == {0o600}


def test_a_store_that_cannot_be_written_is_no_login(person: Any, state: Path) -> None:
    state.write_text("a file where a folder should be")
    with pytest.raises(LoginRequired, match="not logged in"):
        works(person)
    with pytest.raises(SessionError, match=r"NotADirectory|FileExists"):
        logged_in(person)


def test_with_a_keyring_the_file_has_no_token(
    servers: Running, person: Any, state: Path, tmp_path: Path
) -> None:
    pytest.importorskip("keyring")
    with keyring_of("file"):
        assert logged_in(person).kept_in == "keyring"
        assert CANARY not in logins_file(state).read_text()
        rewrite(state, expires_at=1.0)
        assert works(person)
        assert servers.issuer.log[-1] == "refresh"
        logout("weather", person)
        assert json.loads((tmp_path / "keyring.json").read_text()) == {}


def test_a_keyring_that_takes_nothing_is_made_up_for_by_the_file(person: Any) -> None:
    pytest.importorskip("keyring")
    with keyring_of("locked"):
        assert logged_in(person).kept_in == "file"
        assert works(person)


def test_two_servers_are_two_logins(servers: Running, person: Any) -> None:
    with running() as others:
        other = {"url": others.url, "auth": "oauth"}
        logged_in(person)
        logged_in(other)
        assert [kept.resource for kept in logins()] == [others.url, servers.url]
        assert works(person) and works(other)
        assert [kept.resource for kept in logins("weather", person)] == [servers.url]


def test_no_secret_reaches_an_error_a_repr_or_a_log(
    servers: Running, person: Any, machine: Any, state: Path, caplog: pytest.LogCaptureFixture
) -> None:
    shown: list[str] = []
    caplog.set_level(logging.DEBUG)

    def outside(url: str) -> None:  # its own log has the code in it, and is the browser's
        code = "import sys, httpx2; httpx2.get(sys.argv[1], follow_redirects=True)"
        subprocess.run([sys.executable, "-c", code, url], check=True)

    shown.append(repr(logged_in(person, tell=shown.append, open_url=outside)))
    rewrite(state, expires_at=1.0)
    assert works(person) and works(machine)
    servers.issuer.access.clear()
    servers.issuer.refreshes.clear()
    machine["auth"]["client_secret"] = f"{CANARY}-wrong"
    for binding in (person, machine):
        with pytest.raises(SdkError) as failed:
            works(binding)
        shown += traceback.format_exception(failed.value)
        shown.append(repr(resolve("weather", binding)))
    ours = re.compile(r"mcp_sdkgen|mcp\.client|client|httpx2|httpcore2")
    shown += [str(vars(record)) for record in caplog.records if ours.match(record.name)]
    assert len(shown) > 20
    assert [line for line in shown if CANARY in line] == []


@pytest.mark.parametrize(
    "auth",
    [
        "s3cret-token", 3, ["oauth"], {"type": "basic"}, {"type": "oauth", "s3cret": "s3cret"},
        {"type": "client_credentials", "client_id": "a"}, {"scopes": 3},
        {"client_metadata_url": "http://x.test/s3cret"}, {"client_secret": "${NO_SUCH_VARIABLE}"},
    ],
)  # fmt: skip
def test_an_auth_that_cannot_be_understood_is_refused(auth: Any) -> None:
    with pytest.raises(BindingError) as refused:
        resolve("weather", {"url": "http://x", "auth": auth})
    assert "s3cret-token" not in str(refused.value) and "x.test" not in str(refused.value)


def test_an_auth_is_read_in_each_of_its_forms(monkeypatch: pytest.MonkeyPatch) -> None:
    def read(auth: Any) -> Any:
        return resolve("weather", {"url": "http://x", "auth": auth}).auth  # type: ignore[union-attr]

    monkeypatch.setenv("CLIENT_SECRET", "s3cret")
    assert read("oauth") == read({}) == read({"type": "oauth"}) == OAuth()
    assert read(None) is None
    assert read({"CLIENT_ID": "a", "scopes": "x y"}) == OAuth(("x", "y"), "a")
    machine = {"type": "client_credentials", "client_id": "a", "client_secret": "${CLIENT_SECRET}"}
    assert read(machine) == ClientCredentials("a", "s3cret")
    assert "s3cret" not in repr(read(machine))
    with pytest.raises(BindingError, match="both"):
        resolve("w", {"url": "http://x", "auth": "oauth", "headers": {"authorization": "x"}})


def test_the_example_of_the_readme_works(servers: Running, monkeypatch: Any, capsys: Any) -> None:
    readme = (HERE.parents[1] / "runtime" / "client" / "README.md").read_text()
    (example,) = (
        code for code in re.findall(r"```python\n(.*?)```", readme, re.S) if "oauth" in code
    )
    example = example.replace("https://weather.example/mcp", servers.url)
    example = example.replace("weather_sdk", "handmade_weather_sdk")
    exec(example, {})
    assert "mcp-sdkgen login weather" in capsys.readouterr().out
    logged_in({"url": servers.url, "auth": "oauth"})
    exec(example, {})
    assert "Oslo" in capsys.readouterr().out
