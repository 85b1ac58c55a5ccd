"""The same scenarios over every transport, against servers made with three MCP libraries.

`stages.py` has the servers and transports. A scenario is a function of a stage and of a client of
the showcase SDK of `server-everything`; on a cassette it is played twice, recorded and replayed.
"""

from __future__ import annotations

import asyncio
import logging
import os
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest
from mcp_sdkgen_runtime import CallTimeout, SessionError, ToolError

from tests.patience import HANG_S
from tests.runtime.transport.stages import (
    OFFERS,
    PLACES,
    ROOT_URI,
    Everything,
    Place,
    Stage,
    opened,
)

Scenario = Callable[[Stage, Everything], None]

AT_ONCE = 50

SCENARIOS: dict[Scenario, str] = {}
"""Each scenario, and what a transport has to offer for it."""


def plays(needs: str = "") -> Callable[[Scenario], Scenario]:
    def added(function: Scenario) -> Scenario:
        SCENARIOS[function] = needs
        return function

    return added


@plays("server")
def the_live_tools_are_those_of_the_sdk(stage: Stage, everything: Everything) -> None:
    with stage.client(drift="error") as fresh:
        assert fresh.echo(message="hi").text == "Echo: hi"


@plays()
def declared_results_are_typed(stage: Stage, everything: Everything) -> None:
    weather = everything.get_structured_content(location="Chicago")
    assert type(weather).__name__ == "GetStructuredContentResult"
    assert (weather.temperature, weather.conditions) == (36, "Light rain / drizzle")


@plays()
def other_results_are_text_images_links_and_resources(stage: Stage, everything: Everything) -> None:
    assert everything.get_sum(a=2, b=3).text == "The sum of 2 and 3 is 5."
    assert everything.get_tiny_image().images[0].data.startswith(b"\x89PNG")
    assert len(everything.get_resource_links(count=2).links) == 2
    found = everything.get_resource_reference(resource_type="Text", resource_id=7).resources[0]
    assert (found.text or "").startswith("Resource 7: This is a plaintext resource")


@plays()
def a_failing_tool_is_a_tool_error(stage: Stage, everything: Everything) -> None:
    with pytest.raises(ToolError, match="Invalid resourceId: -1") as failed:
        everything.get_resource_reference(resource_id=-1)
    assert failed.value.ran is True


@plays("resources")
def resources_templates_and_prompts_are_read(stage: Stage, everything: Everything) -> None:
    text = everything.resources.dynamic_text_resource(resource_id="1").text
    assert text.startswith("Resource 1: This is a plaintext resource")
    data = everything.resources.dynamic_blob_resource(resource_id="2").data
    assert data.startswith(b"Resource 2: This is a base64 blob")
    assert everything.resources.read("demo://resource/dynamic/text/3").text.startswith("Resource 3")
    assert everything.prompts.simple_prompt().messages[0].role == "user"
    filled = everything.prompts.args_prompt(city="Oslo", state="Oslo")
    assert filled.text == "What's weather in Oslo, Oslo?"


@plays("server")
def a_resource_that_is_not_there_is_refused(stage: Stage, everything: Everything) -> None:
    with pytest.raises(SessionError, match="the server refused") as refused:
        everything.resources.read("demo://resource/dynamic/text/none")
    assert refused.value.code is not None
    assert everything.echo(message="still there").text


@plays("live")
def progress_is_told_step_by_step(stage: Stage, everything: Everything) -> None:
    seen: list[tuple[float, float | None]] = []
    all_came = threading.Event()

    def step(progress: float, total: float | None, message: str | None) -> None:
        seen.append((progress, total))
        if len(seen) == 3:
            all_came.set()

    patient = everything.with_options(on_progress=step)
    assert "completed" in patient.trigger_long_running_operation(duration=0.03, steps=3).text
    assert all_came.wait(HANG_S)
    assert sorted(seen) == [(1, 3), (2, 3), (3, 3)]


@plays("server")
def log_messages_arrive(stage: Stage, everything: Everything) -> None:
    # A client of its own, since the TypeScript server goes on logging until its session ends.
    with stage.client() as fresh:
        stage.heard.clear()
        stage.log_came.clear()
        assert fresh.toggle_simulated_logging().text
        assert stage.log_came.wait(HANG_S)
    assert isinstance(stage.heard[0].data, str)


