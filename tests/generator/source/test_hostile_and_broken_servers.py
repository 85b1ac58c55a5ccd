from __future__ import annotations

import gzip
import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.generator.source.taking import scripted, take_command, take_entry, take_one, tool_names


def test_an_endless_list_ends() -> None:
    taken = take_command(scripted({"endless": "tools/list"}))
    assert "lists more than 1000 pages" in str(taken.error)


@pytest.mark.parametrize("kind", ["prompts", "resources", "resources/templates"])
def test_an_endless_list_that_an_sdk_can_do_without_ends_too(kind: str) -> None:
    plan = {
        "endless": f"{kind}/list",
        "capabilities": {"tools": {}, "prompts": {}, "resources": {}},
        "results": {
            "tools/list": {"tools": [{"name": "a"}]},
            "prompts/list": {"prompts": []},
            "resources/list": {"resources": []},
            "resources/templates/list": {"resourceTemplates": []},
        },
    }
    taken = take_command(scripted(plan), timeout_s=400)
    assert tool_names(taken) == ["a"]
    assert taken.snapshot is not None
    (found,) = taken.snapshot.diagnostics
    assert found.code == "list-failed"
    assert "lists more than 1000 pages of" in found.message


def test_a_server_that_repeats_its_cursor_is_read_once() -> None:
    taken = take_command(scripted({"stuck": "tools/list"}))
    assert tool_names(taken) == ["again"]
    assert taken.snapshot is not None
    assert [found.code for found in taken.snapshot.diagnostics] == ["odd-paging"]


def test_a_server_with_too_many_tools_is_refused() -> None:
    assert "lists more than 10000 tools" in str(take_command(scripted({"many": 10_001})).error)


def test_a_definition_beyond_all_proportion_is_left_out() -> None:
    taken = take_command(scripted({"many": 2, "big": 3_000_000}))
    assert tool_names(taken) == ["t1"]


def test_a_server_that_never_ends_a_line_is_cut_off() -> None:
    command = [sys.executable, "-c", "while True: print('x' * 1000000, end='')"]
    assert "it wrote more than" in str(take_command(command, timeout_s=60).error)


def test_a_program_that_is_no_server_is_quoted() -> None:
    taken = take_command(["echo", "hello \x1b[31m world"])
    assert "not an MCP server: exited with code 0" in str(taken.error)
    assert r"'hello \x1b[31m world'" in str(taken.error)


def test_log_lines_between_the_messages_do_no_harm() -> None:
    plan = {"stdout": "starting\n[1, 2]\n", "results": {"tools/list": {"tools": [{"name": "a"}]}}}
    assert tool_names(take_command(scripted(plan))) == ["a"]


def test_a_message_that_is_not_json_fails_at_once() -> None:
    taken = take_command(scripted({"stdout": '{"jsonrpc": oops\n'}), timeout_s=20)
    assert "it wrote a line that is not JSON" in str(taken.error)
    assert taken.seconds < 10


def test_an_answer_that_is_no_response_fails_at_once() -> None:
    taken = take_command(scripted({"results": {"tools/list": "none"}}), timeout_s=60)
    assert "it wrote an answer that is no JSON-RPC response" in str(taken.error)


def test_a_server_that_hangs_is_given_up_after_its_time() -> None:
    taken = take_command(scripted({"silent": ["server/discover", "initialize"]}), timeout_s=1)
    assert str(taken.error) == "srv: timed out after 1 s while connecting"


def test_a_server_that_dies_while_listing_says_so() -> None:
    taken = take_command(scripted({"exit_on": "tools/list"}))
    assert "exited with code 4 before it had listed its tools" in str(taken.error)
    assert taken.error is not None and taken.error.detail == "cannot go on"


def test_only_the_beginning_and_the_end_of_a_long_stderr_are_kept() -> None:
    plan = {"stderr": "".join(f"line {number}\n" for number in range(3000)), "exit": 1}
    taken = take_command(scripted(plan))
    assert taken.error is not None
    first, last = ([f"line {n}" for n in lines] for lines in (range(6), range(2986, 3000)))
    assert taken.error.detail.splitlines() == [*first, "…", *last]


def test_an_error_answer_is_quoted_as_data() -> None:
    error = {"code": -32000, "message": "no licence \x1b[2J"}
    taken = take_command(scripted({"errors": {"initialize": error}}))
    assert r"answered with error -32000: 'no licence \x1b[2J'" in str(taken.error)


def test_a_missing_working_folder_is_not_called_a_missing_command(tmp_path: Path) -> None:
    taken = take_entry({"command": "echo", "cwd": "nowhere"}, tmp_path)
    assert "working folder does not exist" in str(taken.error)


@pytest.mark.parametrize(
    ("status", "words"),
    [(401, "HTTP 401 Unauthorized"), (404, "HTTP 404 Not Found"), (500, "HTTP 500")],
)
def test_http_refusals_are_named(
    status: int, words: str, http_answering: Callable[..., str]
) -> None:
    taken = take_one(http_answering(status) + "/mcp")
    assert words in str(taken.error)


@pytest.mark.parametrize("status", [400, 404, 405, 406, 501])
def test_an_address_of_an_ordinary_page_is_answered_with_addresses_to_try(
    status: int, http_answering: Callable[..., str]
) -> None:
    base = http_answering(status, b"<html>no</html>", content_type="text/html")
    error = take_one(f"{base}/docs/?key=s3cret").error
    assert error is not None
    assert f"no MCP endpoint at this address (HTTP {status} " in str(error)
    assert error.hint == f"try {base}/docs/mcp or {base}/docs/sse"


@pytest.mark.parametrize("end", ["mcp", "sse"])
def test_an_address_that_ends_as_endpoints_do_gets_no_other_to_try(
    end: str, http_answering: Callable[..., str]
) -> None:
    error = take_one(f"{http_answering(501)}/{end}").error
    assert error is not None
    assert error.hint == "check the address, and that this server speaks MCP"


def test_an_address_where_nothing_listens_is_named() -> None:
    assert "could not connect" in str(take_one("http://127.0.0.1:9/mcp").error)


def test_a_web_page_is_no_server(http_answering: Callable[..., str]) -> None:
    url = http_answering(200, b"<html>", content_type="text/html")
    told = "answered with no JSON-RPC message and a body of type 'text/html' that begins '<html>'"
    assert told in str(take_one(url).error)


def test_a_compressed_bomb_is_not_unpacked(http_answering: Callable[..., str]) -> None:
    bomb = gzip.compress(b"0" * 10_000_000)
    url = http_answering(200, bomb, content_type="application/json", content_encoding="gzip")
    assert "compressed answer" in str(take_one(url).error)


def test_a_redirect_to_another_host_is_not_followed(http_answering: Callable[..., str]) -> None:
    target = http_answering(200, json.dumps({"jsonrpc": "2.0", "id": 1, "result": {}}).encode())
    url = http_answering(307, location=target)
    error = take_one(url).error
    assert f"the server redirects to {target}" in str(error)
    assert error is not None and target in error.hint
