"""`mcp-sdkgen build`"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from mcp_sdkgen_runtime.files import writing

from ...errors import ConfigError
from ...json_io import json_text
from ...lock.lock import out_folder
from ...pipeline import build as build_sdks
from .. import options
from ..show import stdout
from ..show_work import progress, show_report
from .next_step import follow_up, trust_built


def build(
    context: typer.Context,
    sources: options.Sources = None,
    config: options.Config = None,
    name: options.Name = None,
    from_client: options.From = None,
    out: options.Out = None,
    update: Annotated[
        bool, typer.Option("--update", help="Ask the servers again, even where a lock exists.")
    ] = False,
    no_wheel: Annotated[
        bool, typer.Option("--no-wheel", help="Write the source only; build no wheels.")
    ] = False,
    no_check: Annotated[
        bool,
        typer.Option("--no-check", help="Skip the check, which imports and type-checks the SDKs."),
    ] = False,
    jobs: Annotated[
        int | None, typer.Option(min=1, help="Parallel processes; the number of cores if unset.")
    ] = None,
    timeout: options.Timeout = None,
    report: Annotated[
        Path | None, typer.Option(help="Write what was done as JSON to this file, or - for stdout.")
    ] = None,
) -> int:
    """Build a typed SDK, and its wheel, for every server.

    Exit code 0: all were built. 1: some failed, the others were built. 2: wrong usage or
    configuration.
    """
    named = [*(sources or ()), *([str(config)] if config else [])]
    found = options.resolved(context, sources, config, name, from_client)
    if report is not None and str(report) != "-" and not report.absolute().parent.is_dir():
        raise ConfigError(f"--report {report}: its folder does not exist", hint="make it first")
    with progress() as tell:
        done = build_sdks(
            found.sources,
            out=out_folder(out, found),
            packages=found.packages,
            make_wheels=not no_wheel,
            run_check=not no_check,
            update=update,
            jobs=jobs,
            timeout_s=timeout or found.timeout_s,
            on_progress=tell,
        )
    trust_built(done)
    text = json_text(done.to_json())
    if report is not None and str(report) == "-":
        stdout.file.write(text)
        return done.exit_code
    if report is not None:
        _write(report, text)
    show_report(done)
    follow_up(done, found, named)
    return done.exit_code


def _write(report: Path, text: str) -> None:
    try:
        with writing(report, mode=0o644) as file:
            file.write(text.encode())
    except OSError as error:
        raise ConfigError(f"--report {report}: {error.strerror}", hint="choose another") from None
