"""A small data warehouse in SQLite that answers any query, and lets nothing be changed.

Two years of a household shop's orders, generated from a seed: a trend, seasons, a product line that
is returned too often, and some orders whose amount was never recorded. The file that DATABASE names
keeps them, else memory.
"""

from __future__ import annotations

import datetime as dt
import math
import os
import random
import sqlite3
from typing import Annotated

from mcp.server import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp_types import ToolAnnotations
from pydantic import BaseModel, Field

READS = ToolAnnotations(read_only_hint=True, open_world_hint=False)
FIRST, DAYS = dt.date(2024, 1, 1), 731
MAX_ROWS = 20_000
REGIONS = {"north": 0.9, "south": 1.3, "west": 1.0}
# name, mean euros, share of orders, swing over the year, growth a year, returned
LINES = (
    ("heating", 140, 0.22, 0.75, 0.06, 0.04),
    ("cooling", 165, 0.16, -0.80, 0.31, 0.05),
    ("kitchen", 60, 0.38, 0.15, 0.03, 0.03),
    ("lighting", 35, 0.24, 0.30, -0.12, 0.17),
)

server = MCPServer(
    "warehouse",
    title="Warehouse",
    description="The orders of a household shop, to be asked in SQL (SQLite's).",
    version="1.0.0",
    log_level="WARNING",
)
db = sqlite3.connect(os.environ.get("DATABASE", ":memory:"), isolation_level=None)

Value = str | int | float | None


class Column(BaseModel):
    """One column."""

    name: str
    type: str


class Table(BaseModel):
    """One table."""

    name: str
    rows: int
    columns: list[Column]


class QueryResult(BaseModel):
    """What a query gives."""

    columns: list[str]
    rows: list[list[Value]] = Field(description="In the order of `columns`.")
    truncated: bool = Field(description=f"Whether there are more than {MAX_ROWS} rows.")


@server.tool(title="List tables", annotations=READS)
async def list_tables() -> list[Table]:
    """List the tables with their columns and sizes."""
    found = []
    for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name"):
        columns = [
            Column(name=column, type=kind)
            for _, column, kind, *_ in db.execute(f"PRAGMA table_info({name})")
        ]
        [rows] = db.execute(f"SELECT count(*) FROM {name}").fetchone()
        found.append(Table(name=name, rows=rows, columns=columns))
    return found


@server.tool(title="Query", annotations=READS)
async def query(
    sql: Annotated[str, Field(min_length=1, description="One SELECT.")],
) -> QueryResult:
    """Run one query. Fails when it would change anything."""
    try:
        cursor = db.execute(sql)
        rows = cursor.fetchmany(MAX_ROWS + 1)
    except sqlite3.Error as error:
        raise ToolError(str(error)) from None
    columns = [column for column, *_ in cursor.description or ()]
    return QueryResult(
        columns=columns, rows=[list(row) for row in rows[:MAX_ROWS]], truncated=len(rows) > MAX_ROWS
    )


def fill() -> None:
    """Make the table and its rows, unless they are there."""
    if db.execute("SELECT 1 FROM sqlite_master WHERE name = 'orders'").fetchone():
        return
    draw = random.Random(7)
    rows = []
    for day in range(DAYS):
        at = FIRST + dt.timedelta(days=day)
        winter = math.cos(2 * math.pi * (day - 15) / 365.25)
        for line, euros, share, swing, growth, returned in LINES:
            for region, size in REGIONS.items():
                mean = 6 * share * size * (1 + swing * winter) * (1 + growth) ** (day / 365.25)
                for _ in range(int(draw.gauss(mean, math.sqrt(mean)) + 0.5)):
                    amount = round(euros * draw.lognormvariate(0, 0.4), 2)
                    known = None if draw.random() < 0.01 else amount
                    back = int(draw.random() < returned)
                    rows.append((at.isoformat(), region, line, known, back))
    db.execute("BEGIN")
    db.execute("CREATE TABLE orders (day TEXT, region TEXT, line TEXT, euros REAL, returned INT)")
    db.executemany("INSERT INTO orders VALUES (?, ?, ?, ?, ?)", rows)
    db.execute("COMMIT")


if __name__ == "__main__":
    fill()
    # From here on SQLite itself refuses whatever writes.
    db.execute("PRAGMA query_only = ON")
    server.run("stdio")
