"""`mcp-sdkgen check --watch` at a terminal."""

from __future__ import annotations

from pathlib import Path

from tests.generator.cli.running import command
from tests.terminals import Terminal

RIGHT = "from weather_sdk import weather\nprint(weather.get_weather(location='Oslo').condition)\n"
WRONG = RIGHT.replace("location", "place")


def test_a_program_is_checked_again_at_each_change_until_it_is_interrupted(
    environment: dict[str, str], tmp_path: Path
) -> None:
    folder = tmp_path / "programs"
    folder.mkdir()
    first = folder / "first.py"
    first.write_text(WRONG)
    environment["COLUMNS"] = "400"  # a long path would be broken
    words = ["check", "--watch", "--sdk", "weather", str(folder)]
    with Terminal(command(*words), environment) as terminal:
        terminal.read_until("first.py:2:")
        terminal.read_until("1 mistake")
        terminal.read_until("waiting for changes")
        _until(terminal, first, RIGHT, "nothing is wrong")
        second = folder / "second.py"
        _until(terminal, second, WRONG, "second.py:2:")
        terminal.read_until("1 mistake in 1 of 2 programs")
        terminal.type("\x03")
        rest = terminal.read_to_end()
        assert terminal.wait() == 130, rest
    assert "Traceback" not in rest, rest


def _until(terminal: Terminal, file: Path, program: str, told: str) -> None:
    file.write_text(program)
    terminal.read_until(told)
