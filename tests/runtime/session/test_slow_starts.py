"""Servers that are slow to start: how long they have at run time, and what is told meanwhile."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest
from mcp_sdkgen_codemode import Executor, Limits
from mcp_sdkgen_codemode.broker import broker
from mcp_sdkgen_codemode.broker.clock import Clock
from mcp_sdkgen_runtime import LazySession, SessionError, SessionOptions
from mcp_sdkgen_runtime.config.binding import resolve
from mcp_sdkgen_runtime.config.targets import HttpTarget, StdioTarget
from mcp_sdkgen_runtime.session import start_limits
from mcp_sdkgen_runtime.session.start_limits import INSTALLING_S, PACKAGE_MANAGER_S, target_limit

from tests.codemode.executor.weather import BINDINGS, WEATHER
from tests.generator.source.taking import SERVERS
from tests.patience import HANG_S


def installed_in(seconds: float) -> StdioTarget:
    """A server whose command installs it for so long, and tells of that as `uvx` does."""
    args = (sys.executable, str(SERVERS / "seed.py"))
    return StdioTarget(str(SERVERS / "uvx"), args, {"SECONDS_TO_INSTALL": f"{seconds:g}"})


async def connected(target: StdioTarget, options: SessionOptions) -> None:
    session = LazySession("srv", target, options)
    try:
        await session.connect()
    finally:
        await session.aclose()


def test_a_session_gives_an_installation_its_time_and_tells_of_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(start_limits, "PACKAGE_MANAGER_S", 2.0)
    monkeypatch.setattr(start_limits, "_FIRST_NEWS_S", 0.5)
    told: list[str] = []
    asyncio.run(connected(installed_in(4), SessionOptions(on_waiting=told.append)))
    assert "srv: uvx is still downloading fake-server (" in told[0]


def test_the_option_of_a_session_and_the_entry_of_a_server_come_before_its_command() -> None:
    late = (
        r"uvx was still downloading fake-server after 1 s; "
        r"give it more time: \"timeout_s\": 10 in its entry"
    )
    with pytest.raises(SessionError, match=late):
        asyncio.run(connected(installed_in(3), SessionOptions(connect_timeout_s=1)))
    by_npx = StdioTarget("npx", ("-y", "thing"))
    assert target_limit(by_npx, None) == start_limits.StartLimit(PACKAGE_MANAGER_S, INSTALLING_S)
    assert target_limit(by_npx, 5).installing_s == 5
    assert target_limit(StdioTarget("python", ("a.py",)), None).time_s == 60
    assert target_limit(HttpTarget("http://127.0.0.1:1/mcp"), None).time_s == 60


def test_a_server_has_the_time_that_its_entry_says(tmp_path: Path) -> None:
    config = tmp_path / "mcp.json"
    config.write_text('{"mcpServers": {"srv": {"command": "npx", "args": ["x"], "timeout_s": 7}}}')
    assert target_limit(resolve("srv", config), None).time_s == 7


def test_the_time_of_a_program_stands_still_while_a_server_starts_but_not_for_ever() -> None:
    async def left_s(*steps: str) -> float | None:
        clock = Clock(60)
        async with clock.timeout:
            for step in steps:
                kind, begun = step.split()
                {"ask": clock.ask, "start": clock.start}[kind](begun == "on")
            when = clock.timeout.when()
            return None if when is None else when - asyncio.get_running_loop().time()

    def around(seconds: float) -> object:
        return pytest.approx(seconds, abs=30)

    assert asyncio.run(left_s()) == around(60)
    assert asyncio.run(left_s("start on")) == around(960)
    assert asyncio.run(left_s("start on", "start on", "start off")) == around(960)
    assert asyncio.run(left_s("start on", "start off")) == around(60)
    assert asyncio.run(left_s("start on", "ask on")) is None
    assert asyncio.run(left_s("start on", "ask on", "ask off", "start off")) == around(60)


def test_a_program_has_its_whole_time_whatever_command_starts_its_server(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    gate, left_s = tmp_path / "gate", []

    class Watched(Clock):
        def start(self, begun: bool) -> None:
            super().start(begun)
            if begun and not gate.exists():
                when = self.timeout.when()
                assert when is not None
                left_s.append(when - asyncio.get_running_loop().time())
                gate.touch()  # so the server cannot have started before

    monkeypatch.setattr(broker, "Clock", Watched)
    waiting = f'while [ ! -e {gate} ]; do sleep 0.1; done; exec "$@"'
    bindings = {"weather": ["sh", "-c", waiting, "sh", *BINDINGS["weather"]]}
    program = "from weather_sdk import weather\nweather.get_weather(location='Oslo').condition"
    with Executor(sdks=[WEATHER], bindings=bindings, limits=Limits(time_s=HANG_S)) as executor:
        outcome = executor.run(program)
    assert outcome.ok, outcome
    assert left_s[0] > HANG_S, "the start counts as the program's time"
