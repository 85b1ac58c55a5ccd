"""Who may reach the server over HTTP."""

from __future__ import annotations

import asyncio
import socket
import stat
import sys
from pathlib import Path

import anyio
import httpx2
import mcp
import pytest
from mcp.server.mcpserver import MCPServer
from mcp_sdkgen_codemode.serve import Endpoint, serve_http

from tests.codemode.serve.driving import (
    AUTHORIZED,
    TOKEN,
    Home,
    authorized,
    call,
    data,
    home,
    over_http,
)
from tests.terminals import Terminal

HELLO = {"jsonrpc": "2.0", "id": 1, "method": "ping"}
ACCEPT = {"Accept": "application/json, text/event-stream"}


WRONG_HOSTS = [
    "evil.example", "localhost.evil.example", "localhost:80@evil.example", "localhost:80x",
    "127.0.0.1:80/x", "localhost:", "[::1]:1@evil.example", "127.0.0.1.evil.example:80",
]  # fmt: skip
WRONG = [
    *({"Host": host} for host in WRONG_HOSTS),
    *({"Origin": f"http://{host}"} for host in WRONG_HOSTS),
    *({"Origin": origin} for origin in ("null", "file://", "localhost", "ftp://localhost")),
]


@pytest.mark.parametrize("header", WRONG)
def test_a_web_page_cannot_reach_it(url: str, header: dict[str, str]) -> None:
    answer = httpx2.post(url, json=HELLO, headers=ACCEPT | AUTHORIZED | header)
    assert answer.status_code == (421 if "Host" in header else 403)


@pytest.mark.parametrize("name", ["localhost", "LOCALHOST:80", "127.0.0.1:3000", "[::1]"])
@pytest.mark.parametrize("header", ["Host", "Origin"])
def test_what_names_this_machine_reaches_it(url: str, header: str, name: str) -> None:
    value = name if header == "Host" else f"http://{name}"
    answer = httpx2.post(url, json=HELLO, headers=ACCEPT | AUTHORIZED | {header: value})
    assert answer.status_code not in (401, 403, 421)


def test_no_part_of_an_answer_waits_until_the_part_before_it_is_acknowledged(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    accepted: list[socket.socket] = []
    accept = socket.socket.accept

    def kept(listener: socket.socket) -> tuple[socket.socket, object]:
        one, peer = accept(listener)
        accepted.append(one.dup())
        return one, peer

    async def main() -> None:
        server: MCPServer[None] = MCPServer("one")
        heard: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        endpoint = Endpoint({"me": TOKEN}, "127.0.0.1")
        serving = asyncio.create_task(serve_http(server, endpoint, heard.set_result))
        async with httpx2.AsyncClient() as client:
            await client.post(await heard, json=HELLO, headers=ACCEPT | AUTHORIZED)
        serving.cancel()
        await asyncio.wait([serving])

    monkeypatch.setattr(socket.socket, "accept", kept)
    asyncio.run(main())
    with accepted[0] as connection:
        assert connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


@pytest.mark.parametrize("host", ["127.1", "LOCALHOST", "2130706433", "::1"])
def test_a_web_page_reaches_the_loopback_interface_in_no_spelling(host: str) -> None:
    async def main() -> list[int]:
        server: MCPServer[None] = MCPServer("one")
        heard: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        endpoint = Endpoint({"me": TOKEN}, host)
        serving = asyncio.create_task(serve_http(server, endpoint, heard.set_result))
        await asyncio.wait([serving, heard], return_when=asyncio.FIRST_COMPLETED)
        port = heard.result().removesuffix("/mcp").rpartition(":")[2]
        url = f"http://{'[::1]' if host == '::1' else '127.0.0.1'}:{port}/mcp"
        codes = []
        async with httpx2.AsyncClient() as client:
            wrong = ({"Host": "evil.example"}, {"Origin": "http://evil.example"})
            for header in ({}, *wrong):
                headers = ACCEPT | AUTHORIZED | header
                codes.append((await client.post(url, json=HELLO, headers=headers)).status_code)
        serving.cancel()
        await asyncio.wait([serving])
        return codes

    own, *wrong = asyncio.run(main())
    assert own not in (403, 421)
    assert set(wrong) <= {403, 421}


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"Authorization": "Bearer wrong"},
        {"Authorization": TOKEN},
        {"Authorization": f"Basic {TOKEN}"},
    ],
)
def test_requests_without_the_token_are_refused(url: str, wrong: dict[str, str]) -> None:
    for method in ("POST", "GET", "DELETE"):
        answer = httpx2.request(method, url, headers=ACCEPT | wrong)
        assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")


