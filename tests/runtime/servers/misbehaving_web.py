"""Streamable HTTP by hand, for a server that misbehaves as its tools are named."""

from __future__ import annotations

import gzip
import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from heavy_answers import HEAVY, heavy


class Web(BaseHTTPRequestHandler):
    """`greeting_s` is how long it takes to greet; `calls` are the tools that were called."""

    protocol_version = "HTTP/1.1"
    calls: list[str]
    greeting_s: float

    def do_POST(self) -> None:
        message = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        method, request_id = message.get("method"), message.get("id")
        if method == "initialize":
            time.sleep(self.greeting_s)
            facts = {"protocolVersion": "2025-06-18", "capabilities": {"tools": {}}}
            self.result(request_id, {**facts, "serverInfo": {"name": "w", "version": "0"}})
        elif method == "tools/call":
            type(self).calls.append(message["params"]["name"])
            self.call(message["params"]["name"], request_id)
        elif request_id is None:
            self.status(202)
        else:
            self.status(400)

    def call(self, name: str, request_id: Any) -> None:
        times = self.calls.count(name)
        if name.startswith("status-") or (name.startswith("once-") and times == 1):
            self.status(int(name.split("-")[1]))
        elif name == "crash_before":
            self.hang_up()
        elif name == "crash_during":
            self.head(1000)
            self.wfile.write(b'{"jsonrpc"')
            self.hang_up()
        elif name == "crash_after":
            self.text(request_id, "last words")
            self.hang_up()
        elif name == "garbage":
            self.body(b"caf\xe9 <html>")
        elif name == "compressed":
            self.body(gzip.compress(json.dumps(self.answer(request_id, "x")).encode()), zipped=True)
        elif name == "wrong_id":
            self.text(987654, "for nobody")
        elif name == "twice":
            answers = [self.answer(request_id, "first"), self.answer(request_id, "second")]
            events = b"".join(b"data: %s\n\n" % json.dumps(one).encode() for one in answers)
            self.body(events, "text/event-stream")
        elif name == "huge":
            self.text(request_id, "x" * 50_000_000)
        elif name in HEAVY:
            self.body(heavy(name, request_id).encode())
        elif name.removeprefix("event: ") in HEAVY:
            event = heavy(name.removeprefix("event: "), request_id).encode()
            self.body(b"data: %s\n\n" % event, "text/event-stream")
        elif name == "hang":
            threading.Event().wait(20)
        else:
            self.text(request_id, f"{name} {times}")

    def do_GET(self) -> None:
        self.status(405)

    do_DELETE = do_GET

    def hang_up(self) -> None:
        self.wfile.flush()
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    def status(self, code: int) -> None:
        self.send_response(code)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def head(self, length: int, kind: str = "application/json", *, zipped: bool = False) -> None:
        self.send_response(200)
        if zipped:
            self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(length))
        self.end_headers()

    def body(self, body: bytes, kind: str = "application/json", *, zipped: bool = False) -> None:
        self.head(len(body), kind, zipped=zipped)
        self.wfile.write(body)

    def result(self, request_id: Any, result: dict[str, Any]) -> None:
        self.body(json.dumps({"jsonrpc": "2.0", "id": request_id, "result": result}).encode())

    def answer(self, request_id: Any, text: str) -> dict[str, Any]:
        content = [{"type": "text", "text": text}]
        return {"jsonrpc": "2.0", "id": request_id, "result": {"content": content}}

    def text(self, request_id: Any, text: str) -> None:
        self.body(json.dumps(self.answer(request_id, text)).encode())

    def log_message(self, format: str, *args: Any) -> None:
        pass


@contextmanager
def misbehaving_web(greeting_s: float = 0) -> Iterator[tuple[str, list[str]]]:
    """The server's URL, and the tools that it was asked for."""
    calls: list[str] = []
    handler = type("Handler", (Web,), {"calls": calls, "greeting_s": greeting_s})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/mcp", calls
    finally:
        server.shutdown()
        server.server_close()
