"""What a caller may choose: for one call, and for a client's session as a whole."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

ProgressCallback: TypeAlias = Callable[[float, float | None, str | None], "Awaitable[None] | None"]
"""Called with (progress, total, message). May be async. For a blocking client it runs on the
session's thread."""

DEFAULT_TIMEOUT_S: Final = 300.0


@dataclass(frozen=True, slots=True)
class CallOptions:
    """How one call is made.

    `timeout_s` limits a call from when it is handed to a connected session until its answer;
    None waits for ever.
    """

    timeout_s: float | None = DEFAULT_TIMEOUT_S
    on_progress: ProgressCallback | None = None


DEFAULT_CALL: Final = CallOptions()


@dataclass(frozen=True, slots=True)
class SessionOptions:
    """How a client's session behaves as a whole.

    `connect_timeout_s` limits starting and greeting the server. `max_concurrency` is how many
    calls may be under way at once; further ones wait their turn.
    """

    connect_timeout_s: float = 60.0
    max_concurrency: int = 100


Json: TypeAlias = dict[str, Any]
