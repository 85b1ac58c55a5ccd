"""The page of all commands, made from the command line itself."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any

import typer.main
from mcp_sdkgen.cli.app import app

_INTRODUCTION = """# Commands

Made from the command line itself; `mcp-sdkgen COMMAND --help` says the same. What follows `--` is
the command of a stdio server, whatever it looks like.
"""


def commands_page() -> str:
    """Every command with its arguments and options, as Markdown."""
    root: Any = typer.main.get_command(app)
    parts = [_INTRODUCTION]
    for name, command in root.commands.items():
        parts.append("\n".join(_command(name, command)))
    return "\n".join(parts)


def _command(name: str, command: Any) -> Iterator[str]:
    context = command.make_context(name, [], resilient_parsing=True)
    usage = " ".join(["mcp-sdkgen", name, *command.collect_usage_pieces(context)])
    yield f"## {name}\n\n```text\n{usage}\n```\n"
    yield f"{inspect.cleandoc(command.help or '')}\n"
    rows = [row for parameter in command.params if (row := _row(parameter, context))]
    if rows:
        yield "| | |\n| --- | --- |"
        yield from rows
    yield ""


def _row(parameter: Any, context: Any) -> str | None:
    record = parameter.get_help_record(context)
    if record is None or parameter.name == "help":
        return None
    shown, told = (" ".join(part.split()).replace("|", "\\|") for part in record)
    told = told.replace("<", "&lt;").replace("*", "\\*").replace("[", "\\[")
    return f"| `{shown}` | {told} |"
