"""Calls that a server answers with a task: awaited, looked at, cancelled."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from http_serving import serving
from mcp_sdkgen_runtime import (
    Arguments,
    AsyncClient,
    CallTimeout,
    Client,
    Elicitation,
    Model,
    ResultError,
    SessionError,
    SessionOptions,
    TaskCancelled,
    Tool,
    ToolError,
    Unstructured,
)

from tests.patience import HANG_S
from tests.warm import PYTHON

SERVER = str(Path(__file__).parents[1] / "servers" / "task_server.py")


class Report(Model):
    city: str
    pages: int


class ReportArguments(Arguments):
    city: str


def tool(name: str, arguments: Any = Arguments, result: Any = Unstructured) -> Tool[Any]:
    return Tool(server="press", name=name, arguments=arguments, result=result, digest="")


REPORT: Tool[Report] = tool("report", ReportArguments, Report)


class Press(Client):
    SERVER = "press"

    def report(self, *, city: str) -> Report:
        return self._call(REPORT, {"city": city})

    def call(self, name: str) -> Unstructured:
        return self._call(tool(name), {})


class AsyncPress(AsyncClient):
    SERVER = "press"

    async def report(self, *, city: str) -> Report:
        return await self._call(REPORT, {"city": city})

    async def call(self, name: str) -> Unstructured:
        return await self._call(tool(name), {})


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    command = [sys.executable, SERVER, "http"]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    assert process.stdout is not None
    yield f"http://127.0.0.1:{process.stdout.readline().split()[1]}/mcp"
    process.kill()
    process.wait()
    process.stdout.close()


@pytest.fixture(params=["memory", "stdio", "http"])
def binding(request: pytest.FixtureRequest) -> Any:
    if request.param == "memory":
        from task_server import make_server

        return make_server()[0]
    return (
        [*PYTHON, SERVER, "stdio"] if request.param == "stdio" else (request.getfixturevalue("url"))
    )


@pytest.fixture
def press() -> Any:
    from task_server import make_server

    return make_server()


def until(what: Callable[[], Any]) -> None:
    """Looks until it is so; the machine may be slow."""
    deadline = time.monotonic() + HANG_S
    while not what():
        assert time.monotonic() < deadline
        threading.Event().wait(0.01)


def test_a_plain_call_awaits_the_task_over_every_transport(binding: Any) -> None:
    with Press(binding) as press:
        report = press.report(city="Oslo")
        assert (report.city, report.pages) == ("Oslo", 4)
        with pytest.raises(ToolError, match="refuse"):
            press.call("refuse")


def test_a_call_that_is_late_is_cancelled_on_the_server(binding: Any) -> None:
    with Press(binding) as press:
        before = press.call("cancelled").text
        with pytest.raises(CallTimeout, match=r"within 0\.2 s"):
            press.with_options(timeout_s=0.2).call("forever")
        assert press.call("cancelled").text.removeprefix(before).strip().startswith("forever-")


def test_a_call_that_is_cancelled_is_cancelled_on_the_server(press: Any) -> None:
    server, tasks = press

    async def program() -> None:
        async with AsyncPress(server) as client:
            waiting = asyncio.create_task(client.call("forever"))
            await asyncio.to_thread(until, lambda: tasks.asked.get("forever-1"))
            waiting.cancel()
            with pytest.raises(asyncio.CancelledError):
                await waiting

    asyncio.run(program())
    assert tasks.cancelled == ["forever-1"]


def test_a_started_call_is_looked_at_and_keeps_its_typed_result(binding: Any) -> None:
    with Press(binding) as press:
        task = press.tasks.start(press.report, city="Bergen")
        assert task.result().pages == 6
        assert task.result(timeout_s=0).pages == 6
        assert task.done
        assert task.state.id.startswith("report-")
        assert task.state.status == "completed"


def test_the_state_of_a_started_call_is_what_the_server_says(press: Any) -> None:
    server, _ = press
    may_answer = threading.Event()

    def person(question: Elicitation) -> dict[str, Any]:
        assert may_answer.wait(HANG_S)
        return {"name": question.message}

    with Press(server, options=SessionOptions(on_elicit=person)) as press_:
        task = press_.tasks.start(press_.call, "greet")
        until(lambda: task.state.status == "input_required")
        assert task.state.message == "begun"
        assert not task.done
        with pytest.raises(TimeoutError):
            task.result(timeout_s=0.01)
        may_answer.set()
        assert task.result().text == "hello Who?"


def test_a_question_is_put_once_and_a_refusal_cancels_the_task(press: Any) -> None:
    server, tasks = press
    with pytest.raises(SessionError, match="Elicitation not supported"), Press(server) as client:
        client.call("greet")
    assert tasks.cancelled == ["greet-1"]
    asked: list[Elicitation] = []

    def person(question: Elicitation) -> dict[str, Any]:
        asked.append(question)
        return {"name": "Ada"}

    with Press(server, options=SessionOptions(on_elicit=person)) as client:
        assert client.call("greet").text == "hello Ada"
    assert len(asked) == 1


def test_a_started_call_is_cancelled_on_the_server_too(binding: Any) -> None:
    with Press(binding) as press:
        task = press.tasks.start(press.call, "forever")
        until(lambda: task.state.id)
        task.cancel()
        assert (task.done, task.state.status) == (True, "cancelled")
        with pytest.raises(TaskCancelled) as cancelled:
            task.result()
        assert cancelled.value.ran is None
        assert task.state.id in press.call("cancelled").text.split()


def test_a_call_that_is_no_task_can_be_started_and_cancelled_too(press: Any) -> None:
    with Press(press[0]) as client:
        assert client.tasks.start(client.call, "cancelled").result().text == ""
        task = client.tasks.start(client.call, "wait")
        assert repr(task) == "Task(press.wait: working)"
        task.cancel()
        with pytest.raises(TaskCancelled):
            task.result()


def test_async_handles_do_the_same(press: Any) -> None:
    server, tasks = press

    async def program() -> None:
        async with AsyncPress(server) as client:
            task = await client.tasks.start(client.report, city="Oslo")
            assert (await task).pages == 4
            assert (await task.result()).city == "Oslo"
            hanging = await client.tasks.start(client.call, "forever")
            await asyncio.to_thread(until, lambda: hanging.state.id)
            await hanging.cancel()
            with pytest.raises(TaskCancelled):
                await hanging

    asyncio.run(program())
    assert tasks.cancelled == ["forever-2"]


def test_async_handles_work_on_trio(press: Any) -> None:
    trio = pytest.importorskip("trio")

    async def program() -> int:
        async with AsyncPress([sys.executable, SERVER, "stdio"]) as client:
            return int((await (await client.tasks.start(client.report, city="Oslo"))).pages)

    assert trio.run(program) == 4


def test_ends_other_than_a_result_are_told_apart(press: Any) -> None:
    with Press(press[0]) as client:
        with pytest.raises(SessionError, match=r"out of paper \(-32603\)") as failed:
            client.call("unlucky")
        assert failed.value.code == -32603
        with pytest.raises(TaskCancelled, match="no more paper"):
            # What was cancelled is not tried again, however safe that would be.
            client.with_options(retries=3).call("break_off")
        with pytest.raises(ResultError, match="breaks the protocol"):
            client.call("odd")


@pytest.fixture
def shaky(press: Any) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """Over HTTP: the first question for a task is turned away, the second breaks off."""
    app = press[0].streamable_http_app()
    asked: list[tuple[str, str]] = []

    async def shaking(scope: Any, receive: Any, send: Any) -> None:
        headers = dict(scope.get("headers", ()))
        method = headers.get(b"mcp-method", b"").decode()
        if method.startswith("tasks/"):
            asked.append((method, headers.get(b"mcp-name", b"").decode()))
            if len(asked) <= 2:
                busy = len(asked) == 1
                length = (b"content-length", b"0" if busy else b"10")
                head = [(b"content-type", b"application/json"), length]
                status = 503 if busy else 200
                await send({"type": "http.response.start", "status": status, "headers": head})
                await send({"type": "http.response.body", "body": b""})
                return
        await app(scope, receive, send)

    with serving(shaking) as url:
        yield url, asked


def test_a_task_outlives_a_busy_server_and_a_broken_connection(shaky: Any) -> None:
    url, asked = shaky
    with Press(url) as press:
        assert press.report(city="Oslo").pages == 4
    assert asked == [("tasks/get", "report-1")] * 4


def test_a_task_is_lost_with_the_process_that_ran_it() -> None:
    with Press([sys.executable, SERVER, "stdio"]) as press:
        task = press.tasks.start(press.call, "forever")
        until(lambda: task.state.id)
        with pytest.raises(SessionError):
            press.call("die")
        with pytest.raises(SessionError, match="may have run"):
            task.result()
        assert press.report(city="Oslo").pages == 4


def test_the_interpreter_exits_with_a_task_under_way(url: str) -> None:
    code = f"""
        import sys; sys.path[:0] = {sys.path!r}
        from {__name__} import Press, until
        press = Press({url!r})
        task = press.tasks.start(press.call, "forever")
        until(lambda: task.state.id)
        print(task.state.status)
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)],
        capture_output=True, text=True, timeout=HANG_S, check=True,
    )  # fmt: skip
    assert done.stdout == "working\n"
    # mcp may warn of a message that it could not send any more.
    assert "Traceback" not in done.stderr


def test_options_of_the_client_hold_for_started_calls(press: Any) -> None:
    with Press(press[0]) as client:
        task = client.with_options(timeout_s=0.1).tasks.start(client.call, "forever")
        with pytest.raises(CallTimeout):
            task.result()
        assert task.state.status == "failed"
    assert press[1].cancelled == ["forever-1"]


def test_only_methods_of_the_client_can_be_started(press: Any) -> None:
    client = Press(press[0])
    with pytest.raises(TypeError, match="is no method of Press"):
        client.tasks.start(len, "abc")
    with pytest.raises(TypeError):
        client.tasks.start(client.report)  # type: ignore[call-arg]
