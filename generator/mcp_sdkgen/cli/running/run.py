"""`mcp-sdkgen run` and `mcp-sdkgen resume`"""

from __future__ import annotations

import sys
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer
from mcp_sdkgen_codemode import Executor
from mcp_sdkgen_codemode.broker.journal import Journal, JournalError
from mcp_sdkgen_codemode.executor.options import RunOptions
from mcp_sdkgen_codemode.executor.trace import trace
from mcp_sdkgen_codemode.outcome import Outcome
from mcp_sdkgen_codemode.policy.approval import suspend
from mcp_sdkgen_codemode.policy.question_text import plain
from mcp_sdkgen_codemode.policy.terminal import TerminalApprover

from ...errors import ConfigError
from .. import options
from ..run_spec import RunSpec
from ..show import lines, print_json, safe, stderr
from ..watch import Watch, show_outcome
from .artifacts import write_artifacts
from .check import read_program

Patterns = list[str] | None
Allow = Annotated[
    Patterns, typer.Option(metavar="SERVER/TOOL", help="Allow these calls; * and ? match.")
]
Ask = Annotated[Patterns, typer.Option(metavar="SERVER/TOOL", help="Ask about these.")]
Deny = Annotated[Patterns, typer.Option(metavar="SERVER/TOOL", help="Refuse these, whatever else.")]
Files = Annotated[
    Path | None,
    typer.Option(
        "--out", help="Put the files that the program leaves in this folder; none is replaced."
    ),
]
Trace = Annotated[
    Path | None, typer.Option("--trace", metavar="HTML", help="Write the run as a page.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Write the outcome as JSON.")]


def run(
    file: Annotated[str, typer.Argument(metavar="FILE|-", help="The program; - reads stdin.")],
    config: options.Config = None,
    sdk: options.Sdks = None,
    allow: Allow = None,
    ask: Ask = None,
    deny: Deny = None,
    timeout: Annotated[
        float | None, typer.Option(min=0.1, help="Seconds that the program may run; 60 if unset.")
    ] = None,
    with_packages: options.With = "",
    no_check: Annotated[bool, typer.Option("--no-check", help="Do not type-check first.")] = False,
    engine: options.Engine = "",
    out: Files = None,
    journal: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Keep answers in this new file; `resume` goes on."),
    ] = None,
    trace_file: Trace = None,
    as_json: AsJson = False,
) -> int:
    """Check a program, and run it in a sandbox behind a broker.

    Read-only tools may be called; about all others a person is asked at the terminal. Exit code 0:
    finished. 1: failed. 2: wrong usage or configuration. 3: rejected by the check. 4: timed out or
    killed. 5: refused, because no sandbox can be had, or suspended until somebody approves.
    """
    spec = RunSpec(
        title="program" if file == "-" else Path(file).name,
        config=str(config.absolute()) if config else None,
        sdk=sdk or (),
        allow=allow or (),
        ask=ask or (),
        deny=deny or (),
        timeout_s=timeout,
        packages=options.listed(with_packages),
        engine=engine,
        typecheck=not no_check,
    )
    program = read_program(file)
    record = None
    if journal is not None:
        record = _opened(lambda: Journal.create(journal, program, spec.as_json()))
    outcome = _performed(program, spec, record, trace_file)
    _show(outcome, out, as_json=as_json)
    _tell_suspended(outcome, journal)
    _keep(outcome, program, spec, out, trace_file)
    return outcome.exit_code


def resume(
    journal: Annotated[Path, typer.Argument(metavar="JOURNAL", help="Of `run --journal`.")],
    allow: Allow = None,
    deny: Deny = None,
    out: Files = None,
    trace_file: Trace = None,
    as_json: AsJson = False,
    accept: Annotated[
        bool,
        typer.Option(
            "--accept",
            help="Do not ask before resuming a journal created by another user or machine.",
        ),
    ] = False,
) -> int:
    """Go on with a run that was suspended, or whose process died.

    What its journal holds is not done again. `--allow` and `--deny` answer what it waits for;
    without them a person is asked at the terminal. A journal that this user did not begin is shown
    first, and what it allows does not count. Exit codes are those of `run`.
    """
    record = _opened(lambda: Journal.open(journal))
    if record.ended is not None:
        raise ConfigError(f"{journal}: the run is over: {record.ended}", hint="run it anew")
    recorded_spec = RunSpec.of_journal(record.facts)
    if not record.ours:
        _accept(journal, record, recorded_spec, accept)
        recorded_spec = replace(recorded_spec, allow=())
    spec = replace(
        recorded_spec,
        allow=[*recorded_spec.allow, *(allow or ())],
        deny=[*recorded_spec.deny, *(deny or ())],
    )
    outcome = _performed(record.program, spec, record, trace_file)
    _show(outcome, out, as_json=as_json)
    _tell_suspended(outcome, journal)
    _keep(outcome, record.program, spec, out, trace_file)
    return outcome.exit_code


