"""A server that repeats what it was given in errors, on stderr and in its answers."""

import json
import os
import sys

TOLD = " and ".join(
    os.environ[name] for name in ("ACME_ID", "DATABASE", "FILED") if name in os.environ
)
TOLD += " " + " ".join(sys.argv[1:])
TOOLS = [
    {"name": name, "inputSchema": {"type": "object"}, "annotations": {"readOnlyHint": True}}
    for name in ("answer", "fail", "refuse", "die")
]


def answered(tool: str) -> dict[str, object]:
    """What is sent for one call; never for `die`."""
    if tool == "refuse":
        return {"error": {"code": -32050, "message": f"refused {TOLD}", "data": {"who": TOLD}}}
    if tool == "die":
        print(f"the backend refused {TOLD}", file=sys.stderr, flush=True)
        os._exit(3)
    content = [{"type": "text", "text": f"sent {TOLD}"}]
    return {"result": {"content": content, "isError": tool == "fail"}}


for line in sys.stdin:
    asked = json.loads(line)
    if "id" not in asked or "method" not in asked:
        continue
    reply: dict[str, object] = {"error": {"code": -32601, "message": "unknown"}}
    if asked["method"] == "initialize":
        info = {"name": "echo", "version": "1"}
        version = {"protocolVersion": "2025-06-18", "capabilities": {"tools": {}}}
        reply = {"result": {**version, "serverInfo": info}}
    elif asked["method"] == "tools/list":
        reply = {"result": {"tools": TOOLS}}
    elif asked["method"] == "tools/call":
        reply = answered(asked["params"]["name"])
    print(json.dumps({"jsonrpc": "2.0", "id": asked["id"], **reply}), flush=True)
