"""A run on a terminal: its tool calls while they happen, then what came of it."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace

from mcp_sdkgen_codemode.events import CallEnded, CallStarted, Event, Output, Progress
from mcp_sdkgen_codemode.outcome import Call, Outcome
from mcp_sdkgen_codemode.policy.approval import Answer, ApprovalRequest, Approver
from mcp_sdkgen_codemode.policy.plan import BeforeStart, Plan, PlanAnswer
from mcp_sdkgen_codemode.prompting.confinement import Want, wanted
from mcp_sdkgen_codemode.prompting.outcome_text import PartName, call_line, headline, parts
from rich.console import Console
from rich.progress import BarColumn, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bars
from rich.text import Text

from ..text import terminal
from .show import errors, headed, lines, safe, say, stderr, stdout, waiting

_STYLES = {
    "ok": "green", "replayed": "blue", "refused": "yellow", "invalid": "yellow",
    "suspended": "yellow",
}  # fmt: skip
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

_INSTEAD: Mapping[Want, str] = {
    "file": "a program sees no files of this machine; --in FILE gives it one",
    "writing": "a program can write in its working folder only; --out FOLDER saves what it "
    "leaves there",
    "outside": "a program has no network and starts no other programs; the tools of servers are "
    "its way out",
    "input": "its standard input is empty, or at its end; to give it data: "
    "mcp-sdkgen run PROGRAM < FILE",
}


def _call_line(call: Call) -> str:
    line = call_line(call, f"{call.duration_s * 1000:.0f} ms", f"{call.received_bytes:,} bytes")
    detail = call.detail.for_host()
    if "\n" in detail:
        return f"{line}\n{detail}"
    return f"{line} ({detail})" if detail else line


def _progress(event: Progress) -> str:
    share = f"{event.progress:g}" + (f"/{event.total:g}" if event.total is not None else "")
    return f"progress {share} {event.message}".rstrip()


class Watch:
    """Tells of a run while it happens: its tool calls on stderr, a live line for each on a
    terminal and plain lines elsewhere, and with `stream` what the program prints.

    While a person is asked, it tells nothing: a program chooses the names in its calls and what it
    prints, and could write another question below the right one, or push that off the screen.
    """

    def __init__(self, *, stream: bool = False) -> None:
        columns = (
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(20),
            TimeElapsedColumn(),
        )
        self._bars = Bars(
            *columns,
            console=stderr,
            transient=True,
            disable=not stderr.is_terminal,
            # What is printed goes where it belongs; by default it would all go to `console`.
            redirect_stdout=False,
            redirect_stderr=False,
        )
        self._tasks: dict[int, TaskID] = {}
        self._progress_left = _MOST_PROGRESS
        self._asking = False
        self._held: list[Event] = []
        self._stream = stream
        self._midline: Console | None = None
        self._refusals: dict[str, None] = {}

    def __enter__(self) -> Watch:
        self._bars.start()
        self._tasks[0] = self._bars.add_task("running", total=None)
        return self

    def __exit__(self, *_: object) -> None:
        self._bars.remove_task(self._tasks.pop(0))
        self._bars.stop()
        self._end_line()

    def __call__(self, event: Event) -> None:
        """Hear what happens."""
        if self._asking and not isinstance(event, CallStarted | Progress):
            self._held.append(event)
            return
        match event:
            case CallStarted(number, server, tool):
                # Square brackets would be markup here.
                name = terminal(f"{server}/{tool}").replace("[", "(").replace("]", ")")
                self._tasks[number] = self._bars.add_task(name, total=None)
                self._show_bars()
            case Progress(number, progress, total):
                if number in self._tasks:
                    self._bars.update(self._tasks[number], completed=progress, total=total)
                self._tell_progress(event)
            case CallEnded(number, call):
                if (task := self._tasks.pop(number, None)) is not None:
                    self._bars.remove_task(task)
                self._tell_call(call)
            case Output(stream, text) if self._stream:
                self._print(stdout if stream == "stdout" else stderr, text)

    def waiting(self, words: str) -> None:
        """Tell that a server is still starting, unless a person is asked just now."""
        if not self._asking:
            self._end_line()
            waiting(words)

    def refusals(self, outcome: Outcome) -> list[str]:
        """Why calls were refused, where the program's error does not tell it."""
        error = outcome.error
        told = f"{error.message}\n{error.traceback}" if error is not None else ""
        return [each for each in self._refusals if each not in told]

    def _tell_call(self, call: Call) -> None:
        self._end_line()
        if call.status == "refused" and self._stream:
            # The error that it becomes in the program says why; `refusals` where it does not.
            self._refusals[call.message] = None
            call = replace(call, message="")
        say(stderr, headed(_call_line(call), _STYLES.get(call.status, "red")))

    def _print(self, console: Console, text: str) -> None:
        """Write what the program has printed, as it is: it is safe already."""
        if self._midline not in (None, console):
            self._end_line()
        if console.is_terminal:
            self._bars.stop()  # they would be drawn into the line
        try:
            console.file.write(text)
            console.file.flush()
        except BrokenPipeError:
            # Whoever read it has gone; the rest of the run goes on.
            self._stream = False
            os.dup2(os.open(os.devnull, os.O_WRONLY), console.file.fileno())
        self._midline = None if text.endswith("\n") else console

    def _end_line(self) -> None:
        """End the line that the program has begun, if that is on a terminal."""
        if self._midline is not None and self._midline.is_terminal:
            self._midline.file.write("\n")
            self._midline.file.flush()
            self._midline = None

    def _show_bars(self) -> None:
        if not self._asking and self._midline is None and not self._bars.live.is_started:
            self._bars.start()

    def _tell_progress(self, event: Progress) -> None:
        if stderr.is_terminal or self._asking or not self._progress_left:
            return
        self._progress_left -= 1
        stderr.print(safe(_progress(event)), soft_wrap=True)
        if not self._progress_left:
            stderr.print(safe("further progress is not shown"), soft_wrap=True)

    @contextmanager
    def silent(self) -> Iterator[None]:
        """With nothing told on the terminal; what happens meanwhile is told afterwards."""
        self._end_line()
        self._bars.stop()
        self._asking = True
        try:
            yield
        finally:
            self._asking = False
            self._bars.start()
            held, self._held = self._held, []
            for event in held:
                self(event)

    def asking(self, approver: Approver) -> Approver:
        """`approver`, with nothing else told on the terminal while it asks."""

        async def ask(request: ApprovalRequest) -> Answer:
            with self.silent():
                return await approver(request)

        # What records of approvals name as the one who answered.
        ask.__dict__.update(who=getattr(approver, "who", "callback"))
        return ask

    def asking_before(self, ask: BeforeStart) -> BeforeStart:
        """`ask`, with nothing else told on the terminal while it asks."""

        async def before(plan: Plan) -> PlanAnswer:
            with self.silent():
                return await ask(plan)

        return before