def _accept(path: Path, journal: Journal, recorded_spec: RunSpec, accepted: bool) -> None:
    """Show a journal from elsewhere, and go on only if a person wants to. Raises `ConfigError`."""
    settings = {
        "configuration": recorded_spec.config,
        "SDKs": ", ".join(recorded_spec.sdk),
        "packages": ", ".join(recorded_spec.packages),
        "allowed there, not here": ", ".join(recorded_spec.allow),
    }
    stderr.print(safe(f"{path}: this user did not begin this run. Its program:", "yellow"))
    stderr.print(lines("\n".join(f"| {line}" for line in plain(journal.program).split("\n"))))
    for name, value in settings.items():
        if value:
            stderr.print(safe(f"{name}: {value}"), soft_wrap=True)
    if accepted:
        return
    if not sys.stdin.isatty():
        raise ConfigError(
            f"{path}: begun elsewhere, and there is no terminal to ask at",
            hint="read what is shown; then --accept resumes it",
        )
    if not typer.confirm("Resume it?", err=True):
        raise ConfigError(f"{path}: not resumed")


def _opened(journal: Any) -> Journal:
    try:
        found: Journal = journal()
    except JournalError as error:
        raise ConfigError(str(error)) from None
    return found


def _performed(program: str, spec: RunSpec, journal: Journal | None, page: Path | None) -> Outcome:
    if page is not None and not page.absolute().parent.is_dir():
        raise ConfigError(f"{page}: its folder does not exist", hint="choose another --trace")
    executor_options = spec.ready()
    executor_options |= {"sandboxes": 1, "payloads": page is not None}
    with Watch() as watch:
        with suppress(OSError):  # there is no terminal, so there is nobody to ask
            executor_options["approver"] = watch.asking(
                TerminalApprover(may_suspend=journal is not None)
            )
        if journal is not None:
            executor_options.setdefault("approver", suspend)
        with Executor(**executor_options) as executor:
            for pattern in executor.unmatched():
                # A misspelt --deny must not pass for one.
                stderr.print(safe(f"note: no tool matches {pattern!r}", "yellow"), soft_wrap=True)
            how = RunOptions(typecheck=spec.typecheck, on_event=watch)
            if journal is not None:
                how["journal"] = journal
            try:
                return executor.run(program, **how)
            except JournalError as error:
                raise ConfigError(str(error)) from None
            except RuntimeError as error:
                raise ConfigError(str(error), hint="--no-check does without") from error


def _tell_suspended(outcome: Outcome, journal: Path | None) -> None:
    if outcome.suspended:
        stderr.print(safe(f"go on with: mcp-sdkgen resume {journal}", "bold"), soft_wrap=True)


def _show(outcome: Outcome, out: Path | None, *, as_json: bool) -> None:
    if out is None and outcome.artifacts and not as_json:
        names = ", ".join(file.name for file in outcome.artifacts[:10])
        stderr.print(safe(f"note: --out FOLDER keeps its files: {names}"), soft_wrap=True)
    if as_json:
        print_json(outcome.as_json())
    else:
        show_outcome(outcome)


def _keep(
    outcome: Outcome, program: str, spec: RunSpec, out: Path | None, page: Path | None
) -> None:
    """Write what was asked for, when the outcome has been shown already. Raises `ConfigError`."""
    if page is not None:
        try:
            written = trace(outcome, program, title=spec.title)
            page.write_text(written, encoding="utf-8", errors="replace")
        except OSError as error:
            raise ConfigError(f"{page}: {error.strerror}", hint="choose another --trace") from None
    if out is not None:
        write_artifacts(outcome.artifacts, out)
