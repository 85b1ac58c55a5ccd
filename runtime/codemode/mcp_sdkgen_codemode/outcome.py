"""What became of a program: one value, also as JSON."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Literal, TypeAlias

from .diagnostics import Diagnostic
from .host_only import NOTHING, HostOnly

Status: TypeAlias = Literal["finished", "rejected", "failed", "timed_out", "killed", "refused"]
"""`finished`: ran to its end. `rejected`: the check found errors; nothing ran. `failed`: raised, or
exited with another code than 0. `timed_out` and `killed`: ended by the host, for its time or for
another limit. `refused`: no sandbox can be had that is safe enough, and nothing ran; or the run is
suspended (see `Outcome.suspended`)."""

CallStatus: TypeAlias = Literal[
    "ok", "tool_error", "refused", "invalid", "failed", "replayed", "suspended"
]
"""`ok` and `tool_error`: the tool ran. `refused`: policy or a person said no. `invalid`: arguments
do not fit the schema, or no such tool. `failed`: no answer came. `replayed`: from the journal.
`suspended`: it waits for approval, and was not sent."""

EXIT_CODES: Mapping[str, int] = {
    "finished": 0,
    "failed": 1,
    "rejected": 3,
    "timed_out": 4,
    "killed": 4,
    "refused": 5,
}


@dataclass(frozen=True, slots=True)
class ProgramError:
    """The exception that ended a program. `line` is the program's own, or None.

    `traceback` has the program's own lines only. All of it is untrusted text, made safe to print.
    """

    type: str
    message: str
    line: int | None = None
    traceback: str = ""


@dataclass(frozen=True, slots=True)
class Call:
    """One tool call of a run. Times in seconds, `start_s` since dispatch; sizes in bytes of JSON.

    A person who is asked about it answers before it starts.

    `message` is what the program was told of a call that has no result. `arguments` and `result`
    are kept only where the run was asked to (`payloads=True`), as JSON data without secrets; of
    what is larger than 20,000 characters of JSON, the beginning is kept as a text, and `truncated`
    names it. `detail` is what the host knows beside `message`.
    """

    server: str
    tool: str
    status: CallStatus
    start_s: float
    duration_s: float
    sent_bytes: int
    received_bytes: int
    message: str = ""
    arguments: Any = None
    result: Any = None
    detail: HostOnly = NOTHING
    truncated: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Artifact:
    """A file that the program left in its working folder.

    `name` is relative and safe, and no part of it is hidden: in a folder of yours, `.git/config`
    or `.bashrc` would be commands.
    """

    name: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Timings:
    """Seconds spent in the check, waiting for a sandbox, running, and waiting for a person.

    The last are in none of the others.
    """

    check_s: float = 0.0
    start_s: float = 0.0
    run_s: float = 0.0
    asked_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a program.

    `value` is that of its last expression, when it is JSON-like or a model. `stdout` and `stderr`
    are capped, keeping head and tail, with control characters spelled out; `truncated` names what
    was cut. `reason` says in one line why a run did not finish, and what would help; `detail` what
    the host should know beside, and neither the program nor a model may.
    """

    status: Status
    stdout: str = ""
    stderr: str = ""
    truncated: tuple[str, ...] = ()
    value: Any = None
    error: ProgramError | None = None
    reason: str = ""
    diagnostics: tuple[Diagnostic, ...] = ()
    calls: tuple[Call, ...] = ()
    artifacts: tuple[Artifact, ...] = ()
    limits: Mapping[str, Any] = field(default_factory=dict)
    timings: Timings = Timings()
    engine: str = ""
    notes: tuple[str, ...] = ()
    """What the host has to say beside: saved programs that were left out, and why."""
    suspended: bool = False
    """Whether the run waits for a person and can be resumed with its journal."""
    detail: HostOnly = NOTHING

    @property
    def ok(self) -> bool:
        """Whether the program ran to its end."""
        return self.status == "finished"

    @property
    def exit_code(self) -> int:
        """The exit code of `mcp-sdkgen run` for this outcome."""
        return EXIT_CODES[self.status]

    def as_json(self) -> dict[str, Any]:
        """The outcome as JSON data with stable keys, for the host; artifacts in base64.

        `parked` is there for readers of before: it is what `suspended` was called.
        """
        found = {entry.name: _json(getattr(self, entry.name)) for entry in fields(self)}
        return {**found, "parked": self.suspended}


def _json(value: Any) -> Any:
    if isinstance(value, Diagnostic):
        return value.as_json()
    if isinstance(value, Artifact):
        data = base64.b64encode(value.data).decode()
        return {"name": value.name, "bytes": len(value.data), "base64": data}
    if isinstance(value, HostOnly):
        return value.for_host()
    if isinstance(value, ProgramError | Call | Timings):
        return {entry.name: _json(getattr(value, entry.name)) for entry in fields(value)}
    if isinstance(value, tuple):
        return [_json(item) for item in value]
    return dict(value) if isinstance(value, Mapping) else value
