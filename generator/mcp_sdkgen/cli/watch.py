"""A run on a terminal: its tool calls while they happen, then what came of it."""

from __future__ import annotations

from collections.abc import Mapping

from mcp_sdkgen_codemode.events import CallEnded, CallStarted, Event, Progress
from mcp_sdkgen_codemode.outcome import Call, Outcome
from mcp_sdkgen_codemode.policy.approval import Answer, ApprovalRequest, Approver
from mcp_sdkgen_codemode.prompting.outcome_text import PartName, call_line, headline, parts
from rich.progress import BarColumn, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bars
from rich.text import Text

from ..text import terminal
from .show import lines, safe, say, stderr, stdout

_STYLES = {"ok": "green", "replayed": "blue", "refused": "yellow", "invalid": "yellow"}
_MOST_PROGRESS = 200
"""Lines of progress of one run where there is no terminal: telling more costs a program nothing."""

_ENDING_STYLES = {
    "finished": "green",
    "rejected": "yellow",
    "failed": "red",
    "timed_out": "red",
    "killed": "red",
    "refused": "yellow",
}
_STDERR_STYLES: Mapping[PartName, str] = {"stderr": "", "error": "red", "reason": "bold"}
"""What of an outcome goes to stderr, in this order."""


def _call_line(call: Call) -> str:
    return call_line(call, f"{call.duration_s * 1000:.0f} ms", f"{call.received_bytes:,} bytes")


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
            say(stderr, safe(_call_line(call), _STYLES.get(call.status, "red")))

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
    said = parts(outcome, indent=2)
    for note in outcome.notes:
        say(stderr, safe(f"note: {note}", "yellow"))
    if "diagnostics" in said:
        stderr.print(lines(said["diagnostics"], "yellow"), soft_wrap=True)
    # Already safe: the executor spells control characters out.
    stdout.file.write(outcome.stdout)
    if outcome.stdout and not outcome.stdout.endswith("\n"):
        stdout.file.write("\n")
    if "value" in said:
        stdout.print(lines(said["value"]), soft_wrap=True)
    stdout.file.flush()
    for name, style in _STDERR_STYLES.items():
        if text := said.get(name):
            stderr.print(lines(text.rstrip("\n"), style), soft_wrap=True)
    say(stderr, ending_line(outcome))


def ending_line(outcome: Outcome) -> Text:
    """One line: how it ended, with totals."""
    timings = outcome.timings
    details = [
        f"{sum(call.received_bytes for call in outcome.calls):,} bytes of results",
        f"check {timings.check_s:.2f} s",
        f"start {timings.start_s:.2f} s",
        f"run {timings.run_s:.2f} s",
        *(f"{name} was cut" for name in outcome.truncated),
    ]
    style = "yellow" if outcome.suspended else _ENDING_STYLES[outcome.status]
    return safe(headline(outcome, *details), style)
