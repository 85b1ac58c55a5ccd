"""One question to a model and what came of it, as a value and as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from decimal import Decimal
from typing import Any, Literal, TypeAlias

from ..outcome import Outcome
from ..prompting.tools import RUN

Ended: TypeAlias = Literal["answered", "cancelled", "repairs", "requests", "failed"]
"""How a turn ended. `repairs` and `requests`: at the bound on repairs, or on requests to the model.
`failed`: the model's server did not answer."""


@dataclass(slots=True)
class Usage:
    """Tokens and money. `cost_usd` is None where a price is not known."""

    requests: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cache_read_tokens: int = 0
    cache_write_tokens: int = 0
    cost_usd: Decimal | None = Decimal(0)

    def add(self, other: Usage) -> None:
        """Count another's in. What has no known price makes the sum's unknown."""
        self.requests += other.requests
        self.input_tokens += other.input_tokens
        self.output_tokens += other.output_tokens
        self.cache_read_tokens += other.cache_read_tokens
        self.cache_write_tokens += other.cache_write_tokens
        if self.cost_usd is None or other.cost_usd is None:
            self.cost_usd = None
        else:
            self.cost_usd += other.cost_usd

    def as_json(self) -> dict[str, Any]:
        """The figures by name; money as a number of dollars."""
        cost = None if self.cost_usd is None else float(self.cost_usd)
        return {**asdict(self), "cost_usd": cost}


@dataclass(frozen=True, slots=True)
class Step:
    """One thing of a turn: a `text` that the model wrote, or a `call` of a tool with its reply.

    All of it is the model's, a program's or a server's words, as they came.
    """

    kind: Literal["text", "call"]
    text: str = ""
    tool: str = ""
    arguments: Mapping[str, Any] | str = field(default_factory=dict)
    outcome: Outcome | None = None

    @property
    def program(self) -> str:
        """The program that was handed over, if it is one."""
        given = self.arguments
        if isinstance(given, str):
            try:
                given = json.loads(given)
            except (ValueError, RecursionError):
                return ""
        found = given.get("program") if isinstance(given, Mapping) else None
        return found if isinstance(found, str) and self.tool == RUN else ""

    def as_json(self) -> dict[str, Any]:
        """The step by field name. Files that came back have no data here, and calls none either."""
        if self.kind == "text":
            return {"kind": "text", "text": self.text}
        outcome = None if self.outcome is None else self.outcome.as_json()
        if outcome is not None:
            for file in outcome["artifacts"]:
                del file["base64"]
            for call in outcome["calls"]:
                del call["arguments"], call["result"]
        return {
            "kind": "call",
            "tool": self.tool,
            "arguments": self.arguments,
            "reply": self.text,
            "outcome": outcome,
        }


@dataclass(slots=True)
class Turn:
    """A question, the steps that followed, and the answer, if it came to one."""

    question: str
    steps: list[Step] = field(default_factory=list)
    answer: str = ""
    ended: Ended = "answered"
    reason: str = ""
    usage: Usage = field(default_factory=Usage)

    def as_json(self) -> dict[str, Any]:
        """The turn by field name."""
        return {
            "question": self.question,
            "steps": [step.as_json() for step in self.steps],
            "answer": self.answer,
            "ended": self.ended,
            "reason": self.reason,
            "usage": self.usage.as_json(),
        }


def total(turns: Iterable[Turn]) -> Usage:
    """What all of them took."""
    found = Usage()
    for turn in turns:
        found.add(turn.usage)
    return found


def last_run(turns: Sequence[Turn]) -> Step | None:
    """The step with the last program that was taken."""
    steps = [step for turn in turns for step in turn.steps if step.outcome is not None]
    return steps[-1] if steps else None
