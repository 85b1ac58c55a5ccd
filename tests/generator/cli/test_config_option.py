"""Every verb that reads a configuration takes the same `--config`."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import typer.main
from mcp_sdkgen.cli.app import VERBS, app

from tests.codemode.executor.weather import BINDINGS
from tests.command_line import mcp_sdkgen

WITHOUT = {
    "approve": "suspended runs have the configuration that they were started with",
    "cache": "caches belong to the user",
    "completion": "it writes for a shell",
    "demo": "it brings its own servers",
    "new-server": "it makes a configuration",
    "trust": "the file to trust is its argument",
}
"""The verbs that have no `--config`, and why."""
CHANGING = {"add", "remove"}
"""The verbs that write to the file, and so say what it is otherwise."""


def _helps(verb: str) -> list[str]:
    group = typer.main.get_command(app)
    command = group.commands[verb]  # type: ignore[attr-defined]
    return [one.help for one in command.params if "--config" in one.opts]


def test_every_verb_has_the_same_configuration_option_or_a_reason_to_have_none() -> None:
    found = {verb: _helps(verb) for verb in VERBS}
    assert {verb for verb, helps in found.items() if not helps} == WITHOUT.keys()
    same = {help for verb, helps in found.items() if verb not in CHANGING for help in helps}
    assert len(same) == 1, same


@pytest.fixture
def elsewhere(tmp_path: Path) -> Path:
    """A configuration that is nearest to no working folder."""
    file = tmp_path / "elsewhere" / "servers.json"
    file.parent.mkdir()
    command, *args = BINDINGS["weather"]
    file.write_text(json.dumps({"mcpServers": {"weather": {"command": command, "args": args}}}))
    return file


def test_the_verbs_of_building_take_the_servers_of_the_file_that_is_named(
    tmp_path: Path, elsewhere: Path
) -> None:
    taken = mcp_sdkgen("snapshot", "--config", elsewhere, "--out", "sdks", cwd=tmp_path)
    assert taken.returncode == 0, taken.stderr
    assert (tmp_path / "sdks/weather/snapshot.json").is_file()
    same = mcp_sdkgen("diff", "--config", elsewhere, "--out", "sdks", cwd=tmp_path)
    assert same.returncode == 0, same.stdout + same.stderr
    scored = mcp_sdkgen("lint", "--config", elsewhere, "--min-score", "0", cwd=tmp_path)
    assert "weather: score" in scored.stdout
    asked = mcp_sdkgen("observe", "--config", elsewhere, "--out", "sdks", cwd=tmp_path)
    assert "there is nothing to call: give a --call" in asked.stderr


def test_infer_looks_where_the_configuration_that_is_named_puts_its_sdks(tmp_path: Path) -> None:
    file = tmp_path / "mcp-sdkgen.toml"
    file.write_text('out = "kept"\n[servers.weather]\nurl = "https://weather.example/mcp"\n')
    done = mcp_sdkgen("infer", "--config", file, cwd=Path("/"))
    assert done.returncode == 2
    assert re.search(r"there is no \S*kept/\*", done.stderr), done.stderr


@pytest.mark.parametrize("verb", ["logout", "status"])
def test_logins_are_those_of_a_server_in_the_file_that_is_named(verb: str, tmp_path: Path) -> None:
    file = tmp_path / "servers.json"
    file.write_text(json.dumps({"mcpServers": {"remote": {"url": "https://remote.example/mcp"}}}))
    done = mcp_sdkgen(verb, "remote", "--config", file, cwd=tmp_path)
    assert (done.returncode, "nobody is logged in" in done.stderr) == (1, True), done.stderr
    for words in (
        ("remote", "--config", tmp_path / "none.json"),
        ("remote", file, "--config", file),
    ):
        assert mcp_sdkgen(verb, *words).returncode == 2


@pytest.mark.parametrize("verb", ["serve", "prompt", "chat"])
def test_a_configuration_that_is_no_argument_of_a_verb_is_told_as_its_option(
    verb: str, tmp_path: Path
) -> None:
    (tmp_path / "my mcp.json").write_text('{"mcpServers": {}}')
    done = mcp_sdkgen(verb, "my mcp.json", cwd=tmp_path)
    assert done.returncode == 2
    assert "hint: a configuration is named by an option: --config 'my mcp.json'" in done.stderr
    other = mcp_sdkgen(verb, "nothing.json", cwd=tmp_path)
    assert (other.returncode, "--config" in other.stderr) == (2, False), other.stderr
