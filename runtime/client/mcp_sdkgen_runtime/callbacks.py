"""What a server may ask of the person or program behind a client, and how that is answered.

Without a callback the capability is not announced, and a server that asks all the same is refused.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    pass


@dataclass(frozen=True, slots=True)
class Elicitation:
    """A question to the user. Either a form (`schema`, a flat JSON Schema) or a `url` to visit."""

    message: str
    schema: dict[str, Any] | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Sampling:
    """A request for a model's completion. `request` is the whole request in its wire form."""

    messages: list[dict[str, Any]]
    system_prompt: str
    max_tokens: int
    request: dict[str, Any]


@dataclass(frozen=True, slots=True)
class LogMessage:
    """A log message of the server. `level` is one of syslog's names, `data` any JSON."""

    level: str
    logger: str
    data: Any


Fields: TypeAlias = Mapping[str, Any]
ElicitCallback: TypeAlias = Callable[[Elicitation], "Fields | Awaitable[Fields | None] | None"]
"""Gives the form's fields (empty for a URL that was visited), or None to decline."""
Completion: TypeAlias = str | Mapping[str, Any]
SampleCallback: TypeAlias = Callable[[Sampling], "Completion | Awaitable[Completion | None] | None"]
"""Gives the completion, as text or as a `sampling/createMessage` result, or None to decline."""
LogCallback: TypeAlias = Callable[[LogMessage], "Awaitable[None] | None"]
