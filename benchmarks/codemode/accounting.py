"""What a conversation costs: tokens in, tokens out, round trips, and their price."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields

Count = Callable[[str], int]

MESSAGE = 4
"""Tokens that frame one message: role and delimiters, as in OpenAI's chat format."""

OUTPUT_PRICE = 5.0
CACHED_PRICE = 0.1
WRITTEN_PRICE = 1.25
"""Prices in fresh input tokens: output, a prefix read from the cache, and one written to it."""

FIRST_TOKEN_S = 1.0
OUTPUT_TOKENS_PER_S = 60.0
"""The assumed model: seconds until it begins to answer, and how fast it writes."""


@dataclass(frozen=True)
class Usage:
    """What one or many requests to a model took.

    `input_tokens` counts everything sent, `cached_tokens` the part of it that the request before
    had sent already. `hidden_results` are tool results that the model never saw, `hidden_tokens`
    their size.
    """

    round_trips: int = 0
    input_tokens: int = 0
    cached_tokens: int = 0
    output_tokens: int = 0
    calls: int = 0
    hidden_results: int = 0
    hidden_tokens: int = 0

    def __add__(self, other: Usage) -> Usage:
        return Usage(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(self)))

    @property
    def price(self) -> float:
        """The price without prompt caching, in fresh input tokens."""
        return self.input_tokens + OUTPUT_PRICE * self.output_tokens

    @property
    def cached_price(self) -> float:
        """The price with prompt caching, in fresh input tokens."""
        written = self.input_tokens - self.cached_tokens
        read = CACHED_PRICE * self.cached_tokens
        return read + WRITTEN_PRICE * written + OUTPUT_PRICE * self.output_tokens

    @property
    def model_s(self) -> float:
        """Seconds that the assumed model needs."""
        return self.round_trips * FIRST_TOKEN_S + self.output_tokens / OUTPUT_TOKENS_PER_S


def total(usages: Iterable[Usage]) -> Usage:
    """All of them together."""
    return sum(usages, Usage())


class Conversation:
    """A conversation that grows, and what each request of it sends.

    `prefix_tokens` is the size of what stands before the first message: system text, definitions.
    """

    def __init__(self, count: Count, prefix_tokens: int) -> None:
        self._count = count
        self._context = prefix_tokens + MESSAGE
        self._sent = 0
        self._usage = Usage()

    def receive(self, text: str) -> None:
        """Something is put before the model: a user's words, a tool's result."""
        self._context += self._count(text) + MESSAGE

    def reply(self, *texts: str, calls: int = 0) -> None:
        """The model is asked, and writes `texts`: an answer, or one or more calls."""
        output = sum(self._count(text) for text in texts)
        self._usage += Usage(1, self._context, self._sent, output, calls)
        self._sent = self._context
        self._context += output + MESSAGE

    def hide(self, result: str) -> None:
        """A tool's result stays out of the conversation."""
        self._usage += Usage(hidden_results=1, hidden_tokens=self._count(result))

    def spent(self) -> Usage:
        """What the requests since the last time took."""
        usage, self._usage = self._usage, Usage()
        return usage
