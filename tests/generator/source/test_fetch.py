from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import anyio
import pytest
from mcp_sdkgen.errors import SourceError
from mcp_sdkgen.snapshot import Snapshot
from mcp_sdkgen.source import Event, Phase, ServerSource, resolve, take, take_all_sync, take_sync

from tests.generator.source.taking import SERVERS, scripted, take_command, take_one, tool_names

OBJECT = {"type": "object"}
CORPUS = Path(__file__).parents[2] / "corpus"


def listing(*tools: Any, **more: Any) -> dict[str, Any]:
    return {"results": {"tools/list": {"tools": list(tools)}}, **more}


def check_typed(snapshot: Snapshot | None, version: str) -> None:
    assert snapshot is not None
    (tool,) = snapshot.tools
    assert tool.definition["title"] == "Get weather"
    assert tool.definition["_meta"] == {"acme/cost": 2}
    assert tool.definition["outputSchema"]["title"] == "Report"
    assert [prompt["name"] for prompt in snapshot.prompts] == ["greet"]
    assert [resource["uri"] for resource in snapshot.resources] == ["config://app"]
    assert snapshot.resource_templates[0]["uriTemplate"] == "users://{user_id}/profile"
    assert snapshot.server_info["name"] == "typed"
    assert snapshot.instructions == "Ask for a city."
    assert snapshot.protocol_version == version


def test_a_stdio_server_gives_tools_prompts_resources_and_templates() -> None:
    taken = take_command([sys.executable, str(SERVERS / "typed.py"), "stdio"])
    check_typed(taken.snapshot, "2026-07-28")


def test_a_streamable_http_server_gives_the_same(typed_http: Callable[[str], str]) -> None:
    taken = take_one(typed_http("streamable-http") + "/mcp")
    check_typed(taken.snapshot, "2026-07-28")


def test_a_server_that_speaks_only_sse_is_reached_through_its_url(
    typed_http: Callable[[str], str],
) -> None:
    taken = take_one(typed_http("sse") + "/sse")
    check_typed(taken.snapshot, "2025-11-25")


@pytest.mark.parametrize(
    ("module", "tool"), [("mcp_server_time", "convert_time"), ("mcp_server_git", "git_diff")]
)
def test_public_servers_are_listed(module: str, tool: str) -> None:
    assert tool in tool_names(take_command([sys.executable, "-m", module]))


def test_a_server_without_a_handshake_works_and_says_so() -> None:
    taken = take_command([sys.executable, str(SERVERS / "seed.py")])
    assert tool_names(taken) == ["my_tool"]
    assert taken.snapshot is not None
    assert [found.code for found in taken.snapshot.diagnostics] == ["no-handshake"]


def test_a_server_that_ends_when_asked_to_discover_is_started_again_with_the_handshake() -> None:
    plan = listing({"name": "a", "inputSchema": OBJECT}, exit_on="server/discover")
    assert tool_names(take_command(scripted(plan))) == ["a"]


def test_definitions_are_kept_exactly_with_unknown_keys_and_key_order() -> None:
    tool = {
        "zeta": {"b": 1, "a": [None, 1.0]},
        "name": "a",
        "inputSchema": {"x-y": True},
        "_meta": 1,
    }
    taken = take_command(scripted(listing(tool)))
    assert taken.snapshot is not None
    assert json.dumps(taken.snapshot.tools[0].definition) == json.dumps(tool)
    assert taken.snapshot.server_info["vendor"] == {"x": 1}


def test_every_page_is_followed() -> None:
    pages = [{"tools": [{"name": f"t{n}", "inputSchema": OBJECT}]} for n in range(5)]
    taken = take_command(scripted({"results": {"tools/list": pages}}))
    assert tool_names(taken) == ["t0", "t1", "t2", "t3", "t4"]


def test_an_invalid_tool_costs_none_of_the_others() -> None:
    deep: Any = {}
    for _ in range(300):
        deep = {"x": deep}
    bad = ["text", {"name": 5}, {"name": "deep", "inputSchema": deep}]
    bad += [{"name": "nan", "inputSchema": {"default": float("nan")}}]
    taken = take_command(scripted(listing(*bad, {"name": "good", "inputSchema": True})))
    assert tool_names(taken) == ["good"]
    assert taken.snapshot is not None
    pointers = [found.pointer for found in taken.snapshot.diagnostics]
    assert pointers == ["/tools/0", "/tools/1", "/tools/2", "/tools/3"]


