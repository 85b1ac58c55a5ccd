"""What an engine is: something that starts single-use sandboxes.

An engine needs to give only a duplex byte stream (the channel), a way to kill and a way to wait, so
that one on another machine fits as well.
"""

from __future__ import annotations

import socket
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from ...host_only import NOTHING, HostOnly
from ...limits import Limits


@dataclass(frozen=True, slots=True)
class SandboxSpec:
    """What a sandbox must contain. Equal specs share one private copy of it all."""

    sdks: tuple[Path, ...] = ()
    """Package folders of generated SDKs (`…/weather_sdk`) that are importable inside."""
    packages: tuple[str, ...] = ()
    """Import or distribution names of installed packages that the host allows, such as numpy."""
    preimport: tuple[str, ...] = ()
    """Modules imported before the sandbox is ready."""
    limits: Limits = field(default_factory=Limits)


class Sandbox(Protocol):
    """One started, single-use sandbox. Nothing in it has run yet but our own boot code."""

    @property
    def channel(self) -> socket.socket:
        """The host's end of the only way in and out: a non-blocking duplex byte stream."""
        ...

    @property
    def stdout(self) -> int | None:
        """Non-blocking read end, or None where output comes through the channel."""
        ...

    @property
    def stderr(self) -> int | None:
        """Non-blocking read end, or None where output comes through the channel."""
        ...

    def files(self) -> int:
        """How many files and folders the program has made; 0 where something else limits them."""
        ...

    def kill(self) -> None:
        """End the whole sandbox at once. Never raises, and may be called at any time and twice."""
        ...

    async def wait(self) -> str:
        """Wait until nothing of the sandbox is left; how it ended: `exit 0`, `signal SIGSEGV`,
        `oom`.

        What was printed can still be read afterwards.
        """
        ...

    def close(self) -> None:
        """Kill the sandbox if it lives, and close the channel and the read ends. May be called
        twice."""
        ...


class Engine(Protocol):
    """A way to make sandboxes, of one isolation level (see `selection`)."""

    @property
    def name(self) -> str:
        """Short name, as in `--engine`."""
        ...

    @property
    def isolation_level(self) -> int:
        """How far its sandboxes are to be trusted, from 1 to 4; higher is safer."""
        ...

    async def start(self, spec: SandboxSpec) -> Sandbox:
        """Start a sandbox. It says `sandbox/ready` on its channel when it is. Raises
        `SandboxError`."""
        ...


class SandboxError(Exception):
    """No sandbox can be had. `reason` says why, and `fix` what to do about it; may be empty.

    `detail` has what only the host may know of it: paths, and what programs of the host printed.
    """

    def __init__(self, reason: str, fix: str = "", detail: HostOnly = NOTHING) -> None:
        told = f"{reason} ({detail.for_host()})" if detail else reason
        super().__init__(told if not fix else f"{told}. {fix}")
        self.reason = reason
        self.fix = fix
        self.detail = detail
