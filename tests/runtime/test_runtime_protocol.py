"""What the protocol of 2026-07-28 asks of a client beyond calling."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

import pytest
from http_serving import serving
from mcp.server.mcpserver import MCPServer
from mcp_sdkgen_runtime import Arguments, Client, Tool, Unstructured
from pydantic import Field


class RouteArguments(Arguments):
    region: str


ROUTE: Tool[Unstructured] = Tool(
    server="routes", name="route", arguments=RouteArguments, result=Unstructured, digest=""
)


class Routes(Client):
    SERVER = "routes"


@pytest.fixture
def routes() -> Iterator[tuple[str, list[tuple[bytes, bytes | None]]]]:
    """A server whose tool wants an argument mirrored in a header, and what it was asked."""
    server = MCPServer("routes")

    @server.tool(structured_output=False)
    def route(
        region: Annotated[str, Field(json_schema_extra={"x-mcp-header": "Region"})],
    ) -> str:
        return region

    app = server.streamable_http_app()
    asked: list[tuple[bytes, bytes | None]] = []

    async def noting(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            headers = dict(scope["headers"])
            asked.append((headers.get(b"mcp-method", b""), headers.get(b"mcp-param-region")))
        await app(scope, receive, send)

    with serving(noting) as url:
        yield url, asked


def test_tools_are_listed_only_when_a_header_needs_it_and_then_once(routes: Any) -> None:
    url, asked = routes
    with Routes(url) as client:
        answers = [client._call(ROUTE, {"region": region}).text for region in ("EU", "US")]
    assert answers == ["EU", "US"]
    assert asked == [
        (b"server/discover", None),
        (b"tools/call", None),
        (b"tools/list", None),
        (b"tools/call", b"EU"),
        (b"tools/call", b"US"),
    ]
