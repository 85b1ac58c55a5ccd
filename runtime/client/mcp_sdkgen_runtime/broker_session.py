"""Inside a sandbox: sessions whose calls the host's broker makes, through one socket.

Standard library and pydantic only. A frame is a line of JSON-RPC in UTF-8. The guest says which
tool of which server, and with what arguments; where the server is, and whether the call is allowed,
is the host's business alone.
"""

from __future__ import annotations

import asyncio
import inspect
import json
import queue
import socket
import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from functools import partial
from typing import Any, Final, NoReturn

from . import session as _session
from .content import PromptResult, RawResult, ResourceResult
from .errors import ArgumentsError, CallRefused, CallTimeout, SdkError, SessionError
from .log import logger
from .omit import OMIT
from .options import CallOptions, SessionOptions

Json = dict[str, Any]
OnProgress = Callable[[float, float | None, str | None], None]

_log = logger(__name__)

_CHUNK_BYTES: Final = 1 << 18
_MAX_SAFE_ARGUMENTS: Final = 1 << 20
_CLOSED: Final = "the host has closed the door"


class Door:
    """The guest's end of the socket, for any number of threads and tasks.

    A thread of its own reads. `runs` gets the `params` of each `box/run`, and None when the host
    has closed. `buffered` is what was already read of the socket. `token` and `arguments_bytes` are
    the present run's; whoever takes a message from `runs` sets them with `begin`.
    """

    def __init__(self, sock: socket.socket, buffered: bytes = b"", token: str = "") -> None:
        sock.setblocking(True)
        self.token = token
        self.arguments_bytes = _MAX_SAFE_ARGUMENTS
        self.runs: queue.SimpleQueue[Json | None] = queue.SimpleQueue()
        self._sock = sock
        self._lock = threading.Lock()
        self._last_id = 0
        self._waiting: dict[int, Future[Json]] = {}
        self._progress: dict[int, OnProgress] = {}
        self._broken = ""
        read = partial(self._read, bytearray(buffered))
        self._reader = threading.Thread(target=read, name="mcp-sdkgen-door", daemon=True)
        self._reader.start()

    def begin(self, run: Json) -> None:
        """Take over the token and the limits of a `box/run` message."""
        self.token = str(run.get("token", ""))
        limits = run.get("limits") or {}
        self.arguments_bytes = int(limits.get("arguments_bytes", _MAX_SAFE_ARGUMENTS))

    def request(
        self, method: str, params: Json, on_progress: OnProgress | None = None
    ) -> Future[Json]:
        """Send a request. The future gives the whole reply: an object with `result` or `error`.

        Cancelling the future tells the host to stop. `on_progress` runs on the reading thread.
        Raises `SessionError` when the door is closed, `ValueError` when `params` have no JSON form
        or are too large: nothing was sent then.
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
        """Send a notification. Raises `SessionError` when the door is closed."""
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
            with suppress(SessionError):  # nobody is left to be told
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
        elif frame.get("method") == "box/run":
            self.runs.put(frame["params"])
        elif frame.get("method") == "notifications/progress":
            told = frame["params"]
            callback = self._progress.get(told["progressToken"])
            if callback is not None:
                try:
                    callback(told["progress"], told.get("total"), told.get("message"))
                except Exception as error:
                    _log.warning("a progress callback failed: %r", error)

    def _end(self) -> None:
        with self._lock:
            self._broken = self._broken or _CLOSED
        while self._waiting:
            _, future = self._waiting.popitem()
            if future.set_running_or_notify_cancel():
                future.set_exception(SessionError(f"{_CLOSED}; the tool may have run"))
        self.runs.put(None)


def _line(frame: Json) -> bytes:
    text = json.dumps(frame, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return text.encode() + b"\n"


class BrokerSession(_session.Session):
    """A blocking session with one server, through the door."""

    def __init__(self, door: Door, server: str) -> None:
        self._door = door
        self._server = server

    def call(self, tool: str, arguments: Json, *, options: CallOptions | None = None) -> RawResult:
        """Call a tool by its wire name.

        Raises `CallRefused`, `CallTimeout`, `ArgumentsError`, `SessionError`. An interrupt (Ctrl-C)
        while waiting tells the host to stop, then propagates.
        """
        on_progress: Any = options.on_progress if options is not None else None
        future = _asked(self._door, self._server, tool, arguments, options, on_progress)
        try:
            reply = self._door.answer(future)
        except SessionError as error:
            raise _placed(error, self._server, tool) from None
        return _answer(reply, self._server, tool)

    def get_prompt(
        self, name: str, arguments: dict[str, str], *, options: CallOptions | None = None
    ) -> PromptResult:
        """Raises `CallRefused`: only tools can be reached from inside."""
        _refuse(self._server, name)

    def read_resource(self, uri: str, *, options: CallOptions | None = None) -> ResourceResult:
        """Raises `CallRefused`: only tools can be reached from inside."""
        _refuse(self._server, uri)


class AsyncBrokerSession(_session.AsyncSession):
    """The async twin of `BrokerSession`, for asyncio."""

    def __init__(self, door: Door, server: str) -> None:
        self._door = door
        self._server = server

    async def call(
        self, tool: str, arguments: Json, *, options: CallOptions | None = None
    ) -> RawResult:
        """Call a tool by its wire name. Cancelling tells the host to stop.

        Raises `CallRefused`, `CallTimeout`, `ArgumentsError`, `SessionError`.
        """
        given: Any = options.on_progress if options is not None else None
        on_progress = partial(_on_loop, asyncio.get_running_loop(), given) if given else None
        future = _asked(self._door, self._server, tool, arguments, options, on_progress)
        try:
            reply = await asyncio.wrap_future(future)
        except SessionError as error:
            raise _placed(error, self._server, tool) from None
        return _answer(reply, self._server, tool)

    async def get_prompt(
        self, name: str, arguments: dict[str, str], *, options: CallOptions | None = None
    ) -> PromptResult:
        """Raises `CallRefused`: only tools can be reached from inside."""
        _refuse(self._server, name)

    async def read_resource(
        self, uri: str, *, options: CallOptions | None = None
    ) -> ResourceResult:
        """Raises `CallRefused`: only tools can be reached from inside."""
        _refuse(self._server, uri)


def install(door: Door) -> None:
    """Make every client of this process call through `door`.

    A client that is given a binding then raises `BindingError` at its first call.
    """
    _session.through_door(partial(_session_through, door))
    _installed.append(door)


def installed() -> Door | None:
    """The door that clients call through, or None outside a sandbox."""
    return _installed[-1] if _installed else None


_installed: list[Door] = []


def _session_through(
    door: Door, server: str, options: SessionOptions | None, *, blocking: bool
) -> BrokerSession | AsyncBrokerSession:
    chosen = options or SessionOptions()
    if any((chosen.on_elicit, chosen.on_sample, chosen.roots, chosen.on_log)):
        _log.warning("%s: inside the sandbox the host alone answers what servers ask", server)
    return BrokerSession(door, server) if blocking else AsyncBrokerSession(door, server)


def _asked(
    door: Door,
    server: str,
    tool: str,
    arguments: Json,
    options: CallOptions | None,
    on_progress: OnProgress | None,
) -> Future[Json]:
    meta: Json = {"mcp-sdkgen/server": server, "mcp-sdkgen/token": door.token}
    if options is not None and options.timeout_s is not None:
        # The host keeps the time: it alone knows how long a person takes to approve.
        meta["mcp-sdkgen/timeout_s"] = options.timeout_s
    params = {"name": tool, "arguments": arguments, "_meta": meta}
    try:
        return door.request("tools/call", params, on_progress)
    except SessionError as error:
        raise _placed(error, server, tool) from None
    except (ValueError, TypeError, RecursionError) as error:
        raise ArgumentsError(
            f"the arguments cannot be sent: {error}",
            server=server, tool=tool, rule="json", value=arguments,
        ) from error  # fmt: skip


def _placed(error: SessionError, server: str, tool: str) -> SessionError:
    return SessionError(str(error), server=server, tool=tool, ran=error.ran)


def _answer(reply: Json, server: str, tool: str) -> RawResult:
    if "error" in reply:
        raise _error(reply["error"], server, tool)
    result = reply["result"]
    structured = result.get("structuredContent", OMIT)
    return RawResult(result.get("content", []), structured, result.get("isError", False))


def _error(error: Json, server: str, tool: str) -> SdkError:
    data = error.get("data") or {}
    kind, message = data.get("kind"), str(error.get("message"))
    if kind == "refused":
        return CallRefused(message, server=server, tool=tool)
    if kind == "arguments":
        return ArgumentsError(message, server=server, tool=tool, rule=str(data.get("rule", "")))
    failed = CallTimeout if kind == "timeout" else SessionError
    return failed(message, server=server, tool=tool, ran=data.get("ran"), code=data.get("code"))


def _refuse(server: str, name: str) -> NoReturn:
    raise CallRefused(
        "prompts and resources cannot be reached from inside the sandbox; only tools can",
        server=server, tool=name,
    )  # fmt: skip


def _on_loop(
    loop: asyncio.AbstractEventLoop,
    callback: Callable[..., Any],
    progress: float,
    total: float | None,
    message: str | None,
) -> None:
    def tell() -> None:
        waiting = callback(progress, total, message)
        if inspect.isawaitable(waiting):
            task = loop.create_task(_waited(waiting))
            _tasks.add(task)
            task.add_done_callback(_tasks.discard)

    loop.call_soon_threadsafe(tell)


_tasks: set[asyncio.Task[None]] = set()
"""asyncio keeps only weak references to tasks."""


async def _waited(waiting: Any) -> None:
    await waiting
