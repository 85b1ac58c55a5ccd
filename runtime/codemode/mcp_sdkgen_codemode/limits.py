"""What one run may use at most."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of one run. Times in seconds, sizes in bytes; every limit is enforced by the host,
    or by the kernel on its behalf, never by the program's good will.
    """

    time_s: float = 60.0
    """Wall clock, from dispatch to the result, without the time that a person takes to approve."""
    cpu_s: int = 30
    """CPU time of the program's process."""
    memory_bytes: int = 1 << 30
    """Address space of the program's process, and its memory where a cgroup can be had."""
    tmp_bytes: int = 64 << 20
    """Size of the sandbox's only writable folder. Each file and folder counts 4 KiB at least."""
    file_bytes: int = 32 << 20
    """Size of one file in it."""
    threads: int = 64
    """Threads of the program."""
    open_files: int = 128
    """Open descriptors of the program."""
    output_bytes: int = 256 << 10
    """What is kept of stdout, and of stderr: head and tail. Sixteen times as much ends the run."""
    value_bytes: int = 1 << 20
    """Size of the value of the last expression, as JSON."""
    input_bytes: int = 32 << 20
    """Size of all files that it is given. They are in its writable folder and count there too."""
    artifacts: int = 64
    """Files that come back."""
    artifact_bytes: int = 32 << 20
    """Size of all files that come back."""
    calls: int = 1000
    """Tool calls."""
    concurrency: int = 32
    """Tool calls in flight. Further ones wait."""
    call_s: float = 60.0
    """Wall clock of one tool call."""
    arguments_bytes: int = 1 << 20
    """One frame from the sandbox: the arguments of one call with their envelope."""
    result_bytes: int = 16 << 20
    """One answer to the sandbox."""
    traffic_bytes: int = 512 << 20
    """All answers and arguments of a run together."""

    def __post_init__(self) -> None:
        """Raises `ValueError` for a limit that is not positive."""
        for name, value in self.as_json().items():
            if not value > 0:
                raise ValueError(f"limit {name} must be greater than 0, not {value!r}")

    def as_json(self) -> dict[str, Any]:
        """The limits by name."""
        return {entry.name: getattr(self, entry.name) for entry in fields(self)}
