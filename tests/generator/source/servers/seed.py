"""A server written by hand: it answers tools/list and tools/call, nothing else."""

import json
import sys

TOOLS = [
    {
        "name": "my_tool",
        "description": "What my tool does",
        "inputSchema": {
            "type": "object",
            "properties": {"param1": {"type": "string", "description": "..."}},
            "required": ["param1"],
        },
    }
]


def answer(request):
    if request.get("method") == "tools/list":
        return {"jsonrpc": "2.0", "id": request.get("id"), "result": {"tools": TOOLS}}
    error = {"code": -32601, "message": f"Unknown method: {request.get('method')}"}
    return {"jsonrpc": "2.0", "id": request.get("id"), "error": error}


for line in sys.stdin:
    sys.stdout.write(json.dumps(answer(json.loads(line))) + "\n")
    sys.stdout.flush()
