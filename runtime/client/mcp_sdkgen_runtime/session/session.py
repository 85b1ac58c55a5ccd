"""A session: one conversation with one server, which connects when it is first needed.

`McpSession` speaks MCP; `LazySession` makes one when it is first called, so that nothing is
resolved or imported before; `BlockingSession` lets blocking callers use one. Cassettes, brokers and
fakes are sessions too: any object with a `call` method.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from ..cassettes.cassette import active_cassette
from ..config.binding import Binding, configured, resolve
from ..content.results import PromptResult, RawResult, ResourceResult
from ..errors import BindingError
from ..options import CallOptions, SessionOptions

if TYPE_CHECKING:
    from ..cassettes.session import CassetteSession
    from ..config.targets import Target
    from ..schema.definitions import Definition
    from ..transport.subscriptions import ResourceChanges
    from .mcp_session import McpSession


@runtime_checkable
class Session(Protocol):
    """Carries calls to a server and brings the answers back; blocking.

    A session may also have `get_prompt` and `read_resource` with the same manners, `close()`, and
    be a context manager: a client enters it before the first call.
    """

    def call(
        self, tool: str, arguments: dict[str, Any], *, options: CallOptions | None = None
    ) -> RawResult:
        """Call a tool by its wire name. `options` is passed only when it is not the default."""
        ...


@runtime_checkable
class AsyncSession(Protocol):
    """The async twin of `Session`."""

    async def call(
        self, tool: str, arguments: dict[str, Any], *, options: CallOptions | None = None
    ) -> RawResult:
        """Call a tool by its wire name. `options` is passed only when it is not the default."""
        ...


def _chosen(options: CallOptions | None) -> dict[str, CallOptions]:
    return {} if options is None else {"options": options}


class LazySession(AsyncSession):
    """An async session that resolves its binding and imports `mcp` when it is first called.

    It belongs to no event loop: in each loop that uses it, it opens a connection of that loop.
    """

    def __init__(
        self,
        server: str,
        binding: Binding | None = None,
        options: SessionOptions | None = None,
        package: str = "",
    ) -> None:
        """`package` is the SDK's import name, whose tool definitions drift is judged against."""
        self._server = server
        self._package = package
        self._binding = binding
        self._options = options or SessionOptions()
        self._inner: McpSession | None = None

    @property
    def target(self) -> Target | None:
        """Where the server was found; None before the first call."""
        return None if self._inner is None else self._inner.target

    def _session(self) -> McpSession:
        if self._inner is None or not self._inner.belongs_here():
            target = resolve(self._server, self._binding)

            from .mcp_session import McpSession  # a second; after what can fail without it

            self._inner = McpSession(self._server, target, self._options, self._package)
        return self._inner

    def bound(self) -> Target:
        """Where calls go: the open connection's target, else resolved again.

        Its secrets are as the binding has them: references stay references. Raises `BindingError`.
        """
        if self._inner is not None and self._inner.belongs_here():
            return self._inner.unresolved_target
        return resolve(self._server, self._binding)

    def _session_or_cassette(self) -> McpSession | CassetteSession:
        binding = self._binding if self._binding is not None else configured(self._server)
        file = active_cassette(binding)
        if file is None:
            return self._session()

        from ..cassettes.session import CassetteSession

        return CassetteSession(self._server, self._package, file, self._session)

    async def connect(self) -> None:
        """Connect now. Raises `BindingError` and `SessionError`."""
        await self._session_or_cassette().connect()

    async def live(self) -> Mapping[str, Definition]:
        """The definitions of the tools that the server has now, by wire name; none where a cassette
        answers in its place. Raises `BindingError` and `SessionError`.
        """
        live = getattr(self._session_or_cassette(), "live", None)
        return {} if live is None else await live()

    async def call(
        self, tool: str, arguments: dict[str, Any], *, options: CallOptions | None = None
    ) -> RawResult:
        """Call a tool by its wire name. Raises `ArgumentsError`, `BindingError`, `SessionError`."""
        return await self._session_or_cassette().call(tool, arguments, options=options)

    async def get_prompt(
        self, name: str, arguments: dict[str, str], *, options: CallOptions | None = None
    ) -> PromptResult:
        """Fill in a prompt. Raises `BindingError` and `SessionError`."""
        return await self._session_or_cassette().get_prompt(name, arguments, options=options)

    async def read_resource(
        self, uri: str, *, options: CallOptions | None = None
    ) -> ResourceResult:
        """Read a resource. Raises `BindingError` and `SessionError`."""
        return await self._session_or_cassette().read_resource(uri, options=options)

    async def changes(self, uri: str) -> ResourceChanges:
        """The changes of a resource. Raises `BindingError`."""
        return self._session_or_cassette().changes(uri)

    async def aclose(self) -> None:
        """Close the connection, if there is one in this event loop. The next call opens another."""
        inner, self._inner = self._inner, None
        if inner is not None and inner.belongs_here():
            await inner.aclose()


