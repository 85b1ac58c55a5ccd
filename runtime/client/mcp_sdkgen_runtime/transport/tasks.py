"""The client's side of the Tasks extension: a call that was answered by a task, to its end.

By https://modelcontextprotocol.github.io/ext-tasks/specification/2026-07-28/tasks: `mcp` lets a
client claim such answers, and leaves the rest to it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Any, Final, Literal, TypeVar

import anyio
import mcp
from mcp.client.extension import ClaimContext, ClientExtension, ResultClaim
from mcp.client.session import ClientRequestContext
from mcp.shared.exceptions import MCPError
from mcp_types import (
    INTERNAL_ERROR,
    CallToolResult,
    EmptyResult,
    ErrorData,
    InputRequest,
    Request,
    RequestParams,
    Result,
)

from ..errors import TaskCancelled
from ..options import TaskState

ResultT = TypeVar("ResultT", bound=Result)

_FIRST_WAIT_S: Final = 0.1
_LONGEST_WAIT_S: Final = 60.0
"""However long a server wants to be left alone, it is asked this often."""
_SHORTEST_WAIT_S: Final = 0.02
_LONGEST_OWN_WAIT_S: Final = 5.0
_TRIES: Final = 6
_CANCEL_WITHIN_S: Final = 5.0


class CreatedTask(Result):
    """The answer to a call that goes on as a task."""

    result_type: Literal["task"] = "task"
    task_id: str
    status: str = "working"
    status_message: str | None = None
    poll_interval_ms: float | None = None


class TaskReport(Result):
    """The answer to `tasks/get`. Statuses are open: an unknown one is a task that goes on."""

    task_id: str
    status: str
    status_message: str | None = None
    poll_interval_ms: float | None = None
    result: Any = None
    error: dict[str, Any] | None = None
    input_requests: dict[str, InputRequest] | None = None


class _OneTask(RequestParams):
    task_id: str


class _Answers(_OneTask):
    input_responses: dict[str, Any]


# `name_param` puts the task into the header `Mcp-Name`, by which proxies find its server.
class _Get(Request[_OneTask, Literal["tasks/get"]]):
    method: Literal["tasks/get"] = "tasks/get"
    name_param = "taskId"


class _Cancel(Request[_OneTask, Literal["tasks/cancel"]]):
    method: Literal["tasks/cancel"] = "tasks/cancel"
    name_param = "taskId"


class _Update(Request[_Answers, Literal["tasks/update"]]):
    method: Literal["tasks/update"] = "tasks/update"
    name_param = "taskId"


class TaskStarted(CallToolResult):
    """Stands for the result of a call that goes on as a task."""

    task: CreatedTask


async def _begun(task: CreatedTask, context: ClaimContext) -> TaskStarted:
    return TaskStarted(content=[], task=task)


class TasksExtension(ClientExtension):
    """Announces the extension, and lets `mcp.Client.call_tool` return `TaskStarted`."""

    identifier = "io.modelcontextprotocol/tasks"

    def claims(self) -> Sequence[ResultClaim[Any]]:
        return [ResultClaim(result_type="task", model=CreatedTask, resolve=_begun)]


class Polling:
    """Follows one task. `live` gives the connection, a new one if need be and if that helps.

    `may_recur` says of an error whether asking again makes sense: the connection broke, the server
    was busy. Asking for a task's state changes nothing, so it is safe.
    """

    def __init__(
        self,
        server: str,
        tool: str,
        heard: Callable[[TaskState], None] | None,
        live: Callable[[], Awaitable[mcp.Client]],
        may_recur: Callable[[Exception], bool],
    ) -> None:
        self._server = server
        self._tool = tool
        self._heard = heard
        self._live = live
        self._may_recur = may_recur
        self._answered: set[str] = set()
        self._wait_s = _FIRST_WAIT_S

    async def result(self, task: CreatedTask) -> Any:
        """Wait for the task's end, and give the result of the call as the server sent it.

        Cancelled itself, it cancels the task on the server.

        Raises `MCPError` when the task failed and `TaskCancelled` when it was cancelled.
        """
        one = _OneTask(task_id=task.task_id)
        try:
            self._tell(task)
            report: TaskReport | None = None
            while report is None or not self._is_over(report):
                await anyio.sleep(self._pause_s((report or task).poll_interval_ms))
                report = await self._ask(_Get(params=one), TaskReport)
                self._tell(report)
                await self._answer(report)
        except anyio.get_cancelled_exc_class():
            await self._cancel(one)
            raise
        if report.status == "completed":
            return report.result
        said = report.status_message or ""
        if report.status == "cancelled":
            raise TaskCancelled(
                f"the server cancelled the task{': ' if said else ''}{said}",
                server=self._server, tool=self._tool,
            )  # fmt: skip
        raise _failure(report.error or {}, said)

    def _tell(self, task: CreatedTask | TaskReport) -> None:
        if self._heard is not None:
            self._heard(TaskState(task.task_id, task.status, task.status_message or ""))

    def _is_over(self, report: TaskReport) -> bool:
        return report.status in ("completed", "failed", "cancelled")

    def _pause_s(self, wanted_ms: float | None) -> float:
        if wanted_ms is not None:
            return min(max(wanted_ms / 1000, _SHORTEST_WAIT_S), _LONGEST_WAIT_S)
        pause_s, self._wait_s = self._wait_s, min(self._wait_s * 1.5, _LONGEST_OWN_WAIT_S)
        return pause_s

    async def _ask(self, request: Request[Any, Any], kind: type[ResultT]) -> ResultT:
        for tries in range(1, _TRIES + 1):
            try:
                client = await self._live()
                return await client.session.send_request(request, kind)
            except Exception as error:
                if tries == _TRIES or not self._may_recur(error):
                    raise
            await anyio.sleep(_FIRST_WAIT_S * 2**tries)
        raise AssertionError("the last try returns or raises")

    async def _answer(self, report: TaskReport) -> None:
        """Answer what the server asks during the task, each question once."""
        for key, question in (report.input_requests or {}).items():
            if key in self._answered:
                continue
            self._answered.add(key)
            session = (await self._live()).session
            meta = question.params.meta if question.params is not None else None
            context = ClientRequestContext(session=session, request_id=key, meta=meta)
            answer = await session.dispatch_input_request(context, question)
            if isinstance(answer, ErrorData):
                # As in `mcp`'s rounds of input: a question that is refused ends the call.
                await self._cancel(_OneTask(task_id=report.task_id))
                raise MCPError.from_error_data(answer)
            given = answer.model_dump(mode="json", by_alias=True, exclude_none=True)
            answers = _Answers(task_id=report.task_id, input_responses={key: given})
            await self._ask(_Update(params=answers), EmptyResult)

    async def _cancel(self, one: _OneTask) -> None:
        with anyio.move_on_after(_CANCEL_WITHIN_S, shield=True), suppress(Exception):
            client = await self._live()
            await client.session.send_request(_Cancel(params=one), EmptyResult)


def _failure(error: dict[str, Any], said: str) -> MCPError:
    code, message = error.get("code"), error.get("message")
    return MCPError(
        code if isinstance(code, int) else INTERNAL_ERROR,
        message if isinstance(message, str) else said or "the task failed",
    )
