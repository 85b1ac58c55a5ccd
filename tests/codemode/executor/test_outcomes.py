"""Programs in, outcomes out: through the real check, sandbox, broker and server."""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any

import pytest
from mcp_sdkgen_codemode import Executor, Limits, Outcome, Policy, execute, execute_async
from mcp_sdkgen_codemode.events import CallEnded, CallStarted, Event, Output, Progress
from mcp_sdkgen_codemode.policy.approval import ApprovalRequest
from mcp_sdkgen_codemode.prompting.outcome_text import report

from tests.codemode.executor.weather import BINDINGS, WEATHER
from tests.patience import HANG_S

REPORT = 'weather.report_observation(station="72254", celsius=21.5)'


def test_a_program_that_calls_tools_in_a_loop_finishes_with_what_it_printed(
    executor: Executor,
) -> None:
    outcome = executor.run(
        "from weather_sdk import weather\n"
        "found = [weather.get_weather(location=c) for c in ('Austin, TX', 'London, UK')]\n"
        "for one in found:\n"
        "    print(one.location, one.condition)\n"
        "max(one.temperature for one in found)\n"
    )
    assert outcome.status == "finished", outcome
    assert len(outcome.stdout.splitlines()) == 2
    assert isinstance(outcome.value, int | float)
    assert [(c.server, c.tool, c.status) for c in outcome.calls] == [
        ("weather", "get_weather", "ok")
    ] * 2
    assert all(c.received_bytes > 10 and c.duration_s > 0 for c in outcome.calls)


def test_asyncio_gather_and_top_level_await_work(executor: Executor) -> None:
    outcome = executor.run(
        "import asyncio\n"
        "from weather_sdk import AsyncWeather\n"
        "async with AsyncWeather() as client:\n"
        "    found = await asyncio.gather(\n"
        "        *(client.get_forecast(city=c, days=2) for c in ('Oslo', 'Paris', 'London')))\n"
        "[len(f.days) for f in found]\n"
    )
    assert outcome.status == "finished", outcome
    assert outcome.value == [2, 2, 2]
    assert len(outcome.calls) == 3


NEVER_AWAITED = """
import asyncio, warnings
from weather_sdk import AsyncWeather
warnings.simplefilter("ignore")
client = AsyncWeather()
if client.list_alerts(region="NO-03"):
    kept = [client.get_weather(location=city) for city in ("Oslo", "Rome")]
"""


def test_calls_that_were_never_awaited_are_told_whatever_the_check_saw(executor: Executor) -> None:
    outcome = executor.run(NEVER_AWAITED, typecheck=False)

    assert (outcome.status, outcome.calls) == ("finished", ())
    [note] = outcome.notes
    assert note.startswith("called and never awaited, so it did not happen")
    assert "AsyncWeather.get_weather (2 times)" in note
    assert "AsyncWeather.list_alerts" in note
    assert note in report(outcome).text


def test_a_failed_program_tells_of_calls_that_were_never_awaited_too(executor: Executor) -> None:
    outcome = executor.run(f"{NEVER_AWAITED}\nraise ValueError(kept)", typecheck=False)

    assert outcome.status == "failed"
    assert "AsyncWeather.get_weather (2 times)" in outcome.notes[0]


def test_tasks_that_are_not_done_at_the_end_are_told(executor: Executor) -> None:
    outcome = executor.run(
        "import asyncio\nasync def wait():\n    await asyncio.sleep(3600)\n"
        "task = asyncio.create_task(wait())\nawait asyncio.sleep(0)\n"
    )
    assert outcome.status == "finished"
    [note] = outcome.notes
    assert note.startswith("tasks that nobody awaited")
    assert note.endswith(": wait")


def test_calls_that_are_awaited_leave_no_note(executor: Executor) -> None:
    outcome = executor.run(
        "from weather_sdk import AsyncWeather\nasync with AsyncWeather() as client:\n"
        "    print(await client.get_weather(location='Oslo'))\n"
    )
    assert (outcome.status, outcome.notes) == ("finished", ())


