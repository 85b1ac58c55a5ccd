"""A chat that keeps its messages in SQLite: the file that DATABASE names, else memory."""

from __future__ import annotations

import os
import sqlite3
from typing import Annotated, Literal

from mcp.server import MCPServer
from mcp_types import ToolAnnotations
from pydantic import BaseModel, Field

server = MCPServer(
    "chat",
    title="Chat",
    description="Channels of one company.",
    version="1.0.0",
    log_level="WARNING",
)
db = sqlite3.connect(os.environ.get("DATABASE", ":memory:"), isolation_level=None)
db.execute("CREATE TABLE IF NOT EXISTS message (number INTEGER PRIMARY KEY, channel, text)")

Channel = Literal["eng-alerts", "general", "random"]


class Message(BaseModel):
    """One message."""

    number: int
    channel: Channel
    text: str


@server.tool(
    title="List messages", annotations=ToolAnnotations(read_only_hint=True, open_world_hint=False)
)
async def list_messages(
    channel: Channel, limit: Annotated[int, Field(ge=1, le=100)] = 20
) -> list[Message]:
    """List the last messages of a channel, newest first."""
    rows = db.execute(
        "SELECT number, channel, text FROM message WHERE channel = ? ORDER BY number DESC LIMIT ?",
        (channel, limit),
    )
    return [Message(number=number, channel=where, text=text) for number, where, text in rows]


@server.tool(
    title="Send a message",
    annotations=ToolAnnotations(
        read_only_hint=False, destructive_hint=False, idempotent_hint=False, open_world_hint=False
    ),
)
async def send_message(
    channel: Channel, text: Annotated[str, Field(min_length=1, max_length=4000)]
) -> Message:
    """Send a message to a channel; all its members are told."""
    [number] = db.execute(
        "INSERT INTO message (channel, text) VALUES (?, ?) RETURNING number", (channel, text)
    ).fetchone()
    return Message(number=number, channel=channel, text=text)


if __name__ == "__main__":
    server.run("stdio")
