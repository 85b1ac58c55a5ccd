"""An MCP server without any library: JSON-RPC, one message a line, over stdio.

It shows how little a server has to do, and that an SDK can be built for a server that is not
written with the official package.

    python examples/servers/json_rpc.py
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import Any

TOOLS = [
    {
        "name": "shout",
        "description": "Say something louder.",
        "inputSchema": {
            "type": "object",
            "properties": {
                "text": {"type": "string", "description": "What to say."},
                "times": {"type": "integer", "minimum": 1, "maximum": 5, "default": 1},
            },
            "required": ["text"],
        },
        "outputSchema": {
            "type": "object",
            "properties": {"said": {"type": "string"}},
            "required": ["said"],
        },
    }
]


def initialize(params: dict[str, Any]) -> dict[str, Any]:
    """Agree to the client's protocol version: nothing used here differs between versions."""
    return {
        "protocolVersion": params["protocolVersion"],
        "capabilities": {"tools": {}},
        "serverInfo": {"name": "json-rpc", "version": "1.0.0"},
    }


def call_tool(params: dict[str, Any]) -> dict[str, Any]:
    """Run `shout`. A mistake of the caller is a result with `isError`, so that a model sees it."""
    arguments = params.get("arguments") or {}
    if params.get("name") != "shout" or not isinstance(arguments.get("text"), str):
        message = "there is one tool, `shout`, and it needs a `text`"
        return {"content": [{"type": "text", "text": message}], "isError": True}
    said = " ".join([arguments["text"].upper() + "!"] * arguments.get("times", 1))
    return {
        "content": [{"type": "text", "text": said}],
        "structuredContent": {"said": said},
        "isError": False,
    }


METHODS: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "initialize": initialize,
    "ping": lambda params: {},
    "tools/list": lambda params: {"tools": TOOLS},
    "tools/call": call_tool,
}


def answer(request: dict[str, Any]) -> dict[str, Any]:
    """The JSON-RPC response to one request: a result, or one of the standard errors."""
    reply: dict[str, Any] = {"jsonrpc": "2.0", "id": request["id"]}
    method = METHODS.get(request.get("method", ""))
    if method is None:
        return {**reply, "error": {"code": -32601, "message": "method not found"}}
    try:
        return {**reply, "result": method(request.get("params") or {})}
    except Exception as error:  # one bad request must not end the server
        return {**reply, "error": {"code": -32603, "message": f"{type(error).__name__}: {error}"}}


def main() -> None:
    """Answer requests until stdin ends. Notifications have no id and get no answer."""
    for line in sys.stdin:
        message = json.loads(line)
        if "id" in message:
            print(json.dumps(answer(message)), flush=True)


if __name__ == "__main__":
    main()
