"""Where suspended runs are stored, whose they are, and how many there may be."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from mcp_sdkgen_runtime.files import make_private

from ..broker.journal import Journal, journal_path, suspended_folders
from .client import STDIO, folder_suffix

MAX_SUSPENDED: Final = 100
MAX_SUSPENDED_BYTES: Final = 256 << 20
EXPIRY_S: Final = 30 * 24 * 3600.0
"""A run that nobody went on with for a month is deleted when another is to be stored."""


class NoRoom(Exception):
    """No further run can be stored. The message says what to do."""


@dataclass(frozen=True)
class Suspension:
    """Where runs that wait for a person are stored; `facts` is what `mcp-sdkgen resume` needs.

    Each principal has a folder: whoever starts the process `folder`, others one beside it. In the
    folders in `older`, earlier versions stored runs of the former. `principals` share the quota of
    runs and bytes equally.
    """

    folder: Path
    facts: Mapping[str, Any] = field(default_factory=dict)
    older: Sequence[Path] = ()
    principals: int = 1

    def create(self, run: str, program: str, principal: str) -> Journal:
        """Begin the journal of a run. Raises `JournalError`, and `NoRoom` where the quota of the
        principal is used up by runs that have not expired."""
        folder = self._folder(principal)
        make_private(folder)
        self.make_room(principal)
        facts = {**self.facts, "principal": principal}
        return Journal.create(folder / f"{run}.jsonl", program, facts)

    def find(self, run: str, principal: str) -> Path | None:
        """The journal of that run of that principal, if there is one."""
        older = self.older if principal == STDIO else ()
        path = journal_path(run, (self._folder(principal), *older))
        return path if path.is_file() else None

    def make_room(self, principal: str, *, now_s: float | None = None) -> None:
        """Delete the runs of all principals that have expired. Raises `NoRoom` when the principal
        has no room still."""
        oldest_s = (time.time() if now_s is None else now_s) - EXPIRY_S
        for folder in suspended_folders(self.folder):
            for path, _, changed_s in _stored(folder):
                if changed_s < oldest_s:
                    path.unlink(missing_ok=True)
        count, size = self._usage(principal)
        if count >= self._most or size >= self._most_bytes:
            raise NoRoom(
                f"{count} suspended runs of {size:,} bytes wait already; resume them, or delete "
                "them with `mcp-sdkgen cache --clear suspended`"
            )

    def is_over(self, principal: str) -> bool:
        """Whether the runs of a principal are too many or too large."""
        count, size = self._usage(principal)
        return count > self._most or size > self._most_bytes

    @property
    def _most(self) -> int:
        return max(1, MAX_SUSPENDED // self.principals)

    @property
    def _most_bytes(self) -> int:
        return MAX_SUSPENDED_BYTES // self.principals

    def _folder(self, principal: str) -> Path:
        return self.folder.with_name(self.folder.name + folder_suffix(principal))

    def _usage(self, principal: str) -> tuple[int, int]:
        sizes = [size for _, size, _ in _stored(self._folder(principal))]
        return len(sizes), sum(sizes)


def _stored(folder: Path) -> Iterator[tuple[Path, int, float]]:
    for path in folder.glob("run-*.jsonl"):
        try:
            found = path.lstat()
        except FileNotFoundError:
            continue  # it is over
        yield path, found.st_size, found.st_mtime
