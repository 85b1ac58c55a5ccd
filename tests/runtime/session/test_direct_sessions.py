"""A session without `mcp` that lasts: it hears that tools have changed."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest
from mcp_sdkgen_runtime import SessionOptions
from mcp_sdkgen_runtime.config.targets import StdioTarget
from mcp_sdkgen_runtime.session.direct_session import DirectSession, suits

SERVER = """
import json, sys
era = sys.argv[1]
lists, listening = 0, None
def send(**message):
    print(json.dumps({"jsonrpc": "2.0", **message}), flush=True)
for line in sys.stdin:
    asked = json.loads(line)
    number, method, params = asked.get("id"), asked["method"], asked.get("params", {})
    whole = {"resultType": "complete", "ttlMs": 0, "cacheScope": "private"}
    if method == "initialize" and era == "older":
        found = {"protocolVersion": "2025-06-18", "capabilities": {"tools": {"listChanged": True}},
                 "serverInfo": {"name": "changing", "version": "1"}}
    elif method == "server/discover" and era == "newer":
        found = {"supportedVersions": ["2026-07-28"],
                 "capabilities": {"tools": {"listChanged": True}}, **whole}
    elif method == "subscriptions/listen":
        listening = number
        send(method="notifications/subscriptions/acknowledged", params={})
        continue
    elif method == "tools/list":
        lists += 1
        hint = {"readOnlyHint": lists == 1}
        tool = {"name": "touch", "inputSchema": {"type": "object"}, "annotations": hint}
        found = {"tools": [tool], **whole}
    elif method == "tools/call":
        if era == "older" or listening is not None:
            send(method="notifications/tools/list_changed", params={})
        found = {"content": [{"type": "text", "text": str(lists)}], "resultType": "complete"}
    elif number is None:
        continue
    else:
        send(id=number, error={"code": -32601, "message": "Method not found"})
        continue
    send(id=number, result=found)
"""


@pytest.mark.parametrize("era", ["older", "newer"])
def test_the_tools_are_listed_once_and_again_when_they_have_changed(
    era: str, tmp_path: Path
) -> None:
    script = tmp_path / "server.py"
    script.write_text(SERVER)

    async def hints() -> list[bool]:
        binding = [sys.executable, str(script), era]
        session = DirectSession("changing", binding, lasting=True)
        try:
            found = [await session.live(), await session.live()]
            answer = await session.call("touch", {})
            assert answer.content[0]["text"] == "1", "it was listed once"
            found.append(await session.live())
            assert not session.needs_mcp
        finally:
            await session.aclose()
        return [each["touch"]["annotations"]["readOnlyHint"] for each in found]

    assert asyncio.run(hints()) == [True, True, False]


def test_a_lasting_session_is_direct_over_stdio_only() -> None:
    for lasting, direct in ((False, True), (True, False)):
        session = DirectSession("web", "http://127.0.0.1:1/mcp", lasting=lasting)
        assert session.is_direct() == direct
    session = DirectSession("here", StdioTarget("python"), lasting=True)
    assert session.is_direct()


def test_who_answers_a_server_or_compares_its_tools_needs_mcp() -> None:
    assert suits(SessionOptions())
    assert not suits(SessionOptions(roots=["/"]))
    assert not suits(SessionOptions(drift="error"))
    assert not suits(SessionOptions(on_log=print))
