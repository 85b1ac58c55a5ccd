"""Ctrl-C at a real terminal: one sentence, the exit code 130, nothing half-written."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.codemode.executor.weather import BINDINGS
from tests.generator.cli.running import WRITES, command
from tests.generator.source.taking import SERVERS
from tests.terminals import Terminal

LONG = "import time\nprint('begun', flush=True)\ntime.sleep(600)\n"


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A server that works, and one that never answers."""
    binding = BINDINGS["weather"]
    servers = {
        "weather": {"command": binding[0], "args": binding[1:]},
        "silent": {"command": "sleep", "args": ["600"]},
    }
    file = tmp_path / "mcp.json"
    file.write_text(json.dumps({"mcpServers": servers}))
    return file


def interrupted(environment: dict[str, str], words: Sequence[str], at: str) -> str:
    """What is shown from the moment that `at` is shown, where Ctrl-C is typed."""
    with Terminal(command(*words), environment) as terminal:
        terminal.read_until(at)
        terminal.type("\x03")
        rest = terminal.read_to_end()
        assert terminal.wait() == 130, rest
    assert "Traceback" not in rest and "Error" not in rest, rest
    told = [line for line in rest.splitlines() if "interrupted: " in line]
    assert len(told) == 1, rest
    return told[0]


@pytest.mark.parametrize("at", ["taking the snapshot", "checking"])
def test_a_build_that_is_interrupted_leaves_whole_sdks_or_none(
    environment: dict[str, str], config: Path, tmp_path: Path, at: str
) -> None:
    out = tmp_path / "sdks"
    name = {"taking the snapshot": "silent", "checking": "weather"}[at]
    words = ["build", str(config), "--name", name, "--out", str(out)]
    assert "nothing is half-written" in interrupted(environment, words, at)
    assert not [path for path in out.rglob("*") if path.is_file() and path.suffix != ".json"]


def test_an_installation_that_is_interrupted_is_told_as_that(
    environment: dict[str, str], tmp_path: Path
) -> None:
    env = {"UNTIL_EOF": "1", "SECONDS_TO_INSTALL": "2", "WHOLE": str(tmp_path / "whole")}
    entry = {"command": str(SERVERS / "uvx"), "args": ["seed"], "env": env}
    file = tmp_path / "mcp.json"
    file.write_text(json.dumps({"mcpServers": {"slow": entry}}))
    with Terminal(command("build", str(file), "--out", str(tmp_path)), environment) as terminal:
        terminal.read_until("downloading")
        terminal.type("\x03")
        rest = terminal.read_to_end()
    assert "interrupted; waiting for its installation to end" in rest
    assert "timed out" not in rest


def test_a_run_that_is_interrupted_ends_its_program(
    environment: dict[str, str], tmp_path: Path
) -> None:
    program = tmp_path / "program.py"
    program.write_text(LONG)
    told = interrupted(environment, ["run", str(program)], "begun")
    assert "the program was ended" in told


def test_an_interrupted_question_before_the_start_says_that_nothing_ran(
    environment: dict[str, str], tmp_path: Path
) -> None:
    program = tmp_path / "program.py"
    program.write_text(WRITES)
    told = interrupted(environment, ["run", str(program)], "[N]o: ")
    assert told == "interrupted: nothing ran"


def test_a_call_that_is_interrupted_says_that_it_may_have_been_made(
    environment: dict[str, str], config: Path
) -> None:
    words = ["call", "silent", "look", "--config", str(config)]
    assert "may" in interrupted(environment, words, "is still starting")


def test_serve_ends_with_a_sentence(environment: dict[str, str], config: Path) -> None:
    words = ["serve", "--sdk", "weather"]
    assert "no longer served" in interrupted(environment, words, "ready: 1 SDK")


def test_serve_tells_of_rules_that_match_no_tool(environment: dict[str, str]) -> None:
    words = ["serve", "--sdk", "weather", "--allow", "weahter/get_weather"]
    at = "no tool matches 'weahter/get_weather'; did you mean weather/get_weather?"
    assert "no longer served" in interrupted(environment, words, at)
