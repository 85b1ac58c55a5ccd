"""What servers ask back: answered by callbacks, declined without them."""

from __future__ import annotations

import asyncio
import io
import json
import sys
import threading
from pathlib import Path
from typing import Any

import mcp_types as types
import pytest
from mcp.server.lowlevel.server import Server
from mcp_sdkgen_runtime import (
    Arguments,
    AsyncClient,
    Client,
    Elicitation,
    LogMessage,
    ProgressBar,
    Sampling,
    SessionError,
    SessionOptions,
    Tool,
    Unstructured,
)

from tests.patience import HANG_S

COMMAND = [sys.executable, str(Path(__file__).parents[1] / "servers" / "misbehaving_server.py")]


class Asking(Client):
    SERVER = "asking"

    def call(self, name: str) -> Any:
        tool: Tool[Unstructured] = Tool(
            server="asking", name=name, arguments=Arguments, result=Unstructured, digest=""
        )
        return self._call(tool, {})


def answer(name: str, **options: Any) -> Any:
    with Asking(COMMAND, options=SessionOptions(**options)) as client:
        return client.call(name).json()


def test_without_callbacks_a_server_that_asks_is_refused() -> None:
    for tool in ("elicit", "sample", "roots"):
        assert answer(tool) == {"error": -32600}


def test_a_question_is_answered_with_fields_or_declined() -> None:
    asked: list[Elicitation] = []

    def fill(question: Elicitation) -> dict[str, Any]:
        asked.append(question)
        return {"name": "Ada"}

    async def decline(question: Elicitation) -> None:
        return None

    assert answer("elicit", on_elicit=fill) == {"action": "accept", "content": {"name": "Ada"}}
    assert asked[0].message == "Who?"
    assert asked[0].schema is not None and "name" in asked[0].schema["properties"]
    assert answer("elicit", on_elicit=decline) == {"action": "decline"}


def test_a_blocking_question_does_not_hold_up_other_calls() -> None:
    may_answer = threading.Event()

    def ask_a_slow_person(question: Elicitation) -> dict[str, Any]:
        assert may_answer.wait(HANG_S)
        return {}

    options = SessionOptions(on_elicit=ask_a_slow_person)
    with Asking(COMMAND, options=options) as client:
        waiting = threading.Thread(target=client.call, args=("elicit",))
        waiting.start()
        assert client.call("pid").text
        may_answer.set()
        waiting.join(HANG_S)


def test_a_completion_is_given_as_text_or_declined() -> None:
    def complete(asked: Sampling) -> str:
        return f"{asked.messages[0]['content']['text']} {asked.max_tokens}"

    given = answer("sample", on_sample=complete)
    assert given["content"] == {"type": "text", "text": "Say hi 9"}
    assert answer("sample", on_sample=lambda asked: None) == {"error": -32600}


def test_roots_are_folders_or_uris(tmp_path: Path) -> None:
    given = answer("roots", roots=[tmp_path, "file:///elsewhere"])
    assert given == {"roots": [{"uri": tmp_path.as_uri()}, {"uri": "file:///elsewhere"}]}


def test_log_messages_reach_the_callback() -> None:
    seen: list[LogMessage] = []
    arrived = threading.Event()

    def take(message: LogMessage) -> None:
        seen.append(message)
        arrived.set()

    with Asking(COMMAND, options=SessionOptions(on_log=take)) as client:
        assert client.call("log").text == "logged"
        assert arrived.wait(HANG_S)
    assert seen == [LogMessage("warning", "db", {"slow": True})]


async def two_rounds(ctx: Any, params: types.CallToolRequestParams) -> Any:
    if not params.input_responses:
        schema: Any = {"type": "object", "properties": {"name": {"type": "string"}}}
        form = types.ElicitRequestFormParams(message="Who?", requested_schema=schema)
        asked = {"who": types.ElicitRequest(params=form)}
        return types.InputRequiredResult(input_requests=asked, request_state="state")
    text = json.dumps({k: v.model_dump() for k, v in params.input_responses.items()})
    return types.CallToolResult(content=[types.TextContent(type="text", text=text)])


def test_input_required_rounds_use_the_same_callbacks() -> None:
    server: Any = Server("rounds", on_call_tool=two_rounds)
    options = SessionOptions(on_elicit=lambda question: {"name": "Ada"})
    with Asking(server, options=options) as client:
        assert client.call("any").json()["who"]["content"] == {"name": "Ada"}
    with pytest.raises(SessionError, match="Elicitation not supported"), Asking(server) as client:
        client.call("any")


def test_progress_callbacks_may_be_async(memory: Any) -> None:
    from handmade_weather_sdk import AsyncWeather

    seen: list[float] = []

    async def step(progress: float, total: float | None, message: str | None) -> None:
        seen.append(progress)

    async def run() -> None:
        async with AsyncWeather(memory) as weather:
            assert isinstance(weather, AsyncClient)
            await weather.with_options(on_progress=step).count(to=2)

    asyncio.run(run())
    assert sorted(seen) == [1, 2]


def test_the_progress_bar_draws_on_terminals_only() -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    terminal, file = Terminal(), io.StringIO()
    for stream in (terminal, file):
        bar = ProgressBar(stream)
        bar(1, 2, "half\x1b[31m\nway")
        bar(2, 2, None)
        bar(7, None, "items")
    assert file.getvalue() == ""
    drawn = terminal.getvalue()
    assert " 50% half\\x1b[31m way" in drawn
    assert "100%" in drawn and "[7] items" in drawn
    assert "\x1b" not in drawn
