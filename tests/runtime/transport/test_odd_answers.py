"""Answers with a blemish: what is there is read, the rest is noted, on every way to a server."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import odd_answers
import pytest
from mcp_sdkgen_codemode.policy.services import PinnedPrompt, Service
from mcp_sdkgen_runtime import (
    Arguments,
    AsyncClient,
    Client,
    ResourceGroup,
    ResultError,
    SessionError,
    SessionOptions,
    Tool,
    Unstructured,
)
from mcp_sdkgen_runtime.content.answer import read_answer
from mcp_sdkgen_runtime.session.direct_session import DirectSession
from mcp_sdkgen_runtime.session.session import LazySession
from mcp_sdkgen_runtime.tool.codec import decode
from odd_answers import OPENING, READ, REFUSED
from odd_web import Reply, odd_web, plainly

from tests.codemode.broker.guests import definition, through_broker
from tests.runtime.direct import directly

COMMAND = [sys.executable, odd_answers.__file__]
MISBEHAVING = [sys.executable, str(Path(odd_answers.__file__).with_name("misbehaving_server.py"))]


def tool(name: str, result: Any = Unstructured) -> Tool[Any]:
    return Tool(server="odd", name=name, arguments=Arguments, result=result, digest="")


class Odd(Client):
    SERVER = "odd"

    @property
    def resources(self) -> ResourceGroup:
        return ResourceGroup(self)

    def call(self, name: str, result: Any = Unstructured) -> Any:
        return self._call(tool(name, result), {})


class AsyncOdd(AsyncClient):
    SERVER = "odd"


def with_events(path: str, message: dict[str, Any]) -> Reply:
    body = f"event: message\ndata: {json.dumps(odd_answers.reply(message))}\n\n"
    return Reply(body.encode(), "text/event-stream")


def service() -> dict[str, Service]:
    names = [*READ, *(f"no_answer_{name}" for name in REFUSED)]
    known = {"name": "any", "uri": "odd://any"}
    offered = Service.of(
        "odd", LazySession("odd", COMMAND), {one: definition(one) for one in names}
    )
    return {
        "odd": replace(
            offered,
            prompts={"any": PinnedPrompt("odd", known)},
            resources={"odd://any": known},
        )
    }


@contextmanager
def bound(way: str, *, is_async: bool = False) -> Iterator[Any]:
    """What a client is bound to that reaches the server in this way."""
    with ExitStack() as opened:
        wire, _, session = way.partition(" ")
        binding: Any = COMMAND
        if wire == "broker":
            binding = opened.enter_context(through_broker(service, is_async=is_async))("odd")
        elif wire != "stdio":
            binding = opened.enter_context(odd_web(with_events if wire == "events" else plainly))
        if session == "directly" and is_async:
            binding = DirectSession("odd", binding)
        elif session == "directly":
            binding = opened.enter_context(directly("odd", binding))
        yield binding


@pytest.fixture(
    scope="module",
    params=[
        "stdio", "stdio directly", "http", "http directly", "events", "events directly", "broker",
    ],
)  # fmt: skip
def odd(request: pytest.FixtureRequest) -> Iterator[Odd]:
    with bound(request.param) as binding, Odd(binding) as client:
        yield client


def places(answer: Any) -> list[str]:
    return [note.split(": ")[0] for note in answer.notes]


def json_in(answer: Unstructured) -> Any:
    try:
        return answer.json()
    except ResultError:
        return None


@pytest.mark.parametrize("name", READ)
def test_what_can_be_read_of_an_answer_is_read_and_the_rest_is_noted(odd: Odd, name: str) -> None:
    _, text, data, noted = READ[name]
    answer = odd.call(name)
    assert (answer.text, json_in(answer), places(answer)) == (text, data, noted)


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_answer_names_the_field_and_is_read_leniently(odd: Odd, name: str) -> None:
    sent, place, data = REFUSED[name]
    with pytest.raises(ResultError, match=f"breaks the protocol: {place}: ") as refused:
        odd.call(f"no_answer_{name}")
    assert (refused.value.place, refused.value.answer) == (place, sent)
    assert json_in(odd.with_options(results="lenient").call(f"no_answer_{name}")) == data


@pytest.mark.parametrize("way", ["stdio", "stdio directly", "broker"])
def test_an_async_client_reads_the_same(way: str) -> None:
    async def call(binding: Any) -> Any:
        async with AsyncOdd(binding) as client:
            return await client._call(tool("unknown_beside_text"), {})

    with bound(way, is_async=True) as binding:
        answer = asyncio.run(call(binding))
    assert (answer.json(), places(answer)) == ([1, 2], ["content[1].type"])


@pytest.mark.parametrize("way", ["stdio", "broker"])
def test_prompts_and_resources_with_a_blemish_are_read_and_noted(way: str) -> None:
    with bound(way) as binding, Odd(binding) as client:
        prompt = client._get_prompt("any", {})
        assert (prompt.text, places(prompt)) == (
            "hi\nho",
            ["messages[0].role", "messages[0].content"],
        )
        resource = client.resources.read("odd://any")
        assert (resource.text, places(resource)) == ("hi", ["contents[0].uri"])


def test_an_array_is_the_result_of_a_typed_tool(odd: Odd) -> None:
    assert odd.call("list_ids", list[int]) == [1, 2]


def test_an_answer_that_does_not_fit_its_type_carries_all_of_the_answer(odd: Odd) -> None:
    with pytest.raises(ResultError) as misfit:
        odd.call("unknown_beside_text", dict[str, int])
    assert misfit.value.answer == READ["unknown_beside_text"][0]


def test_notes_are_bounded() -> None:
    notes = read_answer({"content": [5] * 1000}).notes
    assert (len(notes), notes[-1]) == (21, "980 more")


def test_an_error_that_the_server_reports_is_one_whatever_its_flag_is_made_of() -> None:
    failed = read_answer({"content": odd_answers.TEXT, "isError": "true"})
    assert failed.is_error and len(failed.notes) == 1
    assert decode(tool("t"), read_answer({"content": [], "isError": 0})).text == ""


ODD_OPENINGS: list[dict[str, Any]] = [
    {**OPENING, "serverInfo": {"name": "x"}},
    {**OPENING, "serverInfo": None},
    {**OPENING, "capabilities": {"tools": [], "logging": True, "resources": {"subscribe": {}}}},
    {**OPENING, "capabilities": []},
    {**OPENING, "instructions": ["be", "nice"]},
    {"protocolVersion": "2025-06-18"},
]


@pytest.mark.parametrize("opening", ODD_OPENINGS)
def test_a_server_whose_first_answer_is_odd_can_be_called(opening: Any) -> None:
    with Odd([*COMMAND, json.dumps(opening)]) as client:
        assert client.call("list_ids").json() == [1, 2]


def test_a_first_answer_that_cannot_be_used_names_the_field() -> None:
    with pytest.raises(SessionError, match="protocolVersion"):
        Odd([*COMMAND, '{"capabilities": {}}']).call("list_ids")


def test_one_odd_tool_costs_none_of_the_others_at_run_time() -> None:
    tools = [{"name": "any", "inputSchema": {}}, None, {"name": 5}, {"name": "b", "title": []}]

    def listing(path: str, message: dict[str, Any]) -> Reply:
        return Reply(json.dumps(odd_answers.reply(message, tools=tools)).encode())

    async def live(url: str) -> set[str]:
        session = LazySession("odd", url)
        try:
            return set(await session.live())
        finally:
            await session.aclose()

    with odd_web(listing) as url:
        assert asyncio.run(live(url)) == {"any", "b"}


def test_progress_and_logs_with_odd_members_are_told() -> None:
    steps: list[Any] = []
    logs: list[Any] = []

    def note(*step: Any) -> None:
        steps.append(step)

    with Odd(MISBEHAVING, options=SessionOptions(on_log=logs.append)) as odd:
        odd.with_options(on_progress=note).call("odd_progress")
        odd.call("odd_log")
        odd.call("pid")
    assert steps == [(50.0, 100.0, None), (75.0, None, '["x"]')]
    assert [(log.level, log.data) for log in logs] == [("warning", "slow")]


FIRST = "import sys; print('the cause', file=sys.stderr)\n"
NOISE = "for n in range(20000): print('noise', n, file=sys.stderr)\n"


def test_a_failed_start_shows_the_first_and_the_last_lines_of_stderr(tmp_path: Path) -> None:
    program = tmp_path / "server.py"
    program.write_text(FIRST + NOISE + "sys.exit('the end')\n")
    with pytest.raises(SessionError) as failed:
        Odd([sys.executable, str(program)]).call("any")
    lines = failed.value.stderr.splitlines()
    assert (lines[0], lines[-1]) == ("the cause", "the end")
    assert "…" in lines
