"""A chat on a terminal. What the model, a program or a server says stands behind a bar.

Nothing of ours begins with that bar, so no foreign text can pass for a question or a result of
ours.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, Final

from mcp_sdkgen_codemode.agent.transcript import Step, Turn, Usage
from mcp_sdkgen_codemode.events import Event
from mcp_sdkgen_codemode.outcome import Outcome
from mcp_sdkgen_codemode.policy.approval import Answer, ApprovalRequest, Approver
from mcp_sdkgen_codemode.prompting.outcome_text import PartName, parts
from mcp_sdkgen_codemode.prompting.tools import RUN
from rich.cells import cell_len, chop_cells
from rich.console import Console
from rich.syntax import Syntax
from rich.text import Text

from ...text import clean, terminal
from ..show import counted, safe, stderr, stdout
from ..watch import Watch, ending_line

BAR: Final = "│ "
_PIECES: Final = re.compile(r"[\r\n \t]|[^\r\n \t]+")
_MAX_LINES = 40
"""Lines of a program's output that are shown; the model gets more, and `/trace` has all."""


_PART_STYLES: Final[Mapping[PartName, str]] = {
    "notes": "yellow",
    "diagnostics": "yellow",
    "stdout": "",
    "stderr": "",
    "value": "",
    "error": "red",
    "reason": "bold",
}
"""What is shown of an outcome, in this order."""


class Barred:
    """Foreign text, written as it comes: each line, also one that had to be broken, has the bar."""

    def __init__(self, console: Console, style: str = "") -> None:
        self._console = console
        self._style = style
        self._word: list[str] = []
        self._column = 0
        self._returned = False

    def write(self, text: str) -> None:
        """Write a piece. The last word waits for what may belong to it."""
        for piece in _PIECES.findall(text):
            if piece == "\n" and self._returned:
                self._returned = False
                continue
            self._returned = piece == "\r"
            if piece in ("\r", "\n"):
                self._flush()
                self._break()
            elif piece in (" ", "\t"):
                self._flush()
                self._put(" " if piece == " " else "    ")
            else:
                self._word.append(piece)
        if self._console.is_terminal and sum(map(len, self._word)) > self._room():
            # What is longer than a line is broken anyway: only its end waits.
            self._word = [self._without_lines()]

    def end(self) -> None:
        """Finish the line, if one was begun."""
        self._flush()
        if self._column:
            self._break()

    def _flush(self) -> None:
        if self._word and (rest := self._without_lines()):
            self._put(rest)
        self._word = []

    def _without_lines(self) -> str:
        """The word, of which all lines that are full have been written."""
        word, room = clean("".join(self._word)), self._room()
        if cell_len(word) <= room:
            return word
        *full, rest = chop_cells(word, room)
        for line in full:
            self._put(line)
        return rest

    def _room(self) -> int:
        # Where nothing is broken by a terminal, nothing need be broken here.
        return max(self._console.width - len(BAR) - 1, 10) if self._console.is_terminal else 10**9

    def _put(self, text: str) -> None:
        if self._column and self._column + cell_len(text) > self._room():
            self._break()
            text = text.lstrip(" ")
        if not self._column:
            self._console.print(Text(BAR, "dim"), end="", soft_wrap=True)
        self._console.print(Text(text, self._style), end="", soft_wrap=True)
        self._column += cell_len(text)

    def _break(self) -> None:
        if not self._column:
            self._console.print(Text(BAR.rstrip(), "dim"), end="", soft_wrap=True)
        self._console.file.write("\n")
        self._column = 0


def show_barred(text: str, style: str = "") -> None:
    """A whole foreign text behind the bar, on stderr."""
    bar = Barred(stderr, style)
    bar.write(text)
    bar.end()


