"""Every form of an entry and of a file: what an SDK starts, and what it refuses to start."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from handmade_weather_sdk import Weather
from mcp_sdkgen_runtime.config.binding import resolve
from mcp_sdkgen_runtime.config.document import parse, within_limit, without_comments
from mcp_sdkgen_runtime.config.targets import StdioTarget
from mcp_sdkgen_runtime.errors import ConfigurationError

from tests.runtime.config.entry_forms import ENVIRONMENT, FILES, FORMS, INPUTS, meant


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project in the user's home, which is the working folder."""
    project = tmp_path / "p"
    project.mkdir()
    for name, text in FILES.items():
        (project / name).write_text(text)
    for name, value in {**ENVIRONMENT, "HOME": str(tmp_path)}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("NOT_SET", raising=False)
    monkeypatch.chdir(project)
    return project


@pytest.mark.parametrize("form", FORMS)
def test_an_entry_means_one_target_or_is_refused_with_its_place(form: str, folder: Path) -> None:
    entry, expected = FORMS[form]
    (folder / "mcp.json").write_text(json.dumps({"mcpServers": {"srv": entry}, "inputs": INPUTS}))
    if not isinstance(expected, str):
        assert resolve("srv") == meant(expected, folder)
        return
    with pytest.raises(ConfigurationError) as refused:
        resolve("srv")
    assert expected in str(refused.value)
    assert str(refused.value).startswith("srv: mcp.json:")
    assert refused.value.hint


def test_a_bad_entry_costs_only_that_server(folder: Path) -> None:
    entries = {"bad": {"command": 1}, "good": {"command": "x"}}
    (folder / "mcp.json").write_text(json.dumps({"mcpServers": entries}))
    assert resolve("good") == StdioTarget("x", (), {}, str(folder))
    with pytest.raises(ConfigurationError, match="/mcpServers/bad/command: neither text"):
        resolve("bad")


TELLS_HOW_IT_RUNS = """
import os
from mcp.server.mcpserver import MCPServer
server = MCPServer("weather")
told = lambda: "|".join([os.environ["A"], os.environ["K"], os.getcwd()])
server.tool(name="pid", structured_output=False)(told)
server.run("stdio")
"""


def test_a_server_really_runs_as_its_entry_says(folder: Path) -> None:
    (folder / "sub").mkdir()
    (folder / "server.py").write_text(TELLS_HOW_IT_RUNS)
    entry = {
        "command": sys.executable,
        "args": ["${workspaceFolder}/server.py"],
        "envFile": ".env",
        "env": {"K": "${input:region}-${file:token.txt}"},
        "cwd": "~/p/sub",
    }
    (folder / ".vscode").mkdir()
    content = {"servers": {"weather": entry}, "inputs": INPUTS}
    (folder / ".vscode" / "mcp.json").write_text(json.dumps(content))
    with Weather() as weather:
        assert weather.pid().text == f"1 2|eu-from-file|{folder / 'sub'}"


LISTED = {"type": "local", "command": ["x", "a"]}
PLAIN = {"command": "x", "args": ["a"]}


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("mcp.json", {"mcpServers": {"srv": PLAIN}}),
        (".mcp.json", {"mcpServers": {"srv": PLAIN}}),
        (".cursor/mcp.json", {"mcpServers": {"srv": PLAIN}}),
        (".vscode/mcp.json", {"servers": {"srv": PLAIN}}),
        ("mcp.json", {"mcp": {"srv": LISTED}}),
        ("mcp.json", {"mcp": {"servers": {"srv": PLAIN}}}),
        ("mcp.json", {"theme": "dark", "mcp_servers": {"srv": PLAIN}}),
        ("mcp-sdkgen.toml", 'out = "sdks"\n[servers.srv]\ncommand = "x"\nargs = ["a"]\n'),
        ("pyproject.toml", '[tool.mcp-sdkgen.servers.srv]\ncommand = "x"\nargs = ["a"]\n'),
        ("mcp.json", '\ufeff{"mcpServers": {"srv": {"command": "x", "args": ["a"]}}}'),
        (
            "mcp.json",
            '// c\n{"mcpServers": {"srv": {"command": "x", /* ,} */ "args": ["a",],},}, // d\n}',
        ),
    ],
)
def test_every_form_of_file_is_read_from_a_folder_below(
    name: str, content: Any, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = folder / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    (folder / "deep" / "er").mkdir(parents=True)
    monkeypatch.chdir(folder / "deep" / "er")
    assert resolve("srv") == StdioTarget("x", ("a",), {}, str(folder))


def test_of_one_folder_our_own_files_come_first(folder: Path) -> None:
    files = {
        ".vscode/mcp.json": '{"servers": {"srv": {"command": "vscode"}}}',
        ".cursor/mcp.json": '{"mcpServers": {"srv": {"command": "cursor"}}}',
        ".mcp.json": '{"mcpServers": {"srv": {"command": "hidden"}}}',
        "mcp.json": '{"mcpServers": {"srv": {"command": "plain"}}}',
        "pyproject.toml": '[tool.mcp-sdkgen.servers.srv]\ncommand = "pyproject"\n',
        "mcp-sdkgen.toml": '[servers.srv]\ncommand = "own"\n',
    }
    for name, text in files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text)
        found = resolve("srv")
        assert isinstance(found, StdioTarget)
        assert found.command == text.split('"')[-2]


