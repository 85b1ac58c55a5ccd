"""The errors of three services, kept in SQLite: the file that DATABASE names, else memory.

The data is generated from a seed. Its clock stands still, so that answers are always the same.
"""

from __future__ import annotations

import datetime as dt
import os
import random
import sqlite3
from typing import Annotated, Literal

from mcp.server import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp_types import ToolAnnotations
from pydantic import BaseModel, Field

READS = ToolAnnotations(read_only_hint=True, open_world_hint=False)
NOW = dt.datetime(2026, 6, 1, 14, 30, tzinfo=dt.UTC)
PER_HOUR = {"api-service": (9, 214), "web-frontend": (4, 3), "billing": (1, 0)}
"""Errors in the hour before the last one, and in the last one."""
KINDS = (
    ("UpstreamTimeout", "POST /v2/orders: no answer from billing within 5000 ms", 70),
    ("PoolExhausted", "GET /v2/orders: no free connection to orders-db (20 of 20 in use)", 25),
    ("ValidationError", "PUT /v2/profile: field 'phone' is not a number", 5),
)

server = MCPServer(
    "monitoring",
    title="Monitoring",
    description="Health and errors of services.",
    version="1.0.0",
    log_level="WARNING",
)
db = sqlite3.connect(os.environ.get("DATABASE", ":memory:"), isolation_level=None)


class ServiceStatus(BaseModel):
    """How a service is."""

    service: str
    state: Literal["healthy", "degraded"]
    version: str = Field(description="The release that runs.")
    deployed_at: dt.datetime


class ErrorCount(BaseModel):
    """How many errors there were."""

    service: str
    window: str
    count: int


class ErrorEvent(BaseModel):
    """One error as it was logged."""

    at: dt.datetime
    kind: str
    message: str
    host: str
    trace_id: str


Service = Annotated[str, Field(description="A name from `list_services`.")]
Window = Annotated[Literal["1h", "2h"], Field(description="How far back.")]


@server.tool(title="List services", annotations=READS)
async def list_services() -> list[str]:
    """List the services that are watched."""
    return list(PER_HOUR)


@server.tool(title="Status of a service", annotations=READS)
async def get_service_status(service: Service) -> ServiceStatus:
    """Get the health of a service, and what runs since when."""
    count = (await get_error_count(service, "1h")).count
    state: Literal["healthy", "degraded"] = "degraded" if count > 100 else "healthy"
    deployed = NOW - dt.timedelta(minutes=52 if count > 100 else 9000)
    return ServiceStatus(service=service, state=state, version="4.12.0", deployed_at=deployed)


@server.tool(title="Count errors", annotations=READS)
async def get_error_count(service: Service, window: Window) -> ErrorCount:
    """Count the errors of a service in the time just past."""
    [count] = db.execute("SELECT count(*) FROM error" + _WHERE, _since(service, window)).fetchone()
    return ErrorCount(service=service, window=window, count=count)


@server.tool(title="List errors", annotations=READS)
async def list_errors(service: Service, window: Window) -> list[ErrorEvent]:
    """List the errors of a service in the time just past, oldest first."""
    columns = "SELECT at, kind, message, host, trace_id FROM error"
    rows = db.execute(columns + _WHERE + " ORDER BY at, trace_id", _since(service, window))
    return [
        ErrorEvent(at=at, kind=kind, message=message, host=host, trace_id=trace)
        for at, kind, message, host, trace in rows
    ]


_WHERE = " WHERE service = ? AND at > ?"


def _since(service: str, window: str) -> tuple[str, str]:
    if service not in PER_HOUR:
        raise ToolError(f"no service {service!r}; there are {', '.join(PER_HOUR)}")
    return service, (NOW - dt.timedelta(hours=int(window[:-1]))).isoformat()


def fill() -> None:
    """Make the table and its rows, unless they are there."""
    if db.execute("SELECT 1 FROM sqlite_master WHERE name = 'error'").fetchone():
        return
    db.execute("CREATE TABLE error (service, at, kind, message, host, trace_id)")
    draw = random.Random(20260601)
    weights = [weight for *_, weight in KINDS]
    for service, (before, last) in PER_HOUR.items():
        for hours, count in ((2, before), (1, last)):
            for _ in range(count):
                at = NOW - dt.timedelta(hours=hours, seconds=-draw.randint(1, 3599))
                [(kind, message, _)] = draw.choices(KINDS, weights)
                host, trace = f"{service}-{draw.randint(1, 4)}", f"{draw.getrandbits(64):016x}"
                row = (service, at.isoformat(), kind, message, host, trace)
                db.execute("INSERT INTO error VALUES (?, ?, ?, ?, ?, ?)", row)


if __name__ == "__main__":
    fill()
    server.run("stdio")
