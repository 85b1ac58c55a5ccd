"""The servers of these tests as commands, and what their answers hold."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from tests.warm import PYTHON

ROOT = Path(__file__).parents[3]
BIN = Path(sys.executable).parent
LIBRARY = [*PYTHON, str(ROOT / "examples" / "servers" / "library.py")]


def write_servers(folder: Path, **commands: list[str]) -> None:
    servers = {name: {"command": c[0], "args": c[1:]} for name, c in commands.items()}
    (folder / "mcp.json").write_text(json.dumps({"mcpServers": servers}))


def strings_in(data: Any) -> set[str]:
    """Every string that is a value in JSON data."""
    if isinstance(data, str):
        return {data}
    items = data.values() if isinstance(data, dict) else data if isinstance(data, list) else ()
    return {text for item in items for text in strings_in(item)}
