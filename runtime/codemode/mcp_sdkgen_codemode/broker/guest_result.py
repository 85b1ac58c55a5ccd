"""What a sandbox gives back at its end: its own word, and untrusted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from mcp_sdkgen_runtime.text import listed, printable, shortened, shortened_text

from ..limits import Limits
from ..outcome import Artifact, ProgramError
from ..program_input import is_safe_name
from .framing import Violation

_SHOWN_TEXT: Final = 20_000
_SHOWN_NAME: Final = 80
_UNDONE: Final = {
    "unawaited": "called and never awaited, so it did not happen (put `await` before it)",
    "unfinished": "tasks that nobody awaited, and that were not done when the program ended",
}


@dataclass(frozen=True, slots=True)
class GuestResult:
    """What the sandbox says became of its program. The guest's own word, and untrusted."""

    status: Literal["finished", "failed"]
    value: Any = None
    error: ProgramError | None = None
    artifacts: tuple[Artifact, ...] = ()
    notes: tuple[str, ...] = ()
    """What it left undone, in the host's words."""


class Returned:
    """Collects the files that come back, within `limits`, and reads the result."""

    def __init__(self, limits: Limits, given: Collection[str] = ()) -> None:
        """`given` are the names of the files that the program was given. A file that it made in the
        place of one does not come back: under that name stands the user's own."""
        self._limits = limits
        self._given = given
        self._files: dict[str, bytearray] = {}
        self.replaced: set[str] = set()
        """Such files."""

    def add_file(self, name: str, data: bytes) -> None:
        """Take the next piece of a file. Raises `Violation`."""
        if not is_safe_name(name):
            raise Violation(f"a file has the name {shortened(name)}")
        if name in self._given:
            self.replaced.add(name)
            return
        self._files.setdefault(name, bytearray()).extend(data)
        if len(self._files) > self._limits.artifacts:
            raise Violation(f"more than {self._limits.artifacts} files are returned", "limit")
        most = self._limits.artifact_bytes
        if sum(map(len, self._files.values())) > most:
            raise Violation(f"the files that are returned exceed {most} bytes", "limit")

    def result(self, params: Mapping[str, Any]) -> GuestResult:
        """The result with all files. Raises `Violation`."""
        status = params.get("status")
        if status not in ("finished", "failed"):
            raise Violation("a result is neither finished nor failed")
        found = params.get("error")
        error = None
        if isinstance(found, dict):
            line = found.get("line")
            error = ProgramError(
                _shown(found.get("type")), _shown(found.get("message")),
                line if type(line) is int and 0 <= line < 1 << 31 else None,
                _shown(found.get("traceback")),
            )  # fmt: skip
        files = tuple(Artifact(name, bytes(data)) for name, data in self._files.items())
        notes = [
            f"{what}: {_counted(names)}"
            for key, what in _UNDONE.items()
            if isinstance(names := params.get(key), list) and names
        ]
        return GuestResult(status, params.get("value"), error, files, tuple(notes))


def _counted(names: list[Any]) -> str:
    """Each name once, with how often it comes."""
    counts = Counter(printable(shortened_text(str(name), _SHOWN_NAME)) for name in names)
    several = [
        name if number == 1 else f"{name} ({number} times)" for name, number in counts.most_common()
    ]
    return listed(several)


def _shown(value: Any) -> str:
    return printable(shortened_text(value, _SHOWN_TEXT)) if isinstance(value, str) else ""
