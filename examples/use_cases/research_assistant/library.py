"""A collection of field reports with search, whole texts and notes, in SQLite's full-text index.

The reports are generated from a seed: measurements of heat pumps in old houses, between reports of
other things. The file that DATABASE names keeps all of it, else memory.
"""

from __future__ import annotations

import os
import random
import sqlite3
from typing import Annotated

from mcp.server import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp_types import ToolAnnotations
from pydantic import BaseModel, Field

READS = ToolAnnotations(read_only_hint=True, open_world_hint=False)
ADDS = ToolAnnotations(read_only_hint=False, destructive_hint=False, open_world_hint=False)
HOUSES = ("farmhouse", "terraced house", "block of flats")
PLACES = ("Bergen", "Graz", "Leeds", "Lyon", "Turku", "Zwolle")
OTHER = ("solar collectors", "triple glazing", "wood stoves")
FILLER = (
    "The owners had lived there for {years} years and kept all bills, which made the comparison "
    "with earlier winters easy. Access to the cellar was good.",
    "Readings were taken every ten minutes. Gaps of less than an hour were filled by drawing a "
    "line; longer ones were left out, {gaps} in all.",
    "The walls are of stone, {wall} cm thick, and are not insulated. Radiators were kept, apart "
    "from {changed} that were too small for lower temperatures.",
    "Noise was measured at the neighbours' window at night and stayed below {noise} dB(A). There "
    "was one complaint in the first week, and none after the feet were changed.",
)

server = MCPServer(
    "library",
    title="Library",
    description="Field reports on old houses, and notes about them.",
    version="1.0.0",
    log_level="WARNING",
)
db = sqlite3.connect(os.environ.get("DATABASE", ":memory:"), isolation_level=None)


class Hit(BaseModel):
    """A report that was found."""

    report_id: str
    title: str
    year: int


class Report(Hit):
    """A whole report."""

    text: str


class Note(BaseModel):
    """What somebody wrote down."""

    number: int
    title: str
    text: str
    sources: list[str] = Field(description="The `report_id` of each report that it rests on.")


@server.tool(title="Search reports", annotations=READS)
async def search(
    words: Annotated[str, Field(min_length=1, description="All of them must occur.")],
    limit: Annotated[int, Field(ge=1, le=50)] = 10,
    offset: Annotated[int, Field(ge=0, description="Skip so many hits.")] = 0,
) -> list[Hit]:
    """Find reports by words, best first."""
    phrase = " ".join('"' + word.replace('"', "") + '"' for word in words.split())
    rows = db.execute(
        "SELECT report_id, title, year FROM report WHERE report MATCH ? ORDER BY rank, report_id"
        " LIMIT ? OFFSET ?",
        (phrase, limit, offset),
    )
    return [Hit(report_id=report_id, title=title, year=year) for report_id, title, year in rows]


@server.tool(title="Fetch a report", annotations=READS)
async def fetch(report_id: Annotated[str, Field(description="From `search`.")]) -> Report:
    """Fetch the whole text of one report."""
    row = db.execute(
        "SELECT title, year, text FROM report WHERE report_id = ?", (report_id,)
    ).fetchone()
    if row is None:
        raise ToolError(f"no report {report_id!r}")
    title, year, text = row
    return Report(report_id=report_id, title=title, year=year, text=text)


@server.tool(title="Save a note", annotations=ADDS)
async def save_note(title: str, text: str, sources: list[str]) -> Note:
    """Keep a note beside the reports."""
    [number] = db.execute(
        "INSERT INTO note (title, text, sources) VALUES (?, ?, ?) RETURNING number",
        (title, text, " ".join(sources)),
    ).fetchone()
    return Note(number=number, title=title, text=text, sources=sources)


def fill() -> None:
    """Make the tables and the reports, unless they are there."""
    if db.execute("SELECT 1 FROM sqlite_master WHERE name = 'report'").fetchone():
        return
    db.execute("CREATE VIRTUAL TABLE report USING fts5(report_id UNINDEXED, title, text, year)")
    db.execute("CREATE TABLE note (number INTEGER PRIMARY KEY, title, text, sources)")
    draw = random.Random(11)
    for number in range(120):
        house, place, year = draw.choice(HOUSES), draw.choice(PLACES), draw.randint(2015, 2025)
        about = "a heat pump" if number % 2 else draw.choice(OTHER)
        title = f"{about} in a {house} in {place}".capitalize()
        db.execute(
            "INSERT INTO report VALUES (?, ?, ?, ?)",
            (f"r{number:03}", title, _text(draw, about, house, year, number % 20 != 5), year),
        )


def _text(draw: random.Random, about: str, house: str, year: int, measured: bool) -> str:
    given = {
        "years": draw.randint(2, 40),
        "gaps": draw.randint(0, 30),
        "wall": draw.randint(35, 80),
        "changed": draw.randint(1, 6),
        "noise": draw.randint(28, 42),
    }
    parts = [part.format(**given) for part in draw.sample(FILLER, 4)]
    if about == "a heat pump" and measured:
        flow = draw.choice((35, 45, 55))
        factor = 5.6 - flow / 20 + (year - 2020) * 0.04 + HOUSES.index(house) * 0.15
        found = f"{draw.gauss(factor, 0.2):.2f}"
        words = ("a seasonal performance factor of {}", "an SPF of {} over the whole season")
        told = f"At a flow temperature of {flow} °C we found {draw.choice(words).format(found)}."
        parts.insert(2, told)
    return "\n\n".join([f"This report is about {about} in a {house}.", *parts])


if __name__ == "__main__":
    fill()
    server.run("stdio")
