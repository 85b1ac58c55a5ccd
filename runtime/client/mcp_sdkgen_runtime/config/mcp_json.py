"""Configuration files in the style of `mcp.json`: finding them and reading their entries."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

NAMES = ("mcp.json", ".mcp.json", ".cursor/mcp.json", ".vscode/mcp.json")


def search_places(start: Path) -> list[Path]:
    """Configuration files in `start` and the folders above it, nearest first."""
    return [
        path
        for folder in (start, *start.parents)
        for name in NAMES
        if (path := folder / name).is_file()
    ]


def read_entries(path: Path) -> tuple[dict[str, Any], str]:
    """The server entries of a file by name, and what is wrong with the file (empty when nothing).

    Knows `mcpServers`, `servers` (VS Code) and `mcp` (opencode); comments and trailing commas are
    allowed.
    """
    try:
        text = path.read_text("utf-8-sig")
    except OSError as error:
        return {}, f"cannot be read: {error.strerror}"
    except UnicodeDecodeError:
        return {}, "is not UTF-8"
    try:
        data = json.loads(without_comments(text))
    except (ValueError, RecursionError) as error:
        return {}, f"is not JSON: {error}"
    if isinstance(data, Mapping):
        for key in ("mcpServers", "servers", "mcp"):
            if isinstance(entries := data.get(key), Mapping):
                return dict(entries), ""
    return {}, "has no `mcpServers` or `servers`"


_TOKEN = re.compile(
    r'("(?:[^"\\]|\\.)*")|//[^\n]*|/\*.*?\*/|,(?=\s*(?://[^\n]*\s*|/\*.*?\*/\s*)*[}\]])', re.S
)


def without_comments(text: str) -> str:
    """JSON with comments and trailing commas (JSONC) as plain JSON."""
    return _TOKEN.sub(lambda match: match[1] or "", text)
