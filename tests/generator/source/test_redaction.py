from __future__ import annotations

import json
import logging
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from mcp_sdkgen.config import ServerConfig, Transport, bind
from mcp_sdkgen.source import Event, resolve, take_all_sync

from tests.generator.source.taking import scripted

CANARY = "canary-9f31-value"


def everything_said(file: Path, **options: float) -> str:
    """All that leaves the package for one configuration: snapshots, events, errors, reprs."""
    events: list[Event] = []
    resolved = resolve([str(file)])
    said = [repr(resolved), *resolved.notes]
    for taken in take_all_sync(resolved.sources, on_event=events.append, **options):
        said.append(repr(taken))
        if taken.snapshot is not None:
            said += [taken.snapshot.dumps(), *map(str, taken.snapshot.diagnostics)]
        if taken.error is not None:
            said += [str(taken.error), taken.error.hint, taken.error.detail]
    return "\n".join([*said, *map(repr, events)])


@pytest.mark.parametrize("plan", [{"mirror": True}, {"mirror": True, "exit": 1}])
def test_a_server_that_mirrors_its_configuration_leaks_nothing(
    plan: dict[str, object],
    home: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    monkeypatch.setenv("SECRET_FROM_OUTSIDE", f"{CANARY}-outside")
    work = home / "work"
    work.mkdir()
    plan = {**plan, "capabilities": {"tools": {}, "prompts": {}}}
    entry = {
        "command": [*scripted(plan), "--token", f"{CANARY}-arg", f"--api-key={CANARY}-arg2"],
        "env": {
            "ANYTHING": f"{CANARY}-env",
            "API_TOKEN": "${SECRET_FROM_OUTSIDE}",
            "PEM_KEY": f"-----BEGIN-----\n{CANARY}-pem\n-----END-----",
            "DATA": str(work),
        },
        "cwd": str(work),
    }
    file = tmp_path / "mcp.json"
    file.write_text(json.dumps({"mcpServers": {"srv": entry}}))
    said = everything_said(file)
    assert "[redacted]" in said
    assert CANARY not in said + caplog.text
    assert str(home) not in said.replace(str(file), "") + caplog.text


def test_headers_user_info_and_query_reach_neither_errors_nor_logs(
    http_answering: Callable[..., str], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    body = json.dumps(
        {"jsonrpc": "2.0", "id": 1, "error": {"code": 1, "message": f"bad {CANARY}-head"}}
    ).encode()
    base = http_answering(400, body, content_type="application/json")
    url = base.replace("//", f"//user:{CANARY}-pass@") + f"/mcp?key={CANARY}-query"
    entry = {"url": url, "headers": {"Authorization": f"Bearer {CANARY}-head"}}
    file = tmp_path / "mcp.json"
    file.write_text(json.dumps({"mcpServers": {"srv": entry}}))
    said = everything_said(file)
    assert "answered with error" in said or "HTTP 400" in said
    assert CANARY not in said + caplog.text


def test_the_text_of_a_crash_is_redacted(tmp_path: Path) -> None:
    entry = {
        "command": sys.executable,
        "args": ["-c", "import os, sys; sys.exit('refused ' + os.environ['TOKEN'])"],
        "env": {"TOKEN": f"{CANARY}-env"},
    }
    file = tmp_path / "mcp.json"
    file.write_text(json.dumps({"mcpServers": {"srv": entry}}))
    said = everything_said(file)
    assert "refused [redacted]" in said
    assert CANARY not in said


def test_configurations_and_bindings_show_names_and_no_values() -> None:
    stdio = ServerConfig(
        "s",
        command="npx",
        args=("-y", "pkg", "--api-key", f"{CANARY}1", f"TOKEN={CANARY}2", "ghp_" + "a1" * 12),
        env={"NAME": f"{CANARY}3"},
    )
    http = ServerConfig(
        "h",
        Transport.HTTP,
        url=f"https://u:{CANARY}@host.example/mcp/{'a1' * 12}?key={CANARY}",
        headers={"X-Key": CANARY},
    )
    said = f"{stdio} {stdio!r} {http!r} {bind(stdio)!r} {bind(http)}"
    assert CANARY not in said
    assert "ghp_" not in said and "a1a1" not in said
    assert "pkg" in said and "NAME" in said and "X-Key" in said and "host.example" in said


def test_ordinary_values_leave_schemas_alone(tmp_path: Path) -> None:
    tool = {
        "name": "buckets",
        "description": "Lists buckets in us-east-1.",
        "inputSchema": {"properties": {"region": {"enum": ["us-east-1"], "default": 1}}},
    }
    entry = {
        "command": scripted({"results": {"tools/list": {"tools": [tool]}}}),
        "env": {"AWS_REGION": "us-east-1", "PASSWORD": "password", "DEBUG": "1"},
    }
    file = tmp_path / "mcp.json"
    file.write_text(json.dumps({"mcpServers": {"srv": entry}}))
    (taken,) = take_all_sync(resolve([str(file)]).sources)
    assert taken.snapshot is not None
    assert taken.snapshot.tools[0].definition["inputSchema"] == tool["inputSchema"]
