"""A connection for whoever wants to know what a server has, exactly as the server says it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final

import mcp
import mcp_types as types
from mcp.shared.exceptions import MCPError as MCPError

from ..config.targets import HttpTarget, StdioTarget
from .connection import ClientSettings, connected
from .connection_state import ConnectionState
from .fall_back import NO_HANDSHAKE, Way
from .fall_back import is_unknown_method as is_unknown_method
from .mcp_callbacks import declining
from .raw_results import oddities, raw_result

_REQUESTS: Final[dict[str, tuple[Any, type[types.Result]]]] = {
    "tools/list": (types.ListToolsRequest, types.ListToolsResult),
    "prompts/list": (types.ListPromptsRequest, types.ListPromptsResult),
    "resources/list": (types.ListResourcesRequest, types.ListResourcesResult),
    "resources/templates/list": (
        types.ListResourceTemplatesRequest,
        types.ListResourceTemplatesResult,
    ),
}


@dataclass(frozen=True)
class Opening:
    """What a server said when the connection opened; nothing, if it knows no way to be asked."""

    result: dict[str, Any] = field(default_factory=dict)
    protocol_version: str = ""
    notes: tuple[str, ...] = ()
    """What of it is not as the protocol has it: a line for each place."""


class ListingClient:
    """An open connection that lists."""

    def __init__(self, client: mcp.Client, opening: Opening) -> None:
        self._client = client
        self.opening = opening

    async def page(self, method: str, cursor: str | None) -> dict[str, Any]:
        """The raw result of a method such as `tools/list`.

        Raises `MCPError` where the server refuses.
        """
        request, result = _REQUESTS[method]
        params = types.PaginatedRequestParams(cursor=cursor) if cursor is not None else None
        return raw_result(await self._client.session.send_request(request(params=params), result))


@asynccontextmanager
async def listing_client(
    target: StdioTarget | HttpTarget, link: ConnectionState, name: str, version: str
) -> AsyncIterator[ListingClient]:
    """Connect as the program `name`, in any way that leads there. Raises `NotConnectedError`.

    The client declares elicitation (forms and URLs), sampling and roots, and declines each
    request. Servers show different tools to clients that cannot do these: server-everything
    2026.8.31 shows 17 with all of them, 16 without URL elicitation, 13 with none.
    """
    info = types.Implementation(name=name, version=version)
    settings = ClientSettings(info, declining())
    async with connected(target, link, settings) as (client, way):
        yield ListingClient(client, _opening(client, way))


def _opening(client: mcp.Client, way: Way) -> Opening:
    session = client.session
    if way.mode == NO_HANDSHAKE:
        return Opening()
    method = "server/discover" if session.discover_result is not None else "initialize"
    said = session.discover_result or session.initialize_result
    assert said is not None  # by one of the two it was opened
    result = raw_result(said)
    return Opening(result, client.protocol_version, oddities(method, result))