def test_a_token_is_made_where_none_was_given_and_stays_the_same(place: Home) -> None:
    path = Path(place.environment["XDG_STATE_HOME"], "mcp-sdkgen", "serve.token")
    tokens = []
    for _ in range(2):
        with over_http(place, environment={"MCP_SDKGEN_SERVE_TOKEN": ""}) as (url, _pid):
            assert stat.S_IMODE(path.stat().st_mode) == 0o600
            tokens.append(path.read_text())
            for wrong in ({}, AUTHORIZED):
                assert httpx2.post(url, json=HELLO, headers=ACCEPT | wrong).status_code == 401
            assert anyio.run(_six_times_seven, url, tokens[-1]) == 42
    assert tokens[0] == tokens[1]
    assert len(tokens[0]) == 43


def test_a_token_that_is_made_is_shown_once_and_to_a_person_only(
    tmp_path: Path, place: Home
) -> None:
    where = Home(tmp_path, place.config)
    path = Path(where.environment["XDG_STATE_HOME"], "mcp-sdkgen", "serve.token")
    environment = where.environment | {"COLUMNS": "200", "MCP_SDKGEN_SERVE_TOKEN": ""}
    shown = []
    for _ in range(2):
        with Terminal(where.command("--http", "0"), environment) as person:
            shown.append(person.read_until("serving at"))
    assert path.read_text() in shown[0]
    assert path.read_text() not in shown[1]
    path.unlink()
    with over_http(where, environment={"MCP_SDKGEN_SERVE_TOKEN": ""}, told=shown):
        assert path.read_text() not in "".join(shown)


async def _six_times_seven(url: str, token: str) -> object:
    async with mcp.Client(authorized(url, token)) as connected:
        ran = await connected.call_tool("run", {"program": "6 * 7"})
        return data(ran)["value"]


def test_a_token_that_others_can_read_is_refused(tmp_path: Path, place: Home) -> None:
    where = Home(tmp_path, place.config)
    path = Path(where.environment["XDG_STATE_HOME"], "mcp-sdkgen", "serve.token")
    path.parent.mkdir(parents=True)
    path.write_text(TOKEN)
    path.chmod(0o644)
    done = where.cli("serve", "--config", str(place.config), "--http", "0")
    assert done.returncode == 2
    assert "others can read it; chmod 600" in done.stderr


def test_no_server_that_is_started_gets_the_token(tmp_path: Path) -> None:
    seen = tmp_path / "seen"
    script = tmp_path / "tells.py"
    script.write_text(f"import os\nopen({str(seen)!r}, 'w').write(str(dict(os.environ)))\n")
    where = home(tmp_path, {"tells": [sys.executable, str(script)]})
    with over_http(where) as (url, _):
        call(url, "search", query="anything")
    assert "PATH" in seen.read_text()
    assert TOKEN not in seen.read_text()


@pytest.mark.parametrize("token", ["short", "with spaces in its middle", "wörter-mit-umlauten"])
def test_a_token_that_no_header_should_have_is_an_error(place: Home, token: str) -> None:
    with (
        pytest.raises(AssertionError, match=r"MCP_SDKGEN_SERVE_TOKEN: a bearer token has 16"),
        over_http(place, environment={"MCP_SDKGEN_SERVE_TOKEN": token}),
    ):
        pass
