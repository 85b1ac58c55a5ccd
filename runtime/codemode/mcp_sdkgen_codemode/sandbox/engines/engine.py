"""What an engine is: something that starts single-use boxes.

An engine needs to give only a duplex byte stream (the door), a way to kill and a way to wait, so
that one on another machine fits as well.
"""

from __future__ import annotations

import socket
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from ...limits import Limits


@dataclass(frozen=True, slots=True)
class BoxSpec:
    """What a box must contain. Equal specs share one private copy of it all."""

    sdks: tuple[Path, ...] = ()
    """Package folders of generated SDKs (`…/weather_sdk`) that are importable inside."""
    packages: tuple[str, ...] = ()
    """Import or distribution names of installed packages that the host allows, such as numpy."""
    preimport: tuple[str, ...] = ()
    """Modules imported before the box is ready."""
    limits: Limits = field(default_factory=Limits)


class Box(Protocol):
    """One started, single-use box. Nothing in it has run yet but our own boot code."""

    @property
    def door(self) -> socket.socket:
        """The host's end of the only way in and out: a non-blocking duplex byte stream."""
        ...

    @property
    def stdout(self) -> int | None:
        """Non-blocking read end, or None where output comes through the door."""
        ...

    @property
    def stderr(self) -> int | None:
        """Non-blocking read end, or None where output comes through the door."""
        ...

    def files(self) -> int:
        """How many files and folders the program has made; 0 where something else limits them."""
        ...

    def kill(self) -> None:
        """End the whole box at once. Never raises, and may be called at any time and twice."""
        ...

    async def wait(self) -> str:
        """Wait until nothing of the box is left; how it ended: `exit 0`, `signal SIGSEGV`, `oom`.

        What was printed can still be read afterwards.
        """
        ...

    def close(self) -> None:
        """Kill the box if it lives, and close the door and the read ends. May be called twice."""
        ...


class Engine(Protocol):
    """A way to make boxes, on one rung of the ladder (see `ladder`)."""

    @property
    def name(self) -> str:
        """Short name, as in `--engine`."""
        ...

    @property
    def rung(self) -> int:
        """How far the box is to be trusted; higher is safer."""
        ...

    async def start(self, spec: BoxSpec) -> Box:
        """Start a box. It says `box/ready` on its door when it is. Raises `SandboxError`."""
        ...


class SandboxError(Exception):
    """No box can be had. `reason` says why, and `fix` what to do about it; may be empty."""

    def __init__(self, reason: str, fix: str = "") -> None:
        super().__init__(reason if not fix else f"{reason}. {fix}")
        self.reason = reason
        self.fix = fix
