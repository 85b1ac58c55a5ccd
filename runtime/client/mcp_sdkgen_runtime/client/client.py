"""The two base classes that generated clients extend."""

from __future__ import annotations

import copy
import os
import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Self, TypeVar

from ..config.binding import Binding, configured, shown_binding
from ..content.results import PromptResult, RawResult, ResourceResult
from ..errors import SessionError
from ..host_channel import host_channel
from ..observability.telemetry import watched
from ..options import DEFAULT_CALL, CallOptions, Observe, ProgressCallback, SessionOptions
from ..session.retry import repeated, repeated_async
from ..session.session import BlockingSession, LazySession, session_for
from ..types import OMIT, Omit
from .tracebacks import CUT_HERE

if TYPE_CHECKING:
    from ..tool.tool import Tool
    from .tasks import AsyncTasks, Tasks

ResultT = TypeVar("ResultT")
Exc = type[BaseException] | None

_OBSERVE_VARIABLE = "MCP_SDKGEN_OBSERVE"


class PublicNames:
    """`dir` and completion show what a caller may use, and nothing private."""

    def __dir__(self) -> list[str]:
        return [name for name in super().__dir__() if not name.startswith("_")]


class _Caller(PublicNames):
    """What both kinds of client share: a server's name, a session, and how calls are made."""

    SERVER: ClassVar[str] = ""
    """The server's key, as in `mcp.json`."""
    PACKAGE: ClassVar[str] = ""
    """The import name of the SDK."""

    _BLOCKING: ClassVar[bool]

    def __init__(
        self, binding: Binding | None = None, *, options: SessionOptions | None = None
    ) -> None:
        """Make a client. Nothing is resolved, imported or connected before the first call.

        `binding` says where the server is: a URL, a command, an `mcp.json` entry, an in-memory
        server or a session (which stays yours to open and close). Without it, `configure`, the
        environment and the nearest `mcp.json` decide (see `BindingError`).
        """
        self._binding = binding
        self._call_options = DEFAULT_CALL
        self._retries = 0
        self._lenient = False
        self._observe = None if options is None else options.observe
        self._check_formats = options is None or options.check_formats
        self._line = _SessionRef(
            partial(
                session_for, self.SERVER, self.PACKAGE, binding, options, blocking=self._BLOCKING
            )
        )

    def __repr__(self) -> str:
        given = self._binding if self._binding is not None else configured(self.SERVER)
        given = self._line.target if given is None else given
        place = "found on the first call"
        if given is not None:
            place = f"at {shown_binding(given, self.SERVER)!r}"
        return f"<{type(self).__name__}: server {self.SERVER!r}, {place}>"

    def with_options(
        self,
        *,
        timeout_s: float | Omit | None = OMIT,
        on_progress: ProgressCallback | Omit | None = OMIT,
        retries: int | Omit = OMIT,
        results: Literal["strict", "lenient"] | Omit = OMIT,
        observe: Observe | str | Path | Omit | None = OMIT,
        check_formats: bool | Omit = OMIT,
    ) -> Self:
        """The same client, on the same connection, with other options for its calls.

        `timeout_s` limits each call in seconds; None waits for ever. `on_progress` is called with
        (progress, total, message) when the server reports progress. `retries` is how often a call
        is made again after a `SessionError`, and only where that is safe: nothing was sent, or the
        tool is annotated as read-only or idempotent. `results="lenient"` gives the best that can be
        made of an answer in the wrong shape instead of `ResultError`. `observe` is the file for
        the shapes of answers of tools that declare no output schema, or an `Observe`.
        `check_formats=False` sends arguments whatever `format` their schema names. Inside a sandbox
        the host alone checks formats.
        """
        given = {"timeout_s": timeout_s, "on_progress": on_progress}
        chosen: dict[str, Any] = {k: v for k, v in given.items() if v is not OMIT}
        changed = copy.copy(self)
        changed._call_options = replace(self._call_options, **chosen)
        if not isinstance(retries, Omit):
            changed._retries = retries
        if not isinstance(results, Omit):
            changed._lenient = results == "lenient"
        if not isinstance(observe, Omit):
            changed._observe = observe
        if not isinstance(check_formats, Omit):
            changed._check_formats = check_formats
        return changed

    def _chosen(self) -> dict[str, CallOptions]:
        # A session that knows no options still serves clients that choose none.
        return {} if self._call_options == DEFAULT_CALL else {"options": self._call_options}

    def _sent(
        self, tool: Tool[Any], given: Mapping[str, Any], extra: Mapping[str, Any] | None
    ) -> dict[str, Any]:
        from ..tool.codec import encode

        # The host of a sandbox checks them once more, and its options decide.
        checked = self._check_formats and host_channel() is None
        return encode(tool, given, extra, check_formats=checked)

    def _noted(self, tool: Tool[Any], arguments: Mapping[str, Any], raw: RawResult) -> None:
        # Most calls are not observed, and should not wait for the import.
        if self._observe is not None or _OBSERVE_VARIABLE in os.environ:
            from ..observed.recorder import record

            record(tool, arguments, raw, self._observe)

    def _carrier(self, method: str) -> Any:
        carry = getattr(self._line.session(), method, None)
        if carry is None:
            raise SessionError(f"this session has no {method}", server=self.SERVER, ran=False)
        return carry


