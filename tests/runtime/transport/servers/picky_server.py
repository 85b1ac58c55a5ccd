"""A stdio server that knows less of the protocol than others: `picky_server.py KIND LOG`.

LOG gets a line for each start and for each request.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

TOOL = {
    "name": "greet",
    "description": "Greets.",
    "inputSchema": {
        "type": "object",
        "properties": {"name": {"type": "string"}},
        "required": ["name"],
    },
}
UNKNOWN = {"code": -32601, "message": "Method not found"}
OLD = {"protocolVersion": "2024-11-05", "capabilities": {"tools": {}}}
NAMED = {"serverInfo": {"name": "picky", "version": "1"}}
STATED = {"resultType": "complete", "ttlMs": 0, "cacheScope": "private"}
NEW = {
    "supportedVersions": ["2026-07-28"],
    "capabilities": {"tools": {}},
    "_meta": {"io.modelcontextprotocol/serverInfo": NAMED["serverInfo"]},
    **STATED,
}


def answer(method: str, params: dict[str, Any], kind: str) -> dict[str, Any]:
    """The result or the error of a request. Other servers of this folder use it as well."""
    stated = STATED if kind.startswith("newest") else {}
    if method == "server/discover" and kind.startswith("newest"):
        return {"result": NEW}
    if method == "initialize" and not kind.startswith(("newest", "no_handshake")):
        return {"result": OLD | NAMED}
    if method == "tools/list":
        return {"result": {"tools": [TOOL], **stated}}
    if method == "tools/call":
        text = f"Hello {params.get('arguments', {}).get('name')}"
        return {"result": {"content": [{"type": "text", "text": text}], **stated}}
    return {"error": UNKNOWN}


def main(kind: str, log: Callable[[str], object]) -> None:
    log("start\n")
    if "banner" in kind:
        print("picky server, ready", flush=True)
    greeted = False
    for line in sys.stdin:
        message = json.loads(line)
        method = message["method"]
        log(f"{method}\n")
        if "id" not in message:
            continue
        if kind.startswith("initialize_first") and not greeted and method != "initialize":
            print("the first request must be initialize", file=sys.stderr)
            sys.exit(1)
        if kind == "closes_its_output" and not greeted and method != "initialize":
            os.close(1)
            sys.stdin.read()
            sys.exit(0)
        if kind == "newest_dies_of_initialize" and method == "initialize":
            sys.exit(1)
        if kind == "silent" and method == "server/discover":
            continue
        greeted = True
        found = answer(method, message.get("params") or {}, kind)
        print(json.dumps({"jsonrpc": "2.0", "id": message["id"], **found}), flush=True)


if __name__ == "__main__":
    with Path(sys.argv[2]).open("a", buffering=1) as asked:
        main(sys.argv[1], asked.write)
