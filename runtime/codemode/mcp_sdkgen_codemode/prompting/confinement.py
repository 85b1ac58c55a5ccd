"""Errors of a program that come of the sandbox, and what a program can do instead."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final, Literal, TypeAlias

from ..outcome import ProgramError

Want: TypeAlias = Literal["file", "writing", "outside", "input"]
"""What a program wanted, and a sandbox has not: a file of the host, a place to write, the network
or another program, standard input."""

_OUTSIDE: Final = re.compile(
    r"name resolution|Name or service not known|Network is unreachable|"
    r"\[Errno 1\] Operation not permitted"
)

FOR_MODELS: Final[Mapping[Want, str]] = {
    "file": "A program sees no files of the host: only those it was given, and what it writes.",
    "writing": "A program can write in its working folder only.",
    "outside": "A program has no network and starts no other programs: it calls tools instead.",
    "input": "There is nothing to read on standard input, or nothing more.",
}


def wanted(error: ProgramError | None) -> Want | None:
    """What a sandbox has not that a program failed for, by its exception; None for any other.

    A program can raise what it likes: this chooses among our own sentences, and no more.
    """
    if error is None:
        return None
    if error.type == "EOFError":
        return "input"
    if error.type == "FileNotFoundError":
        return "file"
    if error.type == "OSError" and "[Errno 30]" in error.message:
        return "writing"
    return "outside" if _OUTSIDE.search(error.message) else None
