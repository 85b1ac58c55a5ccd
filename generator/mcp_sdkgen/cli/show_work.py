"""What a terminal is shown of work that takes a while: how far it is, and its report."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Protocol

from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
)
from rich.progress import Progress as Bars
from rich.table import Table
from rich.text import Text

from ..diagnostic import Level
from ..drift import Change, label
from ..errors import SdkgenError
from ..lock.lock import Progress, Stage
from ..report import Report, ServerReport
from ..text import terminal
from .show import counted, error_lines, errors, safe, say, stderr, stdout

STAGE_WORDS = {
    Stage.COMPARE: "comparing it with the installed SDK",
    Stage.SNAPSHOT: "taking the snapshot",
    Stage.GENERATE: "generating",
    Stage.CHECK: "checking",
    Stage.WRITE: "writing",
    Stage.WHEEL: "building the wheel",
    Stage.DONE: "done",
    Stage.FAILED: "failed",
}
_FINISHING = "waiting for its installation to end, so that no cache is damaged"
_SNAPSHOT_WORDS = {
    "connecting": "connecting",
    "finishing": f"timed out; {_FINISHING}",
    "interrupted": f"interrupted; {_FINISHING}",
    "done": "snapshot taken",
    "locked": "using its lock; --update asks the server",
}
_STYLES = {Level.NOTE: "", Level.WARNING: "yellow", Level.ERROR: "red"}
_MAX_FINDINGS = 10

ENCODING = "encoding new texts for search"


@contextmanager
def progress() -> Iterator[ShownProgress]:
    """A line per server: live on a terminal, plain lines elsewhere. Goes to stderr."""
    if not stderr.is_terminal:
        yield _Plain()
        return
    with _Live() as live:
        yield live


class ShownProgress(Protocol):
    """Shows steps, and makes room for what is printed while the work goes on."""

    def __call__(self, step: Progress) -> None: ...

    def aside(self) -> AbstractContextManager[None]:
        """A block that prints; nothing is drawn meanwhile."""


@contextmanager
def counting(what: str) -> Iterator[Callable[[int, int], None]]:
    """Told how much of a work is done, and of how much: a bar on a terminal, a line at its first
    and last step elsewhere. Goes to stderr; nothing is shown of work that tells nothing."""
    columns = (SpinnerColumn(), TextColumn(what), BarColumn(), MofNCompleteColumn())
    bars = Bars(*columns, TimeElapsedColumn(), console=stderr, transient=True)
    seen = False

    def tell(done: int, total: int) -> None:
        nonlocal seen
        if not stderr.is_terminal:
            if not seen or done == total:
                stderr.print(f"{what}: {done} of {total}")
        elif not seen:
            bars.start()
            bars.add_task(what, total=total, completed=done)
        else:
            bars.update(bars.task_ids[0], completed=done)
        seen = True

    try:
        yield tell
    finally:
        if bars.live.is_started:  # else it would print an empty line where no terminal is
            bars.stop()


class _Plain:
    """A line for each step, where nothing can be written over."""

    def __init__(self) -> None:
        self._told: set[tuple[str, str]] = set()

    def __call__(self, step: Progress) -> None:
        if step.stage is Stage.COMPARE:
            return  # it is short, and a note tells what is not as expected
        words = STAGE_WORDS[step.stage]
        if step.installing:
            what = " ".join(step.installing.split()[:2])
            if (step.server, what) in self._told:
                return  # not a line for each of its packages
            self._told.add((step.server, what))
            words = f"{step.installing}…"
        elif step.stage is Stage.SNAPSHOT:
            if step.message not in _SNAPSHOT_WORDS:
                return
            words = _SNAPSHOT_WORDS[step.message]
        count = f", {counted(step.tools, 'tool')}" if step.tools else ""
        what, *advice = words.split("; ", 1)
        told = "; ".join((f"{what}{count}", *advice))
        stderr.print(safe(f"{step.server}: {told}"), soft_wrap=True)

    def aside(self) -> AbstractContextManager[None]:
        return nullcontext()


class _Live:
    """A spinner, a name, a stage and a clock for each server."""

    def __init__(self) -> None:
        columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
        # What is printed aside goes where it belongs, not to `console`.
        self._bars = Bars(*columns, console=stderr, transient=True, redirect_stdout=False)
        self._tasks: dict[str, int] = {}

    def __enter__(self) -> _Live:
        self._bars.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._bars.stop()

    @contextmanager
    def aside(self) -> Iterator[None]:
        self._bars.stop()
        try:
            yield
        finally:
            self._bars.start()

    def __call__(self, step: Progress) -> None:
        words = STAGE_WORDS[step.stage]
        if step.installing:
            words = f"{safe(step.installing).plain}…"
        elif step.stage is Stage.SNAPSHOT and step.message in ("finishing", "interrupted"):
            words = _SNAPSHOT_WORDS[step.message]
        words += f" ({counted(step.tools, 'tool')})" if step.tools else ""
        # Square brackets would be markup here.
        name = terminal(step.server).replace("[", "(").replace("]", ")")
        if step.server not in self._tasks:
            self._tasks[step.server] = self._bars.add_task("", total=1)
        done = step.stage in (Stage.DONE, Stage.FAILED) or step.message == "installed"
        task = self._bars.tasks[self._tasks[step.server]].id
        self._bars.update(task, description=f"{name}  {words}", completed=int(done))


def show_report(report: Report) -> None:
    """The end of a build: findings, a table, failures, and in one line how many failed."""
    for note in report.notes:
        stderr.print(safe(f"note: {note}"), soft_wrap=True)
    for server in report.servers:
        _show_findings(server)
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("server", "status", "tools", "typed results", "diagnostics", "seconds", "version"):
        table.add_column(name, justify="right" if name in _NUMBERS else "left", overflow="fold")
    for server in report.servers:
        table.add_row(*_cells(server))
    stdout.print(table)
    for server in report.servers:
        if server.status == "built" and server.drift:
            _show_new_version(server)
    if any(server.status == "built" for server in report.servers):
        wheels = any(server.wheel for server in report.servers)
        where = f"wheels in {Path(report.out) / 'dist'}" if wheels else f"source in {report.out}"
        stdout.print(safe(where), soft_wrap=True)
    failed = [server for server in report.servers if server.status != "built"]
    for server in failed:
        _show_failure(server)
    if failed and len(report.servers) > 1:
        names = ", ".join(server.server for server in failed)
        counts = f"{len(failed)} of {len(report.servers)} failed: {names}"
        stdout.print(safe(f"{counts}; {_what_to_do(report, failed)}"), soft_wrap=True)


def _what_to_do(report: Report, failed: list[ServerReport]) -> str:
    """What follows a build of which some failed: those that are built have a lock by now."""
    if len(failed) == len(report.servers):
        return "fix these errors and build again"
    return "fix these errors and build again; the other servers are not asked again"


_NUMBERS = ("tools", "typed results", "diagnostics", "seconds")


def _cells(server: ServerReport) -> list[Text]:
    seconds = f"{sum(server.seconds.values()):.1f}"
    if server.status != "built":
        status = Text(server.status, "red")
        return [safe(server.server), status, *map(Text, ("", "", "", seconds, ""))]
    findings = sum(found.level is not Level.NOTE for found in server.diagnostics)
    return [
        safe(server.server),
        Text(server.status, "green"),
        Text(str(len(server.tools))),
        Text(str(server.typed_results)),
        Text(str(findings)),
        Text(seconds),
        Text(server.version),
    ]


def _show_new_version(server: ServerReport) -> None:
    """The new version, and the worst of what changed, which it is new for."""
    changes = [Change(**change) for change in server.drift["changes"]]
    worst = [change for change in changes if change.severity == server.drift["severity"]]
    line = f"{server.server} {server.version}: {_SEVERITIES[server.drift['severity']]}, because "
    line += "; ".join(f"{label(change)} {change.message}" for change in worst[:_MAX_REASONS])
    if (more := len(worst) - _MAX_REASONS) > 0:
        line += f"; and {more} more, which its CHANGELOG.md lists"
    say(stdout, safe(line), hanging=2)


_SEVERITIES = {
    "breaking": "breaking",
    "compatible": "compatible",
    "text": "only words changed",
}
_MAX_REASONS = 3


def _show_findings(server: ServerReport) -> None:
    shown = [found for found in server.diagnostics if found.level is not Level.NOTE]
    if server.status == "built":  # what a tool lost is no error of the build
        shown = [replace(found, level=Level.WARNING) for found in shown]
    for found in shown[:_MAX_FINDINGS]:
        stderr.print(safe(str(found), _STYLES[found.level]), soft_wrap=True)
    if len(shown) > _MAX_FINDINGS:
        rest = len(shown) - _MAX_FINDINGS
        stderr.print(safe(f"{server.server}: {rest} more findings; --report FILE has them all"))


def _show_failure(server: ServerReport) -> None:
    named = server.error.startswith(f"{server.server}: ")
    words = server.error if named else f"{server.server}: {server.error}"
    error = SdkgenError(words, hint=server.hint, detail=server.detail)
    for line in error_lines(error):
        errors.print(line, soft_wrap=True)
