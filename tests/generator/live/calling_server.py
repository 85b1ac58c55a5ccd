"""A stdio server whose tools say what they were called with, speaking MCP by hand.

python calling_server.py FILE    (calls that change something add a line to FILE)
"""

from __future__ import annotations

import base64
import json
import sys
from pathlib import Path
from typing import Any

READS = {"readOnlyHint": True}
ECHO = {
    "type": "object",
    "properties": {
        "city": {"type": "string"},
        "days": {"type": "integer", "minimum": 1, "maximum": 14},
        "factor": {"type": "number"},
        "deep": {"type": "boolean"},
        "unit": {"enum": ["celsius", "fahrenheit"]},
        "tags": {"type": "array", "items": {"type": "string"}},
        "points": {"type": "array", "items": {"type": "integer"}},
        "label": {"anyOf": [{"type": "string"}, {"type": "null"}]},
        "limit": {"anyOf": [{"type": "integer"}, {"type": "null"}]},
        "any": {},
        "dotted.name": {"type": "integer"},
        "placeOfBirth": {
            "type": "object",
            "properties": {
                "postCode": {"type": "string"},
                "position": {
                    "type": "object",
                    "properties": {"lat": {"type": "number"}, "lon": {"type": "number"}},
                },
            },
        },
        "steps": {
            "type": "array",
            "items": {"type": "object", "properties": {"name": {"type": "string"}}},
        },
        "headers": {"type": "object", "additionalProperties": {"type": "integer"}},
        "since": {"type": "string", "format": "date-time"},
    },
}
TOOLS: list[dict[str, Any]] = [
    {"name": "echo", "annotations": READS, "inputSchema": ECHO},
    {
        "name": "needs",
        "annotations": READS,
        "inputSchema": {
            "type": "object",
            "properties": {"userId": {"type": "integer"}, "note": {"type": "string"}},
            "required": ["userId", "note"],
        },
    },
    {
        "name": "deleteAll",
        "annotations": {"readOnlyHint": False, "destructiveHint": True},
        "inputSchema": {"type": "object", "properties": {"of": {"type": "string"}}},
    },
    *(
        {"name": name, "annotations": READS, "inputSchema": {"type": "object"}}
        for name in ("picture", "fail", "escapes", "unread", "odd", "speechless", "none")
    ),
    {
        "name": "wrapped",
        "annotations": READS,
        "inputSchema": {"type": "object"},
        "outputSchema": {
            "type": "object",
            "properties": {"result": {"type": "string"}},
            "required": ["result"],
            "x-fastmcp-wrap-result": True,
        },
    },
]
ESCAPES = "\x1b]0;stolen\x07red \x1b[31m alert\u202e"
ODD: dict[str, Any] = {
    "odd": {"content": [{"type": "text", "text": "fine"}, {"type": "\x1b[2J", "url": "x"}]},
    "speechless": {"structuredContent": {"code": 7}, "isError": True},
    "none": ["hello"],
}
PNG = b"\x89PNG\r\n\x1a\n image"


def text(value: Any) -> dict[str, Any]:
    """A text block: a text as it is, other values as JSON."""
    return {"type": "text", "text": value if isinstance(value, str) else json.dumps(value)}


def encoded(data: bytes) -> str:
    """Base64."""
    return base64.b64encode(data).decode()


def answer(tool: str, arguments: dict[str, Any]) -> Any:
    """The result of a call."""
    if tool in ODD:
        return ODD[tool]
    if tool in ("echo", "needs"):
        return {"content": [text(arguments)]}
    if tool == "fail":
        return {"content": [text(f"no luck {ESCAPES}")], "isError": True}
    if tool == "escapes":
        return {"content": [text(ESCAPES)]}
    if tool == "wrapped":
        answered = json.dumps({"rows": [1, 2]})
        return {"content": [text(answered)], "structuredContent": {"result": answered}}
    if tool == "deleteAll":
        with Path(sys.argv[1]).open("a") as file:
            file.write(json.dumps(arguments) + "\n")
        return {"content": [text("deleted")]}
    resource = {"uri": "file:///../../etc/passwd", "blob": encoded(b"blob"), "mimeType": "x/../y"}
    return {
        "content": [
            {"type": "image", "data": encoded(PNG), "mimeType": "image/png"},
            {"type": "audio", "data": encoded(b"RIFF"), "mimeType": "audio/wav; codecs=1"},
            {"type": "resource", "resource": resource},
            text("three files"),
        ]
    }


def main() -> None:
    """Answer requests until stdin ends."""
    for line in sys.stdin:
        request = json.loads(line)
        if "id" not in request:
            continue
        method, params = request["method"], request.get("params") or {}
        result: Any
        if method == "initialize":
            result = {
                "protocolVersion": params["protocolVersion"],
                "capabilities": {"tools": {}},
                "serverInfo": {"name": "calling", "version": "1"},
            }
        elif method == "tools/list":
            result = {"tools": TOOLS}
        elif method == "tools/call":
            result = answer(params["name"], params.get("arguments") or {})
        else:
            print(json.dumps({
                "jsonrpc": "2.0", "id": request["id"],
                "error": {"code": -32601, "message": "unknown method"},
            }), flush=True)  # fmt: skip
            continue
        print(json.dumps({"jsonrpc": "2.0", "id": request["id"], "result": result}), flush=True)


if __name__ == "__main__":
    main()
