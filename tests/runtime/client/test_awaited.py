"""An async client has the methods of the blocking one, to be awaited."""

from __future__ import annotations

import inspect

from handmade_weather_sdk import AsyncWeather, Weather
from mcp_sdkgen_runtime import AsyncClient, Client


def test_each_method_is_the_blocking_one_to_be_awaited() -> None:
    names = [name for name, value in vars(Weather).items() if inspect.isfunction(value)]
    assert "get_forecast" in names
    for name in names:
        blocking, method = getattr(Weather, name), getattr(AsyncWeather, name)
        assert inspect.iscoroutinefunction(method)
        assert inspect.signature(method) == inspect.signature(blocking)
        assert method.__doc__ == blocking.__doc__
        assert (method.__module__, method.__qualname__) == (
            "handmade_weather_sdk.aio",
            f"AsyncWeather.{name}",
        )


def test_an_async_client_is_no_blocking_one() -> None:
    assert issubclass(AsyncWeather, AsyncClient)
    assert not issubclass(AsyncWeather, Client)
    assert not hasattr(AsyncWeather, "close")
    assert (AsyncWeather.SERVER, AsyncWeather.PACKAGE) == (Weather.SERVER, Weather.PACKAGE)
    assert AsyncWeather.__doc__ == "Forecasts and alerts."
