"""A real MCP server for the runtime's tests.

    python weather_server.py stdio | http | sse

Over HTTP it listens on a free port and says `READY <port>` on stdout.
"""

from __future__ import annotations

import os
import socket
import sys
from typing import Annotated, Any, Literal

import anyio
import mcp_types as types
from mcp.server.mcpserver import Context, MCPServer
from mcp.server.mcpserver.utilities.types import Image
from pydantic import BaseModel, ConfigDict, Field

PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c6360606060000000050001a5f64540"
    "0000000049454e44ae426082"
)

Kind = Literal["calm", "storm", "hurricane"]


class Day(BaseModel):
    model_config = ConfigDict(extra="allow")
    date: str
    high: float
    kind: str
    precip_mm: float = Field(alias="precipMm")


class Forecast(BaseModel):
    city: str
    days: list[Day]


class Alert(BaseModel):
    headline: str
    severity: str


class Label(BaseModel):
    name: str
    priority: Literal["low", "high"] | None = None


cancelled: list[str] = []


def make_server() -> MCPServer:
    server = MCPServer("weather", version="1.2.3")

    @server.tool(annotations=types.ToolAnnotations(read_only_hint=True))
    def get_forecast(
        city: Annotated[str, Field(min_length=1)],
        days: Annotated[int, Field(ge=1, le=10)] = 3,
        units: Literal["metric", "imperial"] = "metric",
    ) -> Forecast:
        """Daily forecast."""
        kind = "tornado" if city == "Oz" else "calm"
        made = [
            Day(date=f"2026-01-0{n + 1}", high=3 + n, kind=kind, precipMm=0.5, feelsLike=-1)
            for n in range(days)
        ]
        return Forecast(city=city, days=made)

    @server.tool()
    def list_alerts(region: str, sinceDate: str | None = None) -> list[Alert]:
        """Alerts in force."""
        return [Alert(headline=f"Wind in {region} since {sinceDate}", severity="severe")]

    @server.tool(structured_output=False)
    def search(
        q: str | None, cursor: str | None = "unset", labels: list[Label] | None = None
    ) -> str:
        """Says what it was given."""
        names = [f"{label.name}:{label.priority}" for label in labels or []]
        return f"q={q!r} cursor={cursor!r} labels={names}"

    @server.tool(structured_output=False)
    def picture() -> list[Any]:
        """A picture."""
        return ["a pixel", Image(data=PIXEL, format="png")]

    @server.tool(structured_output=False)
    def fail(message: str) -> str:
        """Fails."""
        raise ValueError(message)

    add_odd_tools(server)
    add_prompts_and_resources(server)
    return server


def add_odd_tools(server: MCPServer) -> None:
    @server.tool(structured_output=False)
    async def count(to: int, ctx: Context) -> str:
        """Counts, with progress."""
        for n in range(to):
            await ctx.report_progress(n + 1, to, f"step {n + 1}")
        return "done"

    @server.tool(structured_output=False)
    async def hang() -> str:
        """Never answers."""
        try:
            await anyio.sleep_forever()
        except BaseException:
            cancelled.append("hang")
            raise
        return "never"

    @server.tool(structured_output=False)
    async def was_cancelled() -> str:
        """How many hanging calls were cancelled."""
        return str(len(cancelled))

    @server.tool(structured_output=False)
    def crash() -> str:
        """Dies."""
        print("about to crash: \x1b[31mboom", file=sys.stderr, flush=True)
        os._exit(3)

    @server.tool(structured_output=False)
    def pid() -> str:
        """The server's process."""
        return str(os.getpid())


def add_prompts_and_resources(server: MCPServer) -> None:
    @server.prompt()
    def code_review(code: str, style: str = "plain") -> str:
        return f"Review in {style} style: {code}"

    @server.resource("users://{user_id}/profile")
    def profile(user_id: str) -> str:
        return f'{{"id": "{user_id}"}}'

    @server.resource("logo://main", mime_type="image/png")
    def logo() -> bytes:
        return PIXEL


def serve_http(app: Any) -> None:
    import uvicorn

    listening = socket.socket()
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    listening.bind(("127.0.0.1", 0))
    listening.listen()
    print("READY", listening.getsockname()[1], flush=True)
    config = uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=1)
    uvicorn.Server(config).run(sockets=[listening])


if __name__ == "__main__":
    made = make_server()
    if sys.argv[1] == "stdio":
        made.run("stdio")
    else:
        serve_http(made.streamable_http_app() if sys.argv[1] == "http" else made.sse_app())
