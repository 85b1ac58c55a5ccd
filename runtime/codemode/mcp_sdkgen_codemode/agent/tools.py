"""Code mode as three tools for any framework that calls tools: run, search, read.

with Executor() as executor, Handler(executor) as handler:
    handler.instructions                  # the system prompt
    tools_for_openai()                    # the definitions, for the request
    handler.begin()                       # a new question
    handler.handle(name, arguments).text  # what the model is told of its call
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, Literal, Unpack

from mcp_sdkgen_runtime.concurrency.portal import run as run_on_portal
from mcp_sdkgen_runtime.text import shortened as quoted

from .. import catalog
from ..executor.conversation import Conversation
from ..executor.executor import Executor, RunOptions
from ..lifecycle import Closing
from ..outcome import Outcome
from ..prompting.feedback import feedback
from ..prompting.prompt import DEFAULT_BUDGET, fence, prompt

RUN: Final = "run_program"
SEARCH: Final = "search_tools"
READ: Final = "read_tool"

REPAIRS = 3
"""Programs that may follow one that went wrong, until one goes right."""

_MOST_FOUND = 50


@dataclass(frozen=True, slots=True)
class Tool:
    """One tool that a model is given. `parameters` is the JSON Schema of its arguments."""

    name: str
    description: str
    parameters: Mapping[str, Any]


def _tool(name: str, description: str, /, **arguments: Mapping[str, Any]) -> Tool:
    required = [key for key, schema in arguments.items() if "default" not in schema]
    schema = {
        "type": "object",
        "properties": dict(arguments),
        "required": required,
        "additionalProperties": False,
    }
    return Tool(name, description, schema)


TOOLS: Final = (
    _tool(
        RUN,
        "Type-check a Python program against the SDKs, and run it in a sandbox. Returns what it "
        "printed, the value of its last expression, or what is wrong with it. Variables of earlier "
        "programs that ran are still there.",
        program={"type": "string", "description": "The whole program."},
    ),
    _tool(
        SEARCH,
        "Find tools of the SDKs by words. Returns signatures with the packages to import from.",
        query={"type": "string", "description": "What the tool should do."},
        limit={"type": "integer", "minimum": 1, "maximum": _MOST_FOUND, "default": 10},
    ),
    _tool(
        READ,
        "Read all about one tool, such as `weather.get_forecast`, or one class, such as "
        "`weather.Forecast`.",
        name={"type": "string", "description": "The tool or class, with its SDK's name."},
    ),
)
"""The tools in the order in which they are given."""


def tools_for_openai(api: Literal["chat", "responses"] = "chat") -> list[dict[str, Any]]:
    """The tools as OpenAI's Chat Completions API takes them, or its Responses API."""
    found: list[dict[str, Any]] = []
    for tool in TOOLS:
        function = {
            "name": tool.name,
            "description": tool.description,
            "parameters": dict(tool.parameters),
        }
        chat = api == "chat"
        found.append({"type": "function", **({"function": function} if chat else function)})
    return found


def tools_for_anthropic() -> list[dict[str, Any]]:
    """The tools as Anthropic's Messages API takes them."""
    return [
        {
            "name": tool.name,
            "description": tool.description,
            "input_schema": dict(tool.parameters),
        }
        for tool in TOOLS
    ]


@dataclass(frozen=True, slots=True)
class Reply:
    """What the model is told of one call. `outcome` is there when a program was taken."""

    text: str
    is_error: bool = False
    outcome: Outcome | None = None


