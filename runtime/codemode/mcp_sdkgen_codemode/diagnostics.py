"""What the check finds: mistakes, for whoever must repair the program, and the calls to come."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

SHOWN: Final = 10
"""How many mistakes of a program are shown, unless more are asked for."""


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One thing wrong with a program. `line` and `column` count from 1; `code` is mypy's.

    `hint` says what would be right: the nearest name, a tool's signature.
    """

    line: int
    column: int
    code: str
    message: str
    hint: str = ""

    def __str__(self) -> str:
        """`line 3: message [code]`, with the hint on the next line."""
        tail = f"\n    {self.hint}" if self.hint else ""
        return f"line {self.line}: {self.message} [{self.code}]{tail}"

    def as_json(self) -> dict[str, Any]:
        """The diagnostic by field name."""
        return asdict(self)


def few(found: Sequence[Diagnostic], most: int = SHOWN) -> list[Diagnostic]:
    """The first `most` diagnostics, or two more; and a last one, of code `more`, that counts the
    rest."""
    rest = found[most:]
    if len(rest) <= 2:  # to count one or two takes no less room than to show them
        return list(found)
    first = rest[0]
    message = f"and {len(rest)} more mistakes, from line {first.line} on"
    return [*found[:most], Diagnostic(first.line, first.column, "more", message)]


@dataclass(frozen=True, slots=True)
class ForeseenCall:
    """One place where a program calls a tool: the SDK's package, the method, and where its
    name stands; `line` and `column` count from 1.

    `arguments` are those of the call under their Python names, if all are literals; else None.
    """

    package: str
    method: str
    line: int
    column: int
    arguments: Mapping[str, Any] | None = None

    def as_json(self) -> dict[str, Any]:
        """The call by field name."""
        return asdict(self)
