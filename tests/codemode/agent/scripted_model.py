"""A local server that speaks as OpenAI's and Anthropic's do, and answers by a script.

Every chunk that it sends is made with the provider's own types, and every request is read with
them, so what passes here has the providers' wire format. Chat Completions, Responses and Messages,
with streaming and without. As a program it prints its URL and answers the JSON script in a file:

    python -m tests.codemode.agent.scripted_model script.json
"""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from tests.codemode.agent.wire import WIRES, Wire, WrongRequest


@dataclass(frozen=True)
class Answer:
    """What the model says to one request: text, then calls of tools.

    `hold` keeps the connection open after the text, until the client goes away. Another `status`
    than 200 is an error of the provider's, with `text` as its message.
    """

    text: str = ""
    calls: tuple[tuple[str, dict[str, Any]], ...] = ()
    hold: bool = False
    status: int = 200
    input_tokens: int = 100
    output_tokens: int = 10

    @classmethod
    def program(cls, program: str, text: str = "") -> Answer:
        """A call of `run`."""
        return cls(text, (("run", {"program": program}),))


@dataclass
class ScriptedModel:
    """The server's state: what it still has to say, and what it was asked."""

    answers: list[Answer]
    models: tuple[str, ...] = ("scripted-1",)
    requests: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    url: str = ""
    gone: threading.Event = field(default_factory=threading.Event)
    """Set when the client of an answer with `hold` has gone away."""

    def next(self) -> Answer:
        """The next answer of the script; without one it says so, as text."""
        return self.answers.pop(0) if self.answers else Answer("(the script is at its end)")


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    model: ScriptedModel

    def log_message(self, *_: Any) -> None:
        pass

    def do_GET(self) -> None:
        if self.path != "/v1/models":
            return self._send(404, {"error": {"message": "no such page"}})
        listed = [
            {"id": name, "object": "model", "created": 1, "owned_by": "us"}
            for name in self.model.models
        ]
        self._send(200, {"object": "list", "data": listed})

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        wire = WIRES.get(self.path)
        if wire is None:
            return self._send(404, {"error": {"message": f"no such page: {self.path}"}})
        self.model.requests.append(body)
        self.model.headers.append({key.lower(): value for key, value in self.headers.items()})
        try:
            wire.read(body, self.headers)
        except WrongRequest as error:
            self.model.problems.append(str(error))
            return self._send(400, wire.error(400, str(error)))
        answer = self.model.next()
        if answer.status != 200:
            self._send(answer.status, wire.error(answer.status, answer.text))
        elif body.get("stream"):
            self._stream(wire, answer, body)
        else:
            self._send(200, wire.whole(answer, body))

    def _stream(self, wire: Wire, answer: Answer, body: dict[str, Any]) -> None:
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.send_header("connection", "close")
        self.end_headers()
        self.close_connection = True
        try:
            for name, data in wire.events(answer, body):
                line = f"event: {name}\n" if name else ""
                self._write(f"{line}data: {data}\n\n")
                if answer.hold and wire.is_end_of_text(name, data):
                    self._hold()
        except OSError:
            self.model.gone.set()

    def _hold(self) -> None:
        self.connection.settimeout(60)
        # Nothing more comes from the client but the end of the connection.
        if self.connection.recv(1) == b"":
            raise OSError("the client went away")

    def _write(self, text: str) -> None:
        self.wfile.write(text.encode())
        self.wfile.flush()

    def _send(self, status: int, data: dict[str, Any]) -> None:
        raw = json.dumps(data).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)


@contextmanager
def scripted(*answers: Answer) -> Iterator[ScriptedModel]:
    """A server with this script, while the block lasts."""
    model = ScriptedModel(list(answers))
    handler = type("Handler", (_Handler,), {"model": model})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    model.url = f"http://127.0.0.1:{server.server_address[1]}/v1"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield model
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def main() -> None:
    """Serve the script in the file that is named, until killed."""
    script = json.loads(Path(sys.argv[1]).read_text())
    answers = [
        Answer(one.get("text", ""), tuple((name, given) for name, given in one.get("calls", ())))
        for one in script
    ]
    with scripted(*answers) as model:
        print(model.url, flush=True)
        threading.Event().wait()


if __name__ == "__main__":
    main()
