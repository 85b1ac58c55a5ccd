"""Code mode as tools for any framework that calls tools.

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
from typing import Any, Literal, Unpack

from mcp_sdkgen_runtime.concurrency.portal import run as run_on_portal
from mcp_sdkgen_runtime.observability.log import logger
from mcp_sdkgen_runtime.text import shortened
from pydantic import ValidationError

from ..executor.conversation import Conversation
from ..executor.executor import Executor
from ..executor.options import RunOptions
from ..lifecycle import Closing
from ..outcome import Outcome
from ..prompting.answers import check_findings, found_tools, page
from ..prompting.outcome_text import report
from ..prompting.outputs import Outputs, Shortener
from ..prompting.prompt import DEFAULT_BUDGET, fence, prompt
from ..prompting.tools import (
    RUN,
    TOOLS,
    Arguments,
    CheckArguments,
    ReadArguments,
    ReadOutputArguments,
    RunArguments,
    SearchArguments,
)

_log = logger(__name__)

REPAIRS = 3
"""Programs that may follow one that went wrong, until one goes right."""


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
    that of the prompt, in tokens; `run` is said of every run, and a model can give a program less
    time than that and not more. Without `reads_on`, as for a model that cannot call `read_output`,
    what is too long for an answer is not stored.

    Use it as a context manager, from the executor's event loop.
    """

    def __init__(
        self,
        executor: Executor,
        *,
        repairs: int = REPAIRS,
        budget: int = DEFAULT_BUDGET,
        reads_on: bool = True,
        **run: Unpack[RunOptions],
    ) -> None:
        self._executor = executor
        self._conversation = Conversation(executor)
        self._repairs = repairs
        self._budget = budget
        self._outputs = Outputs() if reads_on else None
        self._run_options = run
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
        tool = next((tool for tool in TOOLS if tool.name == name), None)
        if tool is None:
            names = ", ".join(each.name for each in TOOLS)
            return Reply(f"No tool {shortened(name)}; there are {names}.", is_error=True)
        try:
            request = _read(tool.arguments, arguments)
        except ValidationError as error:
            schema = json.dumps(tool.parameters, ensure_ascii=False)
            return self._refused(name, f"{_misfit(error)}. Arguments must fit {schema}.")
        match request:
            case RunArguments():
                return await self._run(request, {**self._run_options, **run})
            case SearchArguments():
                return await self._search(request)
            case ReadArguments():
                return self._page(request.name)
            case CheckArguments():
                return await self._check(request.program)
            case ReadOutputArguments():
                return self._read_output(request)
        raise AssertionError(f"{name} has a handler")

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

    async def _run(self, request: RunArguments, options: RunOptions) -> Reply:
        if self.exhausted:
            return Reply(
                f"Not run: {self._wrong} programs in a row went wrong, which is the limit. Answer "
                "with what you know, and say what you could not do.",
                is_error=True,
            )
        if "timeout_s" in request.model_fields_set:
            most_s = options.get("timeout_s", self._executor.limits.time_s)
            options["timeout_s"] = min(request.timeout_s, most_s)
        outcome = await self._conversation.run_async(request.program, **options)
        wrong = not (outcome.ok or outcome.suspended)
        self._wrong = self._wrong + 1 if wrong else 0
        text = report(outcome, self._outputs).text
        return Reply(f"{text}\n{self._advice()}".rstrip(), wrong, outcome)

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

    async def _search(self, request: SearchArguments) -> Reply:
        try:
            found = await self._executor.search(request.query, request.limit)
            return Reply(found_tools(found, self._executor.unmatched_words(request.query)))
        except (ImportError, RuntimeError) as error:
            _log.error("no tools can be searched: %s", error)
            return Reply("No tools can be searched now; the host is told why.", is_error=True)

    async def _check(self, program: str) -> Reply:
        try:
            return Reply(check_findings(await self._executor.check(program)))
        except RuntimeError as error:
            _log.error("no check can be started: %s", error)
            return Reply("No check can be started now; the host is told why.", is_error=True)

    def _page(self, name: str) -> Reply:
        try:
            text = page(name, self._executor.sdks)
        except LookupError as error:
            return Reply(fence(str(error), "problem"), is_error=True)
        return Reply(fence(Shortener(self._outputs)(name or "servers", text), "page"))

    def _read_output(self, request: ReadOutputArguments) -> Reply:
        outputs = self._outputs or Outputs()
        try:
            return Reply(str(outputs.read(request.output, request.offset, request.length)))
        except LookupError as error:
            return Reply(str(error), is_error=True)


def _read(kind: type[Arguments], arguments: Mapping[str, Any] | str) -> Arguments:
    """The arguments. Raises `ValidationError`."""
    if isinstance(arguments, str):
        return kind.model_validate_json(arguments or "{}")
    return kind.model_validate(dict(arguments))


def _misfit(error: ValidationError) -> str:
    """What is wrong with arguments, without the model's own words."""
    found = error.errors(include_url=False, include_context=False, include_input=False)
    first = found[0]
    if first["type"] == "json_invalid":
        return "The arguments are not valid JSON"
    where = ".".join(map(str, first["loc"]))
    return f"The arguments are wrong: {shortened(where)}: {first['msg']}" if where else first["msg"]
