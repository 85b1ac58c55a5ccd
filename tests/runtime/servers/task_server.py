"""A server that speaks the Tasks extension: some of its calls go on as tasks.

    python task_server.py stdio | http

Over HTTP it listens on a free port and says `READY <port>` on stdout.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import Any

import anyio
import mcp_types as types
from mcp.server.extension import Extension, MethodBinding
from mcp.server.mcpserver import MCPServer
from mcp.shared.exceptions import MCPError
from pydantic import BaseModel
from weather_server import serve_http

IDENTIFIER = "io.modelcontextprotocol/tasks"
NAME = {"type": "object", "properties": {"name": {"type": "string"}}}


class OneTask(types.RequestParams):
    task_id: str
    input_responses: dict[str, Any] | None = None


class Report(BaseModel):
    city: str
    pages: int


class Tasks(Extension):
    """Answers calls of the tools in `LONG` with tasks, whose states follow a script."""

    identifier = IDENTIFIER
    LONG = ("report", "greet", "refuse", "break_off", "unlucky", "odd", "forever")

    def __init__(self) -> None:
        self.states: dict[str, dict[str, Any]] = {}
        self.asked: dict[str, int] = {}
        self.answers: list[Any] = []
        self.cancelled: list[str] = []

    def methods(self) -> Sequence[MethodBinding]:
        names = {"get": self.get, "update": self.update, "cancel": self.cancel}
        return [MethodBinding(f"tasks/{name}", OneTask, does) for name, does in names.items()]

    async def intercept_tool_call(self, params: Any, ctx: Any, call_next: Any) -> Any:
        if params.name not in self.LONG:
            return await call_next(ctx)
        declared = params.meta["io.modelcontextprotocol/clientCapabilities"]["extensions"]
        assert IDENTIFIER in declared
        name = f"{params.name}-{len(self.states) + 1}"
        shown = {
            "taskId": name,
            "status": "working",
            "statusMessage": "begun",
            "createdAt": "2026-10-01T00:00:00Z",
            "lastUpdatedAt": "2026-10-01T00:00:00Z",
            "ttlMs": 60000,
            "pollIntervalMs": 0 if params.name == "odd" else 20,
        }
        # What the tool itself makes is the task's result; failing is a result too.
        made = None
        if params.name in ("report", "refuse"):
            made = (await call_next(ctx)).model_dump(mode="json", by_alias=True)
        self.states[name] = {**shown, "made": made}
        self.asked[name] = 0
        return {"resultType": "task", **shown}

    async def get(self, ctx: Any, params: OneTask) -> Any:
        if params.task_id not in self.states:
            raise MCPError(types.INVALID_PARAMS, "Task not found")
        self.asked[params.task_id] += 1
        state = dict(self.states[params.task_id])
        made = state.pop("made")
        tool, times = params.task_id.split("-")[0], self.asked[params.task_id]
        if state["status"] == "cancelled" or times == 1:
            pass
        elif tool in ("report", "refuse"):
            state |= {"status": "completed", "result": made}
        elif tool == "greet" and not self.answers:
            form = {"mode": "form", "message": "Who?", "requestedSchema": NAME}
            asked = {"who": {"method": "elicitation/create", "params": form}}
            state |= {"status": "input_required", "inputRequests": asked}
        elif tool == "greet":
            text = f"hello {self.answers[0]['who']['content']['name']}"
            content = [{"type": "text", "text": text}]
            state |= {"status": "completed", "result": {"content": content}}
        elif tool == "break_off":
            state |= {"status": "cancelled", "statusMessage": "no more paper"}
        elif tool == "unlucky":
            state |= {"status": "failed", "error": {"code": -32603, "message": "out of paper"}}
        elif tool == "odd":
            state |= {"status": "completed", "result": "no object"}
        return {"resultType": "complete", **state}

    async def update(self, ctx: Any, params: OneTask) -> Any:
        self.answers.append(params.input_responses)
        return {"resultType": "complete"}

    async def cancel(self, ctx: Any, params: OneTask) -> Any:
        self.cancelled.append(params.task_id)
        self.states[params.task_id]["status"] = "cancelled"
        return {"resultType": "complete"}


def make_server() -> tuple[MCPServer, Tasks]:
    tasks = Tasks()
    server = MCPServer("press", version="1.0.0", extensions=[tasks])

    @server.tool()
    def report(city: str) -> Report:
        """A report, as a task."""
        return Report(city=city, pages=len(city))

    @server.tool(structured_output=False)
    def refuse() -> str:
        """Fails, as a task."""
        raise ValueError("no ink")

    for name in ("greet", "break_off", "unlucky", "odd", "forever"):

        @server.tool(name=name, structured_output=False)
        def never() -> str:
            raise AssertionError("only the task answers")

    @server.tool(structured_output=False)
    async def wait() -> str:
        """Hangs, but is no task."""
        await anyio.sleep_forever()
        return "never"

    @server.tool(structured_output=False)
    def die() -> str:
        """Ends the process."""
        os._exit(3)

    @server.tool(structured_output=False)
    def cancelled() -> str:
        """Which tasks were cancelled."""
        return " ".join(tasks.cancelled)

    return server, tasks


if __name__ == "__main__":
    made, _ = make_server()
    if sys.argv[1] == "stdio":
        made.run("stdio")
    else:
        serve_http(made.streamable_http_app())
