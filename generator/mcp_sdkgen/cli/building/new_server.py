"""`mcp-sdkgen new-server`"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer
from mcp_sdkgen_runtime.config.trust import say

from ...emit.scaffold import scaffold
from ...errors import ConfigError
from ...pipeline import build
from ...source import resolve
from ..show import safe, stdout
from ..show_work import progress, show_report
from .next_step import trust_built


def new_server(
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="Lower-case words with hyphens: parcel-desk.")
    ],
    into: Annotated[
        Path, typer.Option("--into", metavar="DIR", help="Where its folder is made.")
    ] = Path(),
    no_build: Annotated[
        bool, typer.Option("--no-build", help="Write the server; build no SDK of it yet.")
    ] = False,
) -> int:
    """Make a small MCP server with tests, and the SDK built from it.

    Its tools have output schemas, annotations, titles and errors: `mcp-sdkgen lint` finds nothing.
    Exit code 0: made. 1: the SDK could not be built. 2: wrong usage, or the folder exists.
    """
    files = scaffold(name)
    folder = into / name
    try:
        folder.mkdir(parents=True)
        for path, text in files.items():
            target = folder / path
            target.parent.mkdir(exist_ok=True)
            target.write_text(text, encoding="utf-8")
    except FileExistsError:
        hint = "choose another name, or another folder with --into"
        raise ConfigError(f"{folder} already exists", hint=hint) from None
    except OSError as error:
        raise ConfigError(f"{folder}: {error.strerror}", hint="choose another --into") from None
    # Its user has just made it, so nobody need ask whether it is trusted.
    say(folder / "mcp.json", trusted=True)
    for path in files:
        stdout.print(safe(str(folder / path)), soft_wrap=True)
    if no_build:
        return 0
    module = next(path for path in files if path.endswith(".py") and "/" not in path)
    # By this very Python, which has `mcp`: what `python` means elsewhere is not known here.
    found = resolve([], name=name, command=[sys.executable, str(folder / module)])
    with progress() as tell:
        report = build(found.sources, out=folder / "generated", on_progress=tell)
    trust_built(report)
    show_report(report)
    return report.exit_code
