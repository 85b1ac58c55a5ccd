"""The guest's end of the one channel to the host: JSON-RPC in lines of UTF-8 over a socket."""

from __future__ import annotations

import base64
import json
import queue
import socket
import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from functools import partial
from typing import Any, Final

from ..errors import SessionError
from ..observability.log import logger

Json = dict[str, Any]


OnProgress = Callable[[float, float | None, str | None], None]


_log = logger(__name__)


_CHUNK_BYTES: Final = 1 << 18


_MAX_SAFE_ARGUMENTS: Final = 1 << 20


_CLOSED: Final = "the host has closed the channel"


class Channel:
    """The guest's end of the socket, for any number of threads and tasks.

    A thread of its own reads. `runs` gets the `params` of each `sandbox/run`, and None when the
    host has closed; `chunk` gives the files that come with it. `buffered` is what was already read
    of the socket. `token` and `arguments_bytes` are the present run's; whoever takes a message from
    `runs` sets them with `begin`.
    """

    def __init__(self, sock: socket.socket, buffered: bytes = b"", token: str = "") -> None:
        sock.setblocking(True)
        self.token = token
        self.arguments_bytes = _MAX_SAFE_ARGUMENTS
        self.runs: queue.SimpleQueue[Json | None] = queue.SimpleQueue()
        self._chunks: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._sock = sock
        self._lock = threading.Lock()
        self._last_id = 0
        self._waiting: dict[int, Future[Json]] = {}
        self._progress: dict[int, OnProgress] = {}
        self._broken = ""
        read = partial(self._read, bytearray(buffered))
        self._reader = threading.Thread(target=read, name="mcp-sdkgen-channel", daemon=True)
        self._reader.start()

    def begin(self, run: Json) -> None:
        """Take over the token and the limits of a `sandbox/run` message."""
        self.token = str(run.get("token", ""))
        limits = run.get("limits") or {}
        self.arguments_bytes = int(limits.get("arguments_bytes", _MAX_SAFE_ARGUMENTS))

    def chunk(self) -> bytes:
        """The next piece of a file that the host sends. Raises `SessionError` when it has none."""
        found = self._chunks.get()
        if found is None:
            raise SessionError(self._broken, ran=False)
        return base64.b64decode(found)

    def request(
        self, method: str, params: Json, on_progress: OnProgress | None = None
    ) -> Future[Json]:
        """Send a request. The future gives the whole reply: an object with `result` or `error`.

        Cancelling the future tells the host to stop. `on_progress` runs on the reading thread.
        Raises `SessionError` when the channel is closed, `ValueError` when `params` have no JSON
        form or are too large: nothing was sent then.
        """
        future: Future[Json] = Future()
        with self._lock:
            number = self._last_id + 1
            if on_progress is not None:
                params = {**params, "_meta": {**params.get("_meta", {}), "progressToken": number}}
            line = _line({"jsonrpc": "2.0", "id": number, "method": method, "params": params})
            if len(line) > self.arguments_bytes:
                raise ValueError(
                    f"{len(line)} bytes with their envelope; the limit is {self.arguments_bytes}"
                )
            if self._broken:
                raise SessionError(self._broken, ran=False)
            # Ids count up on the wire, so a number is taken and sent under one lock.
            self._last_id = number
            self._waiting[number] = future
            if on_progress is not None:
                self._progress[number] = on_progress
            self._send(line)
        future.add_done_callback(partial(self._done, number))
        return future

    def answer(self, future: Future[Json]) -> Json:
        """Wait for the reply to a request. An interrupt cancels it, then propagates.

        Raises `SessionError` when no reply can come: also on the reading thread, where it would
        wait for itself.
        """
        if threading.current_thread() is self._reader:
            future.cancel()
            raise SessionError("a progress callback cannot wait for a call of its own")
        try:
            return future.result()
        except BaseException:
            future.cancel()
            raise

    def notify(self, method: str, params: Json | None = None) -> None:
        """Send a notification. Raises `SessionError` when the channel is closed."""
        frame: Json = {"jsonrpc": "2.0", "method": method}
        line = _line(frame if params is None else {**frame, "params": params})
        with self._lock:
            if self._broken:
                raise SessionError(self._broken, ran=False)
            self._send(line)

    def close(self) -> None:
        """Close the socket. Every call that waits for an answer fails."""
        with suppress(OSError):  # the host was faster
            self._sock.shutdown(socket.SHUT_RDWR)

    def _send(self, line: bytes) -> None:
        try:
            self._sock.sendall(line)
        except OSError as error:
            self._broken = _CLOSED
            raise SessionError(f"{_CLOSED}: {error}", ran=None) from None
        except BaseException:
            # An exception out of a signal handler may have cut a frame in two.
            self._broken = "sending to the host was interrupted; no further call can be made"
            raise

    def _done(self, number: int, future: Future[Json]) -> None:
        self._progress.pop(number, None)
        if self._waiting.pop(number, None) is not None and future.cancelled():
            with suppress(SessionError):  # nobody is left to be params
                self.notify("notifications/cancelled", {"requestId": number})

    def _read(self, buffered: bytearray) -> None:
        try:
            while True:
                *lines, rest = buffered.split(b"\n")
                for line in lines:
                    self._take(json.loads(line))
                buffered = rest
                scanned = len(buffered)
                while buffered.find(b"\n", scanned) < 0:
                    scanned = len(buffered)
                    chunk = self._sock.recv(_CHUNK_BYTES)
                    if not chunk:
                        return
                    buffered += chunk
        except OSError:
            pass  # closed under our hands
        finally:
            self._end()

    def _take(self, frame: Json) -> None:
        number = frame.get("id")
        if number is not None:
            future = self._waiting.pop(number, None)
            if future is not None and future.set_running_or_notify_cancel():
                future.set_result(frame)
        elif frame.get("method") == "sandbox/run":
            self.runs.put(frame["params"])
        elif frame.get("method") == "sandbox/input":
            self._chunks.put(frame["params"]["data"])
        elif frame.get("method") == "notifications/progress":
            params = frame["params"]
            callback = self._progress.get(params["progressToken"])
            if callback is not None:
                try:
                    callback(params["progress"], params.get("total"), params.get("message"))
                except Exception as error:
                    _log.warning("a progress callback failed: %s: %s", type(error).__name__, error)

    def _end(self) -> None:
        with self._lock:
            self._broken = self._broken or _CLOSED
        while self._waiting:
            _, future = self._waiting.popitem()
            if future.set_running_or_notify_cancel():
                future.set_exception(SessionError(f"{_CLOSED}; the tool may have run"))
        self.runs.put(None)
        self._chunks.put(None)


def _line(frame: Json) -> bytes:
    text = json.dumps(frame, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return text.encode() + b"\n"
