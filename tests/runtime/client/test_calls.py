"""The same program against the same server, over every transport, blocking and async."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from handmade_weather_sdk import AsyncWeather, Weather
from mcp_sdkgen_runtime import ArgumentsError, CallTimeout, SessionError, ToolError


def test_every_kind_of_answer_arrives_over_every_transport(binding: Any) -> None:
    with Weather(binding) as weather:
        forecast = weather.get_forecast(city="Oslo", days=2)
        assert [day.high for day in forecast.days] == [3.0, 4.0]
        assert forecast.days[0].precip_mm == 0.5
        assert weather.list_alerts(region="NO")[0].severity == "severe"
        picture = weather.picture()
        assert picture.text == "a pixel"
        assert picture.images[0].data.startswith(b"\x89PNG")
        assert weather.prompts.code_review(code="x = 1").text == "Review in plain style: x = 1"
        assert weather.resources.user_profile(user_id="a b").json() == {"id": "a b"}
        assert weather.resources.read("logo://main").data.startswith(b"\x89PNG")


def test_a_new_enum_value_and_a_new_field_do_not_break_a_caller(binding: Any) -> None:
    with Weather(binding) as weather:
        day = weather.get_forecast(city="Oz", days=1).days[0]
    assert day.kind == "tornado"
    assert day.model_dump() == {
        "date": "2026-01-01",
        "high": 3.0,
        "kind": "tornado",
        "precipMm": 0.5,
        "feelsLike": -1,
    }


def test_failures_are_told_apart_over_every_transport(binding: Any) -> None:
    with Weather(binding) as weather:
        with pytest.raises(ToolError, match="fail") as failed:
            weather.fail(message="no")
        assert failed.value.ran is True
        with pytest.raises(SessionError) as refused:
            weather.resources.read("nowhere://at-all")
        assert refused.value.code is not None
        with pytest.raises(CallTimeout) as late:
            weather.with_options(timeout_s=0.2).hang()
        assert late.value.ran is None
        assert int(weather.was_cancelled().text) >= 1


def test_arguments_that_do_not_fit_are_never_sent(memory: Any) -> None:
    weather = Weather(memory)
    with pytest.raises(ArgumentsError, match=r"'days'.*at most 10, got 40") as misfit:
        weather.get_forecast(city="Oslo", days=40)
    assert misfit.value.argument == "days"
    assert misfit.value.rule == "maximum"
    assert misfit.value.ran is False


def test_null_is_sent_only_where_it_is_meant(memory: Any) -> None:
    with Weather(memory) as weather:
        assert weather.search(q=None).text == "q=None cursor='unset' labels=[]"
        assert weather.search(q="x", cursor=None).text == "q='x' cursor=None labels=[]"


def test_nested_arguments_are_models_or_dicts(memory: Any) -> None:
    from handmade_weather_sdk.tools.search import Label

    with Weather(memory) as weather:
        given = weather.search(q="x", labels=[Label(name="a", priority="high"), {"name": "b"}])
        assert given.text.endswith("labels=['a:high', 'b:None']")
        wrong = r"unknown key 'nmae' in labels\[1\]; did you mean 'name'\?"
        with pytest.raises(ArgumentsError, match=wrong):
            weather.search(q="x", labels=[{"name": "b"}, {"nmae": "c"}])  # type: ignore[typeddict-unknown-key,typeddict-item]


def test_progress_reaches_the_callback(binding: Any) -> None:
    seen: list[tuple[float, float | None, str | None]] = []
    with Weather(binding) as weather:
        counting = weather.with_options(on_progress=lambda *step: seen.append(step))
        assert counting.count(to=3).text == "done"
    assert sorted(seen) == [(1, 3, "step 1"), (2, 3, "step 2"), (3, 3, "step 3")]


def test_the_async_client_does_the_same(binding: Any) -> None:
    async def program() -> None:
        async with AsyncWeather(binding) as weather:
            forecasts = await asyncio.gather(
                *(weather.get_forecast(city=f"City {n}", days=1) for n in range(20))
            )
            assert [f.city for f in forecasts] == [f"City {n}" for n in range(20)]
            with pytest.raises(ToolError):
                await weather.fail(message="no")
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.2):
                    await weather.hang()
            assert int((await weather.was_cancelled()).text) >= 1
            review = await weather.prompts.code_review(code="x", style="terse")
            assert review.messages[0].role == "user"
            assert (await weather.resources.user_profile(user_id="7")).json() == {"id": "7"}

    asyncio.run(program())


def test_an_async_client_may_be_used_in_one_event_loop_after_another(stdio_command: Any) -> None:
    weather = AsyncWeather(stdio_command)

    async def pid() -> str:
        return (await weather.pid()).text

    assert asyncio.run(pid()) != asyncio.run(pid())


def test_clients_work_without_a_with_block(memory: Any) -> None:
    assert Weather(memory).get_forecast(city="Oslo").city == "Oslo"


def test_the_async_client_runs_on_trio_too(stdio_command: Any) -> None:
    trio = pytest.importorskip("trio")

    async def program() -> str:
        async with AsyncWeather(stdio_command) as weather:
            return (await weather.search(q="trio")).text

    assert trio.run(program).startswith("q='trio'")
