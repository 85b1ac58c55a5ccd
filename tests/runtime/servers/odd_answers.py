"""Odd answers to `tools/call`, by name, and a server that gives them over stdio or HTTP.

As a program it is a stdio server: `python odd_answers.py [opening as JSON]`.
"""

from __future__ import annotations

import json
import sys
from typing import Any

TEXT: list[dict[str, Any]] = [{"type": "text", "text": "[1, 2]"}]
TOOL = {"name": "any", "inputSchema": {"type": "object"}}
TOLD = ("hi", "ho")
OPENING = {
    "protocolVersion": "2025-06-18",
    "capabilities": {"tools": {}},
    "serverInfo": {"name": "odd", "version": "1"},
}

# What is answered, the text that is read, the JSON that is read, and where a note is.
READ: dict[str, tuple[Any, str, Any, list[str]]] = {
    "list_ids": ({"content": TEXT, "structuredContent": [1, 2]}, "[1, 2]", [1, 2], []),
    "json_block": (
        {"content": [{"type": "json", "json": {"a": 1}}]}, "", {"a": 1}, ["content[0].type"],
    ),
    "error_block": (
        {"content": [{"type": "error", "text": "Invalid"}]}, "Invalid", None, ["content[0].type"],
    ),
    "unknown_beside_text": (
        {"content": [*TEXT, {"type": "video", "url": "x"}]}, "[1, 2]", [1, 2], ["content[1].type"],
    ),
    "is_error_null": ({"content": TEXT, "isError": None}, "[1, 2]", [1, 2], []),
    "is_error_text": ({"content": TEXT, "isError": "false"}, "[1, 2]", [1, 2], ["isError"]),
    "odd_hint": (
        {"content": [{"type": "text", "text": "1", "annotations": {"audience": ["human"]}}]},
        "1", 1, ["content[0].annotations.audience"],
    ),
    "hint_of_another_type": (
        {"content": [{**TEXT[0], "text": "1", "annotations": {"audience": 5, "priority": "x"}}]},
        "1", 1, ["content[0].annotations.audience", "content[0].annotations.priority"],
    ),
    "no_content": ({"structuredContent": {"a": 1}}, "", {"a": 1}, []),
    "null_content": ({"content": None, "structuredContent": 5}, "", 5, []),
    "nothing": ({}, "", None, ["content"]),
    "content_is_text": ({"content": "hi"}, "hi", None, ["content"]),
    "content_is_a_block": ({"content": TEXT[0]}, "[1, 2]", [1, 2], ["content"]),
    "text_is_a_number": ({"content": [{"type": "text", "text": 5}]}, "5", 5, ["content[0].text"]),
    "text_is_an_object": (
        {"content": [{"type": "text", "text": {"a": 1}}]}, '{"a": 1}', {"a": 1},
        ["content[0].text"],
    ),
    "text_is_missing": ({"content": [{"type": "text"}]}, "", None, ["content[0].text"]),
    "text_in_place_of_a_block": ({"content": ["7"]}, "7", 7, ["content[0]"]),
    "number_in_place_of_a_block": ({"content": [7]}, "", None, ["content[0]"]),
    "no_type": ({"content": [{"text": "7"}]}, "7", 7, ["content[0].type"]),
    "type_in_capitals": ({"content": [{"type": "TEXT", "text": "7"}]}, "7", 7, ["content[0].type"]),
    "type_is_a_list": ({"content": [{"type": [], "text": "7"}]}, "7", 7, ["content[0].type"]),
    "snake_case": (
        {"content": [], "structured_content": {"a": 1}, "is_error": False}, "", {"a": 1},
        ["structured_content", "is_error"],
    ),
    "protocol_of_2024": ({"toolResult": {"a": 1}}, "", {"a": 1}, ["content"]),
    "other_fields": ({"rows": [1]}, "", {"rows": [1]}, ["content"]),
    "mime_type_of_another_kind": (
        {"content": [{"type": "image", "data": "AAAA", "mimeType": "text/plain"}]}, "", None,
        ["content[0].mimeType"],
    ),
    "resource_is_text": (
        {"content": [{"type": "resource", "resource": "x"}]}, "", None, ["content[0].resource"],
    ),
    "meta_is_a_list": ({"content": TEXT, "_meta": []}, "[1, 2]", [1, 2], []),
}  # fmt: skip

# What is no answer to a call, the field that says so, and the JSON that `lenient` makes of it.
REFUSED: dict[str, tuple[Any, str, Any]] = {
    "null": (None, "result", None),
    "text": ("7", "result", 7),
    "list": ([1, 2], "result", [1, 2]),
    "blocks": (TEXT, "result", [1, 2]),
    "number": (5, "result", 5),
    "mystery": ({"resultType": "mystery", "content": TEXT}, "resultType", [1, 2]),
}


# A prompt whose message has two blocks and another's role, and a resource without its URI.
GIVEN: dict[str, Any] = {
    "prompts/get": {
        "messages": [{"role": "system", "content": [{"type": "text", "text": one} for one in TOLD]}]
    },
    "resources/read": {"contents": [{"text": "hi"}]},
}


def answer(name: str) -> Any:
    """The result of a call of the tool `name`."""
    return READ[name][0] if name in READ else REFUSED[name.removeprefix("no_answer_")][0]


def reply(message: dict[str, Any], opening: Any = OPENING, tools: Any = (TOOL,)) -> dict[str, Any]:
    """The JSON-RPC answer to a request."""
    told: dict[str, Any] = {"error": {"code": -32601, "message": "no"}}
    if message["method"] == "initialize":
        told = {"result": opening}
    elif message["method"] == "tools/list":
        told = {"result": {"tools": list(tools)}}
    elif message["method"] == "tools/call":
        told = {"result": answer(message["params"]["name"])}
    elif message["method"] in GIVEN:
        told = {"result": GIVEN[message["method"]]}
    return {"jsonrpc": "2.0", "id": message["id"], **told}


def main() -> None:
    opening = json.loads(sys.argv[1]) if len(sys.argv) > 1 else OPENING
    for line in sys.stdin:
        message = json.loads(line)
        if "id" in message:
            print(json.dumps(reply(message, opening)), flush=True)


if __name__ == "__main__":
    main()
