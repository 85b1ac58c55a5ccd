"""The host's end of a channel: frames in, lines out, over any duplex byte stream."""

from __future__ import annotations

import asyncio
import json
import socket
from collections import deque
from contextlib import suppress
from typing import Any, Final

from ..limits import Limits
from .framing import Frame, Lines, Violation, parse

_CHUNK_BYTES: Final = 1 << 16
_ENVELOPE_BYTES: Final = 1 << 14
_LEAST_FRAME_BYTES: Final = 1 << 10
"""What a frame counts at least: so the limit of bytes also limits the number of frames."""


class ChannelClosed(Exception):
    """The sandbox closed its end, or ended, before it gave a result."""


class HostChannel:
    """One sandbox's byte stream. It outlives a run where the sandbox does."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, limits: Limits
    ) -> None:
        self.limits = limits
        self.last_id = -1
        self.token = ""
        self.spent_tokens: set[str] = set()
        """Tokens of runs that this sandbox has had: a late call of theirs is refused, no
        violation."""
        self.traffic_bytes = 0
        self._reader = reader
        self._writer = writer
        self._lines = Lines(max(limits.arguments_bytes, limits.value_bytes) + _ENVELOPE_BYTES)
        self._ready: deque[bytes] = deque()

    @classmethod
    async def of(cls, sock: socket.socket, limits: Limits) -> HostChannel:
        """The channel over the host's end of a socket pair, which it owns from now on."""
        reader, writer = await asyncio.open_connection(sock=sock, limit=_CHUNK_BYTES)
        return cls(reader, writer, limits)

    async def ready(self) -> None:
        """Wait until the sandbox has warmed up. Raises `ChannelClosed` and `Violation`."""
        frame = await self.frame()
        if frame.method != "sandbox/ready" or frame.id is not None:
            raise Violation("the sandbox spoke before it was ready")

    def begin(self, token: str, params: dict[str, Any]) -> None:
        """Hand the sandbox a program, as the `params` of `sandbox/run`; `token` binds its calls to
        it."""
        if self.token:
            self.spent_tokens.add(self.token)
        self.token = token
        self.traffic_bytes = 0
        # The host's own, so no limit of the sandbox holds for it.
        self._writer.write(_notification("sandbox/run", {**params, "token": token}) + b"\n")

    async def frame(self) -> Frame:
        """The next frame. Raises `ChannelClosed` and `Violation`."""
        while not self._ready:
            try:
                data = await self._reader.read(_CHUNK_BYTES)
            except OSError as error:
                raise ChannelClosed(str(error)) from None
            if not data:
                raise ChannelClosed("the sandbox closed its end")
            self._ready.extend(self._lines.feed(data))
        line = self._ready.popleft()
        self._count(max(len(line), _LEAST_FRAME_BYTES))
        frame = parse(line)
        if frame.id is not None:
            if frame.id <= self.last_id:
                raise Violation("a request has an id that does not count up from the one before")
            self.last_id = frame.id
        return frame

    def notify(self, method: str, params: dict[str, Any]) -> None:
        """Send a notification. Raises `Violation` when too much is left unread."""
        self._send(_notification(method, params))

    def reply(self, number: int, kind: str, body: bytes) -> None:
        """Answer a request; `kind` is `result` or `error`, `body` JSON. Raises `Violation`."""
        self._send(b'{"jsonrpc":"2.0","id":%d,"%s":%s}' % (number, kind.encode(), body))

    @property
    def congested(self) -> bool:
        """Whether the sandbox reads more slowly than it is written to: what can be left out
        should."""
        return self._writer.transport.get_write_buffer_size() > _CHUNK_BYTES

    async def drained(self) -> None:
        """Wait until the sandbox has read most of what was written, or is gone."""
        with suppress(OSError):
            await self._writer.drain()

    @property
    def open(self) -> bool:
        """Whether the sandbox still holds its end, as far as is known."""
        return not self._reader.at_eof() and not self._writer.is_closing()

    def close(self) -> None:
        """Close the stream. What is unsent is dropped."""
        self._writer.transport.abort()

    def _send(self, line: bytes) -> None:
        self._count(len(line))
        unread = self._writer.transport.get_write_buffer_size()
        if unread + len(line) > 2 * self.limits.result_bytes:
            raise Violation("the sandbox leaves its answers unread", "limit")
        # One write: the transport keeps what the socket does not take.
        self._writer.write(line + b"\n")

    def _count(self, size: int) -> None:
        self.traffic_bytes += size
        if self.traffic_bytes > self.limits.traffic_bytes:
            raise Violation(
                f"all calls and answers together exceed {self.limits.traffic_bytes} bytes", "limit"
            )


def _notification(method: str, params: dict[str, Any]) -> bytes:
    return json.dumps({"jsonrpc": "2.0", "method": method, "params": params}).encode()
