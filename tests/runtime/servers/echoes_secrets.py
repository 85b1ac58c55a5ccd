"""A server that repeats what it was given: in errors, on stderr, in answers, definitions, progress
and log messages. With `--broken` it ends before it greets anybody."""

import json
import os
import sys
from urllib.parse import urlsplit

TOLD = " and ".join(
    os.environ[name] for name in ("ACME_ID", "DATABASE", "DB_PASS", "FILED") if name in os.environ
)
TOLD += " " + " ".join(sys.argv[1:])
FIELD = urlsplit(" ".join(sys.argv[1:2])).password or "field"
"""A secret that could be the name of a field."""
TOOLS = [
    {
        "name": name,
        "description": f"Begun with {TOLD}",
        "inputSchema": {"type": "object", "properties": {}},
        "annotations": {"readOnlyHint": True},
    }
    for name in ("answer", "fail", "refuse", "die", "garble", "report")
]
if "--broken" in sys.argv:
    sys.exit(f"cannot begin with {TOLD}")


def notify(method: str, params: dict[str, object]) -> None:
    """Tell the client something unasked."""
    print(json.dumps({"jsonrpc": "2.0", "method": method, "params": params}), flush=True)


def answered(tool: str) -> dict[str, object]:
    """What is sent for one call; never for `die`."""
    if tool == "refuse":
        return {"error": {"code": -32050, "message": f"refused {TOLD}", "data": {"who": TOLD}}}
    if tool == "die":
        print(f"the backend refused {TOLD}", file=sys.stderr, flush=True)
        os._exit(3)
    if tool == "garble":
        return {"outcome": TOLD}
    if tool == "report":
        notify("notifications/message", {"level": "error", "logger": "echo", "data": TOLD})
        return {"result": {"content": []}}
    sent = f"sent {TOLD}" if tool == "fail" else json.dumps({"sent": TOLD, FIELD: 1})
    content = [{"type": "text", "text": sent}]
    return {"result": {"content": content, "isError": tool == "fail"}}


for line in sys.stdin:
    asked = json.loads(line)
    if "id" not in asked or "method" not in asked:
        continue
    reply: dict[str, object] = {"error": {"code": -32601, "message": "unknown"}}
    if asked["method"] == "initialize":
        info = {"name": "echo", "version": "1"}
        version = {"protocolVersion": "2025-06-18", "capabilities": {"tools": {}, "logging": {}}}
        reply = {"result": {**version, "serverInfo": info}}
    elif asked["method"] == "logging/setLevel":
        reply = {"result": {}}
    elif asked["method"] == "tools/list":
        reply = {"result": {"tools": TOOLS}}
    elif asked["method"] == "tools/call":
        if token := asked["params"].get("_meta", {}).get("progressToken"):
            told = {"progressToken": token, "progress": 1, "message": TOLD}
            notify("notifications/progress", told)
        reply = answered(asked["params"]["name"])
    print(json.dumps({"jsonrpc": "2.0", "id": asked["id"], **reply}), flush=True)
