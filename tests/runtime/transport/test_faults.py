"""Servers that misbehave: each gets the documented error, and the next call works."""

from __future__ import annotations

import asyncio
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from mcp.client import streamable_http
from mcp_sdkgen_runtime import (
    Arguments,
    CallOptions,
    CallTimeout,
    Client,
    LazySession,
    ResultError,
    SessionError,
    SessionOptions,
    Tool,
    Unstructured,
)
from mcp_sdkgen_runtime.errors import AnswerTooLarge
from mcp_sdkgen_runtime.session.direct_session import DirectSession
from misbehaving_web import misbehaving_web

from tests.patience import HANG_S
from tests.runtime import direct

HERE = Path(__file__).parents[1]
COMMAND = [sys.executable, str(HERE / "servers" / "misbehaving_server.py")]


def tool(name: str, definition: dict[str, Any] | None = None) -> Tool[Unstructured]:
    made: Tool[Unstructured] = Tool(
        server="odd", name=name, arguments=Arguments, result=Unstructured, digest=""
    )
    made.__dict__["definition"] = definition or {}
    return made


SMALL = SessionOptions(max_answer_bytes=1_000_000)


class Odd(Client):
    SERVER = "odd"

    def call(self, name: str, **definition: Any) -> str:
        return self._call(tool(name, definition), {}).text


Way = Callable[..., AbstractContextManager[Odd]]


@contextmanager
def through_mcp(binding: Any, options: SessionOptions | None = None) -> Iterator[Odd]:
    with Odd(binding, options=options) as client:
        yield client


@contextmanager
def directly(binding: Any, options: SessionOptions | None = None) -> Iterator[Odd]:
    with direct.directly("odd", binding, options) as session, Odd(session) as client:
        yield client


@pytest.fixture(params=[through_mcp, directly], ids=lambda way: way.__name__)
def to(request: pytest.FixtureRequest) -> Way:
    """The way to a server."""
    way: Way = request.param
    return way


@pytest.fixture
def odd(to: Way) -> Iterator[Odd]:
    with to(COMMAND) as client:
        yield client


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir())) if sys.platform == "linux" else 0


def settled(files: int) -> bool:
    """Whether no more than so many files are open, soon."""
    deadline = time.monotonic() + HANG_S
    while open_files() > files and time.monotonic() < deadline:
        threading.Event().wait(0.05)
    return open_files() <= files


def test_noise_on_stdout_does_not_lose_the_answer(odd: Odd) -> None:
    assert odd.call("garbage") == "after garbage"
    assert odd.call("pid")


def test_a_second_answer_to_one_question_is_ignored(odd: Odd) -> None:
    assert odd.call("twice") == "first"
    assert int(odd.call("pid")) > 0


def test_an_answer_of_fifty_megabytes_arrives(odd: Odd) -> None:
    assert len(odd.call("huge")) == 50_000_000
    assert odd.call("pid")


@pytest.mark.parametrize("fault", ["endless", "huge"])
def test_a_line_beyond_the_limit_costs_the_connection_not_the_memory(to: Way, fault: str) -> None:
    with to(COMMAND, SMALL) as odd:
        before = odd.call("pid")
        with pytest.raises(AnswerTooLarge, match="line of more than 1000000 bytes"):
            odd.with_options(timeout_s=30).call(fault)
        assert odd.call("pid") != before


TOO_HEAVY = {
    "objects": "of more than 1000000 lists and objects",
    "values": "of more than 5000000 values and names",
    "names": "of more than 500000 names in one object",
}


@pytest.mark.parametrize("heavy", TOO_HEAVY)
def test_an_answer_of_too_many_parts_is_not_parsed(odd: Odd, heavy: str) -> None:
    before = odd.call("pid")
    with pytest.raises(AnswerTooLarge, match=f"a line {TOO_HEAVY[heavy]}"):
        odd.call(heavy)
    assert odd.call("pid") != before


LARGE = {"a table": "data", "a table as text": '[{"id":0,', "braces in text": '{"\\":[,{'}


