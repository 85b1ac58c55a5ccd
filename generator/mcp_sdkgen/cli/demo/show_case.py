"""A use case on a terminal: question, SDKs, program, calls, outcome, and what it costs a model."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import asdict, dataclass
from pathlib import Path

from mcp_sdkgen_codemode import Outcome, Sdk
from mcp_sdkgen_codemode.executor.trace import trace
from mcp_sdkgen_codemode.policy.approval import Answer, ApprovalRequest, Approver
from mcp_sdkgen_codemode.policy.terminal import TerminalApprover
from mcp_sdkgen_runtime.concurrency.portal import run
from rich.table import Table

from ...errors import ConfigError
from ..running.artifacts import write_artifacts
from ..show import counted, lines, print_json, safe, say, stderr, stdout
from ..show_work import progress
from ..watch import Watch, show_outcome
from .figures import Cost, one_by_one, one_program, recorded
from .perform import built, called, performed
from .use_case import UseCase


@dataclass(frozen=True)
class Options:
    """Where what a run leaves is to be kept, and whether everything asked is approved."""

    out: Path | None = None
    yes: bool = False


def show_case(case: UseCase, options: Options, *, as_json: bool) -> int:
    """Perform a use case and show it; returns the exit code of its last run."""
    with ExitStack() as stack:
        kept = tempfile.TemporaryDirectory(prefix="mcp-sdkgen-demo-")
        folder = _new(options.out) if options.out else Path(stack.enter_context(kept))
        tell_step = _silent if as_json else _step
        tell_step("1", case.question)
        with progress() as tell:
            made, policy = built(case, folder, tell)
        tools = sum(len(sdk.tools) for sdk in made.sdks)
        servers = counted(len(made.sdks), "server")
        tell_step("2", f"SDKs of {servers} with {counted(tools, 'tool')}: {_listed(made.sdks)}")
        tell_step("3", f"The program: {case.folder / 'program.py'}")
        watch = Watch()
        approver = _approver(watch, stack, yes=options.yes)
        outcomes: list[Outcome] = []
        runs = performed(case, made, policy, folder, approver=approver, on_event=watch)
        while ran := _next(runs, watch):
            outcome, journal = ran
            if not outcomes:
                calls = run(called, case, made) if case.steps else recorded(journal)
                apart = one_by_one(made.sdks, case.question, calls)
                at_once = one_program(made.sdks, case.question, case.program, outcome)
            outcomes.append(outcome)
            tell_step(
                "4", "It ran" if len(outcomes) == 1 else "It ran again, with the same servers"
            )
            if not as_json:
                show_outcome(outcome)
            if options.out:
                _keep(outcome, case, options.out, len(outcomes))
    if as_json:
        report = {
            "name": case.name,
            "outcomes": [outcome.as_json() for outcome in outcomes],
            "cost": {"one_by_one": asdict(apart), "one_program": asdict(at_once)},
        }
        print_json(report)
    else:
        tell_step("5", "What this costs a model, counted")
        stdout.print(cost_table(apart, at_once))
        where = f"in {options.out}" if options.out else "use --out FOLDER to keep them"
        stdout.print(safe(f"trace, files, SDKs and the servers' state: {where}"), soft_wrap=True)
    return max(outcome.exit_code for outcome in outcomes)


def _next(runs: Iterator[tuple[Outcome, Path]], watch: Watch) -> tuple[Outcome, Path] | None:
    """The next run, with live lines only while it runs: what it printed is shown below them."""
    with watch:
        return next(runs, None)


def cost_table(calls: Cost, program: Cost) -> Table:
    """Both ways side by side."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("")
    table.add_column("tool calls one by one", justify="right")
    table.add_column("one program", justify="right")
    for name, attribute in (
        ("tool calls", "calls"),
        ("round trips to the model", "round_trips"),
        ("tokens read, over all round trips", "read"),
        ("tokens in the last context", "context"),
        ("tokens written by the model", "written"),
    ):
        row = [f"{getattr(cost, attribute):,}" for cost in (calls, program)]
        table.add_row(name, *row)
    return table


def _new(out: Path) -> Path:
    """The folder for all that is kept, made. It must be new: state is part of the question."""
    try:
        out.mkdir(parents=True)
    except FileExistsError:
        raise ConfigError(f"{out}: already exists", hint="choose another --out") from None
    except OSError as error:
        raise ConfigError(f"{out}: {error.strerror}", hint="choose another --out") from None
    return out.absolute()


def _keep(outcome: Outcome, case: UseCase, out: Path, number: int) -> None:
    suffix = "" if number == 1 else f"-{number}"
    page = trace(outcome, case.program, title=case.title)
    (out / f"trace{suffix}.html").write_text(page, encoding="utf-8")
    failure = write_artifacts(outcome.artifacts, out / "files").failure
    if failure is not None:
        raise failure


def _approver(watch: Watch, stack: ExitStack, *, yes: bool) -> Approver:
    """A person at the terminal. Where there is none, or with `yes`, one who says yes and shows it:
    nothing but the demonstration's own servers can be reached."""
    if not yes:
        try:
            return watch.asking(stack.enter_context(closing(TerminalApprover())))
        except OSError:
            pass

    async def approve(request: ApprovalRequest) -> Answer:
        stderr.print(lines(f"asked: {request.text}", "yellow"), soft_wrap=True)
        stderr.print(safe("approved for this demonstration", "yellow"))
        return "once"

    return approve


def _listed(sdks: Sequence[Sdk]) -> str:
    return ", ".join(sdk.package for sdk in sdks)


def _step(number: str, text: str) -> None:
    say(stdout, lines(f"{number}  {text}", "bold cyan"), hanging=3)


def _silent(number: str, text: str) -> None:
    """Nothing but the JSON is written."""
