"""A server over HTTP that repeats the requests it gets, in every kind of failure."""

from __future__ import annotations

import html
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

FAILURES = ("refuse", "garble", "fail", "not_json", "not_found", "event", "new_kind")
"""Its tools; none of them answers as it should."""


class _Handler(BaseHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        self._send(405, b"")

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
        told = f"{self.path} {dict(self.headers)}"
        if self.path.startswith("/moved"):
            self._send(307, b"", location=f"https://elsewhere.example{self.path}&was=1")
        elif self.path.startswith("/denied"):
            self._send(403, html.escape(told).encode(), "text/html")
        elif asked.get("id") is None:
            self._send(202, b"")
        else:
            self._answer(asked, told)

    def _answer(self, asked: dict[str, Any], told: str) -> None:
        method, tool = asked["method"], asked.get("params", {}).get("name", "")
        reply: dict[str, Any] = {"error": {"code": -32601, "message": told, "data": {told: told}}}
        if method == "initialize":
            info = {"serverInfo": {"name": "web", "version": "1"}, "capabilities": {"tools": {}}}
            reply = {"result": {"protocolVersion": "2025-06-18", **info}}
        elif method == "tools/list":
            tools = [{"name": one, "inputSchema": {"type": "object"}} for one in FAILURES]
            reply = {"result": {"tools": tools}}
        elif tool == "not_found":
            return self._send(404, told.encode(), "text/plain")
        elif tool == "not_json":
            return self._send(200, b"{" + told.encode())
        elif tool == "garble":
            reply = {"result": {"content": [{"type": "text", "text": {"wrong": told}}]}}
        elif tool == "new_kind":
            reply = {"result": {"resultType": told, "content": []}}
        elif tool == "fail":
            content = [{"type": "text", "text": json.dumps(told).upper()}]
            structured = {"said": told}
            reply = {
                "result": {"isError": True, "content": content, "structuredContent": structured}
            }
        whole = json.dumps({"jsonrpc": "2.0", "id": asked["id"], **reply})
        if tool == "event":
            return self._send(200, f"data: {whole}\n\n".encode(), "text/event-stream")
        return self._send(200, whole.encode())

    def _send(
        self, status: int, data: bytes, kind: str = "application/json", location: str = ""
    ) -> None:
        self.send_response(status)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(data)))
        if location:
            self.send_header("location", location)
        self.end_headers()
        self.wfile.write(data)


@contextmanager
def echoing() -> Iterator[int]:
    """The port of a server, until the block ends."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