def test_a_client_serves_after_its_block_and_inside_a_coroutine(executor: Executor) -> None:
    outcome = executor.run(
        "from weather_sdk import AsyncWeather, Weather, weather\n"
        "async def main():\n"
        "    async with AsyncWeather() as waiting:\n        pass\n"
        "    with Weather() as blocking:\n        pass\n"
        "    return [(await waiting.get_weather(location='Oslo')).location,\n"
        "            blocking.get_weather(location='Oslo').location,\n"
        "            weather.get_weather(location='Oslo').location]\n"
        "await main()\n"
    )
    assert outcome.status == "finished", outcome
    assert len(outcome.calls) == 3


def test_the_value_of_a_last_expression_that_is_a_model_comes_back_as_json(
    executor: Executor,
) -> None:
    outcome = executor.run(
        "from weather_sdk import weather\nweather.get_weather(location='London, UK')\n"
    )
    assert outcome.status == "finished"
    assert isinstance(outcome.value, dict)
    assert outcome.value["location"].startswith("London")


def test_a_wrong_program_is_rejected_and_nothing_of_it_runs(executor: Executor) -> None:
    outcome = executor.run(
        "print('ran')\nfrom weather_sdk import weather\nweather.get_wether(location='Oslo')\n"
    )
    assert outcome.status == "rejected"
    assert outcome.stdout == ""
    assert outcome.diagnostics[0].line == 3
    assert "get_weather" in str(outcome.diagnostics[0])
    assert outcome.exit_code == 3


def test_a_raised_exception_is_told_with_the_programs_own_line(executor: Executor) -> None:
    outcome = executor.run("def half(x):\n    return 1 / x\n\nprint('before')\nhalf(0)\n")
    assert outcome.status == "failed"
    assert outcome.stdout == "before\n"
    assert outcome.error is not None
    assert outcome.error.type == "ZeroDivisionError"
    assert outcome.error.line == 2
    assert "return 1 / x" in outcome.error.traceback
    assert "/boot" not in outcome.error.traceback


def test_a_tool_error_is_an_exception_that_the_program_can_handle(executor: Executor) -> None:
    outcome = executor.run(
        "from mcp_sdkgen_runtime import ToolError\n"
        "from weather_sdk import weather\n"
        "try:\n    weather.get_weather(location='Atlantis')\n"
        "except ToolError as error:\n    print('no', error.text)\n"
    )
    assert outcome.status == "finished", outcome
    assert outcome.stdout.startswith("no ")
    assert [call.status for call in outcome.calls] == ["tool_error"]


def test_unattended_a_call_that_writes_is_refused_with_the_option_that_allows_it(
    executor: Executor,
) -> None:
    outcome = executor.run(f"from weather_sdk import weather\n{REPORT}\n")
    assert outcome.status == "failed"
    assert outcome.error is not None
    assert outcome.error.type.endswith("CallRefused")
    assert "--allow weather/report_observation" in outcome.error.message
    assert [call.status for call in outcome.calls] == ["refused"]


def test_an_approver_sees_the_call_as_it_will_be_sent_and_decides(executor: Executor) -> None:
    asked: list[ApprovalRequest] = []

    async def yes(request: ApprovalRequest) -> Any:
        asked.append(request)
        return "once"

    program = f"from weather_sdk import weather\n{REPORT}\n"
    outcome = executor.run(program, approver=yes)
    assert outcome.status == "finished", outcome
    assert dict(asked[0].arguments) == {"station": "72254", "celsius": 21.5}


def test_a_policy_can_allow_and_deny(executor: Executor) -> None:
    program = f"from weather_sdk import weather\n{REPORT}\n"
    assert executor.run(program, policy=Policy.of(allow=["weather/report_*"])).ok
    refused = executor.run(
        "from weather_sdk import weather\nweather.get_weather(location='Oslo')\n",
        policy=Policy.of(deny=["weather/get_*"]),
    )
    assert refused.status == "failed"