class Screen:
    """Watches a chat: text as it comes, programs, their calls and outcomes.

    The model's text goes to stdout; where that is no terminal, only the answer does, as it is. All
    else goes to stderr.
    """

    def __init__(self) -> None:
        self._text = ""
        self._bar = Barred(stdout)
        self._watch: Watch | None = None

    def text(self, delta: str) -> None:
        """Show the next piece, or keep it until it is known whether it is the answer."""
        self._text += delta
        if stdout.is_terminal:
            self._bar.write(delta)
            stdout.file.flush()

    def text_ended(self, *, final: bool) -> None:
        """End the line, or show what was kept."""
        text, self._text = self._text, ""
        if stdout.is_terminal:
            self._bar.end()
        elif final:
            stdout.file.write(clean(text).rstrip("\n") + "\n")
            stdout.file.flush()
        elif text:
            show_barred(text.rstrip("\n"))

    def call(self, tool: str, arguments: Mapping[str, Any] | str) -> None:
        """Show a program, or one line of what else is called."""
        program = Step("call", tool=tool, arguments=arguments).program
        if program:
            stderr.print(safe("program:", "bold"))
            stderr.print(
                Syntax(
                    clean(program).rstrip("\n"),
                    "python",
                    line_numbers=True,
                    word_wrap=True,
                    background_color="default",
                )
            )
        else:
            given = arguments if isinstance(arguments, str) else json.dumps(arguments)
            stderr.print(safe(f"{tool} {given}"[:200], "dim"), soft_wrap=True)
        if tool == RUN:
            self._watch = Watch()
            self._watch.__enter__()

    def reply(self, step: Step) -> None:
        """Show what became of a program; other replies are for the model."""
        self._still()
        if step.outcome is not None:
            show_run(step.outcome)
        elif step.tool == RUN:
            show_barred(step.text, "yellow")

    def event(self, event: Event) -> None:
        """Hear what a program does while it runs."""
        if self._watch is not None:
            self._watch(event)

    def asking(self, approver: Approver) -> Approver:
        """`approver`, with nothing moving on the terminal while it asks."""

        async def ask(request: ApprovalRequest) -> Answer:
            watch = self._watch
            return await (watch.asking(approver) if watch else approver)(request)

        return ask

    def ended(self, turn: Turn) -> None:
        """How the turn ended, when there is no answer, and what it took."""
        self._still()
        if turn.ended == "cancelled":
            stderr.print(safe("interrupted", "yellow"))
        elif turn.ended != "answered":
            stderr.print(safe(f"no answer: {turn.reason}", "bold red"), soft_wrap=True)
        stderr.print(safe(usage_line(turn.usage), "dim"), soft_wrap=True)

    def _still(self) -> None:
        watch, self._watch = self._watch, None
        if watch is not None:
            watch.__exit__(None, None, None)


def show_run(outcome: Outcome) -> None:
    """What a program printed, its value or what is wrong, and one line of totals. On stderr."""
    said = parts(outcome, indent=2)
    for name, style in _PART_STYLES.items():
        if text := said.get(name):
            show_barred(_first_lines(text.rstrip("\n")), style)
    if outcome.detail:
        show_barred(_first_lines(outcome.detail.for_host()))
    for file in outcome.artifacts:
        stderr.print(safe(f"file: {terminal(file.name)}, {len(file.data):,} bytes"))
    stderr.print(ending_line(outcome), soft_wrap=True)


def _first_lines(text: str) -> str:
    lines = text.split("\n")
    if len(lines) <= _MAX_LINES:
        return text
    return "\n".join([*lines[:_MAX_LINES], f"… {len(lines) - _MAX_LINES} more lines"])


def usage_line(usage: Usage) -> str:
    """Requests, tokens and money in one line."""
    parts = [
        counted(usage.requests, "request"),
        f"{usage.input_tokens:,} tokens in",
        f"{usage.output_tokens:,} out",
    ]
    if usage.cache_read_tokens:
        parts.insert(2, f"{usage.cache_read_tokens:,} of them from the cache")
    if usage.cost_usd is not None:
        parts.append(f"${usage.cost_usd:.4f}")
    elif usage.requests:
        parts.append("no known price")
    return ", ".join(parts)
