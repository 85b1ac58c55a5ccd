"""A server over HTTP that no longer knows a session, as after a restart."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from mcp_sdkgen_runtime import Arguments, Client, SessionError, Tool, Unstructured

ANSWERED = {"code": -32602, "message": "no such tool"}
UNKNOWN = {"code": -32000, "message": "Bad Request: No valid session ID provided"}


class Web(BaseHTTPRequestHandler):
    """Streamable HTTP by hand. `refusal`: how the next call ends, a status and the body's error."""

    protocol_version = "HTTP/1.1"
    sessions: list[str]
    refusal: list[tuple[int, dict[str, Any] | None]]

    def do_POST(self) -> None:
        message = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        method, number = message.get("method"), message.get("id")
        if method == "initialize":
            self.sessions.append(f"session-{len(self.sessions)}")
            facts = {"protocolVersion": "2025-06-18", "capabilities": {"tools": {}}}
            self.reply(200, number, result={**facts, "serverInfo": {"name": "w", "version": "0"}})
        elif method != "tools/call":
            self.reply(202 if number is None else 400, None)
        elif self.refusal:
            status, error = self.refusal.pop()
            self.reply(status, number if error == ANSWERED else None, error=error)
        else:
            text = {"type": "text", "text": self.headers["Mcp-Session-Id"]}
            self.reply(200, number, result={"content": [text]})

    def reply(self, status: int, number: Any, **content: Any) -> None:
        body = (
            json.dumps({"jsonrpc": "2.0", "id": number, **content}) if any(content.values()) else ""
        )
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        if self.sessions:
            self.send_header("Mcp-Session-Id", self.sessions[-1])
        self.end_headers()
        self.wfile.write(body.encode())

    def do_GET(self) -> None:
        self.reply(405, None)

    do_DELETE = do_GET

    def log_message(self, format: str, *args: Any) -> None:
        pass


class Odd(Client):
    SERVER = "odd"

    def call(self, **annotations: bool) -> str:
        tool: Tool[Unstructured] = Tool(
            server="odd", name="any", arguments=Arguments, result=Unstructured, digest=""
        )
        tool.__dict__["definition"] = {"annotations": annotations}
        return self._call(tool, {}).text


@pytest.fixture
def web() -> Iterator[tuple[Odd, type[Web]]]:
    handler = type("Handler", (Web,), {"sessions": [], "refusal": []})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    entry = {"url": f"http://127.0.0.1:{server.server_port}/mcp", "type": "http"}
    with Odd(entry) as client:
        yield client, handler
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("refusal", [(404, None), (404, UNKNOWN), (400, None), (400, UNKNOWN)])
def test_the_next_call_begins_another_session(web: Any, refusal: Any) -> None:
    client, server = web
    assert client.call() == "session-0"
    server.refusal.append(refusal)
    with pytest.raises(SessionError, match=r"no longer knows this session") as lost:
        client.call()
    # By the specification, 404 refuses all requests of a session that has ended.
    ran, told = (False, "did not run") if refusal[0] == 404 else (None, "may have run")
    assert lost.value.ran is ran and told in str(lost.value)
    assert lost.value.http_status == refusal[0]
    assert client.call() == "session-1"
    server.refusal.append(refusal)
    assert client.with_options(retries=1).call(readOnlyHint=True) == "session-2"


def test_a_call_that_did_not_run_is_sent_again_where_retries_are_asked_for(web: Any) -> None:
    client, server = web
    assert client.call() == "session-0"
    server.refusal.append((404, None))
    assert client.with_options(retries=1).call() == "session-1"


def test_a_refusal_of_the_call_itself_ends_no_session(web: Any) -> None:
    client, server = web
    assert client.call() == "session-0"
    server.refusal.append((400, ANSWERED))
    with pytest.raises(SessionError, match="no such tool"):
        client.call()
    assert client.call() == "session-0"
