"""Prompts and resources through the channel: the same way as tools, and the same policy."""

from __future__ import annotations

import asyncio

import pytest
from mcp_sdkgen_codemode import Executor
from mcp_sdkgen_codemode.policy.policy import Policy
from mcp_sdkgen_codemode.policy.services import labelled

from tests.codemode.broker.guests import ran, weather_service
from tests.codemode.executor.weather import BINDINGS, WEATHER

PROMPTS_AND_RESOURCES = """
import asyncio
from weather_sdk import AsyncWeather, weather

async def awaited():
    async with AsyncWeather() as client:
        return [
            (await client.prompts.packing_list(city="Oslo")).text,
            (await client.resources.climate_of(city="Oslo")).json(),
        ]

def refused(attempt):
    try:
        return attempt()
    except Exception as error:
        return [type(error).__name__, str(error)]

value = [
    [
        weather.prompts.packing_list(city="Oslo").text,
        weather.resources.climate_of(city="Oslo").json(),
    ],
    asyncio.run(awaited()),
    weather.resources.read("weather://cities").json(),
    refused(lambda: weather.resources.read("weather://nowhere/else")),
    refused(lambda: weather.resources.read("weather://cities/../../climate")),
    refused(lambda: weather._get_prompt("no_such", {})),
    refused(lambda: weather._get_prompt("packing_list", {"town": "Oslo"})),
]
"""


def test_prompts_and_resources_that_the_sdk_knows_are_reached_from_inside() -> None:
    result, run = asyncio.run(ran(PROMPTS_AND_RESOURCES, {"weather": weather_service()}))
    blocking, awaited, cities, elsewhere, climbing, unknown, misfit = result.value
    assert blocking == awaited
    assert "travelling to Oslo" in blocking[0]
    assert blocking[1]["unit"]
    assert "Oslo" in cities
    for kind, message in (elsewhere, climbing):
        assert kind == "CallRefused"
        assert "@resource" in message
    assert "the SDK of its server has no such resource" in elsewhere[1]
    assert "not in the normal form of RFC 3986" in climbing[1]
    assert unknown[0] == "CallRefused"
    assert "the server has no prompt 'no_such'" in unknown[1]
    assert misfit[0] == "ArgumentsError"
    assert [(call.tool, call.status) for call in run.calls][:2] == [
        ("packing_list@prompt", "ok"),
        ("weather://cities/Oslo/climate@resource", "ok"),
    ]


@pytest.mark.parametrize(
    ("policy", "statuses"),
    [
        (Policy.of(deny=["weather@prompt"]), ["refused", "ok", "refused", "ok"]),
        (Policy.of(deny=["weather@resource"]), ["ok", "refused", "refused", "ok"]),
        (
            Policy.of(deny=["weather/weather://cities*@resource"]),
            ["ok", "refused", "refused", "ok"],
        ),
        (Policy.of(ask=["weather"]), ["refused"] * 4),
        (Policy.of(allow=["weather/*"]), ["ok", "ok", "refused", "ok"]),
        (Policy.of(allow=["weather/weather://*@resource"]), ["ok", "ok", "failed", "ok"]),
    ],
)
def test_a_policy_speaks_about_prompts_and_resources_by_their_kinds(
    policy: Policy, statuses: list[str]
) -> None:
    program = """
from weather_sdk import weather
for attempt in (
    lambda: weather.prompts.packing_list(city="Oslo"),
    lambda: weather.resources.read("weather://cities"),
    lambda: weather.resources.read("weather://other"),
    lambda: weather.get_forecast(city="Oslo"),
):
    try:
        attempt()
    except Exception:
        pass
"""
    service = weather_service()
    policy.check([*service.offered])
    _, run = asyncio.run(ran(program, {"weather": service}, policy=policy))
    assert [call.status for call in run.calls] == statuses


def test_an_executor_lets_its_programs_reach_them() -> None:
    program = """
from weather_sdk import weather
print(weather.prompts.packing_list(city="Oslo").text[:20])
print(weather.resources.climate_of(city="Oslo").json()["unit"])
print(len(weather.resources.read("weather://cities").json()))
"""
    with Executor(sdks=[WEATHER], bindings=BINDINGS) as executor:
        outcome = executor.run(program)
    assert outcome.status == "finished", outcome
    assert outcome.stdout.startswith("I am travelling to O\ncelsius\n")
    assert [call.tool for call in outcome.calls] == [
        "packing_list@prompt",
        "weather://cities/Oslo/climate@resource",
        "weather://cities@resource",
    ]


def test_no_two_things_of_a_server_are_called_alike_in_records() -> None:
    things = [("x", "tool"), ("x", "prompt"), ("x@prompt", "tool"), ("x@prompt", "prompt")]
    things += [("x@tool", "tool"), ("x@prompt@tool", "tool"), ("x@resource", "prompt")]
    assert len({labelled(name, offered) for name, offered in things}) == len(things)
    assert labelled("get@home", "tool") == "get@home"