def test_a_program_that_never_ends_is_timed_out(executor: Executor) -> None:
    outcome = executor.run("print('on')\nwhile True: pass\n", timeout_s=3)
    assert outcome.status == "timed_out"
    assert outcome.stdout == "on\n"
    assert outcome.exit_code == 4


def test_files_that_a_program_leaves_come_back(executor: Executor) -> None:
    outcome = executor.run(
        "from pathlib import Path\n"
        "Path('plots').mkdir()\n"
        "Path('plots/a.csv').write_text('a,b')\n"
        "Path('report.bin').write_bytes(bytes(range(256)) * 8000)\n"
        "Path('link').symlink_to('/etc/passwd')\n"
    )
    assert outcome.status == "finished", outcome
    files = {file.name: file.data for file in outcome.artifacts}
    assert files == {"plots/a.csv": b"a,b", "report.bin": bytes(range(256)) * 8000}


def test_events_arrive_while_the_program_runs(executor: Executor) -> None:
    events: list[Event] = []
    outcome = executor.run(
        "from mcp_sdkgen_runtime import report_progress\n"
        "from weather_sdk import weather\n"
        "report_progress(1, 2, 'half')\n"
        "weather.get_weather(location='Oslo')\n"
        "print('done')\n",
        on_event=events.append,
    )
    assert outcome.status == "finished", outcome
    kinds = [type(event) for event in events]
    assert kinds.index(Progress) < kinds.index(CallStarted) < kinds.index(CallEnded)
    told = [event.text for event in events if isinstance(event, Output)]
    assert "".join(told) == "done\n"


def test_the_outcome_is_json(executor: Executor) -> None:
    outcome = executor.run("1 + 1")
    data = json.loads(json.dumps(outcome.as_json()))
    assert data["status"] == "finished"
    assert data["value"] == 2
    assert set(data["timings"]) == {"check_s", "start_s", "run_s", "asked_s"}


def test_output_keeps_head_and_tail_and_nothing_that_steers_a_terminal(
    executor: Executor,
) -> None:
    outcome = executor.run(
        "print('first \\x1b[31m')\nfor i in range(60000): print(i, 'x' * 20)\nprint('last')\n"
    )
    assert outcome.status == "finished", outcome
    assert outcome.truncated == ("stdout",)
    assert outcome.stdout.startswith("first \\x1b[31m\n")
    assert outcome.stdout.endswith("last\n")
    assert "bytes left out" in outcome.stdout
    assert len(outcome.stdout) < 300_000


def test_files_without_content_are_limited_too(executor: Executor) -> None:
    outcome = executor.run("import os\nn = 0\nwhile True:\n    os.mkdir(str(n))\n    n += 1\n")
    assert (outcome.status, outcome.reason) == ("killed", "limit: it made more than 16384 files")


def test_a_flood_of_output_ends_the_run(executor: Executor) -> None:
    outcome = executor.run("while True: print('x' * 10000)\n")
    assert outcome.status == "killed"
    assert "printed" in outcome.reason


def test_leaving_by_the_back_channel_is_no_success(executor: Executor) -> None:
    outcome = executor.run("import os\nos._exit(0)\n")
    assert outcome.status == "failed"
    assert "without a result" in outcome.reason


def test_files_that_a_program_left_open_come_back_whole(executor: Executor) -> None:
    outcome = executor.run(
        "text = open('a.txt', 'w')\ntext.write('abc')\n"
        "raw = open('b.bin', 'wb')\nraw.write(b'12')\n1 / 0\n"
    )
    assert outcome.status == "failed", outcome
    assert {one.name: one.data for one in outcome.artifacts} == {"a.txt": b"abc", "b.bin": b"12"}


def test_hidden_files_stay_in_the_sandbox_and_it_is_said(executor: Executor) -> None:
    outcome = executor.run(
        "from pathlib import Path\nPath('.git').mkdir()\n"
        "for name in ('.git/config', '.bashrc', 'seen.txt'): Path(name).write_text('x')\n"
    )
    assert [one.name for one in outcome.artifacts] == ["seen.txt"], outcome
    assert "'.git' is not returned" in outcome.stderr
    assert "'.bashrc' is not returned" in outcome.stderr


