"""`mcp-sdkgen tools` of a saved list."""

from __future__ import annotations

import json
from pathlib import Path

from tests.command_line import mcp_sdkgen

HINTS = {
    "read": {"readOnlyHint": True},
    "write": {"readOnlyHint": False},
    "erase": {"readOnlyHint": False, "destructiveHint": True},
    "odd": {"title": "Odd"},
}


def test_tools_that_are_called_with_approval_are_marked_also_where_no_annotation_says_so(
    tmp_path: Path,
) -> None:
    tools = [{"name": name, "description": "It works.", "annotations": HINTS[name]}
             for name in HINTS]  # fmt: skip
    tools += [{"name": "bare", "description": "It works."}]
    source = tmp_path / "demo.json"
    source.write_text(json.dumps({"tools": [{**one, "inputSchema": {}} for one in tools]}))
    lines = mcp_sdkgen("tools", source).stdout.splitlines()
    marks = dict(zip([line.partition("(")[0] for line in lines[::2]], lines[1::2], strict=True))
    assert marks == {
        "demo.read": "    It works.",
        "demo.write": "    It works. [writes]",
        "demo.erase": "    It works. [destroys]",
        "demo.odd": "    It works. [asks]",
        "demo.bare": "    It works. [asks]",
    }
