"""The loop: question, program, check, repair, run, answer. Needs `mcp-sdkgen-codemode[chat]`."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any, Final, Literal, Protocol, TypeAlias, Unpack

from pydantic_ai import ToolDefinition
from pydantic_ai.direct import model_request_stream
from pydantic_ai.exceptions import AgentRunError, UserError
from pydantic_ai.messages import (
    ModelMessage,
    ModelRequest,
    ModelResponse,
    PartDeltaEvent,
    PartStartEvent,
    TextPart,
    TextPartDelta,
    ToolCallPart,
    ToolReturnPart,
    UserPromptPart,
)
from pydantic_ai.models import Model, ModelRequestParameters
from pydantic_ai.settings import ModelSettings

from ..executor.executor import Executor
from ..executor.options import RunOptions
from ..lifecycle import Closing
from ..prompting.prompt import DEFAULT_BUDGET
from ..prompting.tools import RUN, TOOLS
from .tools import REPAIRS, Handler
from .transcript import Ended, Step, Turn, Usage, total

FORMAT: Final = "mcp-sdkgen/chat/1"

REQUESTS = 20
"""Requests to the model for one question."""

Programs: TypeAlias = Literal["calls", "blocks"]
"""How the model hands its programs over: as calls of a tool, or, for models that were not taught to
call tools, as fenced blocks of Python in its text."""

_BLOCK = re.compile(r"^```[ \t]*(?:python|py)[^\n]*\n(.*?)(?:^```|\Z)", re.DOTALL | re.M | re.I)

_BLOCKS = """
To act, write one whole program in a block that begins with ```python and ends with ```, and stop.
It is type-checked and run, and the next message tells what came of it. Variables of earlier
programs that ran are still there. To answer, write no such block.
"""


class ChatObserver(Protocol):
    """Whoever watches a turn. What it is given are foreign words."""

    def text(self, delta: str) -> None:
        """The model writes: the next piece of its text."""

    def text_ended(self, *, final: bool) -> None:
        """The model's text is complete; `final` if it is the answer."""

    def call(self, tool: str, arguments: Mapping[str, Any] | str) -> None:
        """The model has called a tool. A program is about to be checked and run."""

    def reply(self, step: Step) -> None:
        """What came of that call."""


class NullObserver:
    """An audience that hears nothing."""

    def text(self, delta: str) -> None:
        """Nothing."""

    def text_ended(self, *, final: bool) -> None:
        """Nothing."""

    def call(self, tool: str, arguments: Mapping[str, Any] | str) -> None:
        """Nothing."""

    def reply(self, step: Step) -> None:
        """Nothing."""


