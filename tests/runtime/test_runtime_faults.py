"""Servers that misbehave: each gets the documented error, and the next call works."""

from __future__ import annotations

import json
import socket
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from mcp_sdkgen_runtime import (
    Arguments,
    CallOptions,
    CallTimeout,
    Client,
    ResultError,
    SessionError,
    Tool,
    Unstructured,
)

HERE = Path(__file__).parent
COMMAND = [sys.executable, str(HERE / "servers" / "misbehaving_server.py")]


def tool(name: str, definition: dict[str, Any] | None = None) -> Tool[Unstructured]:
    made: Tool[Unstructured] = Tool(
        server="odd", name=name, arguments=Arguments, result=Unstructured, digest=""
    )
    made.__dict__["definition"] = definition or {}
    return made


class Odd(Client):
    SERVER = "odd"

    def call(self, name: str, **definition: Any) -> str:
        return self._call(tool(name, definition), {}).text


@pytest.fixture
def odd() -> Iterator[Odd]:
    with Odd(COMMAND) as client:
        yield client


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir())) if sys.platform == "linux" else 0


def test_noise_on_stdout_does_not_lose_the_answer(odd: Odd) -> None:
    assert odd.call("garbage") == "after garbage"
    assert odd.call("pid")


def test_a_second_answer_to_one_question_is_ignored(odd: Odd) -> None:
    assert odd.call("twice") == "first"
    assert int(odd.call("pid")) > 0


def test_an_answer_of_fifty_megabytes_arrives(odd: Odd) -> None:
    assert len(odd.call("huge")) == 50_000_000
    assert odd.call("pid")


def test_a_line_without_end_costs_the_connection_not_the_memory(
    odd: Odd, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = odd.call("pid")
    monkeypatch.setattr("mcp_sdkgen_runtime.stdio_lines.MAX_LINE_BYTES", 1_000_000)
    with pytest.raises(SessionError, match="line of more than 1000000 bytes"):
        odd.with_options(timeout_s=30).call("endless")
    assert odd.call("pid") != before


def test_a_flood_on_stderr_does_not_block_the_server(odd: Odd) -> None:
    assert odd.call("chatty_stderr") == "done"


def test_an_answer_to_another_question_is_no_answer(odd: Odd) -> None:
    with pytest.raises(CallTimeout):
        odd.with_options(timeout_s=0.3).call("wrong_id")
    assert odd.call("pid")


@pytest.mark.parametrize("death", ["die_before", "half_frame", "mute"])
def test_a_server_that_breaks_off_loses_the_call_and_is_replaced(odd: Odd, death: str) -> None:
    before = odd.call("pid")
    with pytest.raises(SessionError, match="may have run") as lost:
        odd.call(death)
    assert lost.value.ran is None
    assert odd.call("pid") != before


def test_a_server_that_dies_after_its_answer_lost_nothing(odd: Odd) -> None:
    before = odd.call("pid")
    assert odd.call("die_after") == "last words"
    # Whether its end is seen before or after the next call is written is up to the machine; a
    # repeatable tool may be asked again either way.
    assert odd.with_options(retries=2).call("pid", annotations={"readOnlyHint": True}) != before


def test_an_answer_that_breaks_the_protocol_is_a_result_error(odd: Odd) -> None:
    with pytest.raises(ResultError, match="breaks the protocol") as misfit:
        odd.call("wrong_shape")
    assert misfit.value.data == "not a list"
    assert odd.call("pid")


def test_a_slow_start_is_waited_for() -> None:
    with Odd([*COMMAND, "1"]) as slow:
        assert slow.call("pid")


def test_nothing_is_left_open_after_losses(odd: Odd) -> None:
    odd.call("pid")
    before = open_files()
    for _ in range(3):
        with pytest.raises(SessionError):
            odd.call("die_before")
        odd.call("pid")
    deadline = time.monotonic() + 5
    while open_files() > before + 2 and time.monotonic() < deadline:
        threading.Event().wait(0.05)
    assert open_files() <= before + 2


class Web(BaseHTTPRequestHandler):
    """Streamable HTTP by hand; a tool's name is how its call ends."""

    protocol_version = "HTTP/1.1"
    calls: list[str]

    def do_POST(self) -> None:
        message = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        method, request_id = message.get("method"), message.get("id")
        if method == "initialize":
            facts = {"protocolVersion": "2025-06-18", "capabilities": {"tools": {}}}
            self.reply(request_id, {**facts, "serverInfo": {"name": "w", "version": "0"}})
        elif method == "tools/call":
            self.call(message["params"]["name"], request_id)
        elif request_id is None:
            self.status(202)
        else:
            self.status(400)

    def call(self, name: str, request_id: Any) -> None:
        type(self).calls.append(name)
        times = type(self).calls.count(name)
        if name.startswith("status-") or (name.startswith("once-") and times == 1):
            self.status(int(name.split("-")[1]))
        elif name == "drop":
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", "1000")
            self.end_headers()
            self.wfile.write(b'{"jsonrpc"')
            self.wfile.flush()
            self.connection.shutdown(socket.SHUT_RDWR)
        else:
            self.reply(request_id, {"content": [{"type": "text", "text": f"{name} {times}"}]})

    def do_GET(self) -> None:
        self.status(405)

    do_DELETE = do_GET

    def status(self, code: int) -> None:
        self.send_response(code)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def reply(self, request_id: Any, result: dict[str, Any]) -> None:
        body = json.dumps({"jsonrpc": "2.0", "id": request_id, "result": result}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture
def web() -> Iterator[Odd]:
    handler = type("Handler", (Web,), {"calls": []})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with Odd(f"http://127.0.0.1:{server.server_port}/mcp") as client:
        client.asked = handler.calls  # type: ignore[attr-defined]
        yield client
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize(
    ("status", "ran"), [(401, None), (403, None), (429, False), (500, None), (503, None)]
)
def test_an_http_error_is_named_and_the_next_call_works(web: Odd, status: int, ran: Any) -> None:
    with pytest.raises(SessionError, match=f"HTTP status {status}") as failed:
        web.call(f"status-{status}")
    assert failed.value.http_status == status
    assert failed.value.ran is ran
    assert web.call("pid") == "pid 1"


def test_a_connection_dropped_within_an_answer_is_a_session_error(web: Odd) -> None:
    with pytest.raises(SessionError) as lost:
        web.with_options(timeout_s=10).call("drop")
    assert lost.value.ran is None
    assert web.call("pid") == "pid 1"


def test_only_what_is_safe_is_asked_again(web: Odd) -> None:
    trying = web.with_options(retries=2)
    asked: list[str] = web.asked  # type: ignore[attr-defined]
    assert trying.call("once-429") == "once-429 2"
    assert trying.call("once-503", annotations={"idempotentHint": True}) == "once-503 2"
    with pytest.raises(SessionError):
        trying.call("status-503")
    assert asked.count("status-503") == 1
    with pytest.raises(SessionError):
        trying.call("status-401", annotations={"readOnlyHint": True})
    assert asked.count("status-401") == 1
    with pytest.raises(SessionError):
        trying.call("drop")
    assert asked.count("drop") == 1


def test_a_call_of_which_nothing_was_sent_is_asked_again() -> None:
    class Busy:
        asked = 0

        def call(
            self, tool: str, arguments: dict[str, Any], options: CallOptions | None = None
        ) -> Any:
            self.asked += 1
            raise SessionError("not today", ran=False)

    busy = Busy()
    with pytest.raises(SessionError, match="not today"):
        Odd(busy).with_options(retries=2).call("pid")
    assert busy.asked == 3
