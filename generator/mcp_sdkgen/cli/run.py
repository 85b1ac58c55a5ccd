"""`mcp-sdkgen run`"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from mcp_sdkgen_codemode import Executor, Limits, Policy
from mcp_sdkgen_codemode.execute import ExecutorOptions, RunOptions
from mcp_sdkgen_codemode.outcome import Artifact, Outcome
from mcp_sdkgen_codemode.trace import trace

from ..errors import ConfigError
from ..snapshot import escape
from . import options
from .check import read_program
from .show import safe, stderr, stdout
from .watch import calls, show_outcome

Patterns = list[str] | None


def run(
    file: Annotated[str, typer.Argument(metavar="FILE|-", help="The program; - reads stdin.")],
    config: options.Config = None,
    sdk: options.Sdks = None,
    allow: Annotated[
        Patterns, typer.Option(metavar="SERVER/TOOL", help="Allow these calls; * and ? match.")
    ] = None,
    ask: Annotated[Patterns, typer.Option(metavar="SERVER/TOOL", help="Ask about these.")] = None,
    deny: Annotated[
        Patterns, typer.Option(metavar="SERVER/TOOL", help="Refuse these, whatever else.")
    ] = None,
    timeout: Annotated[
        float | None, typer.Option(min=0.1, help="Seconds that the program may run; 60 if unset.")
    ] = None,
    with_packages: Annotated[
        str, typer.Option("--with", metavar="NAMES", help="Packages it may import: numpy,pandas.")
    ] = "",
    no_check: Annotated[bool, typer.Option("--no-check", help="Do not type-check first.")] = False,
    engine: Annotated[
        str, typer.Option(help="bubblewrap, podman or docker; the best that works if unset.")
    ] = "",
    out: Annotated[
        Path | None, typer.Option(help="Put the files that the program leaves in this folder.")
    ] = None,
    trace_file: Annotated[
        Path | None, typer.Option("--trace", metavar="HTML", help="Write the run as a page.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Write the outcome as JSON.")] = False,
) -> int:
    """Check a program, run it in a sandbox, and let its tool calls through a broker.

    Read-only tools may be called; about all others a person is asked, on a terminal. Exit code 0:
    finished. 1: failed. 2: wrong usage or configuration. 3: rejected by the check. 4: timed out or
    killed. 5: refused, because no sandbox can be had.
    """
    program = read_program(file)
    given = options.supplied(config, sdk)
    limits = Limits() if timeout is None else Limits(time_s=timeout)
    chosen = ExecutorOptions(
        sdks=given.sdks,
        bindings=given.bindings,
        policy=given.policy | policy(allow, ask, deny),
        limits=limits,
        packages=[name.strip() for name in with_packages.split(",") if name.strip()],
        engine=engine,
        boxes=1,
        payloads=trace_file is not None,
    )
    with Executor(**chosen) as executor, calls() as on_event:
        for pattern in executor.unmatched():
            # A misspelt --deny must not pass for one.
            stderr.print(safe(f"note: no tool matches {pattern!r}", "yellow"), soft_wrap=True)
        outcome = executor.run(program, **RunOptions(check=not no_check, on_event=on_event))
    if trace_file is not None:
        trace_file.write_text(trace(outcome, program, title=Path(file).name), encoding="utf-8")
    show(outcome, out, as_json=as_json)
    return outcome.exit_code


def policy(allow: Patterns, ask: Patterns, deny: Patterns) -> Policy:
    """The policy of a command line. Raises `ConfigError`."""
    try:
        return Policy.of(allow=allow or (), ask=ask or (), deny=deny or ())
    except ValueError as error:
        raise ConfigError(str(error), hint="for example --allow 'github/get_*'") from None


def show(outcome: Outcome, out: Path | None, *, as_json: bool) -> None:
    """The outcome on stdout, its files in `out`."""
    if out is not None:
        _write(outcome.artifacts, out)
    elif outcome.artifacts and not as_json:
        names = ", ".join(file.name for file in outcome.artifacts[:10])
        stderr.print(safe(f"note: --out FOLDER keeps its files: {names}"), soft_wrap=True)
    if as_json:
        text = json.dumps(outcome.as_json(), indent=1, ensure_ascii=False)
        stdout.file.write(escape(text) + "\n")
    else:
        show_outcome(outcome)


def _write(artifacts: Sequence[Artifact], out: Path) -> None:
    for file in artifacts:
        path = out / file.name
        try:
            # Through no link: what lies in the folder may be an earlier program's.
            if any(part.is_symlink() for part in [path, *path.parents] if part.is_relative_to(out)):
                raise ConfigError(f"{path}: a link is in the way", hint="choose an empty --out")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(file.data)
        except OSError as error:
            raise ConfigError(f"{path}: {error.strerror}", hint="choose another --out") from None
