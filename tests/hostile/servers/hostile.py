"""A stdio server that answers every request with what a JSON file, its argument, holds for it.

With a second argument, it also writes that text to stderr first, and ends there when it is empty.
"""

import json
import sys
from pathlib import Path

ANSWERS = json.loads(Path(sys.argv[1]).read_text())
if len(sys.argv) > 2:
    sys.stderr.write(sys.argv[2])
    sys.exit(3)
for line in sys.stdin:
    request = json.loads(line)
    if "id" not in request:
        continue
    reply = {"jsonrpc": "2.0", "id": request["id"]}
    if request["method"] in ANSWERS:
        reply["result"] = ANSWERS[request["method"]]
    else:
        reply["error"] = {"code": -32601, "message": "Method not found"}
    sys.stdout.write(json.dumps(reply) + "\n")
    sys.stdout.flush()
