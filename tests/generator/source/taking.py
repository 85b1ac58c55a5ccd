"""What the tests of this folder drive the package with."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from mcp_sdkgen.source import Taken, resolve, take_all_sync

SERVERS = Path(__file__).parent / "servers"


def scripted(plan: dict[str, Any]) -> list[str]:
    """The command line of a server that behaves as `plan` says (see servers/scripted.py)."""
    return [sys.executable, str(SERVERS / "scripted.py"), json.dumps(plan)]


def take_command(command: list[str], **options: Any) -> Taken:
    """Take the snapshot of one stdio server."""
    sources = resolve([], name="srv", command=command).sources
    return take_all_sync(sources, **options)[0]


def take_one(argument: str, **options: Any) -> Taken:
    """Take the snapshot of the one source that an argument names."""
    sources = resolve([argument]).sources
    return take_all_sync(sources, **options)[0]


def tool_names(taken: Taken) -> list[str]:
    assert taken.snapshot is not None, taken.error
    return [tool.name for tool in taken.snapshot.tools]


def take_entry(entry: dict[str, Any], folder: Path, **options: Any) -> Taken:
    """Take the snapshot of one server as a configuration file in `folder` describes it."""
    path = folder / "mcp.json"
    path.write_text(json.dumps({"mcpServers": {"srv": entry}}))
    return take_one(str(path), **options)
