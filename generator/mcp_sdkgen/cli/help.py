"""What all verbs have in common: how their values are called, and how much they tell."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Final

import typer
import typer.main
from typer.core import TyperOption

COMPLETE_VARIABLE: Final = "_MCP_SDKGEN_COMPLETE"
"""By which a shell asks what can follow; typer names it after the command."""

_VALUES: Final[Mapping[str, str]] = {
    "limit": "NUMBER",
    "programs": "calls|blocks",
    "repairs": "NUMBER",
    "jobs": "PROCESSES",
    "out": "FOLDER",
    "report": "FILE",
    "lock": "SNAPSHOT",
    "into": "FILE",
    "min_score": "SCORE",
    "question": "WORDS",
    "timeout": "SECONDS",
}
"""What an option's value is called in the help, by the option's name."""


def name_value(parameter: Any) -> None:
    """Have the help of an option or argument show what its value means, not its Python type."""
    is_option = isinstance(parameter, TyperOption)
    if is_option and parameter.metavar is None and not parameter.is_flag:
        name = str(parameter.name)
        parameter.metavar = _VALUES.get(name, name.upper().replace("_", "-"))
    if not is_option and hasattr(parameter, "display_type_rich"):
        # typer puts the type behind the name of an argument, where that is shown already.
        parameter.display_type_rich = lambda ctx=None: ""


def loudness() -> list[Any]:
    """The options `-q` and `-v`, which every verb has."""
    alone = typer.Typer(add_completion=False, rich_markup_mode=None)
    alone.command()(_loud)
    options: list[Any] = [
        each for each in typer.main.get_command(alone).params if each.name in ("quiet", "verbose")
    ]
    for option in options:
        option.expose_value = False
    return options


def _loud(
    quiet: Annotated[
        bool,
        typer.Option(
            "-q",
            "--quiet",
            callback=lambda wanted: _hush(wanted),
            help="Show results and errors only.",
        ),
    ] = False,
    verbose: Annotated[
        bool,
        typer.Option(
            "-v",
            "--verbose",
            callback=lambda wanted: _log(wanted),
            help="Show on stderr what happens, in detail.",
        ),
    ] = False,
) -> None:
    """Carries the two options."""


def _hush(wanted: bool) -> None:
    # Deferred: rich is not needed to begin with.
    from .show import stderr

    stderr.quiet = wanted


def _log(wanted: bool) -> None:
    if not wanted:
        return
    import logging

    from ..text import terminal

    class SafeFormatter(logging.Formatter):
        """Spells out what foreign text could do to a terminal."""

        def format(self, record: logging.LogRecord) -> str:
            return "\n    ".join(map(terminal, super().format(record).split("\n")))

    handler = logging.StreamHandler()
    handler.setFormatter(SafeFormatter("%(levelname)s %(name)s: %(message)s"))
    for name in ("mcp_sdkgen", "mcp_sdkgen_codemode", "mcp_sdkgen_runtime"):
        logging.getLogger(name).addHandler(handler)
        logging.getLogger(name).setLevel(logging.DEBUG)
