"""What the protocol of 2026-07-28 asks of a client beyond calling."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import mcp
import mcp_types as types
import pytest
from http_serving import serving
from mcp.server.lowlevel.server import Server
from mcp.server.mcpserver import MCPServer
from mcp_sdkgen_runtime import (
    Arguments,
    Client,
    ResourceGroup,
    ResultError,
    SessionError,
    SessionOptions,
    Tool,
    Unstructured,
)
from mcp_sdkgen_runtime.session.direct_session import DirectSession
from mcp_sdkgen_runtime.transport.wire.versions import HANDSHAKE, MODERN
from mcp_types.version import HANDSHAKE_PROTOCOL_VERSIONS, MODERN_PROTOCOL_VERSIONS
from pydantic import Field

from tests.patience import HANG_S


class RouteArguments(Arguments):
    region: str


ROUTE: Tool[Unstructured] = Tool(
    server="routes", name="route", arguments=RouteArguments, result=Unstructured, digest=""
)


class Routes(Client):
    SERVER = "routes"


class LineArguments(Arguments):
    line: str


LINE: Tool[Unstructured] = Tool(
    server="any", name="write", arguments=LineArguments, result=Unstructured, digest=""
)
MISBEHAVING = str(Path(__file__).parents[1] / "servers" / "misbehaving_server.py")


@pytest.fixture
def routes() -> Iterator[tuple[str, list[tuple[bytes | None, ...]]]]:
    """A server whose tool wants an argument mirrored in a header, and what it was asked."""
    server = MCPServer("routes")

    @server.tool(structured_output=False)
    def route(
        region: Annotated[str, Field(json_schema_extra={"x-mcp-header": "Region"})],
    ) -> str:
        return region

    app = server.streamable_http_app()
    asked: list[tuple[bytes | None, ...]] = []

    async def noting(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            headers = dict(scope["headers"])
            region = headers.get(b"mcp-param-region")
            asked.append((headers.get(b"mcp-method", b""), headers.get(b"mcp-name"), region))
        await app(scope, receive, send)

    with serving(noting) as url:
        yield url, asked


def test_tools_are_listed_only_when_a_header_needs_it_and_then_once(routes: Any) -> None:
    url, asked = routes
    with Routes(url) as client:
        answers = [client._call(ROUTE, {"region": region}).text for region in ("EU", "US")]
    assert answers == ["EU", "US"]
    assert asked == [
        (b"server/discover", None, None),
        (b"tools/call", b"route", None),
        (b"tools/list", None, None),
        (b"tools/call", b"route", b"EU"),
        (b"tools/call", b"route", b"US"),
    ]


def test_a_direct_session_leaves_a_tool_that_needs_headers_to_mcp(routes: Any) -> None:
    url, asked = routes

    async def run(lists_first: bool) -> None:
        session = DirectSession("routes", url)
        if lists_first:
            assert list(await session.live()) == ["route"]
        assert (await session.call("route", {"region": "EU"})).text == "EU"
        await session.aclose()
        assert session.needs_mcp

    for lists_first in (True, False):
        asyncio.run(run(lists_first))
        assert asked.pop() == (b"tools/call", b"route", b"EU")


def test_the_versions_that_are_spoken_directly_are_those_of_mcp() -> None:
    assert HANDSHAKE == HANDSHAKE_PROTOCOL_VERSIONS
    assert MODERN == MODERN_PROTOCOL_VERSIONS


def test_a_server_that_asks_back_is_refused_directly_too() -> None:
    async def ask(ctx: Any, params: Any) -> Any:
        question = types.ElicitRequest(
            params=types.ElicitRequestFormParams(
                message="Why?", requested_schema={"type": "object", "properties": {}}
            )
        )
        return types.InputRequiredResult(input_requests={"why": question})

    app = Server("any", on_call_tool=ask).streamable_http_app()

    async def run(url: str) -> None:
        session = DirectSession("any", url)
        with pytest.raises(SessionError, match="Elicitation not supported"):
            await session.call("ask", {})
        await session.aclose()
        assert not session.needs_mcp

    with serving(app) as url:
        asyncio.run(run(url))


def plain(name: str) -> Tool[Unstructured]:
    return Tool(server="any", name=name, arguments=Arguments, result=Unstructured, digest="")


class Any_(Client):
    SERVER = "any"

    @property
    def resources(self) -> ResourceGroup:
        return ResourceGroup(self)

    def call(self, name: str) -> Unstructured:
        return self._call(plain(name), {})


@pytest.mark.parametrize("version", HANDSHAKE_PROTOCOL_VERSIONS)
def test_a_server_of_any_earlier_version_is_greeted_as_it_knows(version: str) -> None:
    with Any_([sys.executable, MISBEHAVING, "0", version]) as client:
        assert client.call("garbage").text == "after garbage"


def test_a_server_of_an_unknown_version_is_refused() -> None:
    with pytest.raises(SessionError, match=r"Unsupported protocol version.*1999-01-01"):
        Any_([sys.executable, MISBEHAVING, "0", "1999-01-01"]).call("pid")


def test_each_request_says_its_version_and_what_the_client_can_do() -> None:
    asked: list[Any] = []

    async def call(ctx: Any, params: Any) -> types.CallToolResult:
        asked.append(params.meta)
        return types.CallToolResult(content=[])

    options = SessionOptions(on_elicit=lambda question: None)
    with Any_(Server("any", on_call_tool=call), options=options) as client:
        client.call("once")
        client.call("twice")
    for meta in asked:
        assert meta["io.modelcontextprotocol/protocolVersion"] == "2026-07-28"
        assert meta["io.modelcontextprotocol/clientInfo"]["name"] == "mcp-sdkgen-runtime"
        capabilities = meta["io.modelcontextprotocol/clientCapabilities"]
        assert set(capabilities) == {"elicitation", "extensions"}
        assert set(capabilities["extensions"]) == {"io.modelcontextprotocol/tasks"}
    assert len(asked) == 2


def test_a_result_of_an_unknown_type_is_a_result_error() -> None:
    async def call(ctx: Any, params: Any) -> Any:
        return {"resultType": "mystery", "content": []}

    with (
        Any_(Server("any", on_call_tool=call)) as client,
        pytest.raises(ResultError, match="mystery"),
    ):
        client.call("any")


def test_what_was_read_is_remembered_for_as_long_as_the_server_allows() -> None:
    from board_server import URI, Board

    lasting, brief, silent = Board(ttl_ms=3_600_000), Board(ttl_ms=1), Board()
    for board in (lasting, silent):
        with Any_(board.server) as client:
            assert [client.resources.read(URI).text for _ in range(3)] == ["", "", ""]
    with Any_(brief.server) as client:
        deadline = time.monotonic() + HANG_S
        while brief.reads < 2 and time.monotonic() < deadline:
            assert client.resources.read(URI).text == ""
    assert (lasting.reads, brief.reads, silent.reads) == (1, 2, 3)


def test_what_one_client_has_read_is_not_shared_with_another() -> None:
    from board_server import URI, Board

    board = Board(ttl_ms=60_000)
    with Any_(board.server) as one, Any_(board.server) as other:
        for client in (one, other, one):
            client.resources.read(URI)
    assert board.reads == 2


def test_a_change_ends_the_remembering_and_a_subscription_does_not_rely_on_it() -> None:
    from board_server import URI, Board

    board = Board(ttl_ms=60_000)
    with Any_(board.server) as client:
        assert client.resources.read(URI).text == ""
        board.lines.append("untold")
        assert client.resources.read(URI).text == ""
        with client.resources.subscribe(URI) as contents:
            assert next(contents).text == "untold"
            client._call(LINE, {"line": "told"})
            assert next(contents).text == "untold\ntold"
            assert client.resources.read(URI).text == "untold\ntold"
    assert board.reads == 3


def test_a_list_is_remembered_too() -> None:
    from board_server import Board

    # Only `mcp` lists tools here, and only for its headers: by its own client, as ours does.
    async def lists(ttl_ms: int | None) -> int:
        board = Board(ttl_ms=ttl_ms)
        async with mcp.Client(board.server) as client:
            for _ in range(3):
                await client.list_tools()
        return board.lists

    assert asyncio.run(lists(60_000)) == 1
    assert asyncio.run(lists(None)) == 3
