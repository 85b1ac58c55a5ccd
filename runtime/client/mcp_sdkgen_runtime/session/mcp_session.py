"""A session over the official MCP client.

With what only it imports, it alone imports `mcp` (slow: see docs).
"""

from __future__ import annotations

import inspect
import weakref
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, Final, Literal, TypeVar

import anyio
import anyio.lowlevel
import anyio.to_thread
import mcp
from mcp.shared.exceptions import MCPError
from mcp_types import (
    CONNECTION_CLOSED,
    REQUEST_TIMEOUT,
)
from pydantic import ValidationError

from ..concurrency.task_owner import Owner, spawn
from ..config.secret_values import secret_values
from ..config.secrets import with_secrets
from ..config.targets import HttpTarget, Target
from ..content.answer import read_safely
from ..content.results import PromptResult, RawResult, ResourceResult
from ..errors import ArgumentsError, ResultError, SdkError, SessionError
from ..observability.log import logger
from ..observability.secret_set import SecretSet
from ..options import DEFAULT_CALL, CallOptions, SessionOptions
from ..schema.definitions import Definition
from ..text import shortened
from ..transport.connection import hear_of_tools, opened
from ..transport.connection_state import ConnectionState, in_words, not_sent, timed_out
from ..transport.diagnosis import find_cause, not_connected
from ..transport.fall_back import WayMemory
from ..transport.inbound import stand_in
from ..transport.raw_results import raw_result
from ..transport.stdio import UnsendableError
from ..transport.subscriptions import ResourceChanges
from ..transport.tasks import Polling, TaskStarted
from .drift_monitor import DriftWatch
from .live_tools import LiveTools
from .retry import BUSY
from .start_limits import attend, news, target_limit

if TYPE_CHECKING:
    from ..oauth.provider import UserAgent

T = TypeVar("T")
_log = logger(__name__)


