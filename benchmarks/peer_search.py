"""fastmcp's own BM25 search over the same tools. Run by `benchmarks.search` in an environment that
has fastmcp and nothing of ours: queries and tools on stdin, names by rank and times on stdout."""

from __future__ import annotations

import asyncio
import json
import logging
import sys
import time
from importlib import import_module
from importlib.metadata import version
from typing import Any


async def main() -> None:
    """Rank all queries."""
    given = json.load(sys.stdin)
    logging.disable(logging.WARNING)  # it warns of each name that is not a plain identifier
    bm25: Any = import_module("fastmcp.server.transforms.search.bm25")
    tool: Any = import_module("fastmcp.tools.base").Tool
    tools = [
        tool(name=name, description=one.get("description") or "", parameters=one["inputSchema"])
        for name, one in given["tools"]
    ]
    transform = bm25.BM25SearchTransform(max_results=given["limit"])
    started = time.perf_counter()
    await transform._search(tools, given["queries"][0])
    first_s = time.perf_counter() - started
    ranked = [
        [found.name for found in await transform._search(tools, query)]
        for query in given["queries"]
    ]
    each_s = (time.perf_counter() - started - first_s) / len(ranked)
    seconds = {"first_s": first_s, "each_s": each_s}
    json.dump({"version": version("fastmcp"), "ranked": ranked, **seconds}, sys.stdout)


asyncio.run(main())