class _SessionRef:
    """The session of a client and of all its `with_options` copies, made on first use."""

    def __init__(self, make: Callable[[], Any]) -> None:
        self._make = make
        self._lock = threading.Lock()
        self._session: Any = None

    def session(self) -> Any:
        if self._session is None:
            with self._lock:
                if self._session is None:
                    self._session = self._make()
        return self._session

    @property
    def target(self) -> Any:
        """Where the server was found; None before it was looked for."""
        return getattr(self._session, "target", None)

    def ended(self) -> Any:
        """Forget the session, and return it if it is ours to close."""
        with self._lock:
            session, self._session = self._session, None
        return session if isinstance(session, LazySession | BlockingSession) else None


class Client(_Caller):
    """A blocking client for one server, usable from any number of threads.

    It connects on the first call, or on entering a `with` block, and closes when the block ends,
    when it is no longer referenced, or when the interpreter exits. After that the next call
    connects again.
    """

    _BLOCKING = True

    @property
    def tasks(self) -> Tasks:
        """Calls in the background: `tasks.start(method, ...)`."""
        from .tasks import Tasks

        return Tasks(self, AsyncClient)

    def _call(
        self,
        tool: Tool[ResultT],
        given: Mapping[str, Any],
        extra: Mapping[str, Any] | None = None,
    ) -> ResultT:
        from ..tool.codec import decode

        with CUT_HERE, watched("execute_tool", tool.server, tool.name) as watch:
            arguments = self._sent(tool, given, extra)
            watch.sent(arguments)
            call = partial(self._line.session().call, tool.name, arguments, **self._chosen())
            raw = repeated(call, self._retries, tool) if self._retries else call()
            watch.received(raw.content)
            self._noted(tool, arguments, raw)
            return decode(tool, raw, lenient=self._lenient)

    def _get_prompt(self, name: str, arguments: dict[str, str]) -> PromptResult:
        with CUT_HERE, watched("prompts/get", self.SERVER, name) as watch:
            watch.sent(arguments)
            answer: PromptResult = self._carrier("get_prompt")(name, arguments, **self._chosen())
            watch.received([message.content for message in answer.messages])
            return answer

    def _read_resource(self, uri: str) -> ResourceResult:
        with CUT_HERE, watched("resources/read", self.SERVER, uri) as watch:
            answer: ResourceResult = self._carrier("read_resource")(uri, **self._chosen())
            watch.received([item.wire for item in answer.items])
            return answer

    def close(self) -> None:
        """Close the connection, if there is one, and wait until the server is gone."""
        if (session := self._line.ended()) is not None:
            session.close()

    def __enter__(self) -> Self:
        with CUT_HERE:
            session = self._line.session()
            if isinstance(session, BlockingSession):
                session.connect()
        return self

    def __exit__(self, kind: Exc, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()


class AsyncClient(_Caller):
    """An async client for one server, usable from any number of tasks, on asyncio and trio.

    It connects on the first call, or on entering an `async with` block, and closes when the block
    ends, when it is no longer referenced, or when the event loop ends. After that the next call
    connects again.
    """

    _BLOCKING = False

    @property
    def tasks(self) -> AsyncTasks:
        """Calls in the background: `await tasks.start(method, ...)`."""
        from .tasks import AsyncTasks

        return AsyncTasks(self)

    async def _call(
        self,
        tool: Tool[ResultT],
        given: Mapping[str, Any],
        extra: Mapping[str, Any] | None = None,
    ) -> ResultT:
        from ..tool.codec import decode

        with CUT_HERE, watched("execute_tool", tool.server, tool.name) as watch:
            arguments = self._sent(tool, given, extra)
            watch.sent(arguments)
            call = partial(self._line.session().call, tool.name, arguments, **self._chosen())
            raw = await (repeated_async(call, self._retries, tool) if self._retries else call())
            watch.received(raw.content)
            self._noted(tool, arguments, raw)
            return decode(tool, raw, lenient=self._lenient)

    async def _get_prompt(self, name: str, arguments: dict[str, str]) -> PromptResult:
        with CUT_HERE, watched("prompts/get", self.SERVER, name) as watch:
            watch.sent(arguments)
            carry = self._carrier("get_prompt")
            answer: PromptResult = await carry(name, arguments, **self._chosen())
            watch.received([message.content for message in answer.messages])
            return answer

    async def _read_resource(self, uri: str) -> ResourceResult:
        with CUT_HERE, watched("resources/read", self.SERVER, uri) as watch:
            carry = self._carrier("read_resource")
            answer: ResourceResult = await carry(uri, **self._chosen())
            watch.received([item.wire for item in answer.items])
            return answer

    async def aclose(self) -> None:
        """Close the connection, if there is one, and wait until the server is gone."""
        if (session := self._line.ended()) is not None:
            await session.aclose()

    async def __aenter__(self) -> Self:
        with CUT_HERE:
            session = self._line.session()
            if isinstance(session, LazySession):
                await session.connect()
        return self

    async def __aexit__(
        self, kind: Exc, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()
