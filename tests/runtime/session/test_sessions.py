"""Sessions last: they are shared, come back after a loss, and leave nothing behind."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from handmade_weather_sdk import AsyncWeather, Weather
from mcp_sdkgen_runtime import CallTimeout, SessionError, SessionOptions
from mcp_sdkgen_runtime.content.results import RawResult

from tests.patience import HANG_S

HERE = Path(__file__).parents[1]
PATHS = os.pathsep.join(str(p) for p in (HERE / "sdks", HERE.parents[1] / "runtime" / "client"))


def gone(pid: int) -> bool:
    """Waits for a process to end; our own children are reaped by whoever started them."""
    deadline = time.monotonic() + HANG_S
    while time.monotonic() < deadline:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        threading.Event().wait(0.02)
    return False


def program(text: str, *, check: bool = True) -> subprocess.CompletedProcess[str]:
    weather = [sys.executable, str(HERE / "servers" / "weather_server.py"), "stdio"]
    header = f"from handmade_weather_sdk import Weather, AsyncWeather\nCOMMAND = {weather!r}\n"
    return subprocess.run(
        [sys.executable, "-c", header + textwrap.dedent(text)],
        env={**os.environ, "PYTHONPATH": PATHS},
        capture_output=True, text=True, timeout=HANG_S, check=check,
    )  # fmt: skip


@pytest.mark.parametrize("kind", ["stdio", "http"])
def test_a_thousand_calls_at_once_get_a_thousand_right_answers(
    stdio_command: Any, http_server: Any, kind: str
) -> None:
    async def run() -> list[str]:
        async with AsyncWeather(stdio_command if kind == "stdio" else http_server(kind)) as weather:
            calls = (weather.search(q=str(n)) for n in range(1000))
            return [answer.text for answer in await asyncio.gather(*calls)]

    assert asyncio.run(run()) == [f"q='{n}' cursor='unset' labels=[]" for n in range(1000)]


def test_many_threads_share_one_blocking_client(stdio_command: Any) -> None:
    with Weather(stdio_command) as weather, ThreadPoolExecutor(8) as pool:
        pids = set(pool.map(lambda _: weather.pid().text, range(40)))
    assert len(pids) == 1


def test_a_dead_server_is_started_again_by_the_next_call(stdio_command: Any) -> None:
    with Weather(stdio_command) as weather:
        first = weather.pid().text
        with pytest.raises(SessionError, match="may have run") as lost:
            weather.crash()
        assert lost.value.ran is None
        assert "about to crash" in lost.value.stderr
        assert "\x1b" not in str(lost.value)
        assert weather.pid().text != first
        assert gone(int(first))


def test_a_call_in_flight_fails_when_its_server_dies_and_is_not_repeated(
    stdio_command: Any,
) -> None:
    with Weather(stdio_command) as weather, ThreadPoolExecutor(1) as pool:
        pid = int(weather.pid().text)
        waiting = pool.submit(weather.hang)
        assert weather.search(q="the hanging call was sent before this one")
        os.kill(pid, signal.SIGKILL)
        with pytest.raises(SessionError):
            waiting.result(timeout=HANG_S)
        assert gone(pid)


def test_closing_ends_the_server_and_the_next_call_starts_another(stdio_command: Any) -> None:
    weather = Weather(stdio_command)
    pid = int(weather.pid().text)
    weather.close()
    assert gone(pid)
    assert int(weather.pid().text) != pid
    weather.close()


def test_a_client_that_is_dropped_takes_its_server_with_it(stdio_command: Any) -> None:
    weather = Weather(stdio_command)
    pid = int(weather.pid().text)
    del weather
    gc.collect()
    assert gone(pid)


def test_a_command_that_does_not_exist_says_so() -> None:
    with pytest.raises(SessionError, match="command not found: 'no-such-command'") as failed:
        Weather("no-such-command --flag").pid()
    assert failed.value.ran is False


def test_a_server_that_fails_to_start_is_quoted() -> None:
    dying = [sys.executable, "-c", "import sys; sys.exit('the database is missing')"]
    with pytest.raises(SessionError, match="cannot connect") as failed:
        Weather(dying).pid()
    assert failed.value.stderr == "the database is missing"


def test_a_server_that_never_greets_is_given_up() -> None:
    silent = [sys.executable, "-c", "import time; time.sleep(600)"]
    weather = Weather(silent, options=SessionOptions(connect_timeout_s=0.5))
    with pytest.raises(SessionError, match=r"timed out after 0\.5 s while connecting"):
        weather.pid()


def test_a_url_where_nobody_listens_says_so() -> None:
    with pytest.raises(SessionError, match="cannot connect"):
        Weather("http://127.0.0.1:9/mcp").pid()


def test_an_http_server_that_is_gone_is_named_by_the_next_call() -> None:
    server = [sys.executable, str(HERE / "servers" / "weather_server.py"), "http"]
    with subprocess.Popen(server, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        assert process.stdout is not None
        port = int(process.stdout.readline().split()[1])
        with Weather(f"http://127.0.0.1:{port}/mcp") as weather:
            assert int(weather.pid().text) == process.pid
            with pytest.raises(SessionError, match="may have run") as lost:
                weather.crash()
            assert lost.value.ran is None
            with pytest.raises(SessionError, match="cannot connect") as gone_:
                weather.pid()
            assert gone_.value.ran is False


def test_further_calls_wait_when_enough_are_under_way(memory: Any) -> None:
    async def run() -> None:
        async with AsyncWeather(memory, options=SessionOptions(max_concurrency=1)) as weather:
            holding = asyncio.create_task(weather.hang())
            await asyncio.sleep(0)  # it takes the only place
            with pytest.raises(CallTimeout, match="nothing was sent") as late:
                await weather.with_options(timeout_s=0.1).search(q="x")
            assert late.value.ran is False
            holding.cancel()
            assert (await weather.search(q="x")).text

    asyncio.run(run())


def test_with_options_shares_the_connection(stdio_command: Any) -> None:
    weather = Weather(stdio_command)
    assert weather.with_options(timeout_s=30).pid().text == weather.pid().text
    weather.close()


def test_the_interpreter_exits_at_once_and_takes_the_server_with_it() -> None:
    done = program("print(Weather(COMMAND).pid().text)")
    assert gone(int(done.stdout))
    assert done.stderr == ""


def test_the_ready_made_async_client_leaves_nothing_after_asyncio_run() -> None:
    done = program(
        """
        import asyncio
        weather = AsyncWeather(COMMAND)
        async def main():
            print((await weather.pid()).text)
        asyncio.run(main())
        """
    )
    assert gone(int(done.stdout))
    assert done.stderr == ""


def test_an_error_in_the_program_leaves_no_server() -> None:
    done = program(
        """
        with Weather(COMMAND) as weather:
            print(weather.pid().text, flush=True)
            raise RuntimeError("the program's own")
        """,
        check=False,
    )
    assert "the program's own" in done.stderr
    assert gone(int(done.stdout))


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_ctrl_c_ends_a_waiting_program_and_cancels_its_call() -> None:
    done = program(
        """
        import os, signal, threading
        # A shell has its background jobs ignore it, and they pass that on.
        signal.signal(signal.SIGINT, signal.default_int_handler)
        weather = Weather(COMMAND)
        print(weather.pid().text, flush=True)
        def interrupt():
            weather.was_cancelled()           # the hanging call has been sent before this one
            os.kill(os.getpid(), signal.SIGINT)
        threading.Timer(0.2, interrupt).start()
        try:
            weather.hang()
        except KeyboardInterrupt:
            print(weather.was_cancelled().text)
        """
    )
    pid, cancelled = done.stdout.split()
    assert cancelled == "1"
    assert gone(int(pid))


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_forked_child_gets_a_connection_of_its_own() -> None:
    done = program(
        """
        import os, sys
        weather = Weather(COMMAND)
        mine = weather.pid().text
        child = os.fork()
        if child == 0:
            print(weather.pid().text != mine, flush=True)
            sys.exit(0)
        assert os.waitpid(child, 0)[1] == 0
        print(weather.pid().text == mine)
        """
    )
    assert done.stdout.split() == ["True", "True"]


def test_a_session_of_the_callers_own_is_used_and_left_alone() -> None:
    class Fake:
        def call(self, tool: str, arguments: dict[str, Any]) -> RawResult:
            return RawResult([{"type": "text", "text": f"{tool} {arguments}"}])

    async def run() -> str:
        return (await AsyncWeather(Fake()).search(q="a")).text

    assert Weather(Fake()).search(q="a").text == "search {'q': 'a'}"
    assert asyncio.run(run()) == "search {'q': 'a'}"
    with pytest.raises(SessionError, match="no get_prompt"):
        Weather(Fake()).prompts.code_review(code="x")


def test_an_async_session_serves_blocking_callers_too() -> None:
    class Fake:
        async def call(self, tool: str, arguments: dict[str, Any], **_: Any) -> RawResult:
            return RawResult([{"type": "text", "text": tool}])

    assert Weather(Fake()).with_options(timeout_s=1).pid().text == "pid"
