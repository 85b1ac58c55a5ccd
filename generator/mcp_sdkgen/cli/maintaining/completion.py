"""`mcp-sdkgen completion`: have a shell complete verbs, options and files."""

from __future__ import annotations

import os
from contextlib import suppress
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from typer.completion import get_completion_script, install  # type: ignore[attr-defined]

from ...errors import ConfigError
from ..help import COMPLETE_VARIABLE
from ..show import safe, stderr, stdout

_PROGRAM = "mcp-sdkgen"


class Shell(StrEnum):
    """The shells that can complete."""

    bash = "bash"
    zsh = "zsh"
    fish = "fish"


def completion(
    shell: Annotated[
        Shell | None,
        typer.Argument(
            metavar="bash|zsh|fish", help="The shell; the one that SHELL names if unset."
        ),
    ] = None,
    show: Annotated[
        bool, typer.Option("--show", help="Print the script, and install nothing.")
    ] = False,
) -> int:
    """Have your shell complete commands and options.

    It writes a script into your home folder, and a line that reads it into the shell's own file.
    """
    name = shell.value if shell else Path(os.environ.get("SHELL", "")).name
    if name not in list(Shell):
        raise ConfigError(
            f"no shell was named{f', and SHELL is {name!r}' if name else ''}",
            hint="name one: mcp-sdkgen completion bash (or zsh, or fish)",
        )
    if show:
        script = get_completion_script(
            prog_name=_PROGRAM, complete_var=COMPLETE_VARIABLE, shell=name
        )
        stdout.file.write(f"{script}\n")
        return 0
    # Where the shell's own file is, bash and zsh get a line there that reads the script.
    reader = {"bash": Path.home() / ".bashrc", "zsh": Path.home() / ".zshrc"}.get(name)
    before = _content(reader)
    try:
        _, path = install(shell=name, prog_name=_PROGRAM, complete_var=COMPLETE_VARIABLE)
    except OSError as error:
        raise ConfigError(
            f"the completion for {name} cannot be installed: {error}",
            hint="--show prints the script",
        ) from None
    stdout.print(safe(f"installed: {path}"), soft_wrap=True)
    # Each time, the same line is written anew, and blank lines around it differ.
    if reader is not None and _content(reader).split() != before.split():
        stdout.print(safe(f"changed: {reader}, which reads it"), soft_wrap=True)
    stderr.print(safe(f"open a new {name} to use it"))
    return 0


def _content(file: Path | None) -> bytes:
    with suppress(OSError):
        return file.read_bytes() if file is not None else b""
    return b""
