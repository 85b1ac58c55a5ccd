"""The options that verbs share: how sources are named."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ..config import CLIENTS
from ..source import Resolved, resolve
from .show import safe, stderr

Sources = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="SOURCE",
        help="A configuration file, an http(s) URL, a snapshot, or a JSON file with a tools/list "
        "result. Without one, the nearest configuration. After --, the command of a stdio server.",
        show_default=False,
    ),
]
Name = Annotated[
    str | None,
    typer.Option(help="Name of the only server, or which server of a configuration to take."),
]
From = Annotated[
    str | None,
    typer.Option(
        "--from", metavar="PROGRAM", help=f"Read another program's servers: {', '.join(CLIENTS)}."
    ),
]
Out = Annotated[
    Path | None,
    typer.Option(help="Folder for the SDKs; `generated` unless the configuration names one."),
]
Timeout = Annotated[
    float | None, typer.Option(min=0.1, help="Seconds that each server has to answer; 30 if unset.")
]


def resolved(
    context: typer.Context, sources: list[str] | None, name: str | None, from_client: str | None
) -> Resolved:
    """The sources that a command line names; notes about them go to stderr."""
    found = resolve(sources or [], name=name, command=context.obj, from_client=from_client)
    for note in found.notes:
        stderr.print(safe(f"note: {note}"), soft_wrap=True)
    return found
