"""A carrier that keeps its shipments in SQLite: the file that DATABASE names, else memory."""

from __future__ import annotations

import os
import sqlite3
from typing import Annotated

from mcp.server import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp_types import ToolAnnotations
from pydantic import BaseModel, Field

READS = ToolAnnotations(read_only_hint=True, open_world_hint=False)
REPEATABLE = ToolAnnotations(
    read_only_hint=False, destructive_hint=False, idempotent_hint=True, open_world_hint=True
)
DAYS = {"DE": 2, "FR": 2, "JP": 6, "NO": 3, "US": 5}

server = MCPServer(
    "shipping",
    title="Shipping",
    description="Sends parcels to the countries that it serves.",
    version="1.0.0",
    log_level="WARNING",
)
db = sqlite3.connect(os.environ.get("DATABASE", ":memory:"), isolation_level=None)
db.execute(
    "CREATE TABLE IF NOT EXISTS shipment (number INTEGER PRIMARY KEY, order_id TEXT UNIQUE,"
    " country TEXT)"
)

Country = Annotated[str, Field(pattern="^[A-Z]{2}$", description="ISO 3166-1 alpha-2.")]


class Shipment(BaseModel):
    """A parcel on its way."""

    tracking: str = Field(description="The number to follow it by.")
    order_id: str
    country: Country
    days: int = Field(description="Working days that it takes.")


class Route(BaseModel):
    """A country that is served."""

    country: Country
    days: int = Field(description="Working days that a parcel takes.")


@server.tool(title="List routes", annotations=READS)
async def list_routes() -> list[Route]:
    """List the countries that are served."""
    return [Route(country=country, days=days) for country, days in DAYS.items()]


@server.tool(title="Ship an order", annotations=REPEATABLE)
async def ship(order_id: Annotated[str, Field(min_length=1)], country: Country) -> Shipment:
    """Hand a parcel over, once for each order. Fails for countries that are not served."""
    if country not in DAYS:
        raise ToolError(f"no parcels go to {country}")
    db.execute(
        "INSERT OR IGNORE INTO shipment (order_id, country) VALUES (?, ?)", (order_id, country)
    )
    number, country = db.execute(
        "SELECT number, country FROM shipment WHERE order_id = ?", (order_id,)
    ).fetchone()
    return Shipment(
        tracking=f"PX{number:06}", order_id=order_id, country=country, days=DAYS[country]
    )


if __name__ == "__main__":
    server.run("stdio")
