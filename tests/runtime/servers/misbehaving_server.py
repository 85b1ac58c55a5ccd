"""A stdio server that speaks MCP by hand and misbehaves as its tools are named.

python misbehaving_server.py [seconds to sleep before the first answer [protocol version [paging]]]

`paging` is how its list of tools has no end: a key of `PAGING`.
"""

from __future__ import annotations

import itertools
import json
import os
import sys
import time
from collections.abc import Callable
from typing import Any

from heavy_answers import HEAVY, heavy

PENDING: dict[Any, Any] = {}
TEXT = '"result": {"content": [{"type": "text", "text": %s}]}'
SPOILT = {
    "null": '"result": null',
    "neither": '"x": 1',
    "error_text": '"error": "boom"',
    "deep": '"result": {"content": ' + "[" * 100_000 + "]" * 100_000 + "}",
    "digits": '"result": {"content": ' + "9" * 5_000 + "}",
    "blocks": '"result": {"content": [' + "{}," * 10_000 + "{}]}",
    "cut_emoji": TEXT % r'"\\ud83d \ud83d\ude00 cut \ud83d"',
    "own_32000": '"error": {"code": -32000, "message": "the budget is spent"}',
    "own_32001": '"error": {"code": -32001, "message": "no such account"}',
}
PAGING: dict[str, Callable[[int], tuple[str, str | None]]] = {
    "new cursors": lambda page: (f"tool{page}", str(page)),
    "new cursors, nothing new": lambda page: ("tool", str(page)),
    "cursors of a megabyte": lambda page: (f"tool{page}", f"{page}".rjust(1 << 20, ".")),
    "one cursor": lambda page: (f"tool{page}", "more"),
    "no heed to cursors": lambda page: ("tool", "more"),
    "an empty cursor": lambda page: (f"tool{page}", None if page else ""),
    "an empty cursor at the end": lambda page: (f"tool{page % 2}", "" if page % 2 else "more"),
    "an empty cursor always": lambda page: ("tool", ""),
    "many tools": lambda page: ("", str(page)),
}
"""For the number of a page: the name of its tool, empty for 5,001 at once, and the next cursor."""
PAGES = itertools.count()
NOBODYS = {
    "null_id_error": {"error": {"code": -32700, "message": "Parse error"}},
    "null_id_result": {"result": {"content": [{"type": "text", "text": "yours"}]}},
}
"""Answers that do not say to what."""
PROGRESS = "notifications/progress"
ODD_NEWS: dict[str, list[Any]] = {
    "odd_progress": [
        {"jsonrpc": "2.0", "method": PROGRESS, "params": {"progressToken": "token", **step}}
        for step in ({"progress": "50", "total": "100"}, {"progress": 75, "message": ["x"]})
    ],
    "odd_log": [
        {
            "jsonrpc": "2.0",
            "method": "notifications/message",
            "params": {"level": "WARN", "message": "slow"},
        }
    ],
    "log_line": [{"level": "error", "error": "this is a log, no answer"}],
}


def write(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()


def send(message: dict[str, Any]) -> None:
    write(json.dumps({"jsonrpc": "2.0", **message}) + "\n")


def result(request_id: Any, text: str) -> None:
    content = [{"type": "text", "text": text}]
    send({"id": request_id, "result": {"content": content, "isError": False}})


def ask(request_id: Any, method: str, params: dict[str, Any]) -> None:
    PENDING[f"ask-{request_id}"] = request_id
    send({"id": f"ask-{request_id}", "method": method, "params": params})


def misbehave(tool: str, request_id: Any, arguments: dict[str, Any]) -> None:
    if tool == "garbage":
        write("Listening on stdio …\n{\n\x00\n[]\n")
        sys.stdout.buffer.write(b"caf\xe9 \xff\xfe\n")
        result(request_id, "after garbage")
    elif tool == "half_frame":
        write('{"jsonrpc": "2.0", "id": ' + str(request_id) + ', "result": {"conte')
        os._exit(1)
    elif tool in SPOILT:
        write('{"jsonrpc": "2.0", "id": ' + f"{request_id}, {SPOILT[tool]}}}\n")
    elif tool == "questions":
        while True:
            send({"id": "q", "method": "ping"})
    elif tool == "wrong_id":
        result(987654, "for nobody")
    elif tool == "twice":
        result(request_id, "first")
        result(request_id, "second")
    elif tool == "huge":
        result(request_id, "x" * 50_000_000)
    elif tool in HEAVY:
        write(heavy(tool, request_id) + "\n")
    elif tool == "endless":
        while True:
            write("x" * 65536)
    elif tool == "die_before":
        os._exit(1)
    elif tool == "die_after":
        result(request_id, "last words")
        os._exit(0)
    elif tool == "mute":
        os.close(1)
    elif tool == "chatty_stderr":
        print("noise " * 1_000_000, file=sys.stderr, flush=True)
        result(request_id, "done")
    elif tool == "wrong_shape":
        send({"id": request_id, "result": {"content": "not a list"}})
    elif tool == "elicit":
        schema = {"type": "object", "properties": {"name": {"type": "string"}}}
        ask(request_id, "elicitation/create", {"message": "Who?", "requestedSchema": schema})
    elif tool == "sample":
        message = {"role": "user", "content": {"type": "text", "text": "Say hi"}}
        ask(request_id, "sampling/createMessage", {"messages": [message], "maxTokens": 9})
    elif tool in NOBODYS:
        send({"id": None, **NOBODYS[tool]})
    elif tool in ODD_NEWS:
        for line in ODD_NEWS[tool]:
            write(json.dumps(line).replace('"token"', str(request_id)) + "\n")
        result(request_id, "after the news")
    elif tool == "roots":
        ask(request_id, "roots/list", {})
    elif tool == "log":
        params = {"level": "warning", "logger": "db", "data": {"slow": True}}
        send({"method": "notifications/message", "params": params})
        result(request_id, "logged")
    elif tool == "pid":
        result(request_id, str(os.getpid()))
    # anything else: no answer


def listed(paging: str) -> dict[str, Any]:
    name, cursor = PAGING[paging](next(PAGES))
    names = [name] if name else [f"tool{cursor}-{number}" for number in range(5_001)]
    tools = [{"name": name, "inputSchema": {"type": "object"}} for name in names]
    return {"tools": tools, "nextCursor": cursor}


def main() -> None:
    time.sleep(float(sys.argv[1]) if len(sys.argv) > 1 else 0)
    for line in sys.stdin:
        message = json.loads(line)
        method, request_id = message.get("method"), message.get("id")
        if method == "initialize":
            capabilities = {"tools": {}, "logging": {}}
            version = sys.argv[2] if len(sys.argv) > 2 else "2025-06-18"
            facts = {"protocolVersion": version, "capabilities": capabilities}
            send(
                {"id": request_id, "result": {**facts, "serverInfo": {"name": "m", "version": "0"}}}
            )
        elif method == "tools/call":
            misbehave(message["params"]["name"], request_id, message["params"].get("arguments", {}))
        elif method == "tools/list" and len(sys.argv) > 3:
            send({"id": request_id, "result": listed(sys.argv[3])})
        elif method == "logging/setLevel":
            send({"id": request_id, "result": {}})
        elif method is None and request_id in PENDING:
            answer = message.get("result", {"error": message.get("error", {}).get("code")})
            result(PENDING.pop(request_id), json.dumps(answer))
        elif request_id is not None:
            send({"id": request_id, "error": {"code": -32601, "message": "no such method"}})


if __name__ == "__main__":
    main()