class McpSession:
    """One server, connected when first needed and again after it was lost.

    Any number of tasks of one event loop may call it at once. A call that was under way when the
    connection broke raises `SessionError`; nothing is sent twice.
    """

    def __init__(
        self,
        server: str,
        target: Target,
        options: SessionOptions,
        package: str = "",
        person: UserAgent | None = None,
    ) -> None:
        """`person` is who can log in now; without one, a missing login is an error."""
        self._server = server
        self._person = person
        self.unresolved_target = self.target = target
        self._options = options
        self._token = anyio.lowlevel.current_token()
        self._opening = anyio.Lock()
        self._slots = anyio.CapacityLimiter(options.max_concurrency)
        self._owner: Owner[mcp.Client] | None = None
        self._at_end = weakref.finalize(self, lambda: None)
        self.secrets = SecretSet()
        """What must be kept out of sight of this binding, as far as it is known."""
        self._limit = target_limit(target, options.connect_timeout_s)
        self._link = ConnectionState(server, self._limit.time_s, secrets=self.secrets)
        self._way = WayMemory()
        self._tools: LiveTools | None = None
        self._changes: weakref.WeakSet[ResourceChanges] = weakref.WeakSet()
        self._watch = DriftWatch(
            server, package if options.drift != "off" else "", options.on_drift, self.secrets
        )

    def belongs_here(self) -> bool:
        """Whether the running event loop is the one this session was made in."""
        return anyio.lowlevel.current_token().native_token is self._token.native_token

    async def connect(self) -> None:
        """Connect now, unless connected. Raises `SessionError`."""
        await self._client()

    async def live(self) -> Mapping[str, Definition]:
        """The definitions of the tools that the server has now, by wire name.

        They are listed once for each connection, and anew after it told that they changed. Raises
        `SessionError`.
        """

        async def known(_: mcp.Client) -> Mapping[str, Definition]:
            assert self._tools is not None
            return await self._tools.known()

        return await self._exchange("tools/list", DEFAULT_CALL, known)

    async def aclose(self) -> None:
        """Close the connection and wait until the server is gone. The next call opens another."""
        for changes in list(self._changes):
            await changes.aclose()
        owner, self._owner = self._owner, None
        if owner is not None:
            await owner.close()

    async def call(
        self, tool: str, arguments: dict[str, Any], *, options: CallOptions | None = None
    ) -> RawResult:
        """Call a tool by its wire name. Raises `SessionError`, `CallTimeout`, `ResultError`."""
        chosen = options or DEFAULT_CALL

        async def send(client: mcp.Client) -> RawResult:
            if self._options.drift == "error":
                self._watch.check(tool)
            progress = _progress_function(chosen)
            answer = await client.call_tool(tool, arguments, progress_callback=progress)
            if isinstance(answer, TaskStarted):
                result = await self._polling(tool, chosen, client).result(answer.task)
            else:
                result = raw_result(answer)
            return read_safely(result, self.secrets)

        return await self._exchange(tool, chosen, send)

    def _polling(self, tool: str, options: CallOptions, client: mcp.Client) -> Polling:
        # A task outlives a connection, but not the process that it runs in.
        remote = isinstance(self.target, HttpTarget)

        async def live() -> mcp.Client:
            return await self._client() if remote else client

        def may_recur(error: Exception) -> bool:
            return remote and self._is_passing(error)

        return Polling(self._server, tool, options.on_task, live, may_recur)

    async def get_prompt(
        self, name: str, arguments: dict[str, str], *, options: CallOptions | None = None
    ) -> PromptResult:
        """Fill in a prompt. Raises `SessionError`, `CallTimeout`, `ResultError`."""

        async def send(client: mcp.Client) -> PromptResult:
            answer = raw_result(await client.get_prompt(name, arguments))
            self._check_complete(name, answer)
            return PromptResult.of(answer)

        return await self._exchange(name, options or DEFAULT_CALL, send)

    async def read_resource(
        self, uri: str, *, options: CallOptions | None = None
    ) -> ResourceResult:
        """Read a resource. Raises `SessionError`, `CallTimeout`, `ResultError`.

        Without `fresh`, the contents may be what the server said before, for as long as its
        `ttlMs` allows.
        """
        chosen = options or DEFAULT_CALL

        async def send(client: mcp.Client) -> ResourceResult:
            mode: Literal["refresh", "use"] = "refresh" if chosen.fresh else "use"
            answer = raw_result(await client.read_resource(uri, cache_mode=mode))
            self._check_complete(uri, answer)
            return ResourceResult.of(answer)

        return await self._exchange(uri, chosen, send)

    def _check_complete(self, name: str, answer: Mapping[str, Any]) -> None:
        """Refuse a result of a kind that nobody here knows; `mcp` takes it for a complete one."""
        kind = answer.get("resultType", "complete")
        if kind not in ("complete", None):
            told = self.secrets.cleaned(answer)
            raise ResultError(
                "the answer breaks the protocol: unknown resultType "
                f"{shortened(told['resultType'])}",
                server=self._server, tool=name, data=told, place="resultType", answer=told,
            )  # fmt: skip

    def changes(self, uri: str) -> ResourceChanges:
        """The changes of a resource, from when they are first waited for."""

        async def live() -> tuple[mcp.Client, ConnectionState]:
            return await self._client(), self._link

        async def explained(error: Exception) -> Exception:
            if isinstance(error, SdkError):
                return error
            return await self._explained(uri, error, DEFAULT_CALL, self._link, None)

        within_s = self._limit.time_s
        changes = ResourceChanges(self._server, uri, within_s, live, explained, self._is_passing)
        self._changes.add(changes)
        return changes

    async def _exchange(
        self, name: str, options: CallOptions, send: Callable[[mcp.Client], Awaitable[T]]
    ) -> T:
        client = await self._client()
        # A reconnection by another call must not change whose story this call's error tells.
        link, owner = self._link, self._owner
        sent = False
        failed: Exception | None = None
        with anyio.move_on_after(options.timeout_s):
            async with self._slots:
                sent = True
                try:
                    return await send(client)
                except SdkError:
                    raise
                except Exception as error:
                    failed = error
        if failed is not None:
            failure = owner.failure if owner is not None else None
            # Its traceback may quote an answer, or an address.
            cause = None if self.secrets.told_by(failed) else failed
            raise await self._explained(name, failed, options, link, failure) from cause
        if sent:
            raise timed_out(self._server, name, options.timeout_s)
        raise not_sent(self._server, name, options.timeout_s, self._options.max_concurrency)

    def _is_passing(self, error: Exception) -> bool:
        """Whether `error` says that there was no connection, or that the server was busy."""
        if isinstance(error, SessionError):
            return error.ran is False and error.http_status in (None, *BUSY)
        return _is_closed(error) or self._link.http_status in BUSY

    async def _client(self) -> mcp.Client:
        async with self._opening:
            if self._owner is None or not self._owner.alive:
                found = await anyio.to_thread.run_sync(
                    with_secrets, self.unresolved_target, self._server
                )
                self.target = found
                self.secrets.add(*secret_values(found))
                self._link = link = ConnectionState(
                    self._server, self._limit.time_s, secrets=self.secrets,
                    max_answer_bytes=self._options.max_answer_bytes,
                )  # fmt: skip
                if isinstance(found, HttpTarget) and found.auth is not None:
                    # Deferred: its cryptography takes a tenth of the time that a first call does.
                    from ..oauth.provider import login_flow

                    link.auth = login_flow(found, link, self._person)
                self._owner = owner = Owner(opened(found, self._options, link, self._way))
                link.lost = owner.stop
                try:
                    attending = partial(self._attend, link)
                    await self._compare(await owner.open(self._limit.time_s, attending), link)
                except Exception as error:
                    owner.stop()
                    failed = not_connected(self._server, await find_cause(error, found, link))
                    # Not `from error`: a traceback would show URLs with the credentials in them.
                    raise (link.login_required(self._server) or failed) from None
                # A session may be dropped without being closed; the server must not outlive it.
                self._at_end.detach()
                self._at_end = weakref.finalize(self, owner.stop_from_anywhere)
                self._at_end.atexit = False
            if (client := self._owner.resource) is None:
                closed = ConnectionError("the connection closed at once")
                cause = await find_cause(closed, self.target, self._link)
                raise not_connected(self._server, cause)
            return client

    async def _attend(self, link: ConnectionState, scope: anyio.CancelScope) -> None:
        say = self._options.on_waiting or _log.info
        await attend(link, self._limit, scope, news(self._server, self.target, say))

    async def _compare(self, client: mcp.Client, link: ConnectionState) -> None:
        self._tools = tools = LiveTools(
            link, partial(_page_of_tools, client), partial(hear_of_tools, client)
        )
        if not self._watch.active:
            return
        look = partial(self._watch.look, tools.listed)
        tools.on_change = partial(spawn, partial(self._watch.look_again, tools.listed))
        if self._options.drift == "warn":
            spawn(look)
            return
        with anyio.fail_after(self._limit.time_s):
            await look()
        if self._watch.failure is not None:
            raise self._watch.failure

    async def _explained(
        self,
        name: str,
        error: Exception,
        options: CallOptions,
        link: ConnectionState,
        failure: BaseException | None,
    ) -> SdkError:
        """What went wrong with a call, in our terms."""
        if (login_required := link.login_required(self._server, name)) is not None:
            return login_required
        if isinstance(error, ValidationError):
            first = error.errors(include_url=False)[0]
            place = ".".join(map(str, first["loc"]))
            return ResultError(
                f"the answer breaks the protocol: {place}: {self.secrets.text(first['msg'])}",
                server=self._server, tool=name, data=self.secrets.cleaned(first["input"]),
                place=place,
            )  # fmt: skip
        if isinstance(error, UnsendableError):
            return ArgumentsError(f"the arguments {error}", server=self._server, tool=name)
        if not isinstance(error, MCPError):
            what = f"the call failed: {in_words(error)}"
            return await link.lost_call(what, failure, self._server, name)
        if (stand := stand_in(error)) is not None:
            return await link.stood_in(stand, self._server, name)
        if error.code == REQUEST_TIMEOUT and "timed out" in error.message.lower():
            return timed_out(self._server, name, options.timeout_s)
        if _is_closed(error):
            what = "the connection closed before an answer came"
            return await link.lost_call(what, failure, self._server, name)
        return await link.refused(error.code, error.message, self._server, name)


_CLOSED_WORDS: Final = ("Connection closed", "SSE stream ", "server answered a request with 202")


def _is_closed(error: Exception) -> bool:
    """Whether `mcp` says that the connection broke. Servers use the same code for anything."""
    if not isinstance(error, MCPError) or error.code != CONNECTION_CLOSED:
        return False
    return error.message.startswith(_CLOSED_WORDS)


async def _page_of_tools(client: mcp.Client, cursor: str | None) -> dict[str, Any]:
    return raw_result(await client.list_tools(cursor=cursor, cache_mode="refresh"))


def _progress_function(options: CallOptions) -> Any:
    callback = options.on_progress
    if callback is None:
        return None

    async def report(progress: float, total: float | None, message: str | None) -> None:
        waiting = callback(progress, total, message)
        if inspect.isawaitable(waiting):
            await waiting

    return report
