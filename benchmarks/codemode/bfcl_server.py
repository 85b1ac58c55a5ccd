"""The simulators of `bfcl-eval` as eight MCP servers in one process, over streamable HTTP.

It runs in the benchmark's own environment:

    python benchmarks/codemode/bfcl_server.py

One line on stderr, `ready http://127.0.0.1:PORT`, says that connections are accepted. The servers
are at `/<server>/mcp`. Two more routes are the benchmark's own, and no model's: `POST /scenario`
loads the start of a task, and `GET /state` tells where the simulators have come to.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import socket
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import mcp_types as types
import uvicorn
from mcp.server.lowlevel import Server
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

Json = dict[str, Any]

CLASSES = {
    "files": ("GorillaFileSystem", "gorilla_file_system", "gorilla_file_system"),
    "math": ("MathAPI", "math_api", "math_api"),
    "messages": ("MessageAPI", "message_api", "message_api"),
    "tickets": ("TicketAPI", "ticket_api", "ticket_api"),
    "trading": ("TradingBot", "trading_bot", "trading_bot"),
    "travel": ("TravelAPI", "travel_booking", "travel_booking"),
    "twitter": ("TwitterAPI", "posting_api", "posting_api"),
    "vehicle": ("VehicleControlAPI", "vehicle_control", "vehicle_control"),
}
"""Server → the simulator's class, its module, and the file of its documentation."""

JSON_TYPES = {"dict": "object", "float": "number"}

OPTIONAL = {
    "book_flight": {"booking_history"},
    "cd": {"current_working_directory"},
    "echo": {"terminal_output"},
    "get_order_details": {"id", "order_type", "amount"},
    "get_ticket": {"title", "description", "priority", "created_by"},
    "verify_traveler_information": {"verification_failure"},
}
"""Documented result fields that the simulators leave out at times."""

OPEN = {"type": "object"}
CORRECTED: dict[str, Json] = {
    "send_message": {"message_id": {**OPEN, "description": "ID of the sent message."}},
}
"""Result fields that have another type than documented."""

LIFTED = {"check_tire_pressure": "tirePressure", "displayCarStatus": "status"}
"""Results that are documented one level deeper than they are."""

WRAPPED = {"list_all_airports": "airports"}
"""Results that are documented as an object and are its only field's value."""

PACKAGE = "bfcl_eval.eval_checker.multi_turn_eval.func_source_code"


def json_schema(documented: Any) -> Json:
    """A parameter's or field's documentation as JSON Schema."""
    schema = {key: value for key, value in documented.items() if key not in ("default", "required")}
    schema["type"] = JSON_TYPES.get(documented["type"], documented["type"])
    if "properties" in documented:
        schema["properties"] = {
            key: json_schema(value) for key, value in documented["properties"].items()
        }
    if "items" in documented:
        schema["items"] = json_schema(documented["items"])
    if documented.get("required"):
        schema["required"] = documented["required"]
    return schema


def result_schema(tool: str, documented: Json) -> Json:
    """What a tool's result looks like; corrected where the simulators differ from their texts."""
    if tool in LIFTED:
        documented = documented["properties"][LIFTED[tool]]
    schema = json_schema(documented)
    fields: Json = schema.setdefault("properties", {})
    fields.update(CORRECTED.get(tool, {}))
    loose = OPTIONAL.get(tool, set()) | {
        key
        for key, value in fields.items()
        if value.get("description", "").startswith("[Optional]")
    }
    schema["required"] = [key for key in fields if key not in loose]
    if "booking_history" in fields:
        fields["booking_history"] = {**OPEN, "description": "The booking history. Often empty."}
    return schema


def read_tools(documents: Path) -> list[types.Tool]:
    """The tools of one simulator from its documentation, one JSON object a line."""
    found = []
    for line in documents.read_text(encoding="utf-8").splitlines():
        tool = json.loads(line)
        arguments = json_schema(tool["parameters"])
        if tool["name"] == "close_ticket":
            # One task has tickets whose ids are strings.
            arguments["properties"]["ticket_id"]["type"] = ["integer", "string"]
        output = result_schema(tool["name"], tool["response"]) if "response" in tool else None
        found.append(
            types.Tool(
                name=tool["name"],
                description=tool["description"],
                input_schema=arguments,
                output_schema=output,
            )
        )
    return found


