"""`mcp-sdkgen call` and `tools` on a server that has no SDK."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from mcp.server.mcpserver import MCPServer
from mcp_types import ToolAnnotations

from tests.generator.live.calling_server import ESCAPES, PNG
from tests.patience import HANG_S
from tests.runtime.servers.http_serving import serving
from tests.terminals import Terminal

Call = Callable[..., subprocess.CompletedProcess[str]]


def test_a_tool_is_called_with_typed_values_and_json_is_shown_as_json(sdkgen: Call) -> None:
    done = sdkgen("call", "demo", "echo", "days=3", "place_of_birth.post_code=01", "tags=a")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {
        "days": 3, "placeOfBirth": {"postCode": "01"}, "tags": ["a"],
    }  # fmt: skip


def test_the_answer_for_machines_has_all_of_it(sdkgen: Call) -> None:
    done = sdkgen("call", "demo", "wrapped", "--json")
    assert json.loads(done.stdout) == {
        "format": "mcp-sdkgen/call/1",
        "server": "demo",
        "tool": "wrapped",
        "arguments": {},
        "status": "ok",
        "data": {"rows": [1, 2]},
        "text": '{"rows": [1, 2]}',
        "structured": {"result": '{"rows": [1, 2]}'},
        "content": [{"type": "text", "text": '{"rows": [1, 2]}'}],
        "notes": [],
        "saved": [],
    }


def test_json_after_the_option_json_is_the_arguments(sdkgen: Call) -> None:
    done = sdkgen("call", "demo", "echo", "--json", '{"days": 2}')
    assert json.loads(done.stdout)["data"] == {"days": 2}


def test_a_tool_is_named_as_lists_of_tools_and_rules_write_it(sdkgen: Call, project: Path) -> None:
    for words in (["demo.echo"], ["demo/echo"], ["demo", "demo.echo"]):
        done = sdkgen("call", *words, "days=3")
        assert json.loads(done.stdout) == {"days": 3}, (words, done.stderr)
    for words in (["demo.delete_all"], ["demo/deleteAll"], ["demo", "demo.delete_all"]):
        assert "Wire name: deleteAll" in sdkgen("tools", *words).stdout, words
    assert sdkgen("tools", "demo.echo", "wrapped").returncode == 2
    servers = json.loads((project / "mcp.json").read_text())["mcpServers"]
    named = {"my demo": servers["demo"], "demo": servers["demo"], "demo.echo": servers["demo"]}
    (project / "mcp.json").write_text(json.dumps({"mcpServers": named}))
    shown = json.loads(sdkgen("call", "my_demo.echo", "days=1", "--json").stdout)
    assert (shown["server"], shown["tool"]) == ("my demo", "echo")
    whole = json.loads(sdkgen("call", "demo.echo", "echo", "days=1", "--json").stdout)
    assert whole["server"] == "demo.echo", "the name of a server goes before its parts"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["demo"], "its tools: mcp-sdkgen tools demo"),
        (["dmo.echo"], "did you mean 'demo.echo'?"),
        (["demo.ecko"], "did you mean 'echo'?"),
        (["dmo", "echo"], "did you mean 'demo'?"),
        (["demo", "ecko"], "did you mean 'echo'?"),
        (["demo", "echo", "dys=1"], "'days'"),
        (["demo", "echo", "days=99"], "argument 'days': must be at most 14, got 99"),
        (["demo", "echo", "days:=null"], "argument 'days': the schema does not allow null"),
        (["demo", "echo", '{"placeOfBirth": {"position": {"lat": "x"}}}'], "position.lat"),
        (["demo", "needs", "user_id=1"], "argument missing: 'note' (text)"),
    ],
)
def test_what_is_wrong_with_a_command_is_told_and_nothing_is_called(
    sdkgen: Call, words: list[str], told: str
) -> None:
    done = sdkgen("call", *words)
    assert (done.returncode, done.stdout) == (2, "")
    assert told in done.stderr


def test_a_format_is_checked_unless_that_is_switched_off(sdkgen: Call) -> None:
    done = sdkgen("call", "demo", "echo", "since=tomorrow")
    assert (done.returncode, done.stdout) == (2, "")
    told = "argument 'since': must be a date-time such as 2026-11-30T12:00:00Z, got 'tomorrow'"
    assert told in " ".join(done.stderr.split())
    assert "--no-check-formats" in done.stderr
    assert "with_options" not in done.stderr
    sent = sdkgen("call", "demo", "echo", "since=tomorrow", "--no-check-formats")
    assert json.loads(sent.stdout) == {"since": "tomorrow"}, sent.stderr


def test_what_a_server_says_commands_no_terminal(sdkgen: Call) -> None:
    shown = sdkgen("call", "demo", "escapes")
    assert shown.returncode == 0
    assert shown.stdout == "\\x1b]0;stolen\\x07red \\x1b[31m alert\\u202e\n"
    machine = sdkgen("call", "demo", "escapes", "--json")
    assert "\x1b" not in machine.stdout
    assert json.loads(machine.stdout)["text"] == ESCAPES


def test_a_tool_that_fails_is_told_and_is_exit_code_1(sdkgen: Call) -> None:
    done = sdkgen("call", "demo", "fail")
    assert (done.returncode, done.stdout) == (1, "")
    assert "demo/fail failed" in done.stderr
    assert "no luck" in done.stderr
    assert "\x1b" not in done.stderr
    machine = sdkgen("call", "demo", "fail", "--json")
    assert (machine.returncode, json.loads(machine.stdout)["status"]) == (1, "tool_error")


def test_what_is_odd_of_an_answer_is_told_beside_it(sdkgen: Call) -> None:
    done = sdkgen("call", "demo", "odd")
    assert (done.returncode, done.stdout) == (0, "fine\n")
    assert "note: the answer is not as the protocol has it: content[1].type: " in done.stderr
    assert "\x1b" not in done.stderr
    machine = json.loads(sdkgen("call", "demo", "odd", "--json").stdout)
    assert machine["status"] == "ok"
    assert [note.split(":")[0] for note in machine["notes"]] == ["content[1].type"]


def test_an_error_that_a_tool_reports_as_data_is_told_as_that(sdkgen: Call) -> None:
    done = sdkgen("call", "demo", "speechless")
    assert (done.returncode, done.stdout) == (1, "")
    assert "demo/speechless failed: the tool reported an error\n" in done.stderr
    assert '"code": 7' in done.stderr


def test_what_is_no_answer_is_shown_and_told(sdkgen: Call) -> None:
    done = sdkgen("call", "demo", "none")
    assert (done.returncode, json.loads(done.stdout)) == (1, ["hello"])
    assert "the answer breaks the protocol: result: a list in place of an object" in done.stderr
    assert json.loads(sdkgen("call", "demo", "none", "--json").stdout)["status"] == "failed"


def test_media_is_saved_under_names_of_ours_and_nothing_is_replaced(
    sdkgen: Call, project: Path
) -> None:
    offered = sdkgen("call", "demo", "picture")
    assert (offered.returncode, offered.stdout) == (0, "three files\n")
    assert "note: image, image/png, 14 bytes; --out FOLDER saves it" in offered.stderr
    (project / "out").mkdir()
    (project / "out" / "image-1.jpg").write_bytes(b"mine")
    for _ in range(2):
        done = sdkgen("call", "demo", "picture", "--out", "out")
        assert done.returncode == 0, done.stderr
    assert sorted(path.name for path in (project / "out").iterdir()) == [
        "audio-1.wav", "audio-2.wav", "image-1.jpg", "image-2.png", "image-3.png",
        "resource-1.bin", "resource-2.bin",
    ]  # fmt: skip
    assert (project / "out" / "image-1.jpg").read_bytes() == b"mine"
    assert (project / "out" / "image-2.png").read_bytes() == PNG


def test_nothing_is_called_where_its_files_could_not_be_saved(sdkgen: Call, project: Path) -> None:
    (project / "file").write_text("")
    for out in ("file", "file/below"):
        refused = sdkgen("call", "demo", "deleteAll", "--allow", "demo/*", "--out", out)
        assert (refused.returncode, "file: not a folder" in refused.stderr) == (2, True)
    assert not (project / "changed").exists()


def test_a_call_that_may_destroy_needs_a_person_or_a_rule(sdkgen: Call, project: Path) -> None:
    refused = sdkgen("call", "demo", "delete_all", "of=them")
    assert refused.returncode == 5
    assert "this run has nobody to ask" in refused.stderr
    assert not (project / "changed").exists()
    misspelt = sdkgen("call", "demo", "deleteAll", "of=them", "--allow", "demo/deletAll")
    assert "no tool matches 'demo/deletAll'; did you mean demo/deleteAll?" in misspelt.stderr
    allowed = sdkgen("call", "demo", "deleteAll", "of=them", "--allow", "demo/deleteAll")
    assert allowed.stdout == "deleted\n", allowed.stderr
    assert (project / "changed").read_text() == '{"of": "them"}\n'


def test_a_rule_of_the_configuration_holds(sdkgen: Call, project: Path) -> None:
    (project / "mcp-sdkgen.toml").write_text('[policy]\ndeny = ["demo/echo"]\n')
    refused = sdkgen("call", "demo", "echo")
    assert (refused.returncode, refused.stdout) == (5, "")
    wrong = sdkgen("call", "demo", "needs", '{"userId": 1, "note": ""}', "--deny", "demo/nothing")
    assert wrong.returncode == 2
    assert "demo/nothing" in wrong.stderr


def test_what_a_lock_says_of_a_tool_counts_where_it_is_worse(sdkgen: Call, project: Path) -> None:
    assert sdkgen("snapshot", "mcp.json").returncode == 0
    lock = project / "generated" / "demo" / "snapshot.json"
    lock.write_text(lock.read_text().replace('"readOnlyHint": true', '"readOnlyHint": false'))
    refused = sdkgen("call", "demo", "echo")
    assert refused.returncode == 5, "a server cannot talk itself into more than was pinned"


def test_a_person_at_the_terminal_is_asked_and_always_holds_for_other_calls(project: Path) -> None:
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "200"}
    command = [sys.executable, "-m", "mcp_sdkgen", "call", "demo", "delete_all", "of=them"]
    command = ["env", "-C", str(project), *command]
    with Terminal(command, environment) as terminal:
        terminal.read_until("[y]es once")
        terminal.type("a\n")
        assert "deleted" in terminal.read_to_end()
        assert terminal.wait() == 0
    again = subprocess.run(
        command, env=environment, capture_output=True, text=True, timeout=HANG_S,
        start_new_session=True,
    )  # fmt: skip
    assert (again.returncode, again.stdout) == (0, "deleted\n"), again.stderr
    assert (project / "changed").read_text().count("\n") == 2


@pytest.mark.parametrize("tool", ["send", "send/all", "s\u0435nd   it"])
def test_always_is_taken_back_by_the_command_that_was_told_whatever_the_names(
    sdkgen: Call, project: Path, tool: str
) -> None:
    script = project / "mail.py"
    script.write_text(
        "from mcp.server.mcpserver import MCPServer\n"
        'server = MCPServer("mail")\n'
        f"server.add_tool(lambda: 'sent', name={tool!r})\n"
        "server.run()\n"
    )
    entry = {"command": sys.executable, "args": [str(script)]}
    servers = {"io.github.acme/mail": entry, "io.github.acme": entry}
    (project / "mcp.json").write_text(json.dumps({"mcpServers": servers}))
    call = ("call", "io.github.acme/mail", tool)
    command = ["env", "-C", str(project), sys.executable, "-m", "mcp_sdkgen", *call]
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "200"}
    with Terminal(command, environment) as terminal:
        terminal.read_until("[y]es once")
        terminal.type("a\n")
        shown = terminal.read_to_end()
        assert terminal.wait() == 0, shown
    told = next(line for line in shown.splitlines() if line.startswith("To take it back: "))
    program, *words = shlex.split(told.removeprefix("To take it back: "))
    assert program == "mcp-sdkgen"
    listed = sdkgen("approve", "--list").stdout
    assert listed.startswith(f"{words[1]}: approved ")
    assert "s\u0435nd" not in told + listed, "it looks like another name"
    assert sdkgen(*call).returncode == 0
    forgotten = sdkgen(*words)
    assert forgotten.returncode == 0, forgotten.stderr
    assert "asked about again (1 approval taken back)" in forgotten.stdout
    assert sdkgen(*call).returncode == 5


def test_the_python_that_does_the_same_runs_with_the_sdk(sdkgen: Call, project: Path) -> None:
    words = ["city=it's \"\\ \x1b", "placeOfBirth.postCode=01", "points=1", "limit:=null"]
    printed = sdkgen("call", "demo", "echo", *words, "--code")
    assert printed.stdout == (
        "from demo_sdk import demo\n\n"
        'print(demo.echo(city="it\'s \\"\\\\ \\x1b", place_of_birth={"post_code": "01"}, '
        "points=[1], limit=None))\n"
    )
    built = sdkgen("build", "mcp.json", "--no-wheel")
    assert built.returncode == 0, built.stderr
    saved = sdkgen("call", "generated/demo", "echo", *words, "--code")
    assert saved.stdout == printed.stdout, "a lock says it without the server"
    done = subprocess.run(
        [sys.executable, "-c", printed.stdout],
        cwd=project,
        env={**os.environ, "PYTHONPATH": str(project / "generated" / "demo")},
        capture_output=True,
        text=True,
        timeout=HANG_S,
    )
    (project / "printed.py").write_text(printed.stdout)
    checked = sdkgen("check", "printed.py")
    assert checked.returncode == 0, checked.stdout + checked.stderr
    called = sdkgen("call", "demo", "echo", *words, "--json")
    assert json.loads(done.stdout) == json.loads(called.stdout)["data"], done.stderr


def test_tools_are_listed_as_python_would_call_them(sdkgen: Call) -> None:
    listed = sdkgen("tools", "demo")
    assert listed.returncode == 0, listed.stderr
    assert "demo.delete_all(*, of: str | None=None) -> Unstructured" in listed.stdout
    machine = json.loads(sdkgen("tools", "--json").stdout)
    assert machine["format"] == "mcp-sdkgen/tools/1"
    by_name = {tool["tool"]: tool for tool in machine["tools"]}
    assert by_name["deleteAll"]["name"] == "demo.delete_all"
    assert by_name["deleteAll"]["definition"]["annotations"]["destructiveHint"] is True
    for words in (["demo", "deleteAll"], ["demo.delete_all"]):
        [only] = json.loads(sdkgen("tools", *words, "--json").stdout)["tools"]
        assert (only["tool"], only["definition"]["name"]) == ("deleteAll", "deleteAll"), words
    one = sdkgen("tools", "demo", "deleteAll")
    assert "Wire name: deleteAll" in one.stdout
    assert sdkgen("tools", "demo", "delete_al").returncode == 2


def test_one_server_that_does_not_answer_costs_only_itself(sdkgen: Call, project: Path) -> None:
    servers = json.loads((project / "mcp.json").read_text())
    servers["mcpServers"]["gone"] = {"command": str(project / "nothing")}
    (project / "mcp.json").write_text(json.dumps(servers))
    listed = sdkgen("tools")
    assert listed.returncode == 1
    assert "demo.echo" in listed.stdout
    assert "gone" in listed.stderr
    failed = sdkgen("call", "gone", "echo")
    assert (failed.returncode, failed.stdout) == (1, "")
    assert "nothing" in failed.stderr


def test_a_command_needs_no_configuration(project: Path, sdkgen: Call) -> None:
    entry = json.loads((project / "mcp.json").read_text())["mcpServers"]["demo"]
    (project / "mcp.json").unlink()
    done = sdkgen("call", "mine", "echo", "days=1", "--", entry["command"], *entry["args"])
    assert json.loads(done.stdout) == {"days": 1}, done.stderr
    nowhere = sdkgen("call", "demo", "echo")
    assert nowhere.returncode == 2
    assert "--config" in nowhere.stderr


def test_the_verb_imports_nothing_that_a_call_does_not_need() -> None:
    slow = [
        "mcp", "mypy", "black", "jinja2", "datamodel_code_generator", "genson", "jwt",
        "mcp_sdkgen.pipeline", "mcp_sdkgen_codemode.executor.executor",
        "mcp_sdkgen_codemode.tool_search.embeddings",
    ]  # fmt: skip
    look = f"import sys, mcp_sdkgen.cli.running.call; print([*{{*{slow!r}}} & sys.modules.keys()])"
    done = subprocess.run(
        [sys.executable, "-c", look], capture_output=True, text=True, timeout=HANG_S, check=True
    )
    assert done.stdout == "[]\n"


def loaded_by_call(folder: Path, *words: str) -> set[str]:
    """The modules that a call from the shell has imported when it is over."""
    code = """
import sys
from mcp_sdkgen.cli import main
code = main(["call", *sys.argv[1:]])
print(*sys.modules, file=sys.stderr)
sys.exit(code)
"""
    done = subprocess.run(
        [sys.executable, "-c", code, *words],
        cwd=folder, capture_output=True, text=True, timeout=HANG_S, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {"days": 3}
    return set(done.stderr.splitlines()[-1].split())


def test_a_call_over_stdio_imports_neither_mcp_nor_a_client_for_http(project: Path) -> None:
    loaded = loaded_by_call(project, "demo", "echo", "days=3")
    never = {"mcp", "mcp_types", "httpx2", "mypy", "jwt", "rich.progress", "mcp_sdkgen.drift"}
    assert not never & loaded


def test_a_call_over_http_imports_no_mcp(project: Path) -> None:
    server = MCPServer("web")

    @server.tool(structured_output=False, annotations=ToolAnnotations(read_only_hint=True))
    def echo(days: int) -> str:
        return json.dumps({"days": days})

    with serving(server.streamable_http_app()) as url:
        assert not {"mcp", "mcp_types", "jwt"} & loaded_by_call(project, url, "echo", "days=3")
