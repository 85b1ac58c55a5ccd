"""A run on a terminal: its tool calls while they happen, then what came of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager

from mcp_sdkgen_codemode.events import CallEnded, CallStarted, Event, OnEvent, Progress
from mcp_sdkgen_codemode.outcome import Call, Outcome
from rich.progress import BarColumn, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bars

from ..text import terminal
from .show import counted, lines, safe, stderr, stdout

_STYLES = {"ok": "green", "replayed": "blue", "refused": "yellow", "invalid": "yellow"}
_ENDINGS = {
    "finished": ("finished", "green"),
    "rejected": ("rejected by the check; nothing ran", "yellow"),
    "failed": ("failed", "red"),
    "timed_out": ("timed out", "red"),
    "killed": ("killed", "red"),
    "refused": ("refused; nothing ran", "yellow"),
}


@contextmanager
def calls() -> Iterator[OnEvent]:
    """Tells of tool calls on stderr: a live line each on a terminal, a plain one elsewhere."""
    if not stderr.is_terminal:
        yield _plain
        return
    with _Live() as live:
        yield live


def _plain(event: Event) -> None:
    if isinstance(event, CallEnded):
        stderr.print(safe(_told(event.call)), soft_wrap=True)
    elif isinstance(event, Progress):
        stderr.print(safe(_progress(event)), soft_wrap=True)


def _told(call: Call) -> str:
    size = f"{call.received_bytes:,} bytes"
    said = f": {call.message}" if call.message else ""
    return (
        f"{call.server}/{call.tool}: {call.status}, {call.duration_s * 1000:.0f} ms, {size}{said}"
    )


def _progress(event: Progress) -> str:
    share = f"{event.progress:g}" + (f"/{event.total:g}" if event.total is not None else "")
    return f"progress {share} {event.message}".rstrip()


class _Live:
    """A line for each call under way; finished ones stay above as plain lines."""

    def __init__(self) -> None:
        columns = (
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(20),
            TimeElapsedColumn(),
        )
        self._bars = Bars(*columns, console=stderr, transient=True)
        self._tasks: dict[int, int] = {}

    def __enter__(self) -> _Live:
        self._bars.start()
        self._tasks[0] = self._bars.add_task("running", total=None)
        return self

    def __exit__(self, *_: object) -> None:
        self._bars.stop()

    def __call__(self, event: Event) -> None:
        match event:
            case CallStarted(number, server, tool):
                # Square brackets would be markup here.
                name = terminal(f"{server}/{tool}").replace("[", "(").replace("]", ")")
                self._tasks[number] = self._bars.add_task(name, total=None)
            case Progress(number, progress, total) if number in self._tasks:
                task = self._bars.tasks[self._bars.task_ids.index(self._tasks[number])]  # type: ignore[arg-type]
                self._bars.update(task.id, completed=progress, total=total)
            case CallEnded(number, call):
                if (shown := self._tasks.pop(number, None)) is not None:
                    self._bars.remove_task(shown)  # type: ignore[arg-type]
                style = _STYLES.get(call.status, "red")
                self._bars.console.print(safe(_told(call), style), soft_wrap=True)


def show_outcome(outcome: Outcome) -> None:
    """What the program printed, its value, its error, and one line of totals on stderr."""
    for found in outcome.diagnostics:
        stderr.print(lines(str(found), "yellow"), soft_wrap=True)
    # Already safe: the executor spells control characters out.
    stdout.file.write(outcome.stdout)
    if outcome.stdout and not outcome.stdout.endswith("\n"):
        stdout.file.write("\n")
    if outcome.value is not None:
        shown = json.dumps(outcome.value, indent=2, ensure_ascii=False)
        stdout.print(lines(shown), soft_wrap=True)
    stdout.file.flush()
    if outcome.stderr:
        stderr.print(lines(outcome.stderr.rstrip("\n")), soft_wrap=True)
    if outcome.error is not None:
        text = outcome.error.traceback or f"{outcome.error.type}: {outcome.error.message}"
        stderr.print(lines(text.rstrip("\n"), "red"), soft_wrap=True)
    if outcome.reason:
        stderr.print(lines(outcome.reason, "bold"), soft_wrap=True)
    words, style = _ENDINGS[outcome.status]
    stderr.print(safe(f"{words}: {_totals(outcome)}", style), soft_wrap=True)


def _totals(outcome: Outcome) -> str:
    timings = outcome.timings
    parts = [
        counted(len(outcome.calls), "tool call"),
        f"{sum(call.received_bytes for call in outcome.calls):,} bytes of results",
        f"check {timings.check_s:.2f} s",
        f"start {timings.start_s:.2f} s",
        f"run {timings.run_s:.2f} s",
    ]
    parts += [f"{name} was cut" for name in outcome.truncated]
    return ", ".join(parts)
