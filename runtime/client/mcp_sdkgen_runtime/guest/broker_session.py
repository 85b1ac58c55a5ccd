"""Inside a sandbox: sessions whose calls the host's broker makes, through one socket.

Standard library and pydantic only. A frame is a line of JSON-RPC in UTF-8. The guest says which
tool of which server, and with what arguments; where the server is, and whether the call is allowed,
is the host's business alone.
"""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from typing import Any

from ..content.answer import read_answer
from ..content.results import PromptResult, RawResult, ResourceResult
from ..errors import ArgumentsError, CallRefused, CallTimeout, SdkError, SessionError
from ..host_channel import set_host_channel
from ..options import CallOptions, SessionOptions
from ..session import session as _session
from .channel import Channel, Json, OnProgress, _log


class BrokerSession(_session.Session):
    """A blocking session with one server, through the channel."""

    def __init__(self, channel: Channel, server: str) -> None:
        self._channel = channel
        self._server = server

    def call(self, tool: str, arguments: Json, *, options: CallOptions | None = None) -> RawResult:
        """Call a tool by its wire name.

        Raises `CallRefused`, `CallTimeout`, `ArgumentsError`, `SessionError`. An interrupt (Ctrl-C)
        while waiting tells the host to stop, then propagates.
        """
        params = {"name": tool, "arguments": arguments}
        return read_answer(self._ask("tools/call", tool, params, options))

    def get_prompt(
        self, name: str, arguments: dict[str, str], *, options: CallOptions | None = None
    ) -> PromptResult:
        """Get a prompt by its wire name. Raises as `call` does."""
        params = {"name": name, "arguments": arguments}
        return PromptResult.of(self._ask("prompts/get", name, params, options))

    def read_resource(self, uri: str, *, options: CallOptions | None = None) -> ResourceResult:
        """Read a resource. Raises as `call` does."""
        return ResourceResult.of(self._ask("resources/read", uri, {"uri": uri}, options))

    def _ask(self, method: str, name: str, params: Json, options: CallOptions | None) -> Json:
        on_progress: Any = options.on_progress if options is not None else None
        future = _asked(self._channel, self._server, method, name, params, options, on_progress)
        try:
            reply = self._channel.answer(future)
        except SessionError as error:
            raise _placed(error, self._server, name) from None
        return _answer(reply, self._server, name)


class AsyncBrokerSession(_session.AsyncSession):
    """The async twin of `BrokerSession`, for asyncio."""

    def __init__(self, channel: Channel, server: str) -> None:
        self._channel = channel
        self._server = server

    async def call(
        self, tool: str, arguments: Json, *, options: CallOptions | None = None
    ) -> RawResult:
        """Call a tool by its wire name. Cancelling tells the host to stop.

        Raises `CallRefused`, `CallTimeout`, `ArgumentsError`, `SessionError`.
        """
        params = {"name": tool, "arguments": arguments}
        return read_answer(await self._ask("tools/call", tool, params, options))

    async def get_prompt(
        self, name: str, arguments: dict[str, str], *, options: CallOptions | None = None
    ) -> PromptResult:
        """Get a prompt by its wire name. Raises as `call` does."""
        params = {"name": name, "arguments": arguments}
        return PromptResult.of(await self._ask("prompts/get", name, params, options))

    async def read_resource(
        self, uri: str, *, options: CallOptions | None = None
    ) -> ResourceResult:
        """Read a resource. Raises as `call` does."""
        return ResourceResult.of(await self._ask("resources/read", uri, {"uri": uri}, options))

    async def _ask(self, method: str, name: str, params: Json, options: CallOptions | None) -> Json:
        given: Any = options.on_progress if options is not None else None
        on_progress = partial(_on_loop, asyncio.get_running_loop(), given) if given else None
        future = _asked(self._channel, self._server, method, name, params, options, on_progress)
        try:
            reply = await asyncio.wrap_future(future)
        except SessionError as error:
            raise _placed(error, self._server, name) from None
        return _answer(reply, self._server, name)


def install(channel: Channel) -> None:
    """Make every client of this process call through `channel`.

    A client that is given a binding then raises `BindingError` at its first call.
    """
    _session.use_channel(partial(_session_through, channel))
    set_host_channel(channel)


def _session_through(
    channel: Channel, server: str, options: SessionOptions | None, *, blocking: bool
) -> BrokerSession | AsyncBrokerSession:
    chosen = options or SessionOptions()
    if any((chosen.on_elicit, chosen.on_sample, chosen.roots, chosen.on_log)):
        _log.warning("%s: inside the sandbox the host alone answers what servers ask", server)
    return BrokerSession(channel, server) if blocking else AsyncBrokerSession(channel, server)


def _asked(
    channel: Channel,
    server: str,
    method: str,
    name: str,
    params: Json,
    options: CallOptions | None,
    on_progress: OnProgress | None,
) -> Future[Json]:
    meta: Json = {"mcp-sdkgen/server": server, "mcp-sdkgen/token": channel.token}
    if options is not None and options.timeout_s is not None:
        # The host keeps the time: it alone knows how long a person takes to approve.
        meta["mcp-sdkgen/timeout_s"] = options.timeout_s
    try:
        return channel.request(method, {**params, "_meta": meta}, on_progress)
    except SessionError as error:
        raise _placed(error, server, name) from None
    except (ValueError, TypeError, RecursionError) as error:
        raise ArgumentsError(
            f"the arguments cannot be sent: {error}",
            server=server, tool=name, rule="json", value=params.get("arguments"),
        ) from error  # fmt: skip


def _placed(error: SessionError, server: str, tool: str) -> SessionError:
    return SessionError(str(error), server=server, tool=tool, ran=error.ran)


def _answer(reply: Json, server: str, name: str) -> Json:
    if "error" in reply:
        raise _error(reply["error"], server, name)
    result: Json = reply["result"]
    return result


def _error(error: Json, server: str, tool: str) -> SdkError:
    data = error.get("data") or {}
    kind, message = data.get("kind"), str(error.get("message"))
    if kind == "refused":
        return CallRefused(message, server=server, tool=tool)
    if kind == "arguments":
        return ArgumentsError(message, server=server, tool=tool, rule=str(data.get("rule", "")))
    failed = CallTimeout if kind == "timeout" else SessionError
    return failed(message, server=server, tool=tool, ran=data.get("ran"), code=data.get("code"))


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