class Handler(Closing):
    """Answers the tool calls of one conversation with a model.

    Programs run on `executor`, which may serve any number of conversations, one after another in
    one sandbox, so that variables stay. After `repairs` programs that did not put a wrong one
    right, no further one is run until `begin` is called, which every new question does. `budget` is
    that of the prompt, in tokens; `run` is said of every run.

    Use it as a context manager, from the executor's event loop.
    """

    def __init__(
        self,
        executor: Executor,
        *,
        repairs: int = REPAIRS,
        budget: int = DEFAULT_BUDGET,
        **run: Unpack[RunOptions],
    ) -> None:
        self._executor = executor
        self._conversation = Conversation(executor)
        self._repairs = repairs
        self._budget = budget
        self._run = run
        self._wrong = 0

    @cached_property
    def instructions(self) -> str:
        """The system prompt. Raises `ValueError` if the budget is too small for any."""
        executor = self._executor
        return prompt(executor.sdks, budget=self._budget, programs=executor.saved).text

    @property
    def exhausted(self) -> bool:
        """Whether the bound on repairs is reached."""
        return self._wrong > self._repairs

    @property
    def fresh(self) -> bool:
        """Whether there are no variables of earlier programs, or none any more."""
        return self._conversation.fresh

    def begin(self) -> None:
        """A new question: its programs have the whole bound of repairs."""
        self._wrong = 0

    async def handle_async(
        self, name: str, arguments: Mapping[str, Any] | str, **run: Unpack[RunOptions]
    ) -> Reply:
        """The reply to one tool call. `arguments` may be the JSON text that the model wrote.

        What the model did wrong is in the reply, never raised. `run` is said of this run only.
        """
        given = _read(arguments)
        if isinstance(given, str):
            return self._refused(name, given)
        match name, given:
            case "run_program", {"program": str(program), **rest} if not rest:
                return await self._ran(program, {**self._run, **run})
            case "search_tools", {"query": str(query), **rest} if not rest.keys() - {"limit"}:
                return await self._found(query, rest.get("limit", 10))
            case "read_tool", {"name": str(wanted), **rest} if not rest:
                return self._page(wanted)
        tool = next((tool for tool in TOOLS if tool.name == name), None)
        if tool is None:
            names = ", ".join(each.name for each in TOOLS)
            return Reply(f"No tool {quoted(name)}; there are {names}.", is_error=True)
        return self._refused(name, f"The arguments must fit {json.dumps(tool.parameters)}.")

    def handle(
        self, name: str, arguments: Mapping[str, Any] | str, **run: Unpack[RunOptions]
    ) -> Reply:
        """`handle_async` for callers without an event loop."""
        return run_on_portal(self.handle_async, name, arguments, **run)

    async def forget(self) -> None:
        """End the sandbox: variables of earlier programs are gone."""
        await self._conversation.aclose()

    async def aclose(self) -> None:
        """End the sandbox. The executor stays open."""
        await self._conversation.aclose()

    async def _ran(self, program: str, options: RunOptions) -> Reply:
        if self.exhausted:
            return Reply(
                f"Not run: {self._wrong} programs in a row went wrong, which is the bound. Answer "
                "with what you know, and say what you could not do.",
                is_error=True,
            )
        outcome = await self._conversation.run_async(program, **options)
        self._wrong = 0 if outcome.ok else self._wrong + 1
        text = feedback(outcome)
        return Reply(f"{text}\n{self._advice()}".rstrip(), not outcome.ok, outcome)

    def _refused(self, name: str, text: str) -> Reply:
        if name == RUN:
            self._wrong += 1
            text = f"{text} Nothing ran. {self._advice()}"
        return Reply(text, is_error=True)

    def _advice(self) -> str:
        if not self._wrong:
            return ""
        left = self._repairs + 1 - self._wrong
        if left <= 0:
            return "That was the last attempt. Answer with what you know."
        return f"Repair it and run it again; {left} attempt{'' if left == 1 else 's'} left."

    async def _found(self, query: str, limit: object) -> Reply:
        if isinstance(limit, bool) or not isinstance(limit, int) or not 0 < limit <= _MOST_FOUND:
            return Reply(f"`limit` is a number from 1 to {_MOST_FOUND}.", is_error=True)
        try:
            found = await self._executor.search(query, limit)
        except (ImportError, RuntimeError) as error:
            return Reply(str(error), is_error=True)
        if not found:
            return Reply("No tool fits; try other words.")
        return Reply(fence("\n".join(str(entry) for entry in found), "tools"))

    def _page(self, name: str) -> Reply:
        for read in (catalog.page, catalog.model):
            try:
                return Reply(fence(read(name, self._executor.sdks), "page"))
            except LookupError as error:
                problem = str(error.args[0])
                if read is catalog.page:
                    first = problem
        return Reply(fence(f"{first}\n{problem}", "problem"), is_error=True)


def _read(arguments: Mapping[str, Any] | str) -> Mapping[str, Any] | str:
    """The arguments, or what is wrong with them."""
    if not isinstance(arguments, str):
        return arguments
    try:
        found = json.loads(arguments or "{}")
    except (ValueError, RecursionError):
        return "The arguments are not valid JSON."
    return found if isinstance(found, dict) else "The arguments must be a JSON object."