class Chat(Closing):
    """A conversation with a model that acts by programs.

    `model` is one of pydantic-ai's. `repairs` bounds the programs after one that went wrong, and
    `requests` the requests to the model, each for one question. `budget` is that of the prompt, in
    tokens. `run` is said of every program's run. `turns` has what was asked so far.
    """

    def __init__(
        self,
        executor: Executor,
        model: Model,
        *,
        programs: Programs = "calls",
        repairs: int = REPAIRS,
        requests: int = REQUESTS,
        budget: int = DEFAULT_BUDGET,
        max_tokens: int | None = None,
        audience: ChatObserver | None = None,
        **run: Unpack[RunOptions],
    ) -> None:
        self.model = model
        self.turns: list[Turn] = []
        self._blocks = programs == "blocks"
        self._handler = Handler(
            executor, repairs=repairs, budget=budget, reads_on=not self._blocks, **run
        )
        self._requests = requests
        self._audience = audience or NullObserver()
        self._settings = ModelSettings(cache=True)
        if max_tokens is not None:
            self._settings["max_tokens"] = max_tokens
        self._messages: list[ModelMessage] = []
        self._work: asyncio.Task[None] | None = None

    @property
    def instructions(self) -> str:
        """The system prompt. Raises `ValueError` if the budget is too small for any."""
        return self._handler.instructions + (_BLOCKS if self._blocks else "")

    @property
    def usage(self) -> Usage:
        """What all turns took."""
        return total(self.turns)

    async def ask(self, question: str) -> Turn:
        """The turn that a question makes. What goes wrong is in it, never raised."""
        turn = Turn(question)
        self.turns.append(turn)
        self._handler.begin()
        before = len(self._messages)
        self._messages.append(
            ModelRequest(parts=[UserPromptPart(question)], instructions=self.instructions)
        )
        self._work = asyncio.create_task(self._answer(turn))
        try:
            await self._work
        except asyncio.CancelledError:
            turn.ended = "cancelled"
            self._settle("This was interrupted by the person.", before)
            if (current := asyncio.current_task()) is not None and current.cancelling():
                raise
        except (AgentRunError, UserError) as error:
            turn.ended, turn.reason = "failed", str(error)
            self._settle("The answer was lost.", before)
        finally:
            self._work.cancel()
        return turn

    def cancel(self) -> bool:
        """End the turn that is under way, program and all; whether there is one."""
        return self._work is not None and not self._work.done() and self._work.cancel()

    async def forget(self) -> None:
        """Begin anew: no earlier question, no variable. `turns` and what they took stay."""
        self._messages = []
        await self._handler.forget()

    def as_json(self) -> dict[str, Any]:
        """The transcript: all turns, with every program, its diagnostics and its outcome."""
        return {
            "format": FORMAT,
            "model": f"{self.model.system}:{self.model.model_name}",
            "turns": [turn.as_json() for turn in self.turns],
            "usage": self.usage.as_json(),
        }

    async def aclose(self) -> None:
        """End the sandbox. The executor stays open."""
        self.cancel()
        await self._handler.aclose()

    async def _answer(self, turn: Turn) -> None:
        for _ in range(self._requests):
            exhausted = self._handler.exhausted
            response = await self._respond(turn)
            calls = self._calls(response)
            self._audience.text_ended(final=not calls)
            if response.text:
                turn.steps.append(Step("text", response.text))
            if not calls:
                turn.answer = response.text or ""
                return
            await self._reply(turn, calls)
            if exhausted and any(call.tool_name == RUN for call in calls):
                return _stop(turn, "repairs", "its programs went wrong again and again")
        _stop(turn, "requests", f"no answer after {self._requests} requests to the model")

    async def _respond(self, turn: Turn) -> ModelResponse:
        tools = [] if self._blocks else _DEFINITIONS
        parameters = ModelRequestParameters(function_tools=tools)
        asked = model_request_stream(
            self.model,
            self._messages,
            model_settings=self._settings,
            model_request_parameters=parameters,
        )
        async with asked as stream:
            try:
                async for event in stream:
                    match event:
                        case PartStartEvent(part=TextPart(content=delta)):
                            self._audience.text(delta)
                        case PartDeltaEvent(delta=TextPartDelta(content_delta=delta)):
                            self._audience.text(delta)
            except asyncio.CancelledError:
                self._audience.text_ended(final=False)
                if text := stream.get().text:
                    self._messages.append(ModelResponse(parts=[TextPart(text)]))
                    turn.steps.append(Step("text", text))
                turn.usage.add(_usage(stream.get()))
                raise
            response = stream.get()
        self._messages.append(response)
        turn.usage.add(_usage(response))
        return response

    def _calls(self, response: ModelResponse) -> Sequence[ToolCallPart]:
        if not self._blocks:
            return response.tool_calls
        found = _BLOCK.search(response.text or "")
        return [ToolCallPart(RUN, {"program": found[1]})] if found else []

    async def _reply(self, turn: Turn, calls: Sequence[ToolCallPart]) -> None:
        """Do what was called, and put what came of it into the messages, cancelled or not."""
        replies: list[ToolReturnPart] = []
        try:
            for call in calls:
                arguments = call.args or {}
                self._audience.call(call.tool_name, arguments)
                try:
                    reply = await self._handler.handle_async(call.tool_name, arguments)
                except asyncio.CancelledError:
                    step = Step("call", self._cancelled(), call.tool_name, arguments)
                    turn.steps.append(step)
                    self._audience.reply(step)
                    raise
                step = Step("call", reply.text, call.tool_name, arguments, reply.outcome)
                turn.steps.append(step)
                self._audience.reply(step)
                replies.append(
                    ToolReturnPart(
                        call.tool_name,
                        reply.text,
                        call.tool_call_id,
                        outcome="failed" if reply.is_error else "success",
                    )
                )
        finally:
            replies += [
                ToolReturnPart(
                    call.tool_name, self._cancelled(), call.tool_call_id, outcome="interrupted"
                )
                for call in calls[len(replies) :]
            ]
            self._messages.append(self._replies_request(replies))

    def _cancelled(self) -> str:
        gone = "are gone" if self._handler.fresh else "are still there"
        return f"The person interrupted this. Variables of earlier programs {gone}."

    def _replies_request(self, replies: Sequence[ToolReturnPart]) -> ModelRequest:
        parts: Sequence[ToolReturnPart | UserPromptPart] = replies
        if self._blocks:
            parts = [UserPromptPart(str(reply.content)) for reply in replies]
        return ModelRequest(parts=parts, instructions=self.instructions)

    def _settle(self, why: str, before: int) -> None:
        """Leave messages that a next question can follow."""
        if len(self._messages) == before + 1:
            del self._messages[before:]
        elif isinstance(self._messages[-1], ModelRequest):
            self._messages.append(ModelResponse(parts=[TextPart(f"({why})")]))


_DEFINITIONS = [
    ToolDefinition(
        name=tool.name,
        description=tool.description,
        parameters_json_schema=dict(tool.parameters),
    )
    for tool in TOOLS
]


def _stop(turn: Turn, ended: Ended, reason: str) -> None:
    turn.ended, turn.reason = ended, reason


def _usage(response: ModelResponse) -> Usage:
    usage = response.usage
    cost = None
    # Also where the server does not tell its usage, which is then no usage at all.
    with suppress(LookupError, ValueError, AssertionError):
        cost = response.cost().total_price
    return Usage(
        1,
        usage.input_tokens,
        usage.output_tokens,
        usage.cache_read_tokens,
        usage.cache_write_tokens,
        cost,
    )
