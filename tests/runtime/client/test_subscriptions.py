"""The contents of a resource as they change, over every transport and protocol."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from mcp_sdkgen_runtime import (
    Arguments,
    AsyncClient,
    AsyncResourceGroup,
    CassetteError,
    Client,
    ResourceGroup,
    ResourceResult,
    SessionError,
    Tool,
    Unstructured,
    cassette,
)

from tests.patience import HANG_S
from tests.warm import PYTHON

SERVER = str(Path(__file__).parents[1] / "servers" / "board_server.py")
URI = "board://main"


class Anything(Arguments):
    line: str | None = None


def tool(name: str) -> Tool[Unstructured]:
    return Tool(server="board", name=name, arguments=Anything, result=Unstructured, digest="")


class Resources(ResourceGroup):
    def board(self, *, name: str) -> ResourceResult:
        return self._read("board://{name}", {"name": name})


class AsyncResources(AsyncResourceGroup):
    async def board(self, *, name: str) -> ResourceResult:
        return await self._read("board://{name}", {"name": name})


class Board(Client):
    SERVER = "board"

    @property
    def resources(self) -> Resources:
        return Resources(self)

    def call(self, name: str, line: str | None = None) -> str:
        return self._call(tool(name), {"line": line}).text


class AsyncBoard(AsyncClient):
    SERVER = "board"

    @property
    def resources(self) -> AsyncResources:
        return AsyncResources(self)

    async def call(self, name: str, line: str | None = None) -> str:
        return (await self._call(tool(name), {"line": line})).text


@pytest.fixture(params=["memory", "stdio", "stdio legacy", "http", "http legacy"])
def binding(request: pytest.FixtureRequest) -> Iterator[Any]:
    """A server of its own for each test, since what it shows is changed."""
    if request.param == "memory":
        from board_server import Board as Server

        yield Server().server
    elif request.param.startswith("stdio"):
        yield [*PYTHON, SERVER, *request.param.split()]
    else:
        process = subprocess.Popen(
            [*PYTHON, SERVER, *request.param.split()],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        )  # fmt: skip
        assert process.stdout is not None
        yield f"http://127.0.0.1:{process.stdout.readline().split()[1]}/mcp"
        process.kill()
        process.wait()
        process.stdout.close()


def until(what: Callable[[], Any]) -> None:
    deadline = time.monotonic() + HANG_S
    while not what():
        assert time.monotonic() < deadline
        threading.Event().wait(0.01)


def test_the_contents_come_at_first_and_after_each_change(binding: Any) -> None:
    with Board(binding) as board:
        with board.resources.subscribe(URI) as contents:
            assert contents.uri == URI
            assert next(contents).text == ""
            board.call("write", "one")
            assert next(contents).text == "one"
            board.call("write", "two")
            assert next(contents).text == "one\ntwo"
        assert list(contents) == []
        until(lambda: board.call("subscribers") == "0")


def test_a_template_is_subscribed_to_with_its_typed_arguments(binding: Any) -> None:
    with (
        Board(binding) as board,
        board.resources.subscribe(board.resources.board, name="main") as contents,
    ):
        assert contents.uri == URI
        assert [item.uri for item in next(contents).items] == [URI]


def test_async_subscriptions_do_the_same(binding: Any) -> None:
    async def program() -> list[str]:
        seen = []
        async with AsyncBoard(binding) as board:
            contents = board.resources.subscribe(board.resources.board, name="main")
            async with contents:
                async for content in contents:
                    seen.append(content.text)
                    if len(seen) == 3:
                        break
                    await board.call("write", str(len(seen)))
            assert [content async for content in contents] == []
        return seen

    assert asyncio.run(program()) == ["", "1", "1\n2"]


def test_changes_that_come_fast_are_given_as_one(binding: Any) -> None:
    with Board(binding) as board, board.resources.subscribe(URI) as contents:
        next(contents)
        for n in range(5):
            board.call("write", str(n))
        seen = next(contents).text
        while not seen.endswith("4"):
            seen = next(contents).text
        assert seen == "0\n1\n2\n3\n4"


def test_a_server_that_dies_is_subscribed_to_again() -> None:
    for kind in ("stdio", "stdio legacy"):
        with Board([sys.executable, SERVER, *kind.split()]) as board:
            contents = board.resources.subscribe(URI)
            next(contents)
            board.call("write", "lost with the server")
            assert next(contents).text == "lost with the server"
            with pytest.raises(SessionError):
                board.call("die")
            assert next(contents).text == ""
            board.call("write", "new")
            assert next(contents).text == "new"
            assert board.call("subscribers") == "1"


def test_a_stream_that_the_server_ends_is_opened_again() -> None:
    from board_server import Board as Server

    with Board(Server().server) as board, board.resources.subscribe(URI) as contents:
        next(contents)
        board.call("drop")
        assert next(contents).text == "while nobody listened"


def test_closing_wakes_whoever_waits(binding: Any) -> None:
    for close_client in (False, True):
        board = Board(binding)
        contents = board.resources.subscribe(URI)
        next(contents)
        ended = threading.Event()

        def wait(contents: Any = contents, ended: threading.Event = ended) -> None:
            assert list(contents) == []
            ended.set()

        threading.Thread(target=wait).start()
        if close_client:
            board.close()
        else:
            contents.close()
            contents.close()
        assert ended.wait(HANG_S)
        board.close()


def test_a_server_without_subscriptions_says_so(memory: Any, stdio_command: Any) -> None:
    from mcp.server.lowlevel.server import Server

    for server in (Server("none"), [*COMMAND]):
        with Board(server) as board, pytest.raises(SessionError) as refused:
            next(board.resources.subscribe(URI))
        assert refused.value.ran is not True


def test_only_uris_and_methods_of_the_group_can_be_subscribed_to(memory: Any) -> None:
    board = Board(memory)
    with pytest.raises(TypeError, match="neither a URI nor a method of Resources"):
        board.resources.subscribe(len, "abc")  # type: ignore[call-overload]


def test_a_cassette_that_is_replayed_has_no_subscriptions(tmp_path: Path) -> None:
    board = Board(cassette(tmp_path / "none.ndjson", mode="replay"))
    with pytest.raises(CassetteError, match="subscriptions are not recorded"):
        next(board.resources.subscribe(URI))


COMMAND = [sys.executable, str(Path(__file__).parents[1] / "servers" / "misbehaving_server.py")]
