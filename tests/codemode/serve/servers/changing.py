"""A server whose tool changes when a file appears; and it waits for another before it starts."""

from __future__ import annotations

import sys
from pathlib import Path

from mcp.server.mcpserver import MCPServer
from mcp_types import ToolAnnotations

gate, changed = map(Path, sys.argv[1:])
gate.read_text()  # a pipe: waits for a writer

server = MCPServer("changing")
READS = ToolAnnotations(read_only_hint=True)

if changed.exists():

    @server.tool(name="look", annotations=READS)
    def look_at(place: str, closely: bool) -> str:
        """Looks."""
        return place
else:

    @server.tool(annotations=READS)
    def look(place: str) -> str:
        """Looks."""
        return place


server.run("stdio")
