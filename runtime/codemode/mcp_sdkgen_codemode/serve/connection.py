"""One HTTP connection: how long a peer may take to say what it wants, and who it is."""

from __future__ import annotations

import asyncio
import socket
import struct
from typing import Any, Final, cast

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

HEAD_S: Final = 10.0
"""Seconds that a peer has for the head of a request, with which it says who it is."""
MAX_UNHEARD: Final = 64
"""Connections whose peer has not said yet who it is. For another, the oldest of them is closed."""
PEER_UID: Final = "peer_uid"
"""In the `state` of a request: the user id at the other end of a Unix socket."""


class Connection(H11Protocol):
    """HTTP/1.1 of uvicorn, whose peers cannot use up the connections of this process by sending
    nothing, or next to nothing: uvicorn waits for the head of a request for ever."""

    _patience: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for a request."""
        super().connection_made(transport)
        if (uid := _peer_uid(transport.get_extra_info("socket"))) is not None:
            self.app_state = {**self.app_state, PEER_UID: uid}
        unheard = [each for each in self.connections if getattr(each, "_patience", None)]
        if len(unheard) >= MAX_UNHEARD:
            oldest = min((cast("Connection", each) for each in unheard), key=Connection._deadline_s)
            oldest.transport.abort()
            oldest._stop_waiting()
        self._wait_for_head()

    def data_received(self, data: bytes) -> None:
        """Take what the peer sends."""
        super().data_received(data)
        self._wait_for_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no more."""
        self._stop_waiting()
        super().connection_lost(exc)

    def _wait_for_head(self) -> None:
        if self.conn.their_state is not h11.IDLE or self.transport.is_closing():
            self._stop_waiting()
        elif self._patience is None:
            self._patience = self.loop.call_later(HEAD_S, self.transport.abort)

    def _stop_waiting(self) -> None:
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None

    def _deadline_s(self) -> float:
        return self._patience.when() if self._patience is not None else float("inf")


def _peer_uid(connected: Any) -> int | None:
    """The user id of whoever connected to a Unix socket, as the kernel knows it (SO_PEERCRED)."""
    option = getattr(socket, "SO_PEERCRED", None)
    if option is None or connected is None or connected.family != socket.AF_UNIX:
        return None
    credentials = struct.Struct("3i")
    _, uid, _ = credentials.unpack(
        connected.getsockopt(socket.SOL_SOCKET, option, credentials.size)
    )
    return int(uid)
