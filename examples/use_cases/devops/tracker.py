"""An issue tracker that keeps its issues in SQLite: the file that DATABASE names, else memory."""

from __future__ import annotations

import os
import sqlite3
from typing import Annotated, Literal

from mcp.server import MCPServer
from mcp_types import ToolAnnotations
from pydantic import BaseModel, Field

server = MCPServer(
    "tracker",
    title="Issue tracker",
    description="Issues of the repositories of one company.",
    version="1.0.0",
    log_level="WARNING",
)
db = sqlite3.connect(os.environ.get("DATABASE", ":memory:"), isolation_level=None)
db.execute(
    "CREATE TABLE IF NOT EXISTS issue (number INTEGER PRIMARY KEY, repo TEXT, title TEXT,"
    " body TEXT, state TEXT DEFAULT 'open')"
)

Repo = Annotated[str, Field(pattern=r"^[\w.-]+/[\w.-]+$", description="OWNER/NAME.")]


class Issue(BaseModel):
    """One issue."""

    number: int
    repo: Repo
    title: str
    body: str
    state: Literal["open", "closed"]
    url: str


@server.tool(
    title="Search issues",
    annotations=ToolAnnotations(read_only_hint=True, open_world_hint=False),
)
async def search_issues(
    repo: Repo, title: Annotated[str, Field(min_length=1, description="Part of the title.")]
) -> list[Issue]:
    """Find open issues by part of their title, newest first."""
    rows = db.execute(
        "SELECT number, repo, title, body, state FROM issue WHERE repo = ? AND state = 'open'"
        " AND instr(lower(title), lower(?)) ORDER BY number DESC",
        (repo, title),
    )
    return [_issue(*row) for row in rows]


@server.tool(
    title="Create an issue",
    annotations=ToolAnnotations(
        read_only_hint=False, destructive_hint=False, idempotent_hint=False, open_world_hint=False
    ),
)
async def create_issue(
    repo: Repo,
    title: Annotated[str, Field(min_length=1, max_length=200)],
    body: Annotated[str, Field(description="Markdown.")] = "",
) -> Issue:
    """Open a new issue; everybody who watches the repository is told."""
    [number] = db.execute(
        "INSERT INTO issue (repo, title, body) VALUES (?, ?, ?) RETURNING number",
        (repo, title, body),
    ).fetchone()
    return _issue(number, repo, title, body, "open")


def _issue(
    number: int, repo: str, title: str, body: str, state: Literal["open", "closed"]
) -> Issue:
    url = f"https://tracker.example/{repo}/issues/{number}"
    return Issue(number=number, repo=repo, title=title, body=body, state=state, url=url)


if __name__ == "__main__":
    server.run("stdio")