@pytest.mark.parametrize("large", LARGE)
def test_a_table_of_200_000_rows_arrives_and_texts_have_no_parts(odd: Odd, large: str) -> None:
    assert odd.call(large).startswith(LARGE[large])


@pytest.mark.parametrize(
    ("paging", "words"),
    [
        ("new cursors", "lists more than 1000 pages of tools"),
        ("new cursors, nothing new", "10 of them with nothing new"),
        ("one cursor", "it gives the same cursor again; the list may be incomplete"),
        ("many tools", "lists more than 10000 tools"),
        ("cursors of a megabyte", "lists more than 33554432 bytes of tools"),
    ],
)
@pytest.mark.parametrize("kind", [LazySession, DirectSession])
def test_a_list_of_tools_without_end_is_an_error_of_the_list(
    kind: type[LazySession | DirectSession], paging: str, words: str
) -> None:
    async def live() -> None:
        session = kind("odd", [*COMMAND, "0", "2025-06-18", paging], SessionOptions())
        try:
            with pytest.raises(SessionError, match=f"its tools are not known: .*{words}"):
                await session.live()
            assert (await session.call("pid", {})).content
        finally:
            await session.aclose()

    asyncio.run(live())


@pytest.mark.parametrize("kind", [LazySession, DirectSession])
def test_a_server_that_pays_no_heed_to_cursors_is_listed_once(
    kind: type[LazySession | DirectSession],
) -> None:
    async def live() -> list[str]:
        paging = "no heed to cursors"
        session = kind("odd", [*COMMAND, "0", "2025-06-18", paging], SessionOptions())
        try:
            return list(await session.live())
        finally:
            await session.aclose()

    assert asyncio.run(live()) == ["tool"]


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


SPOILT = ["null", "neither", "deep", "digits", "blocks"]


@pytest.mark.parametrize("spoilt", SPOILT)
def test_an_answer_that_is_no_response_is_not_waited_for(odd: Odd, spoilt: str) -> None:
    with pytest.raises(ResultError, match="breaks the protocol"):
        odd.call(spoilt)
    assert odd.call("pid")


def test_an_answer_that_names_no_call_is_that_of_the_only_one(odd: Odd) -> None:
    with pytest.raises(SessionError, match="the server refused: Parse error") as refused:
        odd.call("null_id_error")
    assert refused.value.code == -32700
    assert odd.call("null_id_result") == "yours"


def test_an_answer_that_names_no_call_is_nobodys_where_several_wait(odd: Odd) -> None:
    with pytest.raises(CallTimeout):
        odd.with_options(timeout_s=0.3).call("never answered")
    with pytest.raises(CallTimeout):
        odd.with_options(timeout_s=0.3).call("null_id_error")


def test_a_line_of_a_log_in_json_is_no_answer(odd: Odd) -> None:
    assert odd.call("log_line") == "after the news"


def test_half_an_emoji_does_not_lose_the_answer(odd: Odd) -> None:
    assert odd.call("cut_emoji") == "\\ud83d \U0001f600 cut \ufffd"


@pytest.mark.parametrize(
    "tool, words",
    [
        ("own_32000", "the budget is spent"),
        ("own_32001", "no such account"),
        ("error_text", "boom"),
    ],
)
def test_an_error_of_the_server_is_told_in_its_words(odd: Odd, tool: str, words: str) -> None:
    with pytest.raises(SessionError, match=f"the server refused: {words}"):
        odd.call(tool)


