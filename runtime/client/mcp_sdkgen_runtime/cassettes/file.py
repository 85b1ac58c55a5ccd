"""A cassette's file: recorded calls as NDJSON, one line a call, added atomically.

    {"server": "weather", "tool": "get_forecast", "digest": "sha256:…", "arguments": {"city": …},
     "is_error": false, "answer": {"content": […], "structuredContent": {…}}}

Instead of `tool` there may be `prompt`, or `resource` (a URI). A blank line is skipped.
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias

from ..errors import CassetteError
from ..files import append, encoded
from ..observability.redaction import Redaction

Mode: TypeAlias = Literal["auto", "record", "replay"]
Kind: TypeAlias = Literal["tool", "prompt", "resource"]

_KINDS: Final[tuple[Kind, ...]] = ("tool", "prompt", "resource")


@dataclass(frozen=True, slots=True)
class RecordedCall:
    """A call as it is looked up and written down: without secrets."""

    server: str
    kind: Kind
    name: str
    arguments: dict[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """Equal for equal calls, whatever the order of their arguments."""
        return json.dumps([self.server, self.kind, self.name, self.arguments], sort_keys=True)


@dataclass(frozen=True, slots=True)
class Interaction:
    """One recorded call and its answer, in the form it has on the wire. `line` counts from 1."""

    call: RecordedCall
    answer: dict[str, Any]
    is_error: bool = False
    digest: str = ""
    line: int = 0


class CassetteFile:
    """One cassette file, as one run of a program records and replays it.

    Equal calls get their answers in the order in which they were recorded. Safe for threads, and
    for several processes that add to one file.
    """

    def __init__(self, path: Path, mode: Mode = "auto", redaction: Redaction | None = None) -> None:
        self.path = path
        self.mode = mode
        self.redaction = redaction or Redaction()
        self._lock = threading.Lock()
        self._interactions: list[Interaction] | None = None
        self._waiting: dict[str, list[Interaction]] = {}
        self._begun = False
        self._open_end = False

    def interactions(self) -> list[Interaction]:
        """Every recorded call. Raises `CassetteError` when the file cannot be read."""
        with self._lock:
            return list(self._loaded())

    def next(self, call: RecordedCall) -> Interaction | None:
        """The recorded answer whose turn it is, or None.

        In `replay`, a call made more often than it was recorded gets its last answer again.
        """
        if self.mode == "record":
            return None
        with self._lock:
            self._loaded()
            waiting = self._waiting.get(call.key)
            if not waiting:
                return None
            last = len(waiting) == 1 and self.mode == "replay"
            return waiting[0] if last else waiting.pop(0)

    def check_writable(self) -> None:
        """Raise `CassetteError` when nothing could be added, before a call whose answer should."""
        place = self.path
        while not place.exists() and place != place.parent:
            place = place.parent
        in_the_way = place.is_dir() == (place == self.path)
        if in_the_way or not os.access(place, os.W_OK):
            raise CassetteError(f"{self.path}: cannot be written")

    def add(self, interaction: Interaction) -> None:
        """Write a call at the end of the file. In `record`, the first one starts the file anew."""
        line = _line(interaction)
        with self._lock:
            anew = self.mode == "record" and not self._begun
            if self._open_end and not anew:
                line = b"\n" + line
            try:
                append(self.path, line, anew=anew)
            except OSError as error:
                raise CassetteError(f"{self.path}: cannot be written: {error.strerror}") from error
            self._begun, self._open_end = True, False

    def _loaded(self) -> list[Interaction]:
        if self._interactions is None:
            try:
                data = self.path.read_bytes()
            except FileNotFoundError:
                data = b""
            except OSError as error:
                raise CassetteError(f"{self.path}: cannot be read: {error.strerror}") from error
            self._interactions = list(_parsed(data, self.path))
            self._open_end = bool(data) and not data.endswith(b"\n")
            for interaction in self._interactions:
                self._waiting.setdefault(interaction.call.key, []).append(interaction)
        return self._interactions


def _line(interaction: Interaction) -> bytes:
    call = interaction.call
    entry: dict[str, Any] = {"server": call.server, call.kind: call.name}
    if interaction.digest:
        entry["digest"] = interaction.digest
    if call.kind != "resource":
        entry["arguments"] = call.arguments
    if call.kind == "tool":
        entry["is_error"] = interaction.is_error
    return encoded({**entry, "answer": interaction.answer})


def _parsed(data: bytes, path: Path) -> Iterable[Interaction]:
    for number, line in enumerate(data.split(b"\n"), 1):
        if not line.strip():
            continue
        try:
            yield _interaction(json.loads(line), number)
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            why = "not JSON" if isinstance(error, ValueError) else "not a recorded call"
            raise CassetteError(f"{path}, line {number}: {why}: {error}") from error


def _interaction(entry: dict[str, Any], number: int) -> Interaction:
    kind = next((kind for kind in _KINDS if kind in entry), None)
    if kind is None:
        raise KeyError("tool")
    arguments = dict(entry.get("arguments") or {})
    call = RecordedCall(str(entry["server"]), kind, str(entry[kind]), arguments)
    return Interaction(
        call,
        dict(entry["answer"]),
        entry.get("is_error") is True,
        str(entry.get("digest") or ""),
        number,
    )