class BlockingSession(Session):
    """Lets blocking callers, from any number of threads, use an async session.

    The async session runs on the process-wide event loop thread of `portal`.
    """

    def __init__(self, inner: Any) -> None:
        self._inner = inner

    @property
    def target(self) -> Target | None:
        """Where the server was found; None before the first call."""
        found: Target | None = getattr(self._inner, "target", None)
        return found

    def connect(self) -> None:
        """Connect now. Raises `BindingError` and `SessionError`."""
        from ..concurrency.portal import run

        run(self._inner.connect)

    def call(
        self, tool: str, arguments: dict[str, Any], *, options: CallOptions | None = None
    ) -> RawResult:
        """Call a tool by its wire name. Raises `BindingError` and `SessionError`."""
        from ..concurrency.portal import run

        answer: RawResult = run(self._inner.call, tool, arguments, **_chosen(options))
        return answer

    def get_prompt(
        self, name: str, arguments: dict[str, str], *, options: CallOptions | None = None
    ) -> PromptResult:
        """Fill in a prompt. Raises `BindingError` and `SessionError`."""
        from ..concurrency.portal import run

        answer: PromptResult = run(self._inner.get_prompt, name, arguments, **_chosen(options))
        return answer

    def read_resource(self, uri: str, *, options: CallOptions | None = None) -> ResourceResult:
        """Read a resource. Raises `BindingError` and `SessionError`."""
        from ..concurrency.portal import run

        answer: ResourceResult = run(self._inner.read_resource, uri, **_chosen(options))
        return answer

    def changes(self, uri: str) -> ResourceChanges:
        """The changes of a resource, to be used on the event loop of `portal`."""
        from ..concurrency.portal import run

        answer: ResourceChanges = run(self._inner.changes, uri)
        return answer

    def close(self) -> None:
        """Close the connection, if there is one. The next call opens another."""
        from ..concurrency.portal import run_if_started

        run_if_started(self._inner.aclose)


class ThreadSession(AsyncSession):
    """Lets async callers use a blocking session, each call on a worker thread."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner

    def __getattr__(self, name: str) -> Any:
        blocking = getattr(self._inner, name)

        async def call(*args: Any, **named: Any) -> Any:
            import anyio.to_thread

            return await anyio.to_thread.run_sync(partial(blocking, *args, **named))

        return call

    async def call(
        self, tool: str, arguments: dict[str, Any], *, options: CallOptions | None = None
    ) -> RawResult:
        """Call a tool by its wire name."""
        answer: RawResult = await self.__getattr__("call")(tool, arguments, **_chosen(options))
        return answer


# The names that these two had at first are exported, so they stay.
DeferredSession = LazySession
PortalSession = BlockingSession

_channel_sessions: Callable[..., Any] | None = None


def use_channel(make: Callable[..., Any]) -> None:
    """From now on, sessions are made by `make(server, options, blocking=…)`: see `broker_session`.

    Inside a sandbox nothing else could reach a server.
    """
    global _channel_sessions
    _channel_sessions = make


def session_for(
    server: str,
    package: str,
    binding: Binding | None,
    options: SessionOptions | None,
    *,
    blocking: bool,
) -> Any:
    """The session for a client: the one that was given, or one that finds its server later."""
    given: Any = binding if binding is not None else configured(server)
    if hasattr(given, "call"):
        is_async = inspect.iscoroutinefunction(given.call)
        if blocking:
            return BlockingSession(given) if is_async else given
        return given if is_async else ThreadSession(given)
    if _channel_sessions is not None:
        if given is not None:
            raise BindingError(
                "inside the sandbox the host decides where servers are; leave the binding out",
                server=server,
            )
        return _channel_sessions(server, options, blocking=blocking)
    deferred = LazySession(server, binding, options, package)
    return BlockingSession(deferred) if blocking else deferred