def show_outcome(outcome: Outcome, streamed: Watch | None = None) -> None:
    """What the program printed, its value, its error, and one line of totals on stderr.

    What a watch has `streamed` is not printed again.
    """
    if streamed is not None:
        refusals = "\n".join(streamed.refusals(outcome))
        reason = "\n".join(part for part in (refusals, outcome.reason) if part)
        outcome = replace(outcome, stdout="", stderr="", truncated=(), reason=reason)
    said = parts(outcome, indent=2)
    for words in outcome.notes:
        say(stderr, headed(f"note: {words}", "yellow"))
    if "diagnostics" in said:
        errors.print(lines(said["diagnostics"], "yellow"), soft_wrap=True)
    # Already safe: the executor spells control characters out.
    stdout.file.write(outcome.stdout)
    if outcome.stdout and not outcome.stdout.endswith("\n"):
        stdout.file.write("\n")
    if "value" in said:
        stdout.print(lines(said["value"]), soft_wrap=True)
    stdout.file.flush()
    for name, style in _STDERR_STYLES.items():
        if text := said.get(name):
            errors.print(lines(text.rstrip("\n"), style), soft_wrap=True)
    if (want := wanted(outcome.error)) is not None:
        errors.print(safe(f"  hint: {_INSTEAD[want]}"), soft_wrap=True)
    if outcome.detail:
        errors.print(lines(outcome.detail.for_host(), "bold"), soft_wrap=True)
    say(stderr, ending_line(outcome))


def ending_line(outcome: Outcome) -> Text:
    """One line: how it ended, with totals."""
    timings = outcome.timings
    details = [
        f"{sum(call.received_bytes for call in outcome.calls):,} bytes of results",
        f"check {timings.check_s:.2f} s",
        f"start {timings.start_s:.2f} s",
        f"run {timings.run_s:.2f} s",
        *([f"{timings.asked_s:.2f} s waiting for you"] if timings.asked_s else ()),
        *(f"{name} was shortened" for name in outcome.truncated),
    ]
    style = "yellow" if outcome.suspended else _ENDING_STYLES[outcome.status]
    return safe(headline(outcome, *details), style)
