"""A server over HTTP that answers as a test says: each request is turned into a response."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import odd_answers


@dataclass(frozen=True)
class Reply:
    """An HTTP response."""

    body: bytes = b""
    kind: str = "application/json"
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


Replying = Callable[[str, dict[str, Any]], Reply]
"""Makes a response of a path and a JSON-RPC request."""


def plainly(path: str, message: dict[str, Any]) -> Reply:
    """The answer of `odd_answers`, as JSON."""
    return Reply(json.dumps(odd_answers.reply(message)).encode())


@contextmanager
def odd_web(replying: Replying = plainly) -> Iterator[str]:
    """The URL of a server whose requests `replying` answers."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            message = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            reply = Reply(status=202) if "id" not in message else replying(self.path, message)
            self.send_response(reply.status)
            if reply.kind:
                self.send_header("Content-Type", reply.kind)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(reply.body)))
            self.end_headers()
            self.wfile.write(reply.body)

        def do_GET(self) -> None:
            self.send_response(405)
            self.send_header("Content-Length", "0")
            self.end_headers()

        do_DELETE = do_GET

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/mcp"
    finally:
        server.shutdown()
        server.server_close()
