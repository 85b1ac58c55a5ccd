"""Real servers over stdio and HTTP that attack the terminal, the network and what is private."""

from __future__ import annotations

import json
import os
import pty
import re
import select
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from mcp_sdkgen import build

from tests.hostile.inspecting import check_files
from tests.hostile.payloads import FILE, MARK, TEXTS, all_texts_together, everywhere, tool
from tests.patience import HANG_S
from tests.warm import COMMAND

SERVER = Path(__file__).parent / "servers" / "hostile.py"
CANARY = "canary-51c7-value"
STYLES = re.compile(rb"\x1b\[[0-9;]*[mKA]|\x1b\[\?25[hl]")
"""What rich itself writes: colours, erasing a line, going up one, hiding the cursor."""


def answers(wire: dict[str, Any], path: Path) -> Path:
    """A file that makes servers/hostile.py serve `wire`."""
    capabilities: dict[str, Any] = {"tools": {}, "prompts": {}, "resources": {}}
    opening = {
        "protocolVersion": "2025-06-18",
        "capabilities": capabilities,
        "serverInfo": wire.get("server_info", {"name": "n", "version": "1"}),
        "instructions": wire.get("instructions", ""),
    }
    made = {
        "initialize": opening,
        "tools/list": {"tools": wire["tools"]},
        "prompts/list": {"prompts": wire.get("prompts", [])},
        "resources/list": {"resources": wire.get("resources", [])},
        "resources/templates/list": {"resourceTemplates": wire.get("resource_templates", [])},
    }
    path.write_text(json.dumps(made))
    return path


def configured(folder: Path, entry: dict[str, Any], name: str = "hostile") -> Path:
    path = folder / "mcp.json"
    path.write_text(json.dumps({"mcpServers": {name: entry}}))
    return path


def on_a_terminal(*arguments: str | Path, cwd: Path) -> tuple[int, bytes]:
    """Run the command line with a terminal for its output; its exit code and all it wrote."""
    ours, theirs = pty.openpty()
    command = [*COMMAND, *map(str, arguments)]
    environment = {**os.environ, "TERM": "xterm-256color", "COLUMNS": "100"}
    process = subprocess.Popen(
        command, cwd=cwd, stdin=theirs, stdout=theirs, stderr=theirs, env=environment
    )
    os.close(theirs)
    written = b""
    try:
        while select.select([ours], [], [], 120)[0]:
            try:
                chunk = os.read(ours, 65536)
            except OSError:
                break
            if not chunk:
                break
            written += chunk
        return process.wait(timeout=HANG_S), written
    finally:
        process.kill()
        os.close(ours)


def check_terminal(written: bytes) -> None:
    rest = STYLES.sub(b"", written)
    control = [byte for byte in rest if byte < 0x20 and byte not in b"\r\n"]
    assert not control, rest[:2000]
    text = rest.decode()
    assert not re.search("[\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]", text)
    lines = [line.strip() for line in re.split(r"[\r\n]+", text)]
    assert not [line for line in lines if line.startswith(("error: forged", "weather: done"))]
    assert MARK not in text


def test_a_terminal_sees_no_escape_and_no_forged_line_of_a_server(tmp_path: Path) -> None:
    wire = all_texts_together()
    file = answers(wire, tmp_path / "answers.json")
    entry = {"command": sys.executable, "args": [str(SERVER), str(file)]}
    config = configured(tmp_path, entry, "[bold] \x1b[31m:smile:")
    arguments = ("build", config, "--out", tmp_path / "out", "--no-check", "--no-wheel")
    code, written = on_a_terminal(*arguments, cwd=tmp_path)
    check_terminal(written)
    if code != 0:
        # A name like that may be refused, but in words that are safe as well.
        config = configured(tmp_path, entry)
        code, written = on_a_terminal(*arguments, cwd=tmp_path)
        check_terminal(written)
    assert code == 0, written[-2000:]
    assert not list(tmp_path.rglob(FILE))
    other = {**everywhere("then"), "tools": [*everywhere(TEXTS["ansi"])["tools"], tool("x")]}
    answers(other, file)
    code, written = on_a_terminal("diff", config, "--out", tmp_path / "out", cwd=tmp_path)
    assert code == 1, written[-2000:]
    check_terminal(written)


@pytest.mark.parametrize("name", ["ansi", "forged_lines", "rich", "bidi", "carriage_returns"])
def test_a_server_that_dies_with_escapes_on_stderr_forges_nothing(
    name: str, tmp_path: Path
) -> None:
    file = answers({"tools": []}, tmp_path / "answers.json")
    entry = {"command": sys.executable, "args": [str(SERVER), str(file), f"x{TEXTS[name]}"]}
    config = configured(tmp_path, entry)
    code, written = on_a_terminal("snapshot", config, "--out", tmp_path / "out", cwd=tmp_path)
    assert code == 1
    check_terminal(written)


def test_a_real_server_of_hostile_texts_gives_the_same_plain_sdk(tmp_path: Path) -> None:
    file = answers(all_texts_together(), tmp_path / "answers.json")
    entry = {"command": sys.executable, "args": [str(SERVER), str(file)]}
    report = build(
        [configured(tmp_path, entry)], out=tmp_path / "out", run_check=False, make_wheels=False
    )
    assert report.exit_code == 0, report.servers[0].error
    folder = tmp_path / "out" / "hostile"
    files = {
        path.relative_to(folder).as_posix(): path.read_text()
        for path in folder.rglob("*")
        if path.is_file()
    }
    check_files(files, "Hostile")


