"""A server made with `mcp`'s MCPServer: `python typed.py stdio|streamable-http|sse [PORT]`."""

import sys
from typing import Any

from mcp.server.mcpserver import MCPServer
from pydantic import BaseModel

server = MCPServer("typed", instructions="Ask for a city.", version="3.1")


class Report(BaseModel):
    """Weather at one place."""

    city: str
    degrees: float


@server.tool(title="Get weather", meta={"acme/cost": 2})
def get_weather(city: str, days: int | None = None) -> Report:
    """Weather for a city."""
    return Report(city=city, degrees=21.5)


@server.prompt()
def greet(name: str) -> str:
    """Say hello."""
    return f"Hello {name}"


@server.resource("config://app")
def config() -> str:
    """The configuration."""
    return "{}"


@server.resource("users://{user_id}/profile")
def profile(user_id: str) -> str:
    """A user."""
    return user_id


if __name__ == "__main__":
    kind: Any = sys.argv[1]
    if kind == "stdio":
        server.run("stdio")
    else:
        server.run(kind, host="127.0.0.1", port=int(sys.argv[2]))
