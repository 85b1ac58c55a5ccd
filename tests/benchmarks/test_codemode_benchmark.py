"""The accounting of the code mode benchmark, on tasks small enough to count by hand.

A token is a word here, so that every figure below can be checked with a finger.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from mcp_sdkgen_runtime import RawResult

from benchmarks.codemode.accounting import MESSAGE, Usage, total
from benchmarks.codemode.compose import compose
from benchmarks.codemode.conversations import (
    ANSWER,
    Exchange,
    Setting,
    Tool,
    by_calls,
    by_programs,
    call_text,
    run_text,
    waves,
)
from benchmarks.codemode.dataflow import Step, trace
from benchmarks.codemode.replay import Answer, Replay
from benchmarks.codemode.report import report
from benchmarks.codemode.sdks import Sdk, load
from benchmarks.codemode.tasks import Call, Task, Turn

ROOT = Path(__file__).parents[2]
PREFIX = 100
DAY = {"date": "2026-11-22", "high": 4.5, "low": -1.0, "condition": "snowy", "precipMm": 0.0}


def words(text: str) -> int:
    return len(text.split())


@pytest.fixture(scope="module")
def sdks() -> dict[str, Sdk]:
    return {"weather": load("weather", ROOT / "generated" / "weather")}


@pytest.fixture(autouse=True)
def importable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "generated" / "weather"))


def call(tool: str, **arguments: Any) -> Call:
    return Call("weather", tool, arguments)


def forecast(city: str) -> dict[str, Any]:
    return {"city": city, "units": "metric", "days": [DAY]}


def task_of(*turns: Turn) -> Task:
    return Task("small", "bfcl", ("weather",), turns)


def replayed(task: Task, results: Sequence[Sequence[Any]]) -> Replay:
    def answer(call: Call, result: Any) -> Answer:
        if isinstance(result, str):
            return Answer(call, RawResult([{"type": "text", "text": result}], is_error=True))
        text = json.dumps(result)
        return Answer(call, RawResult([{"type": "text", "text": text}], structured=result))

    turns = tuple(
        tuple(answer(*pair) for pair in zip(turn.calls, own, strict=True))
        for turn, own in zip(task.turns, results, strict=True)
    )
    return Replay(turns, None, 0.0)


ONE = task_of(Turn("how cold is Oslo", (call("get_forecast", city="Oslo"),)))
CHAIN = task_of(
    Turn(
        "compare what you find",
        (
            call("get_forecast", city="compare"),
            call("get_weather", location="Elsewhere"),
        ),
    )
)


def chained(sdks: dict[str, Sdk]) -> tuple[Step, ...]:
    """The second call's location is the first one's city, which the user never said."""
    now = {"location": "x", "temperature": 1.0, "unit": "celsius", "condition": "snowy"}
    return trace(CHAIN, replayed(CHAIN, [[forecast("Elsewhere"), now]]), sdks)


def test_one_call_costs_two_requests_and_the_second_repeats_the_first(
    sdks: dict[str, Sdk],
) -> None:
    steps = trace(ONE, replayed(ONE, [[forecast("Oslo")]]), sdks)

    (usage,) = by_calls(ONE, steps, Setting(PREFIX), words, parallel=False)

    written = words(call_text("get_forecast", {"city": "Oslo"}))
    first = PREFIX + MESSAGE + 4 + MESSAGE
    second = first + written + MESSAGE + words(steps[0].text) + MESSAGE
    assert usage == Usage(2, first + second, first, written + words(ANSWER), calls=1)


def test_prices_weigh_output_and_cache() -> None:
    usage = Usage(2, input_tokens=300, cached_tokens=100, output_tokens=10)

    assert usage.price == 300 + 5 * 10
    assert usage.cached_price == pytest.approx(0.1 * 100 + 1.25 * 200 + 5 * 10)
    assert usage.model_s == pytest.approx(2 + 10 / 60)


def test_calls_that_wait_for_nothing_share_a_request(sdks: dict[str, Sdk]) -> None:
    task = task_of(
        Turn("Oslo and Rome", tuple(call("get_forecast", city=c) for c in ("Oslo", "Rome")))
    )
    steps = trace(task, replayed(task, [[forecast("Oslo"), forecast("Rome")]]), sdks)

    alone = total(by_calls(task, steps, Setting(PREFIX), words, parallel=False))
    together = total(by_calls(task, steps, Setting(PREFIX), words, parallel=True))

    assert (alone.round_trips, together.round_trips) == (3, 2)
    assert alone.output_tokens == together.output_tokens
    written = sum(words(call_text("get_forecast", {"city": c})) for c in ("Oslo", "Rome"))
    first = PREFIX + MESSAGE + 3 + MESSAGE
    results = sum(words(step.text) + MESSAGE for step in steps)
    assert together.input_tokens == first + (first + written + MESSAGE + results)


def test_a_call_that_needs_a_result_waits_for_it(sdks: dict[str, Sdk]) -> None:
    assert [len(group) for group in waves(chained(sdks))] == [1, 1]


def test_a_chain_becomes_one_program_that_passes_the_value_on(sdks: dict[str, Sdk]) -> None:
    (program,) = compose(chained(sdks), sdks, careful=True)

    assert program.text == (
        "from weather_sdk import weather\n\n"
        'r1 = weather.get_forecast(city="compare")\n'
        "print(weather.get_weather(location=r1.city))\n"
    )
    assert program.printed == {1}


def test_a_careful_author_looks_before_choosing_and_a_lucky_one_does_not(
    sdks: dict[str, Sdk],
) -> None:
    task = CHAIN
    two_days = {**forecast("x"), "days": [DAY, {**DAY, "date": "Elsewhere"}]}
    now = {"location": "x", "temperature": 1.0, "unit": "celsius", "condition": "snowy"}
    steps = trace(task, replayed(task, [[two_days, now]]), sdks)

    first, second = compose(steps, sdks, careful=True)
    (lucky,) = compose(steps, sdks, careful=False)

    assert 'print(weather.get_forecast(city="compare"))' in first.text
    assert 'location="Elsewhere"' in second.text
    assert "location=r1.days[1].date" in lucky.text


def test_what_the_user_said_is_never_taken_from_a_result(sdks: dict[str, Sdk]) -> None:
    task = replace(CHAIN, turns=(replace(CHAIN.turns[0], said="compare it with elsewhere"),))
    now = {"location": "x", "temperature": 1.0, "unit": "celsius", "condition": "snowy"}

    steps = trace(task, replayed(task, [[forecast("Elsewhere"), now]]), sdks)

    assert steps[1].origins == ()


def test_a_program_hides_the_results_that_it_does_not_print(sdks: dict[str, Sdk]) -> None:
    steps = chained(sdks)
    (program,) = compose(steps, sdks, careful=True)

    (usage,) = by_programs(CHAIN, steps, [program], ["seen by all"], Setting(PREFIX), words)

    written = words(run_text(program.text))
    first = PREFIX + MESSAGE + 4 + MESSAGE
    second = first + written + MESSAGE + 3 + MESSAGE
    assert usage == Usage(
        2, first + second, first, written + words(ANSWER), calls=2,
        hidden_results=1, hidden_tokens=words(steps[0].text),
    )  # fmt: skip


def test_after_a_failed_call_both_ways_stop(sdks: dict[str, Sdk]) -> None:
    task = task_of(
        Turn("Oslo and Rome", tuple(call("get_forecast", city=c) for c in ("Oslo", "Rome")))
    )
    steps = trace(task, replayed(task, [["no such city", forecast("Rome")]]), sdks)

    assert len(compose(steps, sdks, careful=False)) == 2
    assert [len(group) for group in waves(steps)] == [1, 1]


class Blind:
    """Finds a tool by its name only."""

    def search(self, queries: Sequence[str]) -> tuple[Exchange, frozenset[Tool]]:
        found = {("weather", q.replace(" ", "_")) for q in queries if q.startswith("get ")}
        return Exchange(tuple(queries), tuple("hit" for _ in queries)), frozenset(found)

    def read(self, tools: Sequence[Tool]) -> Exchange:
        return Exchange(("read",), tuple("its page" for _ in tools))


def test_searches_and_pages_are_paid_for_once(sdks: dict[str, Sdk]) -> None:
    turn = CHAIN.turns[0]
    task = task_of(turn, turn)
    now = {"location": "x", "temperature": 1.0, "unit": "celsius", "condition": "snowy"}
    found = [forecast("Elsewhere"), now]
    steps = trace(task, replayed(task, [found, found]), sdks)
    programs = compose(steps, sdks, careful=True)

    first, second = by_programs(
        task, steps, programs, ["out"] * len(programs), Setting(0, Blind()), words
    )

    # A search in the user's words, one by name, a page, the program, the answer.
    assert first.round_trips == 5
    assert second.round_trips == 2


def test_the_page_in_the_docs_is_what_its_data_gives() -> None:
    docs = ROOT / "docs" / "benchmarks"
    found = json.loads((docs / "codemode.json").read_text(encoding="utf-8"))

    assert report(found) == (docs / "codemode.md").read_text(encoding="utf-8")