@pytest.fixture
def listener() -> Iterator[tuple[str, list[str]]]:
    """A web server that nobody may ask: its address, and who did."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(f"{self.command} {self.path}")
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b'{"type": "object", "properties": {"fetched": {"type": "string"}}}')

        do_POST = do_HEAD = do_OPTIONS = do_GET

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()
    server.server_close()


def test_no_address_or_file_that_a_server_names_is_ever_opened(
    listener: tuple[str, list[str]], tmp_path: Path
) -> None:
    base, asked = listener
    secret = tmp_path / "secret.json"
    secret.write_text(json.dumps({"type": "object", "properties": {CANARY: {"type": "string"}}}))
    tools = []
    for number, uri in enumerate((f"{base}/s.json", secret.as_uri(), str(secret), "secret.json")):
        schema = {
            "$schema": uri,
            "$id": uri,
            "type": "object",
            "properties": {"a": {"$ref": uri}, "b": {"$ref": f"{uri}#/properties/{CANARY}"[:60]}},
            "allOf": [{"$ref": f"{uri}#"}, {"$dynamicRef": uri}, {"$recursiveRef": uri}],
            "externalDocs": {"url": uri},
            "format": uri,
        }
        icons = [{"src": uri, "mimeType": "image/png"}]
        tools += [
            tool(f"t{number}", schema, schema, icons=icons, _meta={"ui": {"resourceUri": uri}}),
            tool(f"r{number}", {"$ref": uri}, {"$ref": uri}),
            tool(f"s{number}", {"type": "object", "$schema": f"{uri}#"}),
        ]
    info = {"name": "n", "version": "1", "websiteUrl": base, "icons": [{"src": f"{base}/i.png"}]}
    resources = [{"uri": uri, "name": "n"} for uri in (f"{base}/r", secret.as_uri())]
    wire = {"tools": tools, "server_info": info, "resources": resources}
    file = answers(wire, tmp_path / "answers.json")
    entry = {"command": sys.executable, "args": [str(SERVER), str(file)]}
    report = build([configured(tmp_path, entry)], out=tmp_path / "out", jobs=1)
    assert report.exit_code == 0, report.servers[0].detail
    package = tmp_path / "out" / "hostile"
    watched = Path(__file__).parent / "watched_import.py"
    command = [sys.executable, "-I", "-B", str(watched), str(package), "hostile_sdk"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=HANG_S)
    assert done.stdout == "fine\n", done.stdout + done.stderr
    assert asked == []
    for path in (tmp_path / "out" / "hostile" / "hostile_sdk").rglob("*.py"):
        assert f"{CANARY}:" not in path.read_text() and "fetched" not in path.read_text()


def test_a_redirect_of_a_server_is_not_followed(
    listener: tuple[str, list[str]], tmp_path: Path
) -> None:
    base, asked = listener

    class Redirecting(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("content-length", 0)))
            self.send_response(307)
            self.send_header("location", f"{base}/inside?x=1")
            self.end_headers()

        do_GET = do_POST

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Redirecting)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}/mcp"
    entry = {"url": url, "headers": {"Authorization": f"Bearer {CANARY}"}}
    try:
        report = build([configured(tmp_path, entry)], out=tmp_path / "out", timeout_s=20)
    finally:
        server.shutdown()
        server.server_close()
    assert report.exit_code == 1
    assert asked == []
    assert CANARY not in str(report.to_json())


def test_nothing_private_of_a_configuration_leaves_the_command_line(tmp_path: Path) -> None:
    home = tmp_path / "home-of-someone"
    home.mkdir()
    mirror = Path(__file__).parents[1] / "generator" / "source" / "servers" / "scripted.py"
    plan = json.dumps({"mirror": True})
    entry = {
        "command": sys.executable,
        "args": [str(mirror), plan, "--token", f"{CANARY}-arg", str(home / "data")],
        "env": {"ANYTHING": f"{CANARY}-env", "API_KEY": "${OUTSIDE}", "WHERE": str(home)},
    }
    config = configured(tmp_path, entry, "srv")
    environment = {**os.environ, "HOME": str(home), "OUTSIDE": f"{CANARY}-outside"}
    command = [
        sys.executable,
        "-m",
        "mcp_sdkgen",
        "build",
        str(config),
        "--out",
        str(tmp_path / "o"),
    ]
    command += ["--report", str(tmp_path / "report.json"), "--no-check"]
    done = subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=HANG_S
    )
    assert done.returncode == 0, done.stderr
    said = [done.stdout, done.stderr, (tmp_path / "report.json").read_text()]
    said += [p.read_bytes().decode("latin-1") for p in (tmp_path / "o").rglob("*") if p.is_file()]
    everything = "\n".join(said)
    assert "[redacted]" in everything
    assert CANARY not in everything
    assert str(home) not in everything


@pytest.mark.parametrize("broken", ["env", "url", "command"])
def test_an_error_about_an_entry_tells_no_value_of_it(broken: str, tmp_path: Path) -> None:
    entries: dict[str, Callable[[], dict[str, Any]]] = {
        "env": lambda: {"command": "x", "env": {"TOKEN": f"{CANARY}${{NOT_SET_ANYWHERE}}"}},
        "url": lambda: {"url": f"http://user:{CANARY}@127.0.0.1:9/mcp?key={CANARY}"},
        "command": lambda: {"command": "no-such-program", "args": ["--token", CANARY]},
    }
    config = configured(tmp_path, entries[broken]())
    command = [*COMMAND, "snapshot", str(config), "--out", "out"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=HANG_S)
    assert done.returncode in (1, 2)
    assert done.stderr
    assert CANARY not in done.stdout + done.stderr
