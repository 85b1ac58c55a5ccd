"""Errors say what the server did: what `mcp` makes up is not told as the server's answer."""

from __future__ import annotations

import json
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import odd_answers
import pytest
from mcp_sdkgen_runtime import Arguments, Client, SessionError, Tool, ToolError, Unstructured
from odd_web import Reply, Replying, odd_web, plainly

from tests.runtime.direct import directly

WAYS = ("through mcp", "directly")

ANY: Tool[Unstructured] = Tool(
    server="odd", name="list_ids", arguments=Arguments, result=Unstructured, digest=""
)


class Odd(Client):
    SERVER = "odd"

    def call(self) -> Any:
        return self._call(ANY, {}).json()


def calls_with(reply: Replying) -> Replying:
    """Plain answers, but to calls of tools."""

    def replying(path: str, message: dict[str, Any]) -> Reply:
        return (reply if message["method"] == "tools/call" else plainly)(path, message)

    return replying


def body(message: dict[str, Any], **changed: Any) -> bytes:
    return json.dumps({**odd_answers.reply(message), **changed}).encode()


READ: dict[str, Replying] = {
    "a byte order mark": lambda _, m: Reply(b"\xef\xbb\xbf" + body(m)),
    "a batch": lambda _, m: Reply(b"[" + body(m) + b"]"),
    "a batch with a notification": lambda _, m: Reply(
        b'[{"jsonrpc": "2.0", "method": "notifications/tools/list_changed"},' + body(m) + b"]"
    ),
    "no content type": lambda _, m: Reply(body(m), ""),
    "text/plain": lambda _, m: Reply(body(m), "text/plain; charset=utf-8"),
    "no jsonrpc": lambda _, m: Reply(body(m, jsonrpc=None)),
    "an id of null": lambda _, m: Reply(body(m, id=None)),
    "an id as text": lambda _, m: Reply(body(m, id=str(m["id"]))),
    "an error of null": lambda _, m: Reply(body(m, error=None)),
    "an event with an id of null": lambda _, m: Reply(
        b"data: " + body(m, id=None) + b"\n\n", "text/event-stream"
    ),
    "an event after a mark": lambda _, m: Reply(
        b"\xef\xbb\xbfdata: " + body(m) + b"\r\n\r\n", "text/event-stream"
    ),
    "an event without its end": lambda _, m: Reply(b"data: " + body(m), "text/event-stream"),
    "a redirect that keeps the method": lambda path, m: (
        Reply(body(m)) if path == "/mcp/" else Reply(status=307, headers={"Location": "/mcp/"})
    ),
}


NEED_MCP = {"a redirect that keeps the method", "a redirect to another host"}


def bound(url: str, way: str, odd: str = "") -> AbstractContextManager[Any]:
    """What a client is bound to, in one of two ways."""
    if way == "through mcp":
        return nullcontext(url)
    return directly("odd", url, needs_mcp=odd in NEED_MCP)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("odd", READ)
def test_an_answer_in_an_odd_envelope_is_read(odd: str, way: str) -> None:
    replying = calls_with(READ[odd])
    with odd_web(replying) as url, bound(url, way, odd) as binding, Odd(binding) as client:
        assert client.call() == [1, 2]