class Simulators:
    """The simulators of the task at hand, by server."""

    def __init__(self) -> None:
        self.running: dict[str, Any] = {}

    def load(self, scenario: Json) -> None:
        """Start the simulators named in `scenario`, each from its configuration."""
        self.running = {}
        for server, configuration in scenario.items():
            class_name, module, _ = CLASSES[server]
            simulator = getattr(importlib.import_module(f"{PACKAGE}.{module}"), class_name)()
            if server != "math":
                simulator._load_scenario(configuration)
            self.running[server] = simulator

    def state(self) -> Json:
        """All public attributes, as the checker of `bfcl-eval` compares them."""
        return {
            server: {key: value for key, value in vars(one).items() if not key.startswith("_")}
            for server, one in self.running.items()
        }

    def call(self, server: str, tool: str, arguments: Json) -> types.CallToolResult:
        """Call one method; an `error` in its answer is a failure of the tool."""
        try:
            answer = getattr(self.running[server], tool)(**arguments)
        except Exception as error:
            return _answer(f"Error during execution: {error}", None)
        if tool in WRAPPED and not isinstance(answer, dict):
            answer = {WRAPPED[tool]: answer}
        structured = json.loads(json.dumps({} if answer is None else answer, default=_json))
        return _answer(json.dumps(structured), None if "error" in structured else structured)


def _answer(text: str, structured: Json | None) -> types.CallToolResult:
    return types.CallToolResult(
        content=[types.TextContent(type="text", text=text)],
        structured_content=structured,
        is_error=structured is None,
    )


def _json(value: Any) -> Any:
    """Directories, files, sets and long numbers of the simulators as JSON data."""
    if hasattr(value, "contents"):
        return {"name": value.name, "contents": value.contents}
    if hasattr(value, "_read"):
        return {"name": value.name, "content": value._read()}
    return sorted(value) if isinstance(value, set) else float(value)


def mcp_server(name: str, tools: list[types.Tool], simulators: Simulators) -> Server[Any]:
    """One simulator as an MCP server."""

    async def list_tools(_: Any, __: Any) -> types.ListToolsResult:
        return types.ListToolsResult(tools=tools)

    async def call_tool(_: Any, call: types.CallToolRequestParams) -> types.CallToolResult:
        return simulators.call(name, call.name, call.arguments or {})

    return Server(name, version="1.0.0", on_list_tools=list_tools, on_call_tool=call_tool)


def application() -> Starlette:
    """All servers under one roof."""
    simulators = Simulators()
    data = Path(importlib.import_module("bfcl_eval").__file__ or "").parent / "data"
    servers = {
        name: mcp_server(
            name, read_tools(data / "multi_turn_func_doc" / f"{documents}.json"), simulators
        )
        for name, (_, _, documents) in CLASSES.items()
    }
    apps = [
        server.streamable_http_app(streamable_http_path=f"/{name}/mcp")
        for name, server in servers.items()
    ]

    async def scenario(request: Request) -> Response:
        simulators.load(await request.json())
        return JSONResponse({})

    async def state(_: Request) -> Response:
        return Response(json.dumps(simulators.state(), default=_json))

    @contextlib.asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        async with contextlib.AsyncExitStack() as stack:
            for server in servers.values():
                await stack.enter_async_context(server.session_manager.run())
            yield

    own = [Route("/scenario", scenario, methods=["POST"]), Route("/state", state)]
    return Starlette(routes=[*own, *(r for app in apps for r in app.routes)], lifespan=lifespan)


if __name__ == "__main__":
    with socket.create_server(("127.0.0.1", 0)) as listener:
        # A connection that is closed while a request is on its way would look like a lost answer.
        config = uvicorn.Config(application(), log_level="warning", timeout_keep_alive=3600)
        app = uvicorn.Server(config)
        print(f"ready http://127.0.0.1:{listener.getsockname()[1]}", file=sys.stderr, flush=True)
        app.run(sockets=[listener])
