"""A session for a first answer soon: it lists tools and calls them without importing `mcp`."""

from __future__ import annotations

import sys
import weakref
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from importlib import import_module
from typing import Any, Final

import anyio
import anyio.to_thread

from ..cassettes.cassette import active_cassette
from ..concurrency.task_owner import Owner
from ..config.binding import Binding, configured
from ..config.secret_values import secret_values
from ..config.secrets import with_secrets
from ..config.targets import HttpTarget, StdioTarget, Target
from ..content.answer import read_safely
from ..content.results import PromptResult, RawResult, ResourceResult
from ..errors import ArgumentsError, BindingError
from ..observability.log import logger
from ..observability.secret_set import SecretSet
from ..options import DEFAULT_CALL, CallOptions, SessionOptions
from ..schema.definitions import Definition
from ..transport.connection_state import ConnectionState, leaves, not_sent, timed_out
from ..transport.stdio import UnsendableError
from ..transport.wire.client import WireClient, wire_client
from ..transport.wire.messages import Lost, NeedsMcp, Refused, Spoilt
from .live_tools import LiveTools
from .session import AsyncSession, LazySession
from .start_limits import CONNECT_S, attend, news, target_limit

_log = logger(__name__)
_DIFFICULTIES: Final = (NeedsMcp, Lost, Refused, Spoilt, OSError)


def can_be_direct(target: Target) -> bool:
    """Whether a server at `target` may be reached without `mcp`."""
    if isinstance(target, HttpTarget):
        return target.auth is None and target.transport != "sse"
    # On Windows, `mcp` starts processes.
    return isinstance(target, StdioTarget) and sys.platform != "win32"


def suits(options: SessionOptions) -> bool:
    """Whether a session with these options may be direct: nobody answers what a server asks, hears
    its log, or compares its tools with an SDK's."""
    answers = (options.on_elicit, options.on_sample, options.on_log, options.on_drift)
    return (
        not any(answers)
        and not options.roots
        and options.observe is None
        and options.drift == "off"
    )


