"""What changed between two snapshots: values, in a fixed order, with their cost for callers."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from .wording import code

_VERSION = re.compile(r"(\d{1,9})(?:\.(\d{1,9}))?(?:\.(\d{1,9}))?")


class Severity(StrEnum):
    """What a change costs code that was correct against the old definition."""

    BREAKING = "breaking"
    """Such code can fail, or do harm it did not do before."""
    COMPATIBLE = "compatible"
    """Such code goes on working; the SDK offers or means something else."""
    TEXT = "text"
    """Only what people and models read has changed."""

    @property
    def rank(self) -> int:
        """0 for text, 1 for compatible, 2 for breaking."""
        return _RANKS[self.value]


_RANKS = {"text": 0, "compatible": 1, "breaking": 2}


@dataclass(frozen=True, slots=True)
class Change:
    """One difference.

    `kind` is a stable kebab-case identifier for machines. `subject` is `tool`, `prompt`,
    `resource`, `resource_template` or `server`, and `name` the wire name (for resources the URI).
    `part` is the part of the definition: `input`, `output`, `annotations`, `description` …; empty
    when the whole is meant. `pointer` is a JSON pointer (RFC 6901) into the new definition, or
    into the old one for what is gone. `old` and `new` are short JSON values, long ones clipped
    into a string. `message` is one line of plain words; what it quotes from the server stands in
    back quotes, escaped, so it is safe for terminals and for Markdown.
    """

    kind: str
    subject: str
    name: str
    part: str
    pointer: str
    severity: Severity
    message: str
    old: Any = None
    new: Any = None

    def to_json(self) -> dict[str, Any]:
        """The change as a JSON object with the same nine keys."""
        return {**asdict(self), "severity": self.severity.value}


_SUBJECTS = ("server", "tool", "prompt", "resource", "resource_template")
_PARTS = ("", "input", "output", "annotations")


def _order(change: Change) -> tuple[Any, ...]:
    return (
        _SUBJECTS.index(change.subject),
        change.name,
        -change.severity.rank,
        _PARTS.index(change.part) if change.part in _PARTS else len(_PARTS),
        change.part,
        change.pointer,
        change.kind,
        change.message,
    )


@dataclass(frozen=True, slots=True)
class Drift:
    """All differences between two snapshots, sorted by subject, name and severity.

    A drift is true when there is any difference.
    """

    changes: tuple[Change, ...] = ()

    @classmethod
    def of(cls, changes: list[Change]) -> Drift:
        """A drift with `changes` in their order."""
        return cls(tuple(sorted(changes, key=_order)))

    def __bool__(self) -> bool:
        return bool(self.changes)

    @property
    def severity(self) -> Severity | None:
        """The worst severity of all changes; None when nothing changed."""
        return max((c.severity for c in self.changes), key=lambda s: s.rank, default=None)

    def count(self, severity: Severity) -> int:
        """How many changes have this severity."""
        return sum(change.severity is severity for change in self.changes)

    def bump(self, version: str) -> str:
        """The version that follows `version`: breaking → major, compatible → minor, text → patch.

        The same rule holds for 0.x. Missing parts count as 0 and a pre-release or build suffix is
        dropped; with no change `version` comes back as it is. Raises `ValueError` for text that
        does not begin with a number.
        """
        match = _VERSION.match(version)
        if match is None:
            raise ValueError(f"not a version: {version!r}")
        major, minor, patch = (int(part or 0) for part in match.groups())
        if self.severity is Severity.BREAKING:
            return f"{major + 1}.0.0"
        if self.severity is Severity.COMPATIBLE:
            return f"{major}.{minor + 1}.0"
        return f"{major}.{minor}.{patch + 1}" if self else version

    def worst_first(self) -> tuple[Change, ...]:
        """The changes for people: what breaks callers, then what does not, then changed words; each
        in the order of `changes`."""
        return tuple(sorted(self.changes, key=lambda change: -change.severity.rank))

    def changelog(self) -> tuple[str, ...]:
        """One line of Markdown per change, without a bullet."""
        return tuple(
            f"**{change.severity.value}** {label(change)}: {change.message}"
            for change in self.worst_first()
        )

    def to_json(self) -> dict[str, Any]:
        """A JSON object of `severity` (null when nothing changed), `counts` and `changes`."""
        return {
            "severity": self.severity.value if self.severity else None,
            "counts": {severity.value: self.count(severity) for severity in Severity},
            "changes": [change.to_json() for change in self.changes],
        }


def label(change: Change) -> str:
    """What the change is about, safe to show: ``tool `get_forecast` `` or `server`."""
    if change.subject == "server":
        return "server"
    return f"{change.subject.replace('_', ' ')} {code(change.name)}"


def render_text(drift: Drift) -> list[str]:
    """The drift as lines of plain text, the worst first, and grouped per tool, prompt and resource;
    safe to print."""
    if not drift:
        return ["no changes"]
    counts = [f"{n} {s.value}" for s in Severity if (n := drift.count(s))]
    total = len(drift.changes)
    lines = [f"{total} change{'s' if total > 1 else ''}: {', '.join(counts)}"]
    group = ""
    for change in drift.worst_first():
        if label(change) != group:
            group = label(change)
            lines.append(group)
        lines.append(f"  {change.severity.value:<10}  {change.message}")
    return lines
