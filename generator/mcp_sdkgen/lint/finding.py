"""What lint found: findings, and the scores that follow from them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from .hosts import HostFinding
from .rules import rule


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding. `pointer` is a JSON pointer (RFC 6901) into the tool's definition, empty where
    all of it is meant. `message` may quote text from the server."""

    code: str
    message: str
    pointer: str = ""

    @property
    def fix(self) -> str:
        """What the server's author can do."""
        return rule(self.code).fix

    def to_json(self) -> dict[str, Any]:
        """The finding as a JSON object with stable keys."""
        return {
            "code": self.code,
            "pointer": self.pointer,
            "message": self.message,
            "fix": self.fix,
            "cost": rule(self.code).cost,
        }


@dataclass(frozen=True, slots=True)
class ToolLint:
    """The findings of one tool, by wire name."""

    tool: str
    findings: tuple[Finding, ...] = ()

    @property
    def score(self) -> int:
        """100 minus what its findings cost; at least 0."""
        return max(0, 100 - cost(self.findings))


@dataclass(frozen=True, slots=True)
class Lint:
    """The findings of a server: `tools` in the snapshot's order, `findings` of no single tool."""

    server: str
    tools: tuple[ToolLint, ...] = ()
    findings: tuple[Finding, ...] = ()
    hosts: tuple[HostFinding, ...] = ()
    """What hosts refuse, by host; what is not among the other findings costs nothing."""

    @property
    def score(self) -> int:
        """The mean of the tools' scores, rounded down, minus what the other findings cost.

        From 0 to 100, and 100 exactly if nothing is found.
        """
        mean = sum(one.score for one in self.tools) // len(self.tools) if self.tools else 100
        return max(0, mean - cost(self.findings))

    @property
    def all_findings(self) -> tuple[Finding, ...]:
        """Every finding, the server's own first."""
        return (*self.findings, *(each for one in self.tools for each in one.findings))

    def to_json(self) -> dict[str, Any]:
        """All of it as a JSON object with stable keys."""
        return {
            "server": self.server,
            "score": self.score,
            "findings": [each.to_json() for each in self.findings],
            "hosts": [each.to_json() for each in self.hosts],
            "tools": [
                {
                    "tool": one.tool,
                    "score": one.score,
                    "findings": [each.to_json() for each in one.findings],
                }
                for one in self.tools
            ],
        }


def cost(findings: Iterable[Finding]) -> int:
    """What findings cost together, in points."""
    counts = Counter(each.code for each in findings)
    return sum(min(rule(code).cost * n, rule(code).most) for code, n in counts.items())