TOLD: dict[str, tuple[Replying, str]] = {
    "a page": (
        lambda _, m: Reply(b"<html>Log in</html>", "text/html"),
        "a body of type 'text/html' that begins '<html>Log in</html>'",
    ),
    "nothing": (lambda _, m: Reply(b"", ""), "no JSON-RPC message and an empty body"),
    "accepted": (lambda _, m: Reply(status=202), "accepted the request .HTTP status 202."),
    "a status": (
        lambda _, m: Reply(b"<html>Cloudflare</html>", "text/html", 403),
        "HTTP status 403 .Forbidden. and a body of type 'text/html' that begins '<html>Cloudflare",
    ),
    "another event": (
        lambda _, m: Reply(b"event: response\ndata: " + body(m) + b"\n\n", "text/event-stream"),
        "the server's events are named 'response'",
    ),
    "words on a stream": (
        lambda _, m: Reply(b"Jwt issuer is not configured", "text/event-stream"),
        "no event and a body of type 'text/event-stream' that begins 'Jwt issuer is not conf",
    ),
    "lines of words on a stream": (
        lambda _, m: Reply(b"upstream: gone\n\nrequest: 7\n\n", "text/event-stream"),
        "no event and a body of type 'text/event-stream' that begins 'upstream: gone",
    ),
    "a redirect that would lose the call": (
        lambda _, m: Reply(status=301, headers={"Location": "/else?key=secret"}),
        "redirects to http://127.0.0.1:[0-9]+/else .HTTP status 301",
    ),
    "a redirect to another host": (
        lambda _, m: Reply(status=307, headers={"Location": "https://else.test/mcp"}),
        "redirects to https://else.test/mcp .*nothing was sent there",
    ),
    "who are you": (
        lambda _, m: Reply(
            b"{}", status=401, headers={"WWW-Authenticate": 'Bearer Resource_Metadata = "http://x"'}
        ),
        'it names OAuth metadata: write "auth": "oauth" .* `mcp-sdkgen login odd`',
    ),
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("odd", TOLD)
def test_what_came_in_place_of_an_answer_is_told(odd: str, way: str) -> None:
    reply, told = TOLD[odd]
    with (
        odd_web(calls_with(reply)) as url,
        bound(url, way, odd) as binding,
        Odd(binding) as client,
        pytest.raises(SessionError, match=told) as failed,
    ):
        client.call()
    assert failed.value.code is None
    assert "the server refused" not in str(failed.value)
    assert "secret" not in str(failed.value)


@pytest.mark.parametrize("odd", TOLD)
def test_a_server_that_begins_so_is_told_the_same_way(odd: str) -> None:
    reply, told = TOLD[odd]
    if odd in ("a status", "who are you"):
        told = told.replace("HTTP status", "HTTP").split(" .Forb")[0]
    with odd_web(reply) as url, pytest.raises(SessionError, match=told):
        Odd(url).call()


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("code", ["9" * 400, "1e400", f'"{"9" * 400}"'])
def test_a_code_that_is_no_number_to_reckon_with_costs_only_its_call(code: str, way: str) -> None:
    odd: dict[str, Replying] = {"now": plainly}

    def refusing(path: str, message: dict[str, Any]) -> Reply:
        answer = body(message, result=None, error={"code": 1, "message": "no"})
        return Reply(answer.replace(b'"code": 1', f'"code": {code}'.encode()))

    with (
        odd_web(lambda path, message: odd["now"](path, message)) as url,
        bound(url, way) as binding,
        Odd(binding) as client,
    ):
        odd["now"] = calls_with(refusing)
        with pytest.raises(SessionError, match="the server refused: no"):
            client.call()
        odd["now"] = plainly
        assert client.call() == [1, 2]


@pytest.mark.parametrize("way", WAYS)
def test_an_error_of_the_server_at_an_http_error_is_its_own(way: str) -> None:
    def refusing(path: str, message: dict[str, Any]) -> Reply:
        error = {"code": -32602, "message": "no such account"}
        sent = {"jsonrpc": "2.0", "id": None, "error": error}
        return Reply(json.dumps(sent).encode(), "text/plain", 422)

    with (
        odd_web(calls_with(refusing)) as url,
        bound(url, way) as binding,
        Odd(binding) as client,
        pytest.raises(SessionError, match="the server refused: no such account") as failed,
    ):
        client.call()
    assert failed.value.code == -32602


@pytest.mark.parametrize("way", WAYS)
def test_an_error_that_is_a_text_has_no_code(way: str) -> None:
    def refusing(_: str, message: dict[str, Any]) -> Reply:
        return Reply(body(message, result=None, error="out of paper"))

    with (
        odd_web(calls_with(refusing)) as url,
        bound(url, way) as binding,
        Odd(binding) as client,
        pytest.raises(SessionError, match=r"the server refused: out of paper$") as failed,
    ):
        client.call()
    assert failed.value.code is None


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("sent", [b"slow down", b""])
def test_a_busy_server_is_told_with_when_to_ask_again(way: str, sent: bytes) -> None:
    busy = Reply(sent, "text/plain", 429, {"Retry-After": "7"})
    with (
        odd_web(calls_with(lambda _, m: busy)) as url,
        bound(url, way) as binding,
        Odd(binding) as client,
        pytest.raises(SessionError, match=r"429.*try again after 7 s$") as failed,
    ):
        client.call()
    assert failed.value.ran is False


@pytest.mark.parametrize("way", WAYS)
def test_a_failure_that_is_told_as_data_only_is_shown(way: str) -> None:
    def failing(_: str, message: dict[str, Any]) -> Reply:
        data = {"code": "RATE_LIMITED", "retry_after": 30}
        return Reply(
            body(message, result={"content": [], "isError": True, "structuredContent": data})
        )

    with (
        odd_web(calls_with(failing)) as url,
        bound(url, way) as binding,
        Odd(binding) as client,
        pytest.raises(ToolError, match=r"failed with .'code': 'RATE_LIMITED', 'retry_after': 30"),
    ):
        client.call()
