"""`mcp-sdkgen tools` of a saved list, and of several servers."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import pytest

from tests.command_line import mcp_sdkgen
from tests.generator.cli.running import command
from tests.generator.source.taking import SERVERS

SEED = [sys.executable, str(SERVERS / "seed.py")]

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


def configured(folder: Path, **servers: list[str]) -> None:
    entries = {name: {"command": line[0], "args": line[1:]} for name, line in servers.items()}
    (folder / "mcp.json").write_text(json.dumps({"mcpServers": entries}))


def gated(gate: Path) -> list[str]:
    """A server that starts once there is the file `gate`."""
    waiting = 'while [ ! -e "$0" ]; do sleep 0.1; done; exec "$@"'
    return ["sh", "-c", waiting, str(gate), *SEED]


@contextmanager
def listing(folder: Path, *, stderr: int) -> Iterator[IO[str]]:
    """What `tools` prints of the servers of a folder; it has ended well at the end of the block."""
    with subprocess.Popen(
        command("tools", "--timeout", "300"), cwd=folder, stdout=subprocess.PIPE, stderr=stderr,
        text=True, start_new_session=True,
    ) as process:  # fmt: skip
        try:
            assert process.stdout is not None
            yield process.stdout
            assert process.wait() == 0
        finally:
            process.kill()


def test_the_tools_of_a_server_are_printed_once_it_has_answered(tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    configured(tmp_path, slow=gated(gate), fast=SEED)
    with listing(tmp_path, stderr=subprocess.DEVNULL) as printed:
        assert printed.readline().startswith("fast.my_tool(")
        gate.touch()
        assert [line.partition("(")[0] for line in printed][1:] == [
            "slow.my_tool",
            "    What my tool does [asks]\n",
        ]


@pytest.mark.skipif(sys.platform == "win32", reason="pseudo-terminals")
def test_what_is_printed_beside_progress_on_a_terminal_goes_where_it_belongs(
    tmp_path: Path,
) -> None:
    gate = tmp_path / "gate"
    configured(tmp_path, slow=gated(gate), fast=SEED)
    ours, terminal = os.openpty()
    try:
        with listing(tmp_path, stderr=terminal) as printed:
            assert printed.readline().startswith("fast.my_tool(")
            gate.touch()
            assert "slow.my_tool(" in printed.read()
        shown = os.read(ours, 65536).decode()
    finally:
        os.close(ours)
        os.close(terminal)
    assert "slow" in shown
    assert "my_tool" not in shown


def test_machines_are_told_all_servers_in_the_order_of_the_configuration(tmp_path: Path) -> None:
    waits = 'while [ ! -e "$0" ]; do sleep 0.1; done; exec "$@"'
    touches = 'touch "$0"; exec "$@"'
    gate = str(tmp_path / "gate")
    configured(
        tmp_path,
        slow=["sh", "-c", waits, gate, *SEED],
        broken=[str(tmp_path / "missing")],
        fast=["sh", "-c", touches, gate, *SEED],
    )
    told = mcp_sdkgen("tools", "--json", cwd=tmp_path)
    assert [one["server"] for one in json.loads(told.stdout)["tools"]] == ["slow", "fast"]
    assert told.returncode == 1
    assert "broken: " in told.stderr


def test_a_server_that_has_a_lock_is_listed_without_being_asked(tmp_path: Path) -> None:
    configured(tmp_path, one=SEED)
    assert mcp_sdkgen("snapshot", cwd=tmp_path).returncode == 0
    configured(tmp_path, one=[str(tmp_path / "missing")])
    told = mcp_sdkgen("tools", cwd=tmp_path)
    assert told.stdout.startswith("one.my_tool(")
    assert "one: using its lock, 1 tool; --update asks the server" in told.stderr
    for words in (["--update"], ["one"]):
        asked = mcp_sdkgen("tools", *words, cwd=tmp_path)
        assert (asked.returncode, asked.stdout) == (1, "")
