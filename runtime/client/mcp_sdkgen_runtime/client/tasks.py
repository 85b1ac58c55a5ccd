"""Calls in the background: started, looked at, waited for, cancelled.

Where the server speaks the Tasks extension (`io.modelcontextprotocol/tasks`) and answers a call
with a task, its state is what the server tells; a call of any other server is just under way. See
https://modelcontextprotocol.github.io/ext-tasks/specification/2026-07-28/tasks
"""

from __future__ import annotations

import copy
from collections.abc import Awaitable, Callable, Generator
from dataclasses import replace
from functools import partial
from typing import Any, Generic, ParamSpec, TypeVar

import anyio

from ..concurrency.portal import run
from ..concurrency.task_owner import spawn
from ..errors import TaskCancelled, ToolError
from ..options import TaskState
from ..session.session import BlockingSession
from ..text import printable

P = ParamSpec("P")
ResultT = TypeVar("ResultT")


class AsyncTask(Generic[ResultT]):
    """A call under way. Await it for the typed result; dropping the handle does not end the call.

    `state` is the last that is known of it: a name for the task once the server has given one, its
    status (`working`, `input_required`, `completed`, `failed` or `cancelled`; a server may have
    others) and what the server says about that. It is renewed as often as the server wants to be
    asked.
    """

    def __init__(self, server: str, tool: str) -> None:
        self.state = TaskState()
        self._server = server
        self._tool = tool
        self._scope = anyio.CancelScope()
        self._ended = anyio.Event()
        self._value: ResultT | None = None
        self._error: Exception | None = None

    @property
    def done(self) -> bool:
        """Whether the call has ended, in whatever way."""
        return self._ended.is_set()

    async def result(self) -> ResultT:
        """The typed result, when it is there. Raises what the plain call would raise.

        Also raises `TaskCancelled`. Giving up waiting does not end the call.
        """
        if not self.done:
            await self._ended.wait()
        if self._error is not None:
            raise self._error
        value: Any = self._value
        return value  # type: ignore[no-any-return]

    def __await__(self) -> Generator[Any, Any, ResultT]:
        return self.result().__await__()

    async def cancel(self) -> None:
        """End the call, on the server too; returns when the server has been told."""
        self._scope.cancel()
        with anyio.CancelScope(shield=True):
            await self._ended.wait()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._server}.{self._tool}: {printable(self.state.status)})"

    def _hear(self, state: TaskState) -> None:
        self.state = state

    async def _run(self, call: Callable[[], Awaitable[ResultT]]) -> None:
        status = "cancelled"
        self._error = TaskCancelled("the call was cancelled", server=self._server, tool=self._tool)
        try:
            with self._scope:
                self._value = await call()
                self._error, status = None, "completed"
        except ToolError as error:
            self._error, status = error, "completed"
        except TaskCancelled as error:
            self._error = error
        except Exception as error:
            self._error, status = error, "failed"
        finally:
            self.state = replace(self.state, status=status)
            self._ended.set()


class Task(Generic[ResultT]):
    """The blocking twin of `AsyncTask`, usable from any thread."""

    def __init__(self, inner: AsyncTask[ResultT]) -> None:
        self._inner = inner

    @property
    def state(self) -> TaskState:
        """The last that is known of it (see `AsyncTask`)."""
        return self._inner.state

    @property
    def done(self) -> bool:
        """Whether the call has ended, in whatever way."""
        return self._inner.done

    def result(self, timeout_s: float | None = None) -> ResultT:
        """The typed result, when it is there. Raises what the plain call would raise.

        Also raises `TaskCancelled`, and `TimeoutError` after `timeout_s` seconds; the call goes on
        then.
        """
        return run(self._within, timeout_s)

    async def _within(self, timeout_s: float | None) -> ResultT:
        with anyio.fail_after(timeout_s):
            return await self._inner.result()

    def cancel(self) -> None:
        """End the call, on the server too; returns when the server has been told."""
        run(self._inner.cancel)

    def __repr__(self) -> str:
        return repr(self._inner).removeprefix("Async")


class Tasks:
    """Starts calls of one blocking client in the background."""

    def __init__(self, client: Any, async_client: Callable[[Any], Any]) -> None:
        """`async_client` makes the async twin of `client` over a session."""
        self._client = client
        self._async_client = async_client

    def start(
        self, method: Callable[P, ResultT], /, *args: P.args, **arguments: P.kwargs
    ) -> Task[ResultT]:
        """Start `method`, one of this client's, with its arguments, and return at once.

        `timeout_s` of the client limits such a call too. Raises `TypeError` when `method` belongs
        to another class.
        """
        asked = _asking(self._client, _PreparedCall)
        made: _PreparedCall = _function(method, self._client)(asked, *args, **arguments)
        return Task(run(_started, _twin(self._client, self._async_client), made))


class AsyncTasks:
    """Starts calls of one async client in the background."""

    def __init__(self, client: Any) -> None:
        self._client = client

    async def start(
        self, method: Callable[P, Awaitable[ResultT]], /, *args: P.args, **arguments: P.kwargs
    ) -> AsyncTask[ResultT]:
        """Start `method`, one of this client's, with its arguments, and return at once.

        `timeout_s` of the client limits such a call too. Raises `TypeError` when `method` belongs
        to another class.
        """

        async def ask(*call: Any) -> _PreparedCall:
            return _PreparedCall(*call)

        asked = _asking(self._client, ask)
        made: _PreparedCall = await _function(method, self._client)(asked, *args, **arguments)
        return await _started(self._client, made)


class _PreparedCall:
    """What a generated method hands to its client."""

    def __init__(self, tool: Any, given: Any, extra: Any = None) -> None:
        self.tool = tool
        self.given = given
        self.extra = extra


def _asking(client: Any, ask: Callable[..., Any]) -> Any:
    """The client, but its methods give what they would call instead of calling it."""
    asking = copy.copy(client)
    asking._call = ask
    return asking


def _function(method: Any, client: Any) -> Any:
    if not isinstance(getattr(method, "__self__", None), type(client)):
        raise TypeError(f"{method!r} is no method of {type(client).__name__}")
    return method.__func__


def _twin(client: Any, async_client: Callable[[Any], Any]) -> Any:
    """An async client with the session and the options of a blocking one."""
    session = client._line.session()
    twin = async_client(session._inner if isinstance(session, BlockingSession) else session)
    line = twin._line
    twin.__dict__.update(vars(client), _line=line)
    return twin


async def _started(client: Any, made: _PreparedCall) -> AsyncTask[Any]:
    task: AsyncTask[Any] = AsyncTask(made.tool.server, made.tool.name)
    calling = copy.copy(client)
    calling._call_options = replace(client._call_options, on_task=task._hear)
    call = partial(calling._call, made.tool, made.given, made.extra)
    spawn(partial(task._run, call))
    return task