def test_a_server_that_asks_and_never_listens_costs_the_connection_not_the_memory(
    odd: Odd, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = odd.call("pid")
    for reader in ("inbound", "wire.stdio"):
        monkeypatch.setattr(f"mcp_sdkgen_runtime.transport.{reader}.MAX_UNREAD", 50)
    with pytest.raises(SessionError, match="more than 50 messages unread"):
        odd.with_options(timeout_s=60).call("questions")
    assert odd.call("pid") != before


def test_a_slow_start_is_waited_for(to: Way) -> None:
    with to([*COMMAND, "1"]) as slow:
        assert slow.call("pid")


def test_nothing_is_left_open_after_losses(odd: Odd) -> None:
    odd.call("pid")
    before = open_files()
    for death in ("die_before", "half_frame", "mute") * 2:
        with pytest.raises(SessionError):
            odd.call(death)
        odd.call("pid")
    assert settled(before + 2)


@pytest.fixture
def web(to: Way) -> Iterator[Odd]:
    with misbehaving_web() as (url, calls), to(url) as client:
        client.asked = calls  # type: ignore[attr-defined]
        yield client


@pytest.mark.parametrize(
    ("status", "ran"), [(401, None), (403, None), (429, False), (500, None), (503, None)]
)
def test_an_http_error_is_named_and_the_next_call_works(web: Odd, status: int, ran: Any) -> None:
    with pytest.raises(SessionError, match=f"HTTP status {status}") as failed:
        web.call(f"status-{status}")
    assert failed.value.http_status == status
    assert failed.value.ran is ran
    assert web.call("pid") == "pid 1"


@pytest.mark.parametrize("fault", ["crash_before", "crash_during", "garbage", "compressed"])
def test_an_answer_that_does_not_come_over_http_is_a_session_error(web: Odd, fault: str) -> None:
    with pytest.raises(SessionError) as lost:
        web.with_options(timeout_s=10).call(fault)
    assert not isinstance(lost.value, CallTimeout)
    assert lost.value.ran is None
    assert web.call("pid") == "pid 1"


def test_a_body_beyond_the_limit_over_http_costs_the_call_not_the_memory(to: Way) -> None:
    with misbehaving_web() as (url, _), to(url, SMALL) as web:
        with pytest.raises(AnswerTooLarge, match="an answer of more than 1000000 bytes"):
            web.call("huge")
        assert web.call("pid") == "pid 1"


@pytest.mark.parametrize("heavy", TOO_HEAVY)
@pytest.mark.parametrize("way", ["", "event: "])
def test_an_answer_of_too_many_parts_over_http_is_not_parsed(
    web: Odd, way: str, heavy: str
) -> None:
    with pytest.raises(AnswerTooLarge, match=TOO_HEAVY[heavy]):
        web.call(f"{way}{heavy}")
    assert web.call("pid") == "pid 1"


@pytest.mark.parametrize("large", LARGE)
@pytest.mark.parametrize("way", ["", "event: "])
def test_a_table_of_200_000_rows_arrives_over_http(to: Way, web: Odd, way: str, large: str) -> None:
    reader = streamable_http.jsonrpc_message_adapter  # takes ten times the memory of ours
    with patch.object(streamable_http, "jsonrpc_message_adapter", wraps=reader) as read:
        assert web.call(f"{way}{large}").startswith(LARGE[large])
    sizes = [len(each.args[0]) for each in read.validate_json.call_args_list]
    assert max(sizes) < 100_000 if to is through_mcp else not sizes


@pytest.mark.parametrize("fault", ["hang", "wrong_id"])
def test_an_answer_that_never_comes_over_http_is_a_timeout(web: Odd, fault: str) -> None:
    with pytest.raises(CallTimeout):
        web.with_options(timeout_s=0.3).call(fault)
    assert web.call("pid") == "pid 1"


@pytest.mark.parametrize(
    ("fault", "answer"),
    [("crash_after", "last words"), ("twice", "first"), ("huge", "x" * 50_000_000)],
)
def test_an_answer_that_comes_over_http_is_taken(web: Odd, fault: str, answer: str) -> None:
    assert web.call(fault) == answer
    assert web.call("pid") == "pid 1"


def test_a_slow_start_over_http_is_waited_for(to: Way) -> None:
    with misbehaving_web(greeting_s=1) as (url, _), to(url) as slow:
        assert slow.call("pid") == "pid 1"


def test_nothing_is_left_open_after_losses_over_http(web: Odd) -> None:
    web.call("pid")
    before = open_files()
    for fault in ("crash_before", "crash_during", "garbage", "status-503") * 3:
        with pytest.raises(SessionError):
            web.call(fault)
        web.call("pid")
    # The server's ends of the connections are in this process too.
    assert settled(before + 4)


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
        trying.call("crash_during")
    assert asked.count("crash_during") == 1


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
