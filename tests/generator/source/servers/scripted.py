"""A handshake server that answers as its first argument, a JSON file of behaviours, says.

`results` maps methods to results, or to a list of results, one per page. `errors` maps methods to
error objects. `silent` lists methods that are never answered. `endless` gives every page a new
cursor, `stuck` the same one. `stderr` and `stdout` are written at the start, `exit` ends it then.
`exit_on` ends it at a method. `linger` ignores the end of its input and SIGTERM. `pid_file` gets
its process id. `many` lists so many tools, the first with a description of `big` characters.
`mirror` puts environment, arguments and folder into a tool's description and on stderr.
"""

import itertools
import json
import os
import signal
import sys
import time
from pathlib import Path

PLAN = json.loads(sys.argv[1])
EMPTY = {"type": "object"}
KEYS = {
    "tools/list": "tools",
    "prompts/list": "prompts",
    "resources/list": "resources",
    "resources/templates/list": "resourceTemplates",
}
ENVIRONMENT = [f"{name}={value}" for name, value in os.environ.items()]
MIRROR = " ".join([*sys.argv[2:], *ENVIRONMENT, str(Path.cwd())])
COUNTER = itertools.count()


def page(method, params):
    if PLAN.get("endless") == method:
        number = str(next(COUNTER))
        item = {"name": f"t{number}", "inputSchema": EMPTY, "uri": number, "uriTemplate": number}
        return {KEYS[method]: [item], "nextCursor": number}
    if PLAN.get("stuck") == method:
        return {"tools": [{"name": "again", "inputSchema": EMPTY}], "nextCursor": "same"}
    if "many" in PLAN and method == "tools/list":
        tools = [{"name": f"t{number}"} for number in range(PLAN["many"])]
        tools[0]["description"] = "x" * PLAN.get("big", 0)
        return {"tools": tools}
    result = PLAN.get("results", {}).get(method)
    if isinstance(result, list):
        number = int(params.get("cursor", "0"))
        more = {"nextCursor": str(number + 1)} if number + 1 < len(result) else {}
        return {**result[number], **more}
    return result


def answer(request):
    method, params = request["method"], request.get("params") or {}
    if PLAN.get("exit_on") == method:
        sys.stderr.write("cannot go on\n")
        sys.exit(4)
    if method in PLAN.get("errors", {}):
        return {"error": PLAN["errors"][method]}
    if method == "initialize":
        default = PLAN.get("capabilities", {"tools": {}})
        return {
            "result": {
                "protocolVersion": "2025-06-18",
                "capabilities": default,
                "serverInfo": {"name": "scripted", "version": "1", "vendor": {"x": 1}},
                "instructions": PLAN.get("instructions", ""),
            }
        }
    if PLAN.get("mirror") and method == "tools/list":
        schema = {"type": "object", "properties": {"q": {"type": "string", "default": MIRROR}}}
        return {"result": {"tools": [{"name": "m", "description": MIRROR, "inputSchema": schema}]}}
    result = page(method, params)
    if result is None:
        return {"error": {"code": -32601, "message": "Method not found"}}
    return {"result": result}


if PLAN.get("pid_file"):
    Path(PLAN["pid_file"]).write_text(str(os.getpid()))
if PLAN.get("mirror"):
    sys.stderr.write(MIRROR + "\n")
sys.stderr.write(PLAN.get("stderr", ""))
sys.stderr.flush()
sys.stdout.write(PLAN.get("stdout", ""))
sys.stdout.flush()
if "exit" in PLAN:
    sys.exit(PLAN["exit"])
if PLAN.get("linger"):
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
for line in sys.stdin:
    request = json.loads(line)
    if "id" in request and request["method"] not in PLAN.get("silent", ()):
        reply = {"jsonrpc": "2.0", "id": request["id"], **answer(request)}
        sys.stdout.write(json.dumps(reply) + "\n")
        sys.stdout.flush()
while PLAN.get("linger"):
    time.sleep(60)
