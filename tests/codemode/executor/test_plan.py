"""What a program will call is known before it starts, and approved exactly as it was shown."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from mcp_sdkgen_codemode import Executor, Limits, Outcome, Policy
from mcp_sdkgen_codemode.policy.approval import Answer, ApprovalRequest
from mcp_sdkgen_codemode.policy.plan import Plan, PlanAnswer
from mcp_sdkgen_runtime.concurrency.portal import run as run_on_portal

from tests.codemode.executor.weather import BINDINGS, WEATHER
from tests.patience import HANG_S

IMPORT = "from weather_sdk import weather, Weather, AsyncWeather\n"
REPORT = "weather.report_observation(station='72254', celsius={})\n"
CALL = "report_observation(station='72254', celsius=1)"
ONE = f"weather.{CALL}"
TWO = f"Weather().{CALL}"


class Person:
    """Gives one answer to the plan, and counts the questions that come later."""

    def __init__(self, answer: PlanAnswer) -> None:
        self.plans: list[Plan] = []
        self.questions: list[ApprovalRequest] = []
        self._answer = answer

    async def before(self, plan: Plan) -> PlanAnswer:
        self.plans.append(plan)
        return self._answer

    async def __call__(self, request: ApprovalRequest) -> Answer:
        self.questions.append(request)
        return "no"


@pytest.fixture(scope="module")
def weather() -> Iterator[Executor]:
    with Executor(
        sdks=[WEATHER], bindings=BINDINGS, limits=Limits(time_s=HANG_S), sandboxes=1
    ) as made:
        yield made


def run(executor: Executor, person: Person, program: str) -> Outcome:
    return executor.run(IMPORT + program, before=person.before, approver=person)


def plan(executor: Executor, program: str) -> list[tuple[str, int, bool]]:
    """(tool, line, whether its arguments are known) of each call that is foreseen."""
    found = run_on_portal(executor.plan, IMPORT + program)
    return [(call.tool, call.line, call.shown) for call in found.calls]


def test_calls_are_foreseen_by_the_type_of_what_they_are_called_on(weather: Executor) -> None:
    program = """
class Other:
    def report_observation(self, **more): ...
def go(client, name):
    client.report_observation(station=name, celsius=1)
Other().report_observation(station="x")
go(Weather(), "a")
with Weather() as w:
    w.get_weather(location="Oslo")
async with AsyncWeather() as aw:
    await aw.get_weather(**{"location": "Oslo"})
alias = weather.report_observation
"""
    assert plan(weather, program) == [
        ("report_observation", 6, False),
        ("get_weather", 10, True),
        ("get_weather", 12, False),
        ("report_observation", 13, False),
    ]


@pytest.mark.parametrize(
    ("line", "calls"),
    [
        (f"{ONE}; {ONE}; {TWO}", 3),
        (f"weather.report_observation(station={ONE}.station, celsius=1)", 2),
        (f"[{ONE} for _ in range(3) if {TWO}]", 2),
        (f"import asyncio; await asyncio.gather(aw.{CALL}, aw.{CALL})", 2),
        ("few = [weather.report_observation, weather.report_observation]", 2),
        (f'print(f"{{{ONE}}} {{{ONE}}} {{{TWO}}}")', 3),
        (f'print(f"""\n  {{{ONE}}}\n{{{ONE}}}""")', 2),
        (f"(one := weather).{CALL}; (weather if 1 > 2 else Weather()).{CALL}", 2),
        (f"é = '日本'; {ONE}; é = '日本'; {TWO}", 2),
        (f"Weather().with_options(timeout_s=1).{CALL}; go = lambda: {ONE}", 2),
    ],
)
def test_each_of_several_calls_on_a_line_is_foreseen_and_shown(
    weather: Executor, line: str, calls: int
) -> None:
    found = run_on_portal(weather.plan, IMPORT + "aw = AsyncWeather()\n" + line)
    assert [call.tool for call in found.calls] == ["report_observation"] * calls
    places = {(call.line, call.column) for call in found.calls}
    assert len(places) == calls
    assert found.text.count('Tool: "report_observation"\nWhy: line') == calls


@pytest.mark.parametrize(
    "program",
    [
        f"from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    pass\nelse:\n    {ONE}",
        f"import sys\nif sys.platform == 'plan9' or sys.exit():\n    {ONE}",
        f"def reveal_type(it): return it\n{ONE}",
        f"reveal_type((1000000, 1)); {ONE}",
        f"reveal_type((1999999, 1)); {ONE}",
    ],
)
def test_a_program_hides_no_call_from_the_plan_by_what_the_checker_makes_of_it(
    weather: Executor, program: str
) -> None:
    found = run_on_portal(weather.plan, IMPORT + program)
    assert [call.tool for call in found.calls] == ["report_observation"]


def test_a_program_that_calls_nothing_that_asks_starts_at_once(weather: Executor) -> None:
    person = Person("no")
    assert run(weather, person, "weather.get_weather(location='Oslo')\n1").ok
    assert person.plans == []


def test_yes_is_for_each_call_exactly_as_it_was_shown_and_once(weather: Executor) -> None:
    person = Person("shown")
    program = f"""
import os
def tried(*, celsius):
    try:
        weather.report_observation(station="72254", celsius=celsius)
        return True
    except Exception:
        return False
{REPORT.format(1)}
[tried(celsius=1), tried(celsius=2)]
"""
    outcome = run(weather, person, program)
    assert outcome.value == [False, False], outcome
    assert [call.status for call in outcome.calls] == ["ok", "refused", "refused"]
    assert len(person.plans) == 1
    assert [dict(each.arguments)["celsius"] for each in person.questions] == [1, 2]


def test_a_call_that_is_shown_twice_may_be_made_twice(weather: Executor) -> None:
    person = Person("shown")
    assert run(weather, person, REPORT.format(1) * 2).ok
    assert person.questions == []


def test_the_tools_for_the_run_are_a_rule_for_this_run_only(weather: Executor) -> None:
    person = Person("run")
    loop = "for n in range(3):\n    " + REPORT.format("n")
    assert run(weather, person, loop).ok
    assert person.questions == []
    person = Person("each")
    assert not run(weather, person, loop).ok
    assert len(person.questions) == 1


def test_no_starts_nothing(weather: Executor) -> None:
    outcome = run(weather, Person("no"), "print('started')\n" + REPORT.format(1))
    assert (outcome.status, outcome.stdout, outcome.calls) == ("refused", "", ())


def test_what_a_rule_refuses_is_refused_whatever_was_said_before(weather: Executor) -> None:
    person = Person("run")
    policy = Policy.of(deny=["weather/report_observation"])
    text = IMPORT + REPORT.format(1)
    outcome = weather.run(text, before=person.before, approver=person, policy=policy)
    assert [call.status for call in outcome.calls] == ["refused"]
    assert person.plans == []


def test_the_time_of_a_person_is_neither_the_calls_nor_the_runs(weather: Executor) -> None:
    class Slow(Person):
        async def __call__(self, request: ApprovalRequest) -> Answer:
            await super().__call__(request)
            clock[0] = True
            return "once"

    clock = [False]
    outcome = weather.run(IMPORT + REPORT.format(1), approver=Slow("each"))
    assert clock == [True]
    [call] = outcome.calls
    assert outcome.timings.asked_s > 0
    assert call.start_s >= outcome.timings.asked_s
