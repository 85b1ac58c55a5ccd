"""Who may reach the server over HTTP."""

from __future__ import annotations

import anyio
import httpx2
import mcp
import pytest
from mcp.client.streamable_http import streamable_http_client

from tests.codemode.serve.driving import Home, data, over_http
from tests.patience import HANG_S

HELLO = {"jsonrpc": "2.0", "id": 1, "method": "ping"}
ACCEPT = {"Accept": "application/json, text/event-stream"}


@pytest.mark.parametrize("header", [{"Host": "evil.example"}, {"Origin": "http://evil.example"}])
def test_a_web_page_cannot_reach_it(url: str, header: dict[str, str]) -> None:
    answer = httpx2.post(url, json=HELLO, headers=ACCEPT | header)
    assert answer.status_code in (403, 421)


def test_other_machines_need_a_token(place: Home) -> None:
    done = place.cli("serve", "--config", str(place.config), "--http", "0.0.0.0:0")
    assert done.returncode == 2
    assert "a bearer token is needed" in done.stderr


def test_a_token_is_asked_for_where_one_is_set(place: Home) -> None:
    secret = "correct-horse-battery-staple"
    with over_http(place, environment={"MCP_SDKGEN_SERVE_TOKEN": secret}) as (url, _):
        for wrong in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": secret}):
            answer = httpx2.post(url, json=HELLO, headers=ACCEPT | wrong)
            assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")

        async def main() -> None:
            headers = {"Authorization": f"Bearer {secret}"}
            async with httpx2.AsyncClient(headers=headers, timeout=HANG_S) as http:
                transport = streamable_http_client(url, http_client=http)
                async with mcp.Client(transport) as connected:
                    ran = await connected.call_tool("run", {"program": "6 * 7"})
                    assert data(ran)["value"] == 42

        anyio.run(main)
