"""`results="lenient"`: the best that can be made of an answer, and nothing lost."""

from __future__ import annotations

import copy
import random
import warnings
from collections.abc import Iterator
from typing import Annotated, Any, Literal

import pytest
from handmade_weather_sdk import Weather
from mcp_sdkgen_runtime import Arguments, Model, RawResult, ResultError, Tool
from mcp_sdkgen_runtime.tool.codec import decode
from mcp_sdkgen_runtime.tool.lenient import misfits
from pydantic import Field


class Point(Model):
    lat: float
    lon: float


class Day(Model):
    date: str
    high: float
    kind: Literal["calm", "storm"]
    precip_mm: Annotated[float | None, Field(alias="precipMm")] = None
    where: Point | None = None


class Forecast(Model):
    city: str
    days: list[Day]
    by_name: Annotated[dict[str, Day] | None, Field(alias="byName")] = None


TOOL: Tool[Forecast] = Tool(
    server="s", name="t", arguments=Arguments, result=Forecast, digest="sha256:0"
)
DAY = {"date": "d", "high": 1.5, "kind": "calm", "precipMm": 2.0, "where": {"lat": 1.0, "lon": 2.0}}
DATA = {"city": "Oslo", "days": [DAY, {**DAY, "high": 2.5}], "byName": {"a": DAY}, "extra": [1]}


def read(data: Any) -> Any:
    return decode(TOOL, RawResult([], data), lenient=True)


def test_what_fits_is_typed_and_what_does_not_stays_raw() -> None:
    data = copy.deepcopy(DATA)
    data["days"][0] = {**DAY, "high": "warm", "where": {"lat": 1.0}}
    forecast = read(data)
    assert isinstance(forecast, Forecast)
    assert forecast.days[0].high == "warm"
    assert forecast.days[0].precip_mm == 2.0
    assert isinstance(forecast.days[0].where, Point)
    assert forecast.days[0].where.lon is None
    assert isinstance(forecast.days[1], Day)
    assert forecast.by_name is not None and forecast.by_name["a"].date == "d"
    assert [line.split(":")[0] for line in misfits(forecast)] == ["days.0.high", "days.0.where.lon"]


def test_strictness_is_the_default() -> None:
    with pytest.raises(ResultError):
        decode(TOOL, RawResult([], {"city": "Oslo"}))


def test_an_answer_that_fits_has_no_misfits() -> None:
    assert misfits(read(DATA)) == []


def places(node: Any) -> Iterator[tuple[Any, Any]]:
    for key in list(node) if isinstance(node, dict) else range(len(node)):
        yield node, key
        if isinstance(node[key], dict | list):
            yield from places(node[key])


@pytest.mark.parametrize("seed", range(150))
def test_after_any_mutation_a_typed_object_comes_back_and_nothing_is_lost(seed: int) -> None:
    chance = random.Random(seed)
    data = copy.deepcopy(DATA)
    node, key = chance.choice(list(places(data)))
    if chance.random() < 0.3:
        del node[key]
    else:
        node[key] = chance.choice([None, 3, 1.5, "text", True, [], {}, [{}], {"a": 1}])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        forecast = read(data)
        assert isinstance(forecast, Forecast)
        assert forecast.model_dump() == data


def test_a_client_can_choose_it() -> None:
    class Fake:
        def call(self, tool: str, arguments: dict[str, Any]) -> RawResult:
            return RawResult([], {"city": 3})

    weather = Weather(Fake()).with_options(results="lenient")
    forecast: Any = weather.get_forecast(city="Oslo")
    assert (forecast.city, forecast.days) == (3, None)
    with pytest.raises(ResultError):
        weather.with_options(results="strict").get_forecast(city="Oslo")
