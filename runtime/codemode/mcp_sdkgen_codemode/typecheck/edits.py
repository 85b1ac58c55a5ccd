"""Changes within lines of a text, and the way back from a column of the new text."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class Edit:
    """Replace `length` characters at a place by `text`. Lines and columns count from 1."""

    line: int
    column: int
    length: int
    text: str


def apply(lines: list[str], edits: Iterable[Edit]) -> list[str]:
    """The lines after all edits, none of which overlap. Line ends stay where they are."""
    changed = list(lines)
    for edit in sorted(edits, reverse=True):
        old = changed[edit.line - 1]
        at = edit.column - 1
        changed[edit.line - 1] = old[:at] + edit.text + old[at + edit.length :]
    return changed


def original(column: int, line: int, edits: Iterable[Edit]) -> int:
    """Where a column of the new text was. Inside an edit, that is where the edit begins."""
    moved = 0
    for edit in sorted(edits):
        if edit.line != line:
            continue
        start = edit.column + moved
        if column < start:
            break
        if column < start + len(edit.text):
            return edit.column
        moved += len(edit.text) - edit.length
    return column - moved
