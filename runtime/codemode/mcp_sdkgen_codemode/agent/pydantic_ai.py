"""Code mode as a toolset of pydantic-ai. Needs the extra `mcp-sdkgen-codemode[chat]`.

with Executor() as executor:
    agent = Agent("anthropic:claude-sonnet-5-5", toolsets=[CodeModeToolset(executor)])
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Self, Unpack

from pydantic_ai import RunContext, ToolDefinition
from pydantic_ai.exceptions import ToolFailed
from pydantic_ai.messages import InstructionPart
from pydantic_ai.toolsets import AbstractToolset, ToolsetTool
from pydantic_core import SchemaValidator, core_schema

from ..executor.executor import Executor
from ..executor.options import RunOptions
from ..prompting.prompt import DEFAULT_BUDGET
from ..prompting.tools import TOOLS
from .tools import REPAIRS, Handler

# The handler judges arguments itself, so that wrong ones count towards the bound on repairs.
_ANYTHING = SchemaValidator(core_schema.dict_schema(core_schema.str_schema()))


class CodeModeToolset(AbstractToolset[Any]):
    """The tools of `prompting.tools`, with the system prompt.

    Each run of an agent has a sandbox of its own, in which variables stay from program to program,
    and `repairs` attempts to put a wrong program right. The executor is shared, and stays open.
    `budget` is that of the prompt, in tokens; `run` is said of every program's run.
    """

    def __init__(
        self,
        executor: Executor,
        *,
        repairs: int = REPAIRS,
        budget: int = DEFAULT_BUDGET,
        id: str | None = "code_mode",
        **run: Unpack[RunOptions],
    ) -> None:
        self._of_a_run: Callable[[], CodeModeToolset] = lambda: CodeModeToolset(
            executor, repairs=repairs, budget=budget, id=id, **run
        )
        self._handler = Handler(executor, repairs=repairs, budget=budget, **run)
        self._id = id

    @property
    def id(self) -> str | None:
        """Its name among the toolsets of an agent."""
        return self._id

    async def for_run(self, ctx: RunContext[Any]) -> AbstractToolset[Any]:
        """A toolset with a sandbox and a bound of its own."""
        return self._of_a_run()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *args: Any) -> bool | None:
        await self._handler.aclose()
        return None

    async def get_instructions(self, ctx: RunContext[Any]) -> InstructionPart:
        """The system prompt: equal from request to request, so that it can be cached."""
        return InstructionPart(content=self._handler.instructions, dynamic=False)

    async def get_tools(self, ctx: RunContext[Any]) -> dict[str, ToolsetTool[Any]]:
        """The tools."""
        return {
            tool.name: ToolsetTool(
                toolset=self,
                tool_def=ToolDefinition(
                    name=tool.name,
                    description=tool.description,
                    parameters_json_schema=dict(tool.parameters),
                ),
                max_retries=0,
                args_validator=_ANYTHING,
            )
            for tool in TOOLS
        }

    async def call_tool(
        self, name: str, tool_args: dict[str, Any], ctx: RunContext[Any], tool: ToolsetTool[Any]
    ) -> str:
        """What the model is told. Raises `ToolFailed` with it when something went wrong."""
        reply = await self._handler.handle_async(name, tool_args)
        if reply.is_error:
            raise ToolFailed(reply.text)
        return reply.text
