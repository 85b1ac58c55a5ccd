"""The calls that a program is foreseen to make, and what a person says to them before it starts.

What was foreseen permits nothing by itself. An answer approves calls whose arguments are known,
each exactly as it was shown, or tools for the run, which is a rule of the person's own; the broker
finds these approvals when the calls come.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

from .policy import Decision
from .question_text import call_name, is_whole, request_text
from .services import labelled

PlanAnswer: TypeAlias = Literal["shown", "run", "each", "no"]
"""`shown`: the calls whose arguments are shown, each once. `run`: the tools that ask, for the run.
`each`: ask when each comes. `no`: do not start."""

_SAID: Final[Mapping[Decision, str]] = {"allow": "allowed", "deny": "refused"}


@dataclass(frozen=True, slots=True)
class PlannedCall:
    """One call that a program is foreseen to make, and what policy says to it.

    `arguments` are known only where the program's text has them. `allow_option` would allow it.
    """

    server: str
    tool: str
    line: int
    column: int
    arguments: Mapping[str, Any] | None
    decision: Decision
    why: str
    allow_option: str

    @property
    def _label(self) -> str:
        return labelled(self.tool, "tool")

    @property
    def shown(self) -> bool:
        """Whether all of its arguments can be shown before it comes."""
        return self.arguments is not None and is_whole(self.server, self._label, self.arguments)

    @property
    def text(self) -> str:
        """What a person is shown of it. Safe for a terminal."""
        return self.text_at(f"line {self.line}")

    def text_at(self, place: str) -> str:
        """The same with other words for its place."""
        why = f"{place}, {self.why}"
        if self.shown and self.arguments is not None:
            return request_text(self.server, self._label, self.arguments, why)
        heading, _, _ = request_text(self.server, self._label, {}, why).rpartition("\n")
        return f"{heading}\n  (its arguments are not known yet: you will be asked when it comes)"


@dataclass(frozen=True, slots=True)
class Plan:
    """What a program is foreseen to call, in the order of its text."""

    calls: Sequence[PlannedCall]

    def of(self, decision: Decision) -> list[PlannedCall]:
        """The calls to which policy says this."""
        return [call for call in self.calls if call.decision == decision]

    @property
    def text(self) -> str:
        """The calls that ask, after those that do not in one line each. Safe for a terminal."""
        lines = ["Before it starts: the program calls"]
        for decision, words in _SAID.items():
            names = dict.fromkeys(call_name(one.server, one._label) for one in self.of(decision))
            if names:
                lines.append(f"  {words}: {', '.join(names)}")
        asked = self.of("ask")
        on_line = Counter(one.line for one in asked)
        for one in asked:
            column = f", column {one.column}" if on_line[one.line] > 1 else ""
            lines.append(one.text_at(f"line {one.line}{column}"))
        return "\n".join(lines)


BeforeStart: TypeAlias = Callable[[Plan], Awaitable[PlanAnswer]]
"""Asked once, before a program starts of which some call asks."""
