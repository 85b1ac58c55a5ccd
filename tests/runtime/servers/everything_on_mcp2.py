"""The everything server made with `mcp` 2."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import everything_answers as answers
import mcp_types as types
from mcp.server.lowlevel.server import Server
from mcp.shared.exceptions import MCPError

QUESTIONS: dict[str, tuple[Any, Any]] = {
    answers.ELICITATION: (types.ElicitRequest, types.ElicitResult),
    answers.SAMPLING: (types.CreateMessageRequest, types.CreateMessageResult),
    answers.ROOTS: (types.ListRootsRequest, types.ListRootsResult),
}


class InputNeeded(Exception):
    """The client must be asked, and the only way is an `input_required` result."""

    def __init__(self, question: Any) -> None:
        super().__init__("input needed")
        self.question = question


class Talk:
    """The protocol of 2026-07-28 has no requests by servers; the ones before have."""

    def __init__(self, ctx: Any, given: dict[str, Any]) -> None:
        self._ctx = ctx
        self._given = given

    async def report(self, done: float, total: float) -> None:
        await self._ctx.session.report_progress(done, total)

    async def log(self, level: Any, text: str) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            await self._ctx.session.send_log_message(
                level, text, related_request_id=self._ctx.request_id
            )

    async def ask(self, method: str, params: dict[str, Any]) -> dict[str, Any]:
        request_type, result_type = QUESTIONS[method]
        question = request_type.model_validate({"method": method, "params": params})
        if method in self._given:
            return wire(self._given[method])
        if not self._ctx.session.can_send_request:
            raise InputNeeded(question)
        return wire(await self._ctx.session.send_request(question, result_type))


def make_server(cancelled: Path | None = None) -> Any:
    """The server. The file `cancelled` is made when a call is cancelled."""

    async def call_tool(ctx: Any, params: types.CallToolRequestParams) -> Any:
        talk = Talk(ctx, params.input_responses or {})
        try:
            answer = await answers.call(params.name, params.arguments or {}, talk, cancelled)
        except InputNeeded as needed:
            key = needed.question.method
            return types.InputRequiredResult(input_requests={key: needed.question})
        return types.CallToolResult.model_validate(answer)

    async def read_resource(ctx: Any, params: types.ReadResourceRequestParams) -> Any:
        try:
            return types.ReadResourceResult.model_validate(answers.read(str(params.uri)))
        except LookupError as error:
            raise MCPError(types.INVALID_PARAMS, str(error)) from error

    async def get_prompt(ctx: Any, params: types.GetPromptRequestParams) -> Any:
        return types.GetPromptResult.model_validate(
            answers.prompt(params.name, params.arguments or {})
        )

    return Server(
        "everything",
        on_list_tools=listing(types.ListToolsResult, tools=answers.TOOLS),
        on_call_tool=call_tool,
        on_list_prompts=listing(types.ListPromptsResult, prompts=answers.PROMPTS),
        on_get_prompt=get_prompt,
        on_list_resources=listing(types.ListResourcesResult, resources=answers.RESOURCES),
        on_list_resource_templates=listing(
            types.ListResourceTemplatesResult, resourceTemplates=answers.TEMPLATES
        ),
        on_read_resource=read_resource,
        on_set_logging_level=level_set,
    )


def listing(result_type: Any, **items: Any) -> Any:
    async def give(ctx: Any, params: Any) -> Any:
        return result_type.model_validate(items)

    return give


async def level_set(ctx: Any, params: Any) -> types.EmptyResult:
    return types.EmptyResult()


def wire(value: Any) -> dict[str, Any]:
    found: dict[str, Any] = value.model_dump(mode="json", by_alias=True, exclude_none=True)
    return found
