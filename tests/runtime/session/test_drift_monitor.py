"""A server that changes under an SDK is noticed, and only what breaks callers counts."""

from __future__ import annotations

import copy
import logging
import threading
import time
from typing import Any

import anyio
import anyio.lowlevel
import mcp_types as types
import pytest
from handmade_weather_sdk import Weather
from http_serving import serving
from mcp.server.lowlevel.server import Server
from mcp.server.subscriptions import InMemorySubscriptionBus, ListenHandler, ToolsListChanged
from mcp.shared.exceptions import MCPError
from mcp_sdkgen_runtime import DriftError, LazySession, SessionError, SessionOptions
from mcp_sdkgen_runtime.schema.definitions import shipped_definitions
from mcp_sdkgen_runtime.session.drift_monitor import DriftWatch

from tests.patience import HANG_S

NEEDS_FROM = "the input must now have `from`: calls without it are refused"


class Live:
    """A server that offers the shipped tools, with changes; counts how often it is asked."""

    def __init__(self, **changes: Any) -> None:
        self.tools = copy.deepcopy(shipped_definitions("handmade_weather_sdk"))
        for name, change in changes.items():
            if change is None:
                del self.tools[name]
            else:
                self.tools[name]["inputSchema"]["required"] = change  # type: ignore[index]
        self.listed = threading.Semaphore(0)
        self.lists = 0
        self.tells = False
        self.bus: InMemorySubscriptionBus | None = None
        self.server: Any = Server("live", on_list_tools=self.list, on_call_tool=self.call)

    def serve_changes(self, legacy: bool) -> None:
        """Tell of changes after each call, as of 2026-07-28 or as before."""

        async def unknown(ctx: Any, params: Any) -> Any:
            raise MCPError(types.METHOD_NOT_FOUND, "Method not found")

        bus = InMemorySubscriptionBus()
        self.server = Server(
            "live", on_list_tools=self.list, on_call_tool=self.call,
            on_subscriptions_listen=None if legacy else ListenHandler(bus),
        )  # fmt: skip
        if legacy:
            self.server.add_request_handler("server/discover", types.RequestParams, unknown)
        self.bus = None if legacy else bus
        self.tells = True

    async def list(self, ctx: Any, params: Any) -> types.ListToolsResult:
        self.lists += 1
        self.listed.release()
        return types.ListToolsResult.model_validate({"tools": list(self.tools.values())})

    async def call(self, ctx: Any, params: Any) -> types.CallToolResult:
        if self.tells and self.bus is not None:
            await self.bus.publish(ToolsListChanged())
        elif self.tells:
            await ctx.session.send_tool_list_changed()
        return types.CallToolResult(content=[types.TextContent(type="text", text="{}")])


def test_error_mode_refuses_only_the_tools_that_broke() -> None:
    live = Live(count=["to", "from"], fail=None)
    with Weather(live.server, options=SessionOptions(drift="error")) as weather:
        assert weather.pid().text == "{}"
        with pytest.raises(DriftError, match="must now have `from`") as drifted:
            weather.count(to=3)
        assert drifted.value.changes == (NEEDS_FROM,)
        assert drifted.value.ran is False
        with pytest.raises(DriftError, match="is gone: code that calls it fails"):
            weather.fail(message="x")
    assert live.lists == 1


def test_warn_mode_logs_each_broken_tool_and_refuses_nothing(
    caplog: pytest.LogCaptureFixture,
) -> None:
    logged = threading.Event()

    class Seen(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if "count has changed" in record.getMessage():
                logged.set()

    handler, logger = Seen(), logging.getLogger("mcp_sdkgen_runtime")
    logger.addHandler(handler)
    try:
        live = Live(count=["to", "from"])
        with Weather(live.server, options=SessionOptions(drift="warn")) as weather:
            assert weather.count(to=3).text == "{}"
            assert logged.wait(HANG_S)
    finally:
        logger.removeHandler(handler)
    assert f"weather.count has changed: {NEEDS_FROM}" in caplog.text
    assert live.lists == 1


def test_without_drift_the_tools_are_never_listed() -> None:
    live = Live()
    with Weather(live.server) as weather:
        assert weather.pid().text == "{}"
        assert weather.count(to=3).text == "{}"
    assert live.lists == 0


@pytest.mark.parametrize("legacy", [False, True])
def test_tools_that_change_while_connected_are_noticed(legacy: bool) -> None:
    live = Live()
    live.serve_changes(legacy)
    with (
        serving(live.server.streamable_http_app()) as url,
        Weather(url, options=SessionOptions(drift="error")) as weather,
    ):
        assert weather.count(to=3).text == "{}"
        live.tools["count"]["inputSchema"]["required"] = ["to", "from"]  # type: ignore[index]
        deadline = time.monotonic() + HANG_S
        with pytest.raises(DriftError, match="must now have `from`"):
            # Every call makes the server say that its tools have changed.
            while time.monotonic() < deadline:
                weather.count(to=3)
        assert weather.pid().text == "{}"


@pytest.mark.parametrize("legacy", [False, True])
def test_the_live_tools_are_listed_once_and_again_when_they_have_changed(legacy: bool) -> None:
    live = Live()
    live.serve_changes(legacy)

    async def main(url: str) -> None:
        session = LazySession("weather", url)
        before = await session.live()
        assert await session.live() is before
        assert live.lists == 1
        live.tools["count"]["annotations"] = {"destructiveHint": True}  # type: ignore[index]
        with anyio.fail_after(HANG_S):
            while await session.live() is before:
                # Every call makes the server say that its tools have changed.
                await session.call("count", {"to": 3})
        assert (await session.live())["count"]["annotations"] == {"destructiveHint": True}
        await session.aclose()

    with serving(live.server.streamable_http_app()) as url:
        anyio.run(main, url)


def test_a_storm_of_changes_is_looked_at_once_more_and_not_each_time() -> None:
    looks = 0

    async def live() -> dict[str, Any]:
        nonlocal looks
        looks += 1
        await anyio.lowlevel.checkpoint()
        return {}

    async def storm() -> None:
        watch = DriftWatch("srv", "no_package")
        async with anyio.create_task_group() as group:
            for _ in range(500):
                group.start_soon(watch.look_again, live)

    anyio.run(storm)
    assert looks <= 2


def test_an_unchanged_server_has_not_drifted(memory: Any) -> None:
    with Weather(memory, options=SessionOptions(drift="error")) as weather:
        assert weather.get_forecast(city="Oslo").city == "Oslo"


def test_error_mode_does_not_call_what_it_could_not_compare() -> None:
    live = Live()
    live.tools["broken"] = {"name": 3}
    with pytest.raises(SessionError, match="cannot connect") as failed:
        Weather(live.server, options=SessionOptions(drift="error")).pid()
    assert failed.value.ran is False
