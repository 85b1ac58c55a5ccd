"""`mcp-sdkgen demo`"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ...errors import ConfigError
from .four_servers import four_servers
from .show_case import Options, show_case
from .side_by_side import compare
from .use_case import USE_CASES, names, read

Name = Annotated[
    str | None,
    typer.Argument(
        metavar="NAME",
        help=f"A use case: {', '.join(names(USE_CASES))}. Without one: four real servers, their "
        "SDKs, and a program that calls them all.",
        show_default=False,
    ),
]


def demo(
    name: Name = None,
    comparing: Annotated[
        bool,
        typer.Option(
            "--compare",
            help="Answer two questions twice: by tool calls one by one, and by one program.",
        ),
    ] = False,
    out: Annotated[
        Path | None,
        typer.Option(help="Put trace, files, SDKs and the servers' state in this new folder."),
    ] = None,
    yes: Annotated[
        bool,
        typer.Option(
            "--yes", help="Approve every call without asking; needed where there is no terminal."
        ),
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Write outcome and figures as JSON.")] = (
        False
    ),
) -> int:
    """Show what mcp-sdkgen does, with real servers that need no network.

    A use case builds the SDKs of its servers, runs a program on them in the sandbox, and counts
    what the same calls would cost a model that makes them one by one. Exit codes are those of
    `run`.
    """
    if name is None and not comparing:
        if out or yes or as_json:
            raise ConfigError("these options are for use cases", hint="name one, or say --compare")
        return four_servers()
    if name is not None and comparing:
        raise ConfigError("--compare has its own questions", hint="leave the name out")
    if comparing:
        return compare(as_json=as_json)
    return show_case(read(USE_CASES, str(name)), Options(out=out, yes=yes), as_json=as_json)
