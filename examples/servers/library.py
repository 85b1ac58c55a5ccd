"""A library's MCP server as many are: it answers JSON as text, and declares no output schema.

python library.py [--http PORT]
"""

from __future__ import annotations

import json
from typing import Any

import mcp_types as types
from mcp.server import MCPServer
from serving import serve

MEMBERS: dict[str, dict[str, Any]] = {
    "m-1812": {
        "name": {"first": "Ottoline", "last": "Quillfeather"},
        "email": "ottoline@quill.example",
        "fees": 2.5,
        "loans": {
            "978-0156907392": {"title": "To the Lighthouse", "due": "2031-03-14", "renewed": 2},
            "978-0141439600": {"title": "A Tale of Two Cities", "due": "2031-04-02", "renewed": 0},
        },
        "guardian": "Lady Quillfeather",
    },
    "m-1977": {
        "name": {"first": "Barnaby", "last": "Thistlewood"},
        "email": "barnaby@thistle.example",
        "fees": 0,
        "loans": {},
        "guardian": None,
        "blocked_since": "2030-12-24",
    },
}
BOOKS = [
    {"isbn": "978-0156907392", "title": "To the Lighthouse", "year": 1927, "shelf": "QA-77"},
    {"isbn": "978-0141439600", "title": "A Tale of Two Cities", "year": 1859, "shelf": "QA-12"},
]
READ_ONLY = types.ToolAnnotations(read_only_hint=True)

server = MCPServer(
    "library", description="A library that answers JSON as text.", log_level="WARNING"
)


@server.tool(annotations=READ_ONLY, structured_output=False)
def find_member(member_id: str) -> str:
    """Find a member by number."""
    found = MEMBERS.get(member_id)
    return json.dumps(found) if found is not None else f"There is no member {member_id}."


@server.tool(annotations=READ_ONLY, structured_output=False)
def search_books(words: str) -> list[types.TextContent]:
    """Search for books by words of the title: a text of JSON for each."""
    found = [book for book in BOOKS if words.lower() in str(book["title"]).lower()]
    return [types.TextContent(text=json.dumps(book)) for book in found]


@server.tool(annotations=READ_ONLY, structured_output=False)
def opening_hours() -> str:
    """When the library is open."""
    return "Monday to Saturday, from 9 to 18"


@server.tool(structured_output=False)
def lend(member_id: str, isbn: str) -> str:
    """Lend a book to a member."""
    return json.dumps({"member_id": member_id, "isbn": isbn, "due": "2031-05-30"})


if __name__ == "__main__":
    serve(server)
