"""A session for a first answer soon: it lists tools and calls them without importing `mcp`."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from functools import partial
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
from ..content.results import RawResult
from ..errors import ArgumentsError
from ..observability.log import logger
from ..observability.secret_set import SecretSet
from ..options import DEFAULT_CALL, CallOptions, SessionOptions
from ..schema.definitions import Definition
from ..transport.connection_state import ConnectionState, leaves, timed_out
from ..transport.stdio import UnsendableError
from ..transport.wire.client import WireClient, wire_client
from ..transport.wire.messages import Lost, NeedsMcp, Refused, Spoilt
from .paging import PagingError, all_tools, unknown_tools
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


class DirectSession(AsyncSession):
    """Belongs to the event loop in which it is first used; for options without callbacks and drift.

    Where the server, or the way to it, needs what only `mcp` does, a `LazySession` takes its place,
    before anything had an effect. What goes wrong is told in the same words as there.
    """

    def __init__(
        self, server: str, binding: Binding | None = None, options: SessionOptions | None = None
    ) -> None:
        self._server = server
        self._binding = binding
        self._options = options or SessionOptions()
        self._lazy = LazySession(server, binding, self._options)
        self._owner: Owner[WireClient] | None = None
        self.needs_mcp = False
        """Whether `mcp` has taken over, because the server or the way to it needs it."""
        self._opening = anyio.Lock()
        self._secrets = SecretSet()
        self._link = ConnectionState(server, self._options.connect_timeout_s or CONNECT_S)

    def bound(self) -> Target:
        """Where calls go; references to secrets stay references. Raises `BindingError`."""
        return self._lazy.bound()

    async def connect(self) -> None:
        """Connect now. Raises `BindingError` and `SessionError`."""
        if await self._client() is None:
            await self._lazy.connect()

    async def live(self) -> Mapping[str, Definition]:
        """The definitions of the tools that the server has now, by wire name; none where a cassette
        answers in its place. Raises `BindingError` and `SessionError`.
        """
        client = await self._client()
        if client is not None:
            try:
                with anyio.fail_after(DEFAULT_CALL.timeout_s):
                    return await all_tools(client.tools)
            except TimeoutError:
                raise timed_out(self._server, "tools/list", DEFAULT_CALL.timeout_s) from None
            except PagingError as error:
                raise unknown_tools(self._server, error) from None
            except (NeedsMcp, Lost):
                await self._leave_to_mcp()
        return await self._lazy.live()

    async def call(
        self, tool: str, arguments: dict[str, Any], *, options: CallOptions | None = None
    ) -> RawResult:
        """Call a tool by its wire name. Raises `ArgumentsError`, `BindingError`, `SessionError`."""
        chosen = options or DEFAULT_CALL
        client = await self._client()
        if client is not None:
            # A reconnection by another call must not change whose story this call's error tells.
            link = self._link
            try:
                with anyio.fail_after(chosen.timeout_s):
                    result = await client.call(tool, arguments, chosen.on_progress)
                return read_safely(result, self._secrets)
            except TimeoutError:
                raise timed_out(self._server, tool, chosen.timeout_s) from None
            except NeedsMcp:
                await self._leave_to_mcp()
            except Exception as error:
                raise await self._explained(tool, error, link) from None
        return await self._lazy.call(tool, arguments, options=options)

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
            target = await anyio.to_thread.run_sync(with_secrets, self.bound(), self._server)
            if not isinstance(target, StdioTarget | HttpTarget) or not can_be_direct(target):
                self.needs_mcp = True
                return None
            return await self._opened(target)

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
            return await owner.open(limit.time_s, partial(attend, link, limit, heard=heard))
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
        self.needs_mcp = True
        owner, self._owner = self._owner, None
        if owner is not None:
            await owner.close()

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
