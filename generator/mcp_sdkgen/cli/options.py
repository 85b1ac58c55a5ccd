"""The options that verbs share: how sources are named."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ..config import CLIENTS
from ..errors import ConfigError
from ..source import Resolved, resolve
from .extras import RERANK, how_to_install
from .show import safe, stderr

Sources = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="SOURCE",
        help="A server of the configuration, a configuration file, an http(s) URL, a snapshot, or "
        "a JSON file with a tools/list result. Without one, all of the nearest configuration. "
        "After --, the command of a stdio server.",
        show_default=False,
    ),
]
Name = Annotated[
    str | None,
    typer.Option(help="The server to take from a configuration, or the name of a single server."),
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
    float | None,
    typer.Option(
        min=0.1,
        help="Seconds that each server has to answer; if unset 30, or 120 and longer where npx, "
        "uvx or the like installs it.",
    ),
]

Config = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help="The configuration, such as an mcp.json, instead of the nearest.",
    ),
]
Rerank = Annotated[
    bool,
    typer.Option(
        "--rerank", help="Search by meaning too; needs the extra mcp-sdkgen-codemode[rerank]."
    ),
]
Sdks = Annotated[
    list[str] | None,
    typer.Option(
        "--sdk", metavar="NAME", help="Only this SDK: a server, a package, or an SDK's folder."
    ),
]

Patterns = list[str] | None
Allow = Annotated[
    Patterns, typer.Option(metavar="SERVER/TOOL", help="Allow these calls; * and ? match.")
]
Ask = Annotated[Patterns, typer.Option(metavar="SERVER/TOOL", help="Ask before these calls.")]
Deny = Annotated[
    Patterns,
    typer.Option(metavar="SERVER/TOOL", help="Refuse these calls, whatever else allows them."),
]

With = Annotated[
    str,
    typer.Option(
        "--with", metavar="NAMES", help="Installed packages that programs may import: numpy,pandas."
    ),
]


def _known_engine(name: str) -> str:
    """The name, if there is an engine of that name. Raises click's error of usage."""
    # Deferred: most command lines name none.
    from mcp_sdkgen_codemode.sandbox.selection import ENGINES

    if name and name not in ENGINES:
        raise typer.BadParameter(
            f"there is no sandbox engine {name!r}; choose one of {', '.join(ENGINES)}"
        )
    return name


Engine = Annotated[
    str,
    typer.Option(
        callback=_known_engine,
        help="Sandbox engine: bubblewrap, podman, docker or gvisor; the best that works if unset.",
    ),
]

Suspend = Annotated[
    bool,
    typer.Option(
        "--suspend",
        "--park",
        help="Where nobody can be asked, suspend the run for `mcp-sdkgen approve` instead "
        "of refusing the call.",
    ),
]


def listed(names: str) -> list[str]:
    """The names in a list with commas."""
    return [name.strip() for name in names.split(",") if name.strip()]


def importable(names: str) -> list[str]:
    """The packages that `--with` lists. Raises `ConfigError` for one that is not installed here."""
    # Deferred: reading what is installed takes a moment.
    from mcp_sdkgen_codemode.typecheck.imports import not_installed

    packages = listed(names)
    if missing := not_installed(packages):
        raise ConfigError(
            f"--with {missing[0]}: this package is not installed here",
            hint=f"install it into this environment: {how_to_install(missing[0])}",
        )
    return packages


def resolved(
    context: typer.Context,
    sources: list[str] | None,
    config: Path | None,
    name: str | None,
    from_client: str | None,
) -> Resolved:
    """The sources that a command line names; notes about them go to stderr."""
    named = [*(sources or ()), *([str(config)] if config is not None else [])]
    found = resolve(named, name=name, command=context.obj, from_client=from_client)
    for note in found.notes:
        stderr.print(safe(f"note: {note}"), soft_wrap=True)
    return found


def check_rerank(wanted: bool) -> None:
    """Raises `ConfigError` where search is to be by meaning, without the extra."""
    if not wanted:
        return
    # Deferred: most command lines search nothing.
    from mcp_sdkgen_codemode.tool_search.embeddings import is_available

    if not is_available():
        raise ConfigError("--rerank needs an extra", hint=how_to_install(*RERANK))
