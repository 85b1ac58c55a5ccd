"""A shop's orders and stock, kept in SQLite: in the file that DATABASE names, else in memory."""

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
    read_only_hint=False, destructive_hint=False, idempotent_hint=True, open_world_hint=False
)

STOCK = {"kettle": 12, "toaster": 5, "drill": 3, "lamp": 40}
PRICE_CENTS = {"kettle": 3490, "toaster": 4990, "drill": 8900, "lamp": 1990}
ORDERS = [
    ("2026-0601", "Ada Lund", "NO", {"kettle": 1, "lamp": 2}),
    ("2026-0602", "Ben Ortiz", "AQ", {"toaster": 2}),
    ("2026-0603", "Chi Nakamura", "JP", {"drill": 4}),
    ("2026-0604", "Dana Weiss", "DE", {"toaster": 1, "drill": 1}),
]

server = MCPServer(
    "inventory",
    title="Inventory",
    description="Orders, and what is in stock for them.",
    version="1.0.0",
    log_level="WARNING",
)
db = sqlite3.connect(os.environ.get("DATABASE", ":memory:"), isolation_level=None)
db.executescript(
    "CREATE TABLE IF NOT EXISTS stock (sku TEXT PRIMARY KEY, available INT CHECK (available >= 0));"
    "CREATE TABLE IF NOT EXISTS reserved (order_id TEXT, sku TEXT, quantity INT,"
    " PRIMARY KEY (order_id, sku));"
)
db.executemany("INSERT OR IGNORE INTO stock VALUES (?, ?)", STOCK.items())


class Line(BaseModel):
    """So many of one product."""

    sku: str = Field(description="The product.")
    quantity: int = Field(ge=1)


class Order(BaseModel):
    """What a customer ordered and has not got."""

    order_id: str
    customer: str
    country: str = Field(description="Where to: ISO 3166-1 alpha-2.")
    lines: list[Line]
    total_cents: int = Field(description="The price of all lines, in euro cents.")


class Stock(BaseModel):
    """How many of a product can be sold."""

    sku: str
    available: int = Field(description="In the shelf and not reserved.")


class Reservation(BaseModel):
    """What is set aside for an order."""

    order_id: str
    lines: list[Line]


OrderId = Annotated[str, Field(description="The order, such as `2026-0601`.")]


@server.tool(title="List open orders", annotations=READS)
async def list_open_orders() -> list[Order]:
    """List the orders that wait, oldest first."""
    return [
        Order(
            order_id=number,
            customer=customer,
            country=country,
            lines=[Line(sku=sku, quantity=count) for sku, count in basket.items()],
            total_cents=sum(PRICE_CENTS[sku] * count for sku, count in basket.items()),
        )
        for number, customer, country, basket in ORDERS
    ]


@server.tool(title="List stock", annotations=READS)
async def list_stock() -> list[Stock]:
    """List all products with what is available of each."""
    rows = db.execute("SELECT sku, available FROM stock ORDER BY sku")
    return [Stock(sku=sku, available=available) for sku, available in rows]


@server.tool(title="Reserve stock", annotations=REPEATABLE)
async def reserve(
    order_id: OrderId, lines: Annotated[list[Line], Field(min_length=1)]
) -> Reservation:
    """Set stock aside for an order: all lines or none. Does nothing if that was done before."""
    if kept := _reserved(order_id):
        return Reservation(order_id=order_id, lines=kept)
    db.execute("BEGIN IMMEDIATE")
    try:
        for line in lines:
            taken = db.execute(
                "UPDATE stock SET available = available - ? WHERE sku = ? AND available >= ?",
                (line.quantity, line.sku, line.quantity),
            )
            if not taken.rowcount:
                raise ToolError(f"not enough of {line.sku!r} in stock for {line.quantity}")
            db.execute("INSERT INTO reserved VALUES (?, ?, ?)", (order_id, line.sku, line.quantity))
    except BaseException:
        db.execute("ROLLBACK")
        raise
    db.execute("COMMIT")
    return Reservation(order_id=order_id, lines=lines)


@server.tool(title="Release stock", annotations=REPEATABLE)
async def release(order_id: OrderId) -> list[Stock]:
    """Put what is reserved for an order back. Gives the stock of those products afterwards."""
    lines = _reserved(order_id)
    db.execute("BEGIN IMMEDIATE")
    for line in lines:
        db.execute(
            "UPDATE stock SET available = available + ? WHERE sku = ?", (line.quantity, line.sku)
        )
    db.execute("DELETE FROM reserved WHERE order_id = ?", (order_id,))
    db.execute("COMMIT")
    touched = {line.sku for line in lines}
    return [stock for stock in await list_stock() if stock.sku in touched]


def _reserved(order_id: str) -> list[Line]:
    rows = db.execute("SELECT sku, quantity FROM reserved WHERE order_id = ?", (order_id,))
    return [Line(sku=sku, quantity=quantity) for sku, quantity in rows]


if __name__ == "__main__":
    server.run("stdio")
