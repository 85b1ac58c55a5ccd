"""The right calls, made one by one over MCP, as a host with plain tool calling makes them."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mcp_sdkgen_runtime import RawResult
from mcp_sdkgen_runtime.session.session import session_for

from .tasks import Call, Task
from .worlds import World


@dataclass(frozen=True)
class Answer:
    """One call and what came back."""

    call: Call
    raw: RawResult


@dataclass(frozen=True)
class Replay:
    """A task done by calls: the answers turn by turn, the state at the end, the calls' seconds."""

    turns: tuple[tuple[Answer, ...], ...]
    state: Any
    seconds: float


class Sessions:
    """Sessions to servers, opened at their first call."""

    def __init__(self, bindings: Mapping[str, Any]) -> None:
        self._sessions = {
            server: session_for(server, "", binding, None, blocking=True)
            for server, binding in bindings.items()
        }

    def call(self, call: Call) -> RawResult:
        """Make one call."""
        answer: RawResult = self._sessions[call.server].call(call.tool, dict(call.arguments))
        return answer

    def connect(self) -> None:
        """Open them all now."""
        for session in self._sessions.values():
            session.connect()

    def close(self) -> None:
        """Close all of them."""
        for session in self._sessions.values():
            session.close()


def replay(task: Task, world: World, sessions: Sessions) -> Replay:
    """Do the task by its right calls."""
    if first := world.begin(task):
        sessions.call(first)
    start = time.perf_counter()
    turns = tuple(
        tuple(Answer(call, sessions.call(call)) for call in turn.calls) for turn in task.turns
    )
    seconds = time.perf_counter() - start
    return Replay(turns, world.state(task), seconds)
