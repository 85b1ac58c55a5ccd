"""What a caller may choose: for one call, and for a client's session as a whole."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, TypeAlias

from .callbacks import ElicitCallback, LogCallback, SampleCallback

ProgressCallback: TypeAlias = Callable[[float, float | None, str | None], "Awaitable[None] | None"]
"""Called with (progress, total, message). May be async. For a blocking client it runs on the
session's thread."""

DriftCallback: TypeAlias = Callable[[str, Mapping[str, Sequence[str]]], None]
"""Called with a server's key and what would break callers, by tool: after each comparison, also
when there is nothing. The text is the server's."""

LogLevel: TypeAlias = Literal[
    "debug", "info", "notice", "warning", "error", "critical", "alert", "emergency"
]

DEFAULT_TIMEOUT_S: Final = 300.0


@dataclass(frozen=True, slots=True)
class TaskState:
    """What is known of a call under way (see `tasks`). `id` and `message` are the server's."""

    id: str = ""
    status: str = "working"
    message: str = ""


@dataclass(frozen=True, slots=True)
class CallOptions:
    """How one call is made.

    `timeout_s` limits a call from when it is handed to a connected session until its answer;
    None waits for ever. `on_task` is called whenever the server tells of the task by which it
    answered the call. `fresh` asks for a resource even where the server lets its contents be
    remembered for a while (`ttlMs`).
    """

    timeout_s: float | None = DEFAULT_TIMEOUT_S
    on_progress: ProgressCallback | None = None
    on_task: Callable[[TaskState], None] | None = None
    fresh: bool = False


DEFAULT_CALL: Final = CallOptions()


@dataclass(frozen=True, slots=True)
class Observe:
    """Where the shapes of answers are recorded, for `mcp-sdkgen infer`, and of which tools.

    `tools` are wire names, or `*` for every tool; without it, those that the server annotates as
    read-only. Tools that declare an output schema need no observing, and no value is recorded.
    """

    path: str | Path
    tools: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class SessionOptions:
    """How a client's session behaves as a whole.

    `connect_timeout_s` limits starting and greeting the server. Without it, the `timeout_s` of the
    server's entry does, or else 120 s for one that `npx`, `uvx` or the like starts, and up to 15
    minutes while that tells that it still installs, and 60 s for any other. `on_waiting` is told in
    words, every now and then, that a server is still starting or being installed.
    `max_concurrency` is how many calls may be under way at once; further ones wait their turn.
    `on_elicit`, `on_sample` and `roots` answer what a server asks (see `callbacks`); without them
    it is refused. `on_log` is called with the server's log messages of `log_level` and above.
    `drift` compares the live tools with those the SDK was generated from, once for each connection:
    `warn` logs what breaks callers, without delaying any call; `error` makes calls of such tools
    raise `DriftError`.
    `on_drift` is told what each comparison found. `max_answer_bytes` is the size of one answer as
    it is sent; a larger one is refused while it is read, and costs the connection.
    `observe` is the file for the shapes of answers of tools that declare no output schema, or an
    `Observe`. Without `check_formats`, arguments are sent whatever `format` their schema names: a
    server may take more than that format allows.
    """

    connect_timeout_s: float | None = None
    max_concurrency: int = 100
    on_elicit: ElicitCallback | None = None
    on_sample: SampleCallback | None = None
    roots: Sequence[str | Path] = ()
    on_log: LogCallback | None = None
    log_level: LogLevel = "info"
    drift: Literal["off", "warn", "error"] = "off"
    observe: Observe | str | Path | None = None
    on_drift: DriftCallback | None = None
    max_answer_bytes: int = 256 << 20
    on_waiting: Callable[[str], None] | None = None
    check_formats: bool = True
