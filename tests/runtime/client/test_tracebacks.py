"""What a traceback of a failed call shows: the line of the user's, and hardly anything of ours."""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import Callable
from pathlib import Path

import pytest
from handmade_weather_sdk import AsyncWeather, Weather
from mcp_sdkgen_runtime import SdkError
from mcp_sdkgen_runtime.client.tracebacks import FULL_VARIABLE

NOWHERE = "http://127.0.0.1:9/mcp"


def wrong_argument() -> None:
    Weather(NOWHERE).get_forecast(city="")


def no_server() -> None:
    Weather(NOWHERE).get_forecast(city="Oslo")


def no_server_to_enter() -> None:
    with Weather(NOWHERE):
        pass


def no_server_to_await() -> None:
    async def call() -> None:
        await AsyncWeather(NOWHERE).get_forecast(city="Oslo")

    asyncio.run(call())


def frames(fails: Callable[[], None]) -> list[traceback.FrameSummary]:
    """Those from the innermost one of this file on."""
    with pytest.raises(SdkError) as caught:
        fails()
    every = list(traceback.extract_tb(caught.value.__traceback__))
    own = max(n for n, frame in enumerate(every) if Path(frame.filename) == Path(__file__))
    return every[own + 1 :]


@pytest.mark.parametrize(
    "fails", [wrong_argument, no_server, no_server_to_enter, no_server_to_await]
)
def test_a_traceback_has_at_most_two_frames_of_ours_below_the_users(
    fails: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert len(frames(fails)) <= 2
    monkeypatch.setenv(FULL_VARIABLE, "1")
    assert len(frames(fails)) > 2
