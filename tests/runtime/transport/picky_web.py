"""HTTP servers that know less of the protocol than others, each of a kind."""

from __future__ import annotations

import json
import queue
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.runtime.transport.servers.picky_server import answer

_VERSION_ERROR = {
    "code": -32022,
    "message": "Unsupported protocol version",
    "data": {"supported": ["2026-07-28"], "requested": "2025-11-25"},
}


@dataclass
class PickyWeb:
    """A running server: where it is, and what it was asked, in order. `kind` may be changed."""

    kind: str
    url: str = ""
    asked: list[str] = field(default_factory=list)
    streams: list[queue.Queue[bytes]] = field(default_factory=list)


@contextmanager
def picky_web(kind: str) -> Iterator[PickyWeb]:
    """A server of a kind: `sse_404` is one with SSE alone, whose answer to a POST is 404."""
    told = PickyWeb(kind)

    class Handler(_Handler):
        web = told

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: Any) -> None:
            """Clients that hang up are no news."""

    server = Server(("127.0.0.1", 0), Handler)
    told.url = f"http://127.0.0.1:{server.server_port}/mcp"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield told
    finally:
        for events in told.streams:
            events.put(b"")
        server.shutdown()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    web: PickyWeb

    def log_message(self, *_: Any) -> None:
        """Tests are told in `asked`."""

    def do_GET(self) -> None:
        if not self.web.kind.startswith("sse"):
            return self.status(405)
        self.web.asked.append("GET")
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.send_header("connection", "close")
        self.end_headers()
        streams = self.web.streams
        events: queue.Queue[bytes] = queue.Queue()
        streams.append(events)
        self.wfile.write(b"event: endpoint\ndata: /messages/%d\n\n" % (len(streams) - 1))
        while (event := events.get()) != b"":
            self.wfile.write(event)
        self.close_connection = True
        return None

    def do_DELETE(self) -> None:
        self.status(405)

    def do_POST(self) -> None:
        message = json.loads(self.rfile.read(int(self.headers.get("content-length", 0))))
        method, kind = message["method"], self.web.kind
        self.web.asked.append(method)
        by_sse = self.path.startswith("/messages/")
        if kind.startswith("sse") and not by_sse:
            return self.status(int(kind.rpartition("_")[2]))
        if "id" not in message:
            return self.status(202)
        if method == "server/discover" and kind.startswith("status_"):
            return self.status(int(kind.rpartition("_")[2]))
        if method == "server/discover" and kind == "hangs_up":
            self.close_connection = True
            self.connection.shutdown(2)
            return None
        found = answer(method, message.get("params") or {}, kind)
        if kind == "newest" and method == "initialize":
            found = {"error": _VERSION_ERROR}
        data = json.dumps({"jsonrpc": "2.0", "id": message["id"], **found}).encode()
        if by_sse:
            events = self.web.streams[int(self.path.rpartition("/")[2])]
            events.put(b"event: message\ndata: " + data + b"\n\n")
            return self.status(202)
        return self.status(200, data)

    def status(self, status: int, body: bytes = b"") -> None:
        self.send_response(status)
        if body:
            self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
