"""Runs in an environment with fastmcp and nothing of ours: drives the server, and tells of it."""

from __future__ import annotations

import asyncio
import json
import sys
from importlib import import_module
from typing import Any

client: Any = import_module("fastmcp").Client
transport: Any = import_module("fastmcp.client.transports").StdioTransport


async def main() -> None:
    """What became of each step goes to stdout as JSON."""
    given = json.load(sys.stdin)
    command, *arguments = given["command"]
    answers, told, progress = ["once", "later"], {}, []

    async def ask(message: str, kind: Any, params: Any, context: Any) -> Any:
        told["asked"] = told.get("asked", 0) + 1
        return {"answer": answers.pop(0)}

    async def hear(_: float, __: float | None, message: str | None) -> None:
        progress.append(message)

    async with client(
        transport(command, arguments, env=given["env"]), elicitation_handler=ask
    ) as connected:

        async def call(tool: str, **values: Any) -> dict[str, Any]:
            result = await connected.call_tool(
                tool, values, progress_handler=hear, raise_on_error=False
            )
            found: dict[str, Any] = result.structured_content
            return found

        told["tools"] = [tool.name for tool in await connected.list_tools()]
        told["found"] = (await call("search", query="forecast"))["tools"][0]["name"]
        told["page"] = (await call("read", name="weather.get_forecast"))["text"]
        told["checked"] = (await call("check", program="1 + 'a'"))["ok"]
        once = await call("run", program=given["report"])
        told["once"] = [once["status"], once["calls"][0]["status"]]
        suspended = await call("run", program=given["report"])
        told["suspended"] = suspended["status"]
        answers.append("once")
        resumed = await call("resume", run=suspended["run"])
        told["resumed"] = [resumed["status"], resumed["calls"][0]["status"]]
        begun = asyncio.Event()

        async def begin(_: float, __: float | None, message: str | None) -> None:
            if message == "begun":
                begun.set()

        program = "print('begun', flush=True)\nimport time\ntime.sleep(600)"
        task = asyncio.create_task(
            connected.call_tool("run", {"program": program}, progress_handler=begin)
        )
        await begun.wait()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        told["cancelled"] = task.cancelled()
        told["after"] = (await call("run", program="1 + 1"))["value"]
    told["progress"] = progress
    json.dump(told, sys.stdout)


asyncio.run(main())
