"""Progress through the channel: of tools, to the program and the host, and of the program
itself."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from mcp_sdkgen_codemode.events import CallEnded, CallStarted, Event, Progress
from mcp_sdkgen_runtime import CallOptions, RawResult, SessionError, report_progress

from tests.codemode.broker.guests import Fake, ran, through_broker


def test_progress_of_a_tool_reaches_program_and_host_while_it_runs() -> None:
    class Reporting(Fake):
        async def call(self, tool: str, arguments: Any, *, options: Any = None) -> RawResult:
            for step in (1.0, 2.0):
                options.on_progress(step, 2.0, "half\x1b[2J")
            return RawResult([])

    heard: list[Any] = []
    events: list[Event] = []
    with through_broker(lambda: {"fake": Reporting().service()}, on_event=events.append) as session:
        session("fake").call(
            "read", {}, options=CallOptions(on_progress=lambda *p: heard.append(p))
        )
    assert heard == [(1.0, 2.0, "half\\x1b[2J"), (2.0, 2.0, "half\\x1b[2J")]
    assert [type(event) for event in events] == [CallStarted, Progress, Progress, CallEnded]


def test_a_progress_callback_that_calls_a_tool_fails_and_does_not_hang() -> None:
    class Reporting(Fake):
        async def call(self, tool: str, arguments: Any, *, options: Any = None) -> RawResult:
            options.on_progress(1.0, 2.0, "")
            return RawResult([])

    failed: list[str] = []
    with through_broker(lambda: {"fake": Reporting().service()}) as session:
        broker_session = session("fake")

        def again(*progress: Any) -> None:
            try:
                broker_session.call("read", {})
            except SessionError as error:
                failed.append(str(error))

        broker_session.call("read", {}, options=CallOptions(on_progress=again))
    assert failed == ["fake.read: a progress callback cannot wait for a call of its own"]


def test_a_program_reports_its_own_progress(caplog: pytest.LogCaptureFixture) -> None:
    program = "from mcp_sdkgen_runtime import report_progress\nreport_progress(3, 4, 'three')"
    events: list[Event] = []
    asyncio.run(ran(program, {}, on_event=events.append))
    assert events == [Progress(0, 3.0, 4.0, "three")]
    with caplog.at_level("INFO"):
        report_progress(3, 4, "three")
    assert "3 of 4 three" in caplog.text
    with pytest.raises(ValueError, match="finite"):
        report_progress(float("nan"))
