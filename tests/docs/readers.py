"""What reads the blocks of a page that are not run: the code that reads such text for users.

An `sh` block holds commands that a test has not what it takes for, such as a network or a login. So
they are read as far as that goes: verbs and options, packages and their extras, what make makes.
"""

from __future__ import annotations

import re
import shlex
import tomllib
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import typer
from mcp_sdkgen.cli.app import app
from mcp_sdkgen.config import load
from mcp_sdkgen_codemode import Policy

from tests.docs.pages import ROOT

_OURS = {
    "mcp-sdkgen": ".",
    "mcp-sdkgen-runtime": "runtime/client",
    "mcp-sdkgen-codemode": "runtime/codemode",
}
_KNOWN = {".", "export", "python3", "sudo"}
_RUNNERS = {"uv", "uvx", "pipx"}
"""What they install from wheels is tried, slowly, by `tests/packaging/test_wheels.py`."""


def read_sh(text: str) -> None:
    """Raise an error where a command is not one that there is."""
    for line in text.splitlines():
        command, *words = shlex.split(line, comments=True) or [""]
        if command.removeprefix(".venv/bin/") == "mcp-sdkgen":
            _read_mcp_sdkgen(words)
        elif command == "make":
            assert re.search(rf"^{words[0]}:", (ROOT / "Makefile").read_text(), re.MULTILINE), line
        elif command == "pip":
            for word in words:
                _read_package(word)
        elif command in _RUNNERS:
            _read_runner(words)
        else:
            assert not command or command in _KNOWN, line


def _read_mcp_sdkgen(words: list[str]) -> None:
    verb, *given = words[: words.index("--")] if "--" in words else words
    command: Any = typer.main.get_command(app)
    command.commands[verb].make_context(verb, given)


def _read_runner(words: list[str]) -> None:
    """What gives mcp-sdkgen an environment: its packages, and where it goes on, our command."""
    last = max(i for i, word in enumerate(words) if word.partition("[")[0] == "mcp-sdkgen")
    for word in words[: last + 1]:
        if word.startswith("mcp-sdkgen"):
            _read_package(word)
    if words[last + 1 :]:
        _read_mcp_sdkgen(words[last + 1 :])


def _read_package(word: str) -> None:
    """What pip is to install: folders are projects, and packages of ours have such extras."""
    name, _, extra = word.rstrip("]").partition("[")
    project = ROOT / _OURS.get(name, name) / "pyproject.toml"
    if project.is_file():
        extras = tomllib.loads(project.read_text())["project"].get("optional-dependencies", {})
        assert not extra or extra in extras, word
    else:
        assert not name.startswith("."), word


def read_toml(text: str) -> None:
    """Raise an error where a configuration of ours has something that cannot be read."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "mcp-sdkgen.toml"
        file.write_text(text)
        found = load(file)
    assert not found.broken and not found.notes
    Policy.read(found.policy)


READERS = {"sh": read_sh, "toml": read_toml}
