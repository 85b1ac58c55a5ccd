"""A client checks the formats of arguments unless it is told not to."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from mcp_sdkgen_runtime import (
    ArgumentsError,
    AsyncClient,
    Client,
    RawResult,
    SessionOptions,
    Tool,
    Unstructured,
)

DATED: Tool[Unstructured] = Tool(server="s", name="dated", result=Unstructured, digest="")
DATED.__dict__["definition"] = {
    "name": "dated",
    "inputSchema": {
        "type": "object",
        "properties": {"on": {"type": "string", "format": "date", "maxLength": 10}},
    },
}
OFF = SessionOptions(check_formats=False)
SENT = RawResult([{"type": "text", "text": "sent"}])


class Session:
    """A session whose server takes everything."""

    def call(self, tool: str, arguments: dict[str, Any], *, options: Any = None) -> RawResult:
        return SENT


class AsyncSession:
    """The same for an async client."""

    async def call(self, tool: str, arguments: dict[str, Any], *, options: Any = None) -> RawResult:
        return SENT


def test_a_client_checks_formats_unless_it_is_told_not_to() -> None:
    client = Client(Session())
    off = client.with_options(check_formats=False)
    for one in (client, off.with_options(check_formats=True)):
        with pytest.raises(ArgumentsError, match="must be a date such as"):
            one._call(DATED, {"on": "tomorrow"})
    for one in (off, off.with_options(retries=1), Client(Session(), options=OFF)):
        assert one._call(DATED, {"on": "tomorrow"}).text == "sent"
        with pytest.raises(ArgumentsError, match="at most 10 characters"):
            one._call(DATED, {"on": "the day after tomorrow"})


def test_so_does_an_async_client() -> None:
    async def main() -> None:
        with pytest.raises(ArgumentsError, match="must be a date such as"):
            await AsyncClient(AsyncSession())._call(DATED, {"on": "tomorrow"})
        off = AsyncClient(AsyncSession(), options=OFF)
        assert (await off._call(DATED, {"on": "tomorrow"})).text == "sent"

    asyncio.run(main())
