"""How long a server may take to start, and what is told of it meanwhile.

The one home of these limits: snapshots and sessions start servers alike.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

import anyio

from ..config.targets import HttpTarget, StdioTarget, Target
from ..transport.connection_state import ConnectionState
from ..transport.installing import package_manager

PACKAGE_MANAGER_S: Final = 120.0
INSTALLING_S: Final = 900.0
CONNECT_S: Final = 60.0
"""For a session to any other server. A build, which others wait for, has its own."""
_ATTEND_S: Final = 0.1
_INSTALL_STEP_S: Final = 30.0
"""Time that a server has left at any moment of its installation, which does the starting after."""
_FIRST_NEWS_S: Final = 5.0
_NEWS_S: Final = 15.0

Heard: TypeAlias = Callable[[float, str | None], None]
"""Told again and again how long a start has lasted, in seconds, and what its package manager does,
in words: None where nothing is being installed."""


@dataclass(frozen=True)
class StartLimit:
    """Seconds that a server has, and those that it has at most while its package manager tells that
    it still installs."""

    time_s: float
    installing_s: float


def start_limit(
    command: str, args: Sequence[str], chosen_s: float | None, other_s: float
) -> StartLimit:
    """The limit that somebody chose, or else one that suits the command: `other_s` for a command
    that is no package manager's."""
    if chosen_s:
        return StartLimit(chosen_s, chosen_s)
    if package_manager(command, args):
        return StartLimit(PACKAGE_MANAGER_S, INSTALLING_S)
    return StartLimit(other_s, other_s)


def target_limit(target: Target, chosen_s: float | None) -> StartLimit:
    """The limit for a session: the one chosen, or else that of the server's entry, or else one that
    suits its command."""
    if isinstance(target, StdioTarget):
        chosen_s = chosen_s or target.connect_timeout_s
        return start_limit(target.command, target.args, chosen_s, CONNECT_S)
    if isinstance(target, HttpTarget):
        chosen_s = chosen_s or target.connect_timeout_s
    return StartLimit(chosen_s or CONNECT_S, chosen_s or CONNECT_S)


async def attend(
    link: ConnectionState, limit: StartLimit, scope: anyio.CancelScope, heard: Heard
) -> None:
    """Give an installation more time while it goes on, and tell how the start goes. Ends when it is
    cancelled."""
    began_s = time.monotonic()
    while True:
        await anyio.sleep(_ATTEND_S)
        lasted_s = time.monotonic() - began_s
        doing = None
        if link.installation.is_under_way and not link.answers:
            doing = link.installation.doing
            more_s = min(_INSTALL_STEP_S, limit.installing_s - lasted_s)
            if more_s > 0 and anyio.current_time() + more_s > scope.deadline:
                scope.deadline = anyio.current_time() + more_s
                link.limit_s = round(lasted_s + more_s)
        heard(lasted_s, doing)


def news(server: str, target: Target, tell: Callable[[str], None]) -> Heard:
    """Says every now and then that a server is still starting, or being installed."""
    next_s = _FIRST_NEWS_S
    manager, starting = "", "connecting"
    if isinstance(target, StdioTarget):
        manager, starting = package_manager(target.command, target.args), "starting"

    def heard(lasted_s: float, doing: str | None) -> None:
        nonlocal next_s
        if lasted_s < next_s:
            return
        next_s = lasted_s + _NEWS_S
        who = f"{server}: {manager}" if manager else server
        tell(f"{who} is still {doing or starting} ({lasted_s:.0f} s)")

    return heard