@pytest.mark.parametrize(
    ("value", "told"),
    [("[b'a']", "bytes"), ("{(1, 2): 3}", "a key that is a tuple"), ("range(3)", "range")],
)
def test_a_value_without_a_json_form_is_not_dropped_in_silence(
    executor: Executor, value: str, told: str
) -> None:
    outcome = executor.run(value)
    assert (outcome.status, outcome.value) == ("finished", None)
    assert f"JSON cannot hold {told}; print it" in outcome.stderr


def test_numbers_of_numpy_in_a_value_are_numbers(executor: Executor) -> None:
    outcome = executor.run(
        "class int64:\n    __module__ = 'numpy'\n    def tolist(self): return 2\n{'a': int64()}\n"
    )
    assert outcome.value == {"a": 2}, outcome


def test_a_program_may_begin_with_a_byte_order_mark(executor: Executor) -> None:
    assert executor.run("\ufeff1 + 1").value == 2


@pytest.mark.parametrize("program", ["", "# nothing\n", "x = 1\n", "None\n"])
def test_a_program_without_a_value_has_none(executor: Executor, program: str) -> None:
    outcome = executor.run(program)
    assert (outcome.status, outcome.value) == ("finished", None)


def test_many_programs_at_once_each_get_their_own_sandbox(executor: Executor) -> None:
    async def all_of_them() -> list[Outcome]:
        async with Executor(sdks=[WEATHER], bindings=BINDINGS, sandboxes=2) as own:
            return await asyncio.gather(
                *(own.run_async(f"import os\nx = {n}\nprint(x)\n") for n in range(8))
            )

    outcomes = asyncio.run(all_of_them())
    assert [one.stdout for one in outcomes] == [f"{n}\n" for n in range(8)]


def test_execute_runs_one_program_with_and_without_an_event_loop() -> None:
    limits = Limits(time_s=HANG_S)
    assert execute("2 * 21", sdks=[WEATHER], limits=limits).value == 42
    found = asyncio.run(execute_async("6 * 7", sdks=[WEATHER], limits=limits))
    assert found.value == 42


def test_no_sandbox_means_refused_and_nothing_runs() -> None:
    outcome = execute("print('ran')", sdks=[WEATHER], engine="no-such-engine")
    assert outcome.status == "refused"
    assert outcome.exit_code == 5
    assert "no-such-engine" in outcome.reason


def test_an_executor_says_so_when_another_event_loop_uses_it(executor: Executor) -> None:
    assert executor.run("1").ok
    with pytest.raises(RuntimeError, match="another event loop"):
        asyncio.run(executor.run_async("1"))
    assert executor.run("2").value == 2


def test_a_closed_executor_says_so() -> None:
    closed = Executor(sdks=[WEATHER])
    closed.close()
    for use in (closed.run, lambda program: asyncio.run(closed.check(program))):
        with pytest.raises(RuntimeError, match="this Executor is closed"):
            use("1")


@pytest.mark.parametrize(
    ("binding", "told"),
    [
        (["/opt/hunter2/no-such-server"], "its command could not be started"),
        (
            [sys.executable, "-c", "raise SystemExit('hunter2')"],
            "its process ended before it answered",
        ),
        ([sys.executable, "-c", "print('hunter2'); input()"], "did not answer as an MCP server"),
        ("http://127.0.0.1:9/hunter2", "nothing answers at its address"),
    ],
)
def test_a_program_learns_what_kept_the_host_from_a_server_and_who_can_see_more(
    binding: Any, told: str
) -> None:
    with Executor(sdks=[WEATHER], bindings={"weather": binding}, sandboxes=1) as executor:
        outcome = executor.run("from weather_sdk import weather\nweather.get_weather(location='a')")
    assert outcome.error is not None
    assert told in outcome.error.message, outcome
    assert "`mcp-sdkgen tools weather`" in outcome.error.message
    assert "hunter2" not in report(outcome).text
    assert outcome.calls[0].detail.for_host(), "the host does know"
