"""Peers that say nothing, or nothing true, cost little and keep nobody out."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from urllib.parse import urlsplit

import httpx2
import pytest
import uvicorn
from mcp_sdkgen_codemode.serve import connection
from mcp_sdkgen_codemode.serve.connection import MAX_UNHEARD, Connection

from tests.codemode.serve.driving import AUTHORIZED, TOKEN, call, data
from tests.codemode.serve.raw import Raw
from tests.codemode.serve.test_http import ACCEPT, HELLO
from tests.patience import HANG_S


def connected(url: str) -> socket.socket:
    parts = urlsplit(url)
    assert parts.hostname
    return socket.create_connection((parts.hostname, parts.port), timeout=HANG_S)


def ended(peer: socket.socket) -> bytes:
    """What comes before the server hangs up, as it must."""
    found = b""
    try:
        while part := peer.recv(65536):
            found += part
    except ConnectionResetError:
        pass
    return found


@pytest.mark.parametrize("said", [b"", b"POST /mcp HTTP/1.1\r\nHost: 127.0.0.1\r\nX-"])
def test_peers_that_do_not_say_who_they_are_keep_nobody_out(url: str, said: bytes) -> None:
    peers = []
    try:
        for _ in range(3 * MAX_UNHEARD):
            peers.append(connected(url))
            peers[-1].sendall(said)
        assert data(call(url, "run", program="6 * 7"))["value"] == 42
        for peer in peers[: 2 * MAX_UNHEARD]:
            assert ended(peer) == b""
    finally:
        for peer in peers:
            peer.close()


def test_a_request_without_the_token_ends_its_connection(url: str) -> None:
    with connected(url) as peer:
        peer.sendall(b"POST /mcp HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 9999999\r\n\r\n")
        assert b"401" in ended(peer)


@pytest.mark.parametrize("said", [b"", b"GET / HTTP/1.1\r\nHost: x\r\n"])
def test_a_peer_has_some_time_for_the_head_of_a_request(
    said: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "HEAD_S", 0.01)

    async def main() -> bytes:
        config = uvicorn.Config(lambda: None, http=Connection, log_level="error", lifespan="off")
        with socket.create_server(("127.0.0.1", 0)) as listener:
            server = uvicorn.Server(config)
            serving = asyncio.create_task(server.serve(sockets=[listener]))
            reader, writer = await asyncio.open_connection(*listener.getsockname())
            writer.write(said)
            try:
                return await reader.read()
            except ConnectionResetError:
                return b""
            finally:
                writer.close()
                server.should_exit = True
                await serving

    assert asyncio.run(asyncio.wait_for(main(), HANG_S)) == b""


@pytest.mark.parametrize(
    "target",
    [f"?token={TOKEN}", f"?access_token={TOKEN}", f"?authorization=Bearer%20{TOKEN}"],
)
def test_a_token_in_the_address_is_none(url: str, target: str) -> None:
    answer = httpx2.post(url + target, json=HELLO, headers=ACCEPT)
    assert answer.status_code == 401


def test_two_tokens_are_none(url: str) -> None:
    headers = [*ACCEPT.items(), *AUTHORIZED.items(), ("Authorization", "Bearer another")]
    assert httpx2.post(url, json=HELLO, headers=headers).status_code == 401


def test_a_head_without_end_is_refused(url: str) -> None:
    with connected(url) as peer:
        with contextlib.suppress(ConnectionResetError, BrokenPipeError):
            peer.sendall(b"POST /mcp HTTP/1.1\r\n" + b"X-Long: " + b"x" * (1 << 20))
        assert ended(peer)[:12] in (b"HTTP/1.1 400", b"")


def test_a_stream_is_not_resumed_but_begun_anew(url: str) -> None:
    with httpx2.Client(timeout=HANG_S) as http:
        raw = Raw(url, http)
        raw.begin()
        headers = raw.headers | {"Last-Event-ID": f"{raw.session}_1"}
        with http.stream("GET", url, headers=headers) as answer:
            assert answer.status_code == 200


def test_web_sockets_are_not_spoken(url: str) -> None:
    headers = AUTHORIZED | {
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    }
    assert httpx2.get(url, headers=headers).status_code in (400, 406)
