"""What a host hears while a program runs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias

from .outcome import Call


@dataclass(frozen=True, slots=True)
class CallStarted:
    """A tool call passed policy and went to its server. `number` counts the run's calls from 1."""

    number: int
    server: str
    tool: str


@dataclass(frozen=True, slots=True)
class CallEnded:
    """A tool call has ended, or was refused before it began."""

    number: int
    call: Call


@dataclass(frozen=True, slots=True)
class Progress:
    """The program (`number` 0) or a tool call reported progress. `message` is untrusted text."""

    number: int
    progress: float
    total: float | None
    message: str


Stream: TypeAlias = Literal["stdout", "stderr"]


@dataclass(frozen=True, slots=True)
class Output:
    """The program printed. Control characters are spelled out."""

    stream: Stream
    text: str


Event: TypeAlias = CallStarted | CallEnded | Progress | Output
OnEvent: TypeAlias = Callable[[Event], None]
