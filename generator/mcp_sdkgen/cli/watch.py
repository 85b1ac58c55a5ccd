"""A run on a terminal: its tool calls while they happen, then what came of it."""

from __future__ import annotations

import json

from mcp_sdkgen_codemode.events import CallEnded, CallStarted, Event, Progress
from mcp_sdkgen_codemode.outcome import Call, Outcome
from mcp_sdkgen_codemode.policy.approval import Answer, ApprovalRequest, Approver
from rich.progress import BarColumn, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bars
from rich.text import Text

from ..text import terminal
from .show import counted, lines, safe, say, stderr, stdout

_STYLES = {"ok": "green", "replayed": "blue", "refused": "yellow", "invalid": "yellow"}
_MOST_PROGRESS = 200
"""Lines of progress of one run where there is no terminal: telling more costs a program nothing."""

_ENDINGS = {
    "finished": ("finished", "green"),
    "rejected": ("rejected by the check; nothing ran", "yellow"),
    "failed": ("failed", "red"),
    "timed_out": ("timed out", "red"),
    "killed": ("killed", "red"),
    "refused": ("refused; nothing ran", "yellow"),
}


def _told(call: Call) -> str:
    size = f"{call.received_bytes:,} bytes"
    said = f": {call.message}" if call.message else ""
    return (
        f"{call.server}/{call.tool}: {call.status}, {call.duration_s * 1000:.0f} ms, {size}{said}"
    )


def _progress(event: Progress) -> str:
    share = f"{event.progress:g}" + (f"/{event.total:g}" if event.total is not None else "")
    return f"progress {share} {event.message}".rstrip()


class Watch:
    """Tells of tool calls on stderr: a live line for each on a terminal, plain lines elsewhere.

    While a person is asked, it tells nothing: a program chooses the names in its calls, and could
    write another question below the right one, or push that off the screen.
    """

    def __init__(self) -> None:
        columns = (
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(20),
            TimeElapsedColumn(),
        )
        self._bars = Bars(*columns, console=stderr, transient=True, disable=not stderr.is_terminal)
        self._tasks: dict[int, TaskID] = {}
        self._progress_left = _MOST_PROGRESS
        self._asking = False
        self._held: list[Call] = []

    def __enter__(self) -> Watch:
        self._bars.start()
        self._tasks[0] = self._bars.add_task("running", total=None)
        return self

    def __exit__(self, *_: object) -> None:
        self._bars.remove_task(self._tasks.pop(0))
        self._bars.stop()

    def __call__(self, event: Event) -> None:
        """Hear what happens."""
        match event:
            case CallStarted(number, server, tool):
                # Square brackets would be markup here.
                name = terminal(f"{server}/{tool}").replace("[", "(").replace("]", ")")
                self._tasks[number] = self._bars.add_task(name, total=None)
            case Progress(number, progress, total):
                if number in self._tasks:
                    self._bars.update(self._tasks[number], completed=progress, total=total)
                self._tell_progress(event)
            case CallEnded(number, call):
                if (task := self._tasks.pop(number, None)) is not None:
                    self._bars.remove_task(task)
                self._tell_call(call)

    def _tell_call(self, call: Call) -> None:
        if self._asking:
            self._held.append(call)
        else:
            say(stderr, safe(_told(call), _STYLES.get(call.status, "red")))

    def _tell_progress(self, event: Progress) -> None:
        if stderr.is_terminal or self._asking or not self._progress_left:
            return
        self._progress_left -= 1
        stderr.print(safe(_progress(event)), soft_wrap=True)
        if not self._progress_left:
            stderr.print(safe("further progress is not shown"), soft_wrap=True)

    def asking(self, approver: Approver) -> Approver:
        """`approver`, with nothing else told on the terminal while it asks."""

        async def ask(request: ApprovalRequest) -> Answer:
            self._bars.stop()
            self._asking = True
            try:
                return await approver(request)
            finally:
                self._asking = False
                self._bars.start()
                held, self._held = self._held, []
                for call in held:
                    self._tell_call(call)

        return ask


def show_outcome(outcome: Outcome) -> None:
    """What the program printed, its value, its error, and one line of totals on stderr."""
    for note in outcome.notes:
        say(stderr, safe(f"note: {note}", "yellow"))
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
    say(stderr, ending(outcome))


def ending(outcome: Outcome) -> Text:
    """One line: how it ended, with totals."""
    words, style = ("suspended", "yellow") if outcome.suspended else _ENDINGS[outcome.status]
    return safe(f"{words}: {_totals(outcome)}", style)


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
