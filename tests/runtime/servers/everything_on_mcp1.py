"""The everything server made with `mcp` 1."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import everything_answers as answers
from mcp import types
from mcp.server.lowlevel.server import Server
from mcp.shared.exceptions import McpError
from mcp.shared.message import ServerMessageMetadata

QUESTIONS: dict[str, tuple[Any, Any]] = {
    answers.ELICITATION: (types.ElicitRequest, types.ElicitResult),
    answers.SAMPLING: (types.CreateMessageRequest, types.CreateMessageResult),
    answers.ROOTS: (types.ListRootsRequest, types.ListRootsResult),
}


class Talk:
    """What is said while a call goes on, on the stream of that call."""

    def __init__(self, context: Any) -> None:
        self._context = context

    async def report(self, done: float, total: float) -> None:
        token = self._context.meta.progressToken if self._context.meta else None
        if token is not None:
            await self._context.session.send_progress_notification(
                token, done, total, related_request_id=str(self._context.request_id)
            )

    async def log(self, level: Any, text: str) -> None:
        await self._context.session.send_log_message(
            level, text, related_request_id=self._context.request_id
        )

    async def ask(self, method: str, params: dict[str, Any]) -> dict[str, Any]:
        request_type, result_type = QUESTIONS[method]
        question = request_type.model_validate({"method": method, "params": params})
        answer = await self._context.session.send_request(
            types.ServerRequest(question),
            result_type,
            metadata=ServerMessageMetadata(related_request_id=self._context.request_id),
        )
        found: dict[str, Any] = answer.model_dump(mode="json", by_alias=True, exclude_none=True)
        return found


def make_server(cancelled: Path | None = None) -> Any:
    """The server. The file `cancelled` is made when a call is cancelled."""
    server: Any = Server("everything")

    async def call_tool(request: types.CallToolRequest) -> Any:
        talk = Talk(server.request_context)
        given = request.params.arguments or {}
        answer = await answers.call(request.params.name, given, talk, cancelled)
        return types.CallToolResult.model_validate(answer)

    async def read_resource(request: types.ReadResourceRequest) -> Any:
        try:
            return types.ReadResourceResult.model_validate(answers.read(str(request.params.uri)))
        except LookupError as error:
            data = types.ErrorData(code=types.INVALID_PARAMS, message=str(error))
            raise McpError(data) from error

    async def get_prompt(request: types.GetPromptRequest) -> Any:
        filled = answers.prompt(request.params.name, request.params.arguments or {})
        return types.GetPromptResult.model_validate(filled)

    async def level_set(request: types.SetLevelRequest) -> Any:
        return types.EmptyResult()

    templates = types.ListResourceTemplatesResult(resourceTemplates=answers.TEMPLATES)
    handlers = {
        types.ListToolsRequest: listing(types.ListToolsResult(tools=answers.TOOLS)),
        types.CallToolRequest: call_tool,
        types.ListPromptsRequest: listing(types.ListPromptsResult(prompts=answers.PROMPTS)),
        types.GetPromptRequest: get_prompt,
        types.ListResourcesRequest: listing(types.ListResourcesResult(resources=answers.RESOURCES)),
        types.ListResourceTemplatesRequest: listing(templates),
        types.ReadResourceRequest: read_resource,
        types.SetLevelRequest: level_set,
    }
    # Past the decorators, which would check arguments and answers: the client is under test here.
    for kind, handler in handlers.items():
        server.request_handlers[kind] = wrapped(handler)
    return server


def wrapped(handler: Any) -> Any:
    async def answer(request: Any) -> Any:
        return types.ServerResult(await handler(request))

    return answer


def listing(result: Any) -> Any:
    async def give(request: Any) -> Any:
        return result

    return give