def test_a_project_of_others_is_not_read_as_ours(folder: Path) -> None:
    (folder / "pyproject.toml").write_text("this is [no TOML")
    (folder / "mcp.json").write_text('{"mcpServers": {"srv": {"command": "x"}}}')
    assert resolve("srv") == StdioTarget("x", (), {}, str(folder))


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ('{\n  "mcpServers": {\n    "a" 1}}', "line 3 column 9"),
        ('{ // note\n  /* more\n */ "mcpServers": {\n    "a" 1}}', "line 4 column 9"),
        ("[" * 100_000, "nested too deep"),
        ("{'mcpServers': {}}", "line 1 column 2"),
        ('{"mcpServers": {"a": "unfinished', "line 1 column 22"),
    ],
)
def test_a_file_that_is_no_json_is_told_with_line_and_column(
    text: str, place: str, folder: Path
) -> None:
    (folder / "mcp.json").write_text(text)
    with pytest.raises(ConfigurationError, match=place) as refused:
        resolve("srv")
    assert str(refused.value).startswith("srv: mcp.json: ")


def test_a_line_of_slashes_is_a_comment_like_any_other(folder: Path) -> None:
    # Each further slash once doubled the time that this took.
    banner = "/" * 400
    text = f'{{"mcpServers": {{"a": {{"command": "b"}}, {banner}\n"srv": {{"command": "x"}}}}}}'
    (folder / "mcp.json").write_text(text)
    assert resolve("srv") == StdioTarget("x", (), {}, str(folder))


def test_text_in_quotes_is_never_taken_for_a_comment(folder: Path) -> None:
    text = r'{/**/"mcpServers": {"srv": {"command": "x//y", "args": ["\"/*", "*/", ",]"],}}}'
    (folder / "mcp.json").write_text(text)
    assert resolve("srv") == StdioTarget("x//y", ('"/*', "*/", ",]"), {}, str(folder))


@pytest.mark.parametrize(
    "text",
    [
        "a" + ".a" * 50 + " = 1",
        "[a" + ".a" * 20_000 + "]",
        "x = { " + " . ".join(['"a\\"."'] * 60) + " = 1 }",
        "\n" + "'a' . " * 60 + "b = 1",
    ],
    ids=["bare", "header", "quoted", "spaced"],
)
def test_a_key_of_many_parts_is_refused_before_it_is_read(
    text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tomllib.loads", lambda _: pytest.fail("it was read"))
    with pytest.raises(ConfigurationError, match=r"mcp-sdkgen\.toml: a key of more than 50 parts"):
        parse(text, Path("mcp-sdkgen.toml"))


def test_long_texts_and_numbers_with_dots_are_no_long_keys() -> None:
    dots = ". " * 200 + ".".join("abc" for _ in range(40))
    text = f"a = '{dots}'\n" + "\n".join(f"k{n} = {n}.5" for n in range(200))
    assert parse(text, Path("mcp-sdkgen.toml"))["a"] == dots


def test_toml_is_read_up_to_256_kib_and_json_beyond(tmp_path: Path) -> None:
    comment = "#" * (256 * 1024)
    with pytest.raises(ConfigurationError, match="larger than 262144 bytes"):
        parse(f"a = 1 {comment}", Path("mcp-sdkgen.toml"))
    with pytest.raises(ConfigurationError, match="larger than 262144 bytes"):
        within_limit(comment.encode() + b"\n", tmp_path / "pyproject.toml")
    assert parse(json.dumps({"a": comment}), Path("mcp.json")) == {"a": comment}


@pytest.mark.parametrize("unit", ['"\\', "/*", '"\\" /*', ",  ", "/*/"], ids=repr)
def test_json_that_is_not_closed_is_searched_once(unit: str) -> None:
    # Looking for the end of each again would take hours.
    text = "[" + unit * 400_000
    assert len(without_comments(text)) == len(text)
    with pytest.raises(ConfigurationError, match="not JSON"):
        parse(text, Path("mcp.json"))


def test_a_comment_that_is_not_closed_is_no_comment() -> None:
    for text in ("{} /* more", '{} /* "a" // b', '{"a": 1 /* */, /*}'):
        with pytest.raises(ConfigurationError, match="not JSON"):
            parse(text, Path("mcp.json"))
    assert parse('{"a": "/*", /* b */ "c": "*/",} // /*', Path("mcp.json")) == {
        "a": "/*",
        "c": "*/",
    }