class DirectSession(AsyncSession):
    """Belongs to the event loop in which it is first used; for options that it `suits`.

    Where the server, or the way to it, needs what only `mcp` does, a `LazySession` takes its place,
    before anything had an effect. What goes wrong is told in the same words as there.
    """

    def __init__(
        self,
        server: str,
        binding: Binding | None = None,
        options: SessionOptions | None = None,
        package: str = "",
        *,
        lasting: bool = False,
    ) -> None:
        """`package` is that of a `LazySession`. A `lasting` session must hear that tools have
        changed since they were listed, so it is direct over stdio only: over HTTP, older servers
        tell that in a stream of its own."""
        self._server = server
        self._binding = binding
        self._options = options or SessionOptions()
        self._lasting = lasting
        self._lazy = LazySession(server, binding, self._options, package)
        self._owner: Owner[WireClient] | None = None
        self._unresolved: Target | None = None
        self._tools: LiveTools | None = None
        self.needs_mcp = False
        """Whether `mcp` has taken over, because the server or the way to it needs it."""
        self._opening = anyio.Lock()
        self._slots = anyio.CapacityLimiter(self._options.max_concurrency)
        self._under_way = 0
        self._all_over = anyio.Event()
        self._secrets = SecretSet()
        self._link = ConnectionState(server, self._options.connect_timeout_s or CONNECT_S)
        self._at_end = weakref.finalize(self, lambda: None)

    def bound(self) -> Target:
        """Where calls go: the open connection's target, else resolved again; references to secrets
        stay references. Raises `BindingError`."""
        if self._unresolved is not None and self._owner is not None and self._owner.alive:
            return self._unresolved
        return self._lazy.bound()

    def is_direct(self) -> bool:
        """Whether `mcp` is not needed, as far as that is known before a connection."""
        if self.needs_mcp:
            return False
        try:
            return self._has_cassette() or self._can_reach(self.bound())
        except BindingError:
            return True  # nothing will be imported to say so

    async def connect(self) -> None:
        """Connect now. Raises `BindingError` and `SessionError`."""
        if await self._client() is None:
            await (await self._by_mcp()).connect()

    async def live(self) -> Mapping[str, Definition]:
        """The definitions of the tools that the server has now, by wire name; none where a cassette
        answers in its place. They are listed once for each connection, and anew after it told that
        they changed. Raises `BindingError` and `SessionError`.
        """
        if await self._client() is not None:
            assert self._tools is not None
            try:
                with anyio.fail_after(DEFAULT_CALL.timeout_s), self._counted():
                    return await self._tools.known()
            except TimeoutError:
                raise timed_out(self._server, "tools/list", DEFAULT_CALL.timeout_s) from None
            except (NeedsMcp, Lost):
                await self._leave_to_mcp()
        return await (await self._by_mcp()).live()

    async def call(
        self, tool: str, arguments: dict[str, Any], *, options: CallOptions | None = None
    ) -> RawResult:
        """Call a tool by its wire name. Raises `ArgumentsError`, `BindingError`, `SessionError`."""
        chosen = options or DEFAULT_CALL
        client = await self._client()
        if client is not None:
            # A reconnection by another call must not change whose story this call's error tells.
            link = self._link
            is_sent = False
            try:
                with anyio.fail_after(chosen.timeout_s), self._counted():
                    async with self._slots:
                        is_sent = True
                        result = await client.call(tool, arguments, chosen.on_progress)
                return read_safely(result, self._secrets)
            except TimeoutError:
                if is_sent:
                    raise timed_out(self._server, tool, chosen.timeout_s) from None
                most = self._options.max_concurrency
                raise not_sent(self._server, tool, chosen.timeout_s, most) from None
            except NeedsMcp:
                await self._leave_to_mcp()
            except Exception as error:
                raise await self._explained(tool, error, link) from None
        return await (await self._by_mcp()).call(tool, arguments, options=options)

    async def get_prompt(
        self, name: str, arguments: dict[str, str], *, options: CallOptions | None = None
    ) -> PromptResult:
        """Fill in a prompt, which `mcp` does. Raises `BindingError` and `SessionError`."""
        await self._leave_to_mcp()
        return await (await self._by_mcp()).get_prompt(name, arguments, options=options)

    async def read_resource(
        self, uri: str, *, options: CallOptions | None = None
    ) -> ResourceResult:
        """Read a resource, which `mcp` does. Raises `BindingError` and `SessionError`."""
        await self._leave_to_mcp()
        return await (await self._by_mcp()).read_resource(uri, options=options)

    async def aclose(self) -> None:
        """Close the connection and wait until the server is gone. The next call opens another."""
        owner, self._owner = self._owner, None
        if owner is not None:
            await owner.close()
        await self._lazy.aclose()

    async def _client(self) -> WireClient | None:
        async with self._opening:
            if self._owner is not None and self._owner.alive:
                return self._owner.resource
            if self.needs_mcp or self._has_cassette():
                return None
            self._unresolved = self._lazy.bound()
            target = await anyio.to_thread.run_sync(with_secrets, self._unresolved, self._server)
            if not isinstance(target, StdioTarget | HttpTarget) or not self._can_reach(target):
                self.needs_mcp = True
                return None
            return await self._opened(target)

    def _can_reach(self, target: Target) -> bool:
        return can_be_direct(target) and (not self._lasting or isinstance(target, StdioTarget))

    async def _opened(self, target: StdioTarget | HttpTarget) -> WireClient | None:
        self._secrets.add(*secret_values(target))
        limit = target_limit(target, self._options.connect_timeout_s)
        self._link = link = ConnectionState(
            self._server, limit.time_s, secrets=self._secrets,
            max_answer_bytes=self._options.max_answer_bytes,
        )  # fmt: skip
        self._owner = owner = Owner(wire_client(target, link))
        link.lost = owner.stop
        try:
            say = self._options.on_waiting or _log.info
            heard = news(self._server, target, say)
            client = await owner.open(limit.time_s, partial(attend, link, limit, heard=heard))
            # A session may be dropped without being closed; the server must not outlive it.
            self._at_end.detach()
            self._at_end = weakref.finalize(self, owner.stop_from_anywhere)
            self._at_end.atexit = False
            self._tools = LiveTools(
                link, client.tools, client.hear_of_tools if self._lasting else _nothing
            )
            return client
        except TimeoutError as error:
            # Deferred: it imports `mcp`.
            from ..transport.diagnosis import find_cause, not_connected

            raise not_connected(self._server, await find_cause(error, target, link)) from None
        except Exception as error:
            if not all(isinstance(leaf, _DIFFICULTIES) for leaf in leaves(error)):
                raise
            self.needs_mcp = True
            return None

    def _has_cassette(self) -> bool:
        binding = self._binding if self._binding is not None else configured(self._server)
        return active_cassette(binding) is not None

    async def _leave_to_mcp(self) -> None:
        """End the connection, when the calls under way are over: two servers could not both have
        what belongs to one."""
        async with self._opening:  # no call begins meanwhile
            self.needs_mcp = True
            while self._under_way:
                self._all_over = anyio.Event()
                await self._all_over.wait()
            owner, self._owner = self._owner, None
            if owner is not None:
                await owner.close()

    @contextmanager
    def _counted(self) -> Iterator[None]:
        """While a request is under way."""
        self._under_way += 1
        try:
            yield
        finally:
            self._under_way -= 1
            if not self._under_way:
                self._all_over.set()

    async def _by_mcp(self) -> LazySession:
        if not self._has_cassette():
            # In a thread: it takes a second, in which the event loop would stand still.
            await anyio.to_thread.run_sync(import_module, f"{__package__}.mcp_session")
        return self._lazy

    async def _explained(self, tool: str, error: Exception, link: ConnectionState) -> Exception:
        """What went wrong with a call, in our terms."""
        if isinstance(error, UnsendableError):
            return ArgumentsError(f"the arguments {error}", server=self._server, tool=tool)
        if isinstance(error, Refused):
            return await link.refused(error.code, error.message, self._server, tool)
        if isinstance(error, Lost):
            if error.cause is not None or link.why_lost:
                link.lost()  # the next call connects again
            return await link.lost_call(error.what, error.cause, self._server, tool)
        if isinstance(error, Spoilt):
            return await link.stood_in(error.stand, self._server, tool)
        return error


async def _nothing() -> None:
    """What lets a server tell nothing."""
