"""The values that pass between resolving, taking and showing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from ..config import ServerConfig
from ..errors import SdkgenError
from ..snapshot import Snapshot


@dataclass(frozen=True)
class ServerSource:
    """A live server. `name` is the name under which the user knows it."""

    name: str
    config: ServerConfig


@dataclass(frozen=True)
class SavedSource:
    """A tool list that was saved in a file, already read. `origin` is the file as shown."""

    name: str
    snapshot: Snapshot = field(repr=False)
    origin: str = ""


@dataclass(frozen=True)
class BrokenSource:
    """A source that was named but cannot be used; taking it raises `error`."""

    name: str
    error: SdkgenError


Source = ServerSource | SavedSource | BrokenSource


@dataclass(frozen=True)
class Taken:
    """What became of one source: a snapshot or an error, after so many seconds."""

    source: Source
    snapshot: Snapshot | None
    error: SdkgenError | None
    seconds: float


class Phase(StrEnum):
    """How far taking a snapshot has come."""

    CONNECTING = "connecting"
    INSTALLING = "installing"
    """A package manager fetches the server; the message is its name and what it does, in words."""
    FINISHING = "finishing"
    """The server is given up, and its package manager may finish what it installs."""
    INTERRUPTED = "interrupted"
    """The same where nobody gave it up: the work was interrupted."""
    LISTING = "listing"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True)
class Event:
    """One step of progress. `tools` is how many are known so far, `seconds` since the start.

    `message` is set when the phase is `failed` or `installing`. It may quote text from the server:
    show it through `text.terminal`.
    """

    source: str
    phase: Phase
    seconds: float
    tools: int = 0
    message: str = ""


OnEvent = Callable[[Event], None]
