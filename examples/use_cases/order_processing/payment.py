"""A payment provider that keeps its ledger in SQLite: the file that DATABASE names, else memory."""

from __future__ import annotations

import os
import sqlite3
from typing import Annotated, Literal

from mcp.server import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp_types import ToolAnnotations
from pydantic import BaseModel, Field

REPEATABLE = ToolAnnotations(
    read_only_hint=False, destructive_hint=True, idempotent_hint=True, open_world_hint=True
)

server = MCPServer(
    "payment",
    title="Payment",
    description="Charges and refunds. An idempotency key is charged at most once, for ever.",
    version="1.0.0",
    log_level="WARNING",
)
db = sqlite3.connect(os.environ.get("DATABASE", ":memory:"), isolation_level=None)
db.execute(
    "CREATE TABLE IF NOT EXISTS payment (number INTEGER PRIMARY KEY, idempotency_key TEXT UNIQUE,"
    " customer TEXT, cents INT, status TEXT)"
)


class Payment(BaseModel):
    """One charge and what became of it."""

    payment_id: str
    customer: str
    cents: int = Field(description="Euro cents.")
    status: Literal["charged", "refunded"]
    repeated: bool = Field(description="Whether this key was charged before; nothing moved now.")


@server.tool(title="Charge a customer", annotations=REPEATABLE)
async def charge(
    idempotency_key: Annotated[
        str, Field(min_length=1, description="Names the purchase. The same key is charged once.")
    ],
    customer: Annotated[str, Field(min_length=1)],
    cents: Annotated[int, Field(ge=1, le=1_000_000, description="Euro cents.")],
) -> Payment:
    """Charge a customer, or return the payment that was made with this key before."""
    done = db.execute(
        "INSERT OR IGNORE INTO payment (idempotency_key, customer, cents, status)"
        " VALUES (?, ?, ?, 'charged')",
        (idempotency_key, customer, cents),
    )
    found = _payment("idempotency_key", idempotency_key, repeated=not done.rowcount)
    if (found.customer, found.cents) != (customer, cents):
        raise ToolError(f"the key {idempotency_key!r} was used for another charge")
    return found


@server.tool(title="Refund a payment", annotations=REPEATABLE)
async def refund(
    payment_id: Annotated[str, Field(pattern=r"^pay-\d+$", description="From `charge`.")],
) -> Payment:
    """Give the whole amount back. A payment that was refunded stays so; nothing moves twice."""
    number = payment_id.removeprefix("pay-")
    done = db.execute(
        "UPDATE payment SET status = 'refunded' WHERE number = ? AND status = 'charged'", (number,)
    )
    return _payment("number", number, repeated=not done.rowcount)


def _payment(
    column: Literal["number", "idempotency_key"], value: str, *, repeated: bool
) -> Payment:
    row = db.execute(
        f"SELECT number, customer, cents, status FROM payment WHERE {column} = ?", (value,)
    ).fetchone()
    if row is None:
        raise ToolError(f"no payment {value!r}")
    number, customer, cents, status = row
    return Payment(
        payment_id=f"pay-{number}", customer=customer, cents=cents, status=status, repeated=repeated
    )


if __name__ == "__main__":
    server.run("stdio")
