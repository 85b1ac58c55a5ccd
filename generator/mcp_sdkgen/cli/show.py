"""What a terminal is shown: errors and prose, with foreign text made safe."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from ..errors import SdkgenError
from ..json_io import json_text
from ..text import terminal

stdout = Console(highlight=False, markup=False, emoji=False)
stderr = Console(stderr=True, highlight=False, markup=False, emoji=False)
"""Notes and progress, which `--quiet` leaves out."""
errors = Console(stderr=True, highlight=False, markup=False, emoji=False)
"""What has gone wrong, and what must be read before a question is answered."""


def print_json(data: Any) -> None:
    """Print JSON for machines: as wide as it is, without colours, and safe in a terminal."""
    stdout.file.write(json_text(data))


def safe(text: str, style: str = "") -> Text:
    """Foreign text as rich text: no escapes, no markup."""
    return Text(terminal(text), style=style)


def lines(text: str, style: str = "") -> Text:
    """Foreign text of several lines as rich text: no escapes, no markup."""
    return Text("\n").join(safe(line, style) for line in text.split("\n"))


def headed(text: str, style: str = "") -> Text:
    """Foreign text of which the first line says what there is, and further ones are its detail,
    such as a server's words: no escapes, no markup, and no line that could pass for another's."""
    first, *rest = text.split("\n")
    return Text("\n").join([safe(first, style), *(safe(f"  | {line}", "dim") for line in rest)])


def note(words: str, style: str = "yellow") -> None:
    """Tell on stderr what is to be known beside."""
    stderr.print(headed(f"note: {words}", style), soft_wrap=True)


def say(console: Console, text: Text, *, hanging: int = 4) -> None:
    """Prose. A terminal gets it folded between words, with the rest of a line `hanging` columns to
    the right; anything else gets it whole."""
    for line in text.split("\n", allow_blank=True):
        if console.is_terminal:
            for number, part in enumerate(line.divide(_folds(line.plain, console.width - hanging))):
                part.rstrip()
                console.print(Text(" " * hanging if number else "") + part, soft_wrap=True)
        else:
            console.print(line, soft_wrap=True)


def _folds(text: str, width: int) -> list[int]:
    """Where to divide a line. A word longer than the line, such as an address, can be copied."""
    if text.isspace():
        return []  # in which the pattern would look for a word from each blank on
    folds, used = [], 0
    for word in re.finditer(r"\s*\S+\s*", text):
        if used and used + cell_len(word[0].rstrip()) > width:
            folds.append(word.start())
            used = 0
        used += cell_len(word[0])
    return folds


def waiting(words: str) -> None:
    """Tell that a server is still starting, or being installed."""
    stderr.print(safe(words, "dim"), soft_wrap=True)


def counted(number: int, noun: str) -> str:
    """`1 tool`, `2 tools`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def show_error(error: SdkgenError) -> None:
    """An error on stderr."""
    for line in error_lines(error):
        errors.print(line, soft_wrap=True)


def error_lines(error: SdkgenError) -> Iterator[Text]:
    """An error as lines: what is wrong, how to put it right, and what there is of detail."""
    yield headed(f"error: {error}", "bold red")
    for line in error.detail.splitlines():
        yield safe(f"  | {line}", "dim")
    if error.hint:
        yield safe(f"  hint: {error.hint}")