def test_only_announced_lists_are_asked_for() -> None:
    plan = listing(capabilities={"tools": {}}, exit_on="prompts/list")
    assert take_command(scripted(plan)).error is None


def test_an_optional_list_that_fails_is_a_diagnostic() -> None:
    plan = listing(
        {"name": "a"}, capabilities={"tools": {}, "prompts": {}, "resources": {}},
        silent=["resources/list"],
    )  # fmt: skip
    taken = take_command(scripted(plan), timeout_s=4)
    assert tool_names(taken) == ["a"]
    assert taken.snapshot is not None
    messages = [f.message for f in taken.snapshot.diagnostics if f.code == "list-failed"]
    # No capability announces templates: where there is no such method, nothing failed.
    assert [message.partition(":")[0] for message in messages] == [
        "announces prompts but could not list them",
        "announces resources but could not list them",
    ]
    assert "no answer in 1 s" in messages[1]


def test_progress_comes_as_events() -> None:
    events: list[Event] = []
    take_command(scripted(listing({"name": "a"})), on_event=events.append)
    assert [(event.phase, event.tools) for event in events] == [
        (Phase.CONNECTING, 0),
        (Phase.LISTING, 1),
        (Phase.DONE, 1),
    ]


def test_many_servers_are_taken_at_once_and_a_failure_costs_only_itself(tmp_path: Path) -> None:
    servers = {
        "good": {"command": scripted(listing({"name": "a"}))},
        "crash": {"command": scripted({"exit": 3, "stderr": "no licence\n"})},
        "slow": {"command": scripted({"silent": ["initialize"]}), "timeout_s": 0.5},
        "broken": {"command": 5},
    }
    (tmp_path / "mcp.json").write_text(json.dumps({"mcpServers": servers}))
    resolved = resolve([], cwd=tmp_path)
    taken = {one.source.name: one for one in take_all_sync(resolved.sources)}
    assert tool_names(taken["good"]) == ["a"]
    assert "exited with code 3 before answering" in str(taken["crash"].error)
    assert taken["crash"].error is not None and taken["crash"].error.detail == "no licence"
    assert "timed out after 0.5 s" in str(taken["slow"].error)
    assert "/mcpServers/broken/command" in str(taken["broken"].error)


def test_one_source_can_be_taken_with_and_without_an_event_loop() -> None:
    (source,) = resolve([], name="srv", command=scripted(listing({"name": "a"}))).sources
    assert isinstance(source, ServerSource)
    assert take_sync(source) == anyio.run(take, source)


def test_a_failure_is_raised_as_an_error_of_ours() -> None:
    (source,) = resolve([], name="srv", command=["no-such-command"]).sources
    with pytest.raises(SourceError, match="srv: command not found: 'no-such-command'"):
        take_sync(source)


@pytest.mark.parametrize("plan", [{}, {"linger": True}, {"silent": ["initialize"], "linger": True}])
def test_no_process_outlives_the_call(plan: dict[str, Any], tmp_path: Path) -> None:
    pid_file = tmp_path / "pid"
    command = scripted({**listing(), **plan, "pid_file": str(pid_file)})
    # Behind a shell, as `npx` and `uv run` start the real server as their child.
    take_command(["sh", "-c", '"$@"; exit', "sh", *command], timeout_s=1)
    with pytest.raises(ProcessLookupError):
        os.kill(int(pid_file.read_text()), 0)


def test_importing_the_package_does_not_import_mcp() -> None:
    code = "import sys, mcp_sdkgen.source, mcp_sdkgen.config; sys.exit('mcp' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize("folder", ["live", "data", "modern"])
def test_every_file_of_the_corpus_is_a_source(folder: str) -> None:
    for path in sorted((CORPUS / folder).glob("*.json")):
        data = json.loads(path.read_text())
        taken = take_one(str(path))
        assert taken.snapshot is not None, taken.error
        assert len(taken.snapshot.tools) == len(data["tools"]), path
        assert taken.snapshot.server == data["server"]
        assert len(taken.snapshot.prompts) == len(data.get("prompts") or ())
        if folder == "modern":
            assert taken.snapshot.protocol_version == "2026-07-28"
            assert taken.snapshot.server_info["name"]