@plays("server")
def what_the_server_asks_is_answered(stage: Stage, everything: Everything) -> None:
    assert "Ada" in everything.trigger_elicitation_request().text
    sampled = everything.trigger_sampling_request(prompt="Say hi", max_tokens=9)
    assert "at most 9 tokens" in sampled.text
    assert f"URI: {ROOT_URI}" in everything.get_roots_list().text


@plays("live")
def a_late_call_is_cancelled_and_the_next_one_works(stage: Stage, everything: Everything) -> None:
    with pytest.raises(CallTimeout) as late:
        everything.with_options(timeout_s=0.3).trigger_long_running_operation(duration=3, steps=1)
    assert late.value.ran is None
    assert everything.echo(message="next").text == "Echo: next"
    assert stage.cancelled is None or came(stage.cancelled)


@plays()
def fifty_threads_share_one_client(stage: Stage, everything: Everything) -> None:
    with ThreadPoolExecutor(AT_ONCE) as pool:
        answers = pool.map(lambda n: everything.get_sum(a=n, b=1).text, range(AT_ONCE))
        assert list(answers) == [f"The sum of {n} and 1 is {n + 1}." for n in range(AT_ONCE)]


@plays("server")
def an_async_client_does_the_same(stage: Stage, everything: Everything) -> None:
    from everything_sdk import AsyncEverything

    async def run() -> list[str]:
        async with AsyncEverything(stage.binding) as there:
            assert (await there.get_structured_content(location="Chicago")).humidity == 82
            calls = (there.get_sum(a=n, b=1) for n in range(AT_ONCE))
            return [answer.text for answer in await asyncio.gather(*calls)]

    assert asyncio.run(run()) == [f"The sum of {n} and 1 is {n + 1}." for n in range(AT_ONCE)]


@plays("process")
def a_server_that_died_is_found_again(stage: Stage, everything: Everything) -> None:
    with stage.client() as fresh:
        assert fresh.echo(message="before").text == "Echo: before"
        stage.kill()
        # The tool is read-only, so it may be asked again by a call that finds out about the death.
        assert fresh.with_options(retries=2).echo(message="after").text == "Echo: after"
        assert fresh.get_sum(a=1, b=1).text


@plays("server")
def closing_leaves_no_process_and_a_later_call_connects_again(
    stage: Stage, everything: Everything
) -> None:
    client = stage.client()
    assert client.echo(message="one").text
    client.close()
    assert all(map(gone, stage.pids()[-1:]))
    assert client.echo(message="two").text == "Echo: two"
    client.close()
    assert all(map(gone, stage.pids()[-1:]))


ROWS = [
    pytest.param(place, function, id=f"{place}-{function.__name__}")
    for place in PLACES
    for function, needs in SCENARIOS.items()
    if not needs or needs in OFFERS[place.transport]
]


@pytest.fixture(scope="module")
def stages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[Place], Stage]]:
    """Opens the stage of a place once, for all scenarios."""
    stages: dict[Place, Stage] = {}
    with ExitStack() as stack:

        def stage_at(place: Place) -> Stage:
            if place not in stages:
                folder = tmp_path_factory.mktemp(str(place))
                stages[place] = stack.enter_context(opened(place, folder))
            return stages[place]

        yield stage_at


@pytest.mark.parametrize(("place", "scenario"), ROWS)
def test_over_every_transport(
    stages: Callable[[Place], Stage],
    place: Place,
    scenario: Scenario,
    caplog: pytest.LogCaptureFixture,
) -> None:
    stage = stages(place)
    with caplog.at_level(logging.WARNING, "mcp_sdkgen_runtime"):
        for everything in stage.performances(scenario.__name__):
            scenario(stage, everything)
    # Drift of any tool, a recording that failed, a lenient reading: all are warnings.
    assert not [record for record in caplog.records if record.name.startswith("mcp_sdkgen")]


def came(file: Path) -> bool:
    return _until(file.exists)


def gone(pid: int) -> bool:
    def ended() -> bool:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        return False

    return _until(ended)


def _until(true: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + HANG_S
    while not (held := true()) and time.monotonic() < deadline:
        threading.Event().wait(0.02)
    return held
