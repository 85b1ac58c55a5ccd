"""One finding about a server's tool list: a value to be shown, never an exception."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any


class Level(StrEnum):
    """How much a finding costs the user of the SDK."""

    NOTE = "note"
    """Worth knowing; the types are as good as the schema allows."""
    WARNING = "warning"
    """Something has a wider type than its schema says."""
    ERROR = "error"
    """A whole tool, prompt or resource had to be left untyped or could not be emitted."""


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One finding: how bad it is, where it is, what it is.

    `code` is a stable kebab-case identifier for machines. `pointer` is a JSON pointer (RFC 6901)
    into the tool's definition, empty when the whole definition is meant. `message` may quote text
    from the server: show it through `text.terminal`.
    """

    level: Level
    code: str
    message: str
    server: str = ""
    tool: str = ""
    pointer: str = ""

    def to_json(self) -> dict[str, Any]:
        """The finding as a JSON object with the same six keys."""
        return {**asdict(self), "level": self.level.value}

    def __str__(self) -> str:
        place = ".".join(part for part in (self.server, self.tool) if part)
        return f"{self.level}: {place}{self.pointer and ' ' + self.pointer}: {self.message}"
