from __future__ import annotations

import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from tests.generator.source.taking import SERVERS


@pytest.fixture
def typed_http() -> Iterator[Callable[[str], str]]:
    """Starts servers/typed.py over a network transport and gives its base URL."""
    running: list[subprocess.Popen[str]] = []

    def start(kind: str) -> str:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        process = subprocess.Popen(
            [sys.executable, str(SERVERS / "typed.py"), kind, str(port)],
            stderr=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            text=True,
        )
        running.append(process)
        assert process.stderr is not None
        for line in process.stderr:
            if "running on" in line:
                threading.Thread(target=process.stderr.read, daemon=True).start()
                return f"http://127.0.0.1:{port}"
        raise AssertionError("the server ended before it was ready")

    yield start
    for process in running:
        process.terminate()
        process.wait()


@pytest.fixture
def http_answering() -> Iterator[Callable[..., str]]:
    """Starts an HTTP server that gives every request the same answer; gives its URL."""
    running: list[ThreadingHTTPServer] = []

    def start(status: int, body: bytes = b"", **headers: str) -> str:
        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self.rfile.read(int(self.headers.get("content-length", 0)))
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name.replace("_", "-"), value)
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_GET = do_DELETE = do_POST

            def log_message(self, *_: Any) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        running.append(server)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{server.server_port}"

    yield start
    for server in running:
        server.shutdown()
        server.server_close()
