"""Serving at a Unix socket: the kernel says who connects."""

from __future__ import annotations

import os
import socket
import stat
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import httpx2
import mcp
import pytest
from mcp.client.streamable_http import streamable_http_client

from tests.codemode.serve.driving import Home, data, over_http
from tests.patience import HANG_S

URL = "http://localhost/mcp"
ASK = b"POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n"


def asked_by(user: int, path: Path) -> str:
    """The first words of the answer to another user, or the error."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        # Not another program: Python may lie where that user cannot get.
        try:
            os.setuid(user)
            with socket.socket(socket.AF_UNIX) as peer:
                peer.connect(str(path))
                peer.sendall(ASK)
                os.write(writing, peer.recv(12))
        except BaseException as error:
            os.write(writing, type(error).__name__.encode())
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as answer:
        found = answer.read().decode()
    os.waitpid(child, 0)
    return found


@pytest.fixture
def at(place: Home) -> Iterator[Path]:
    """Where another user can get: into `tmp_path` none can."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        path = Path(folder, "socket")
        with over_http(place, way=("--unix-socket", str(path))):
            yield path


@asynccontextmanager
async def transport(path: Path) -> AsyncIterator[Any]:
    over = httpx2.AsyncHTTPTransport(uds=str(path))
    async with (
        httpx2.AsyncClient(transport=over, timeout=HANG_S) as http,
        streamable_http_client(URL, http_client=http) as streams,
    ):
        yield streams


async def six_times_seven(path: Path) -> object:
    async with mcp.Client(transport(path)) as connected:
        return data(await connected.call_tool("run", {"program": "6 * 7"}))["value"]


def test_its_user_needs_no_token(at: Path) -> None:
    assert stat.S_IMODE(at.stat().st_mode) == 0o600
    assert anyio.run(six_times_seven, at) == 42


def test_a_web_page_cannot_reach_it_by_a_proxy(at: Path) -> None:
    with httpx2.Client(transport=httpx2.HTTPTransport(uds=str(at))) as http:
        assert http.post(URL, json={}, headers={"Host": "evil.example"}).status_code in (403, 421)


@pytest.mark.skipif(os.getuid() != 0, reason="another user is needed")
def test_another_user_is_refused_even_where_the_file_would_let_them(at: Path) -> None:
    assert asked_by(65534, at) == "PermissionError"
    at.chmod(0o666)
    assert asked_by(65534, at) == "HTTP/1.1 401"
    assert asked_by(0, at) not in ("PermissionError", "HTTP/1.1 401")


@pytest.mark.parametrize("what", ["a file", "a socket in use", "a link"])
def test_what_is_there_already_stays(place: Home, tmp_path: Path, what: str) -> None:
    path = tmp_path / "there"
    with socket.socket(socket.AF_UNIX) as listener:
        if what == "a file":
            path.write_text("mine")
        elif what == "a link":
            path.symlink_to(tmp_path / "elsewhere")
        else:
            listener.bind(str(path))
            listener.listen()
        done = place.cli("serve", "--config", str(place.config), "--unix-socket", str(path))
    assert done.returncode == 2
    assert f"--unix-socket {path}" in "".join(done.stderr.splitlines())
    assert path.is_symlink() or path.exists()


def test_a_folder_where_others_can_write_is_refused(place: Home, tmp_path: Path) -> None:
    folder = tmp_path / "open"
    folder.mkdir()
    folder.chmod(0o777)
    path = folder / "socket"
    done = place.cli("serve", "--config", str(place.config), "--unix-socket", str(path))
    assert (done.returncode, path.exists()) == (2, False)
    assert "others can write in its folder" in " ".join(done.stderr.split())


def test_a_socket_that_nobody_listens_at_is_replaced(place: Home, tmp_path: Path) -> None:
    path = tmp_path / "socket"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
    with over_http(place, way=("--unix-socket", str(path))):
        assert anyio.run(six_times_seven, path) == 42
