"""A server, a framework and a chat show a model the same tools, and tell the same of an outcome."""

from __future__ import annotations

import asyncio
import re
from typing import Any

import mcp
import pytest
from mcp_sdkgen_codemode import Executor, Handler, tools_for_anthropic, tools_for_openai
from mcp_sdkgen_codemode.agent.chat import Chat
from mcp_sdkgen_codemode.agent.providers import chosen
from mcp_sdkgen_codemode.agent.pydantic_ai import CodeModeToolset
from mcp_sdkgen_codemode.executor.options import ExecutorOptions
from mcp_sdkgen_codemode.prompting.tools import NAMES, RESUME
from mcp_sdkgen_codemode.serve import Suspension, code_mode
from mcp_sdkgen_runtime.concurrency.portal import run as run_on_portal

from tests.codemode.agent.scripted_model import Answer, scripted
from tests.codemode.executor.weather import BINDINGS, WEATHER

OPTIONS = ExecutorOptions(sdks=[WEATHER], bindings=BINDINGS)


def plain(schema: dict[str, Any]) -> dict[str, Any]:
    """What a schema says of arguments, without titles and without what MCP leaves open."""
    properties = {
        name: {key: value for key, value in each.items() if key != "title"}
        for name, each in schema["properties"].items()
    }
    return {"properties": properties, "required": schema.get("required", [])}


def test_everywhere_the_tools_are_the_same(executor: Executor, tmp_path: Any) -> None:
    served = asyncio.run(
        code_mode(lambda tell: OPTIONS, suspension=Suspension(tmp_path)).list_tools()
    )
    assert [tool.name for tool in served] == [*NAMES]
    by_server = {
        tool.name: (tool.description, plain(dict(tool.input_schema)))
        for tool in served
        if tool.name != RESUME
    }
    # Only a server does not know which conversation a program belongs to.
    description, run = by_server["run"]
    del run["properties"]["session"]
    assert description is not None
    begin, end = description[: description.index("Each run")], description.splitlines()[-1]

    functions = [each["function"] for each in tools_for_openai()]
    by_framework = {
        each["name"]: (each["description"], plain(each["parameters"])) for each in functions
    }
    assert by_framework["run"][0].startswith(begin) and by_framework["run"][0].endswith(end)
    by_server["run"] = (by_framework["run"][0], run)
    assert by_framework == by_server
    assert [each["name"] for each in tools_for_anthropic()] == [*by_framework]
    toolset = run_on_portal(lambda: CodeModeToolset(executor).get_tools(None))  # type: ignore[arg-type]
    assert [*toolset] == [*by_framework]

    with scripted(Answer("Hello.")) as model:
        ask(executor, model.url)
        sent = [each["function"] for each in model.requests[0]["tools"]]
    assert {each["name"]: each["description"] for each in sent} == {
        name: description for name, (description, _) in by_framework.items()
    }


def ask(executor: Executor, url: str) -> Chat:
    async def talk() -> Chat:
        async with Chat(executor, await chosen(None, url)) as chat:
            await chat.ask("Go.")
            return chat

    return run_on_portal(talk)


def timeless(text: str) -> str:
    """Without how long it took, and without how often a program may still be repaired."""
    return re.sub(r"\d+\.\d+ s", "N s", text).split("\nRepair it")[0]


@pytest.mark.parametrize(
    ("program", "words"),
    [
        ("print('hello')\n[1, 2]", "finished: 0 tool calls, N s\n<stdout>\nhello\n</stdout>"),
        ("print('hello')\n1 / 0", "failed: 0 tool calls, N s"),
        ("x + 1", "rejected by the check; nothing ran: 0 tool calls, N s\n<diagnostics>"),
        ("pass", "print what you need to know"),
        ("open('a.txt', 'w').write('A')\nprint('b' * 20_000)", "a.txt (text/plain, 1 bytes)"),
    ],
)
def test_of_one_outcome_all_tell_the_same(executor: Executor, program: str, words: str) -> None:
    async def serve() -> str:
        async with mcp.Client(code_mode(lambda tell: OPTIONS)) as client:
            result = await client.call_tool("run", {"program": program})
            [text] = [each.text for each in result.content[:1] if each.type == "text"]
            return text

    def same(text: str) -> str:
        return re.sub(r"out-[0-9a-f]+", "out-N", timeless(text))

    with Handler(executor) as handler:
        by_framework = same(handler.handle("run", {"program": program}).text)
    with scripted(Answer.program(program), Answer("Done.")) as model:
        by_chat = same(ask(executor, model.url).turns[0].steps[0].text)
    assert words in by_framework
    assert same(asyncio.run(serve())) == by_framework == by_chat


def test_arguments_that_do_not_fit_are_named(executor: Executor) -> None:
    with Handler(executor) as handler:
        reply = handler.handle("search", {"query": "x", "limit": 51})
        assert reply.is_error
        assert "'limit': Input should be less than or equal to 50" in reply.text
        assert "Arguments must fit {" in reply.text
        assert "'limit'" in handler.handle("search", {"query": "x", "limit": True}).text
        assert "not valid JSON" in handler.handle("search", '{"query": ').text
        assert "'depth'" in handler.handle("read", {"name": "", "depth": 2}).text
        assert "weather: 4 tools" in handler.handle("read", "").text


def test_an_answer_that_is_too_long_is_read_on_by_its_handle(executor: Executor) -> None:
    with Handler(executor) as handler:
        text = handler.handle("run", {"program": "print(*range(10_000))"}).text
        found = re.search(r'read_output\(output="(out-\w+)", offset=(\d+)\)', text)
        assert found is not None
        part = handler.handle("read_output", {"output": found[1], "offset": int(found[2])}).text
        assert part.startswith("characters 8,000 to 20,000 of 48,890\n<output>")
        assert handler.handle("read_output", {"output": "out-0"}).is_error
