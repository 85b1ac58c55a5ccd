"""Calls through the channel: the same SDK, the same answers, and errors that say what happened."""

from __future__ import annotations

import asyncio
import json
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from mcp_sdkgen_codemode.broker.broker import Broker, Run
from mcp_sdkgen_codemode.events import CallEnded, Event
from mcp_sdkgen_codemode.limits import Limits
from mcp_sdkgen_codemode.policy.policy import Policy
from mcp_sdkgen_codemode.policy.services import Service
from mcp_sdkgen_runtime import (
    ArgumentsError,
    BindingError,
    CallOptions,
    CallRefused,
    CallTimeout,
    LazySession,
    LoginRequired,
    RawResult,
    ResultError,
    SessionError,
    SessionOptions,
    configure,
)

from tests.codemode.broker.guests import (
    ROOT,
    WEATHER,
    Fake,
    definition,
    ran,
    raw_guest,
    text,
    through_broker,
    weather_service,
)

EVERYTHING = """
import asyncio
from weather_sdk import AsyncWeather, Weather, weather
from mcp_sdkgen_runtime import ToolError

def dump(found):
    return found.model_dump(mode="json") if hasattr(found, "model_dump") else str(found)

def blocking(client):
    try:
        client.get_weather(location="Atlantis")
    except ToolError as error:
        failed = str(error)
    return [
        dump(client.get_forecast(city="Oslo", days=2, units="imperial")),
        dump(client.get_weather(location="Austin, TX")),
        [dump(alert) for alert in client.list_alerts(region="US-TX")],
        dump(client.report_observation(station="01492", celsius=3.5)),
        failed,
    ]

async def waiting(client):
    async with client:
        found = await asyncio.gather(
            *[client.get_forecast(city=city) for city in ("Oslo", "Paris", "London")]
        )
    return [dump(one) for one in found]

with weather:
    value = [blocking(weather), blocking(Weather()), asyncio.run(waiting(AsyncWeather()))]
"""
ALLOWED = Policy.of(allow=["weather", "fake"])


@pytest.fixture
def _weather_is_configured() -> Iterator[None]:
    configure(weather=WEATHER)
    yield
    configure(weather=None)


@pytest.mark.usefixtures("_weather_is_configured")
def test_a_program_gives_the_same_through_the_channel_as_without_one() -> None:
    direct: dict[str, Any] = {"__name__": "program"}
    exec(EVERYTHING, direct)
    result, run = asyncio.run(ran(EVERYTHING, {"weather": weather_service()}, policy=ALLOWED))
    assert result.error is None
    assert result.value == direct["value"]
    assert [call.status for call in run.calls].count("tool_error") == 2
    assert len(run.calls) == 13


def raised(
    answer: Callable[[str, dict[str, Any]], Any], *, options: CallOptions | None = None, **run: Any
) -> Exception:
    services = {"fake": Fake(answer).service()}
    with through_broker(lambda: services, **run) as session, pytest.raises(Exception) as caught:
        session("fake").call("read", {}, options=options)
    return caught.value


def fails(error: Exception) -> Callable[[str, dict[str, Any]], Any]:
    def answer(tool: str, arguments: dict[str, Any]) -> Any:
        raise error

    return answer


SECRET = "hunter2-of-the-host"


def test_a_file_that_is_not_trusted_is_told_as_that_and_not_named() -> None:
    error = BindingError("nothing says how", server="fake", looked=[SECRET], not_trusted=True)
    told = str(raised(fails(error)))
    assert "mcp-sdkgen trust" in told and SECRET not in told


@pytest.mark.parametrize(
    ("error", "kind", "ran_"),
    [
        (BindingError(f"command /opt/{SECRET} not found", looked=[SECRET]), SessionError, False),
        (LoginRequired(f"no token in {SECRET}", server="fake"), SessionError, False),
        (SessionError(f"cannot connect {SECRET}", ran=False, stderr=SECRET), SessionError, False),
        (SessionError(f"lost {SECRET}", stderr=SECRET, http_status=502), SessionError, None),
        (SessionError(f"the server refused: {SECRET}", code=-32603), SessionError, None),
        (CallTimeout(f"no answer from {SECRET}"), CallTimeout, None),
        (CallRefused(f"the upstream policy {SECRET}"), CallRefused, False),
        (ResultError(f"bad {SECRET}", data=SECRET), SessionError, True),
        (OSError(2, SECRET, f"/opt/{SECRET}"), SessionError, None),
        (ValueError(SECRET), SessionError, None),
    ],
)
def test_of_the_hosts_troubles_the_guest_learns_the_kind_and_never_the_place(
    error: Exception, kind: type[Exception], ran_: bool | None
) -> None:
    events: list[Event] = []
    found = raised(fails(error), on_event=events.append)
    assert type(found) is kind
    assert found.ran is ran_  # type: ignore[attr-defined]
    assert SECRET not in repr(vars(found)) + str(found)
    assert (found.server, found.tool) == ("fake", "read")  # type: ignore[attr-defined]
    (ended,) = (event for event in events if isinstance(event, CallEnded))
    assert SECRET not in ended.call.message
    assert SECRET in ended.call.detail.for_host(), "the host does know"
    assert SECRET not in f"{ended.call}"


async def _for_ever(tool: str, arguments: dict[str, Any]) -> str:
    await asyncio.Event().wait()
    return ""


def test_a_call_ends_at_the_hosts_limit_and_at_the_callers_own() -> None:
    limit = raised(lambda *asked: _for_ever(*asked), limits=Limits(call_s=0.05))
    own = raised(lambda *asked: _for_ever(*asked), options=CallOptions(timeout_s=0.05))
    assert [type(error) for error in (limit, own)] == [CallTimeout, CallTimeout]
    assert "0.05 s" in str(limit)
    assert "0.05 s" in str(own)


class SlowToStart(Fake):
    async def connect(self) -> None:
        await asyncio.sleep(2.5)


def test_starting_a_server_is_not_of_the_time_of_the_call_that_needs_it() -> None:
    services = {"fake": SlowToStart().service()}
    with through_broker(lambda: services) as session:
        found = session("fake").call("read", {}, options=CallOptions(timeout_s=2))
    assert found.content == [text("read done")]


def test_an_answer_that_is_too_large_says_so_and_that_the_tool_ran() -> None:
    found = raised(lambda *_: "x" * 2000, limits=Limits(result_bytes=1000))
    assert isinstance(found, SessionError)
    assert found.ran is True
    assert "over the limit of 1000" in str(found)


def test_an_answer_over_the_limit_is_not_read_to_its_end() -> None:
    server = ROOT / "tests" / "runtime" / "servers" / "misbehaving_server.py"
    options = SessionOptions(max_answer_bytes=1_000_000)
    session = LazySession("odd", [sys.executable, str(server)], options)
    known = {name: definition(name) for name in ("huge", "pid")}
    with through_broker(lambda: {"odd": Service.of("odd", session, known)}) as through:
        with pytest.raises(SessionError, match="over the limit, and was not read"):
            through("odd").call("huge", {})
        assert through("odd").call("pid", {}).content


def test_odd_answers_come_through_as_they_are() -> None:
    odd = RawResult(
        [text("\ud800 \u2028 \x00"), {"type": "image", "data": "AA==", "mimeType": "image/y"}],
        {"null": None, "inf": float("inf"), "big": 10**40, "é": "😀"},
        True,
    )
    with through_broker(lambda: {"fake": Fake(lambda *_: odd).service()}) as session:
        assert session("fake").call("read", {}) == odd
    nothing = RawResult([], None)
    with through_broker(lambda: {"fake": Fake(lambda *_: nothing).service()}) as session:
        assert session("fake").call("read", {}) == nothing


@pytest.mark.parametrize(
    "given",
    [
        {"x": float("nan")},
        {"x": "\ud800"},
        {"x": 10**5000},
        {"x": object()},
        {"x": "A" * 2_000_000},
    ],
)
def test_what_cannot_be_sent_is_an_arguments_error_and_the_run_goes_on(given: Any) -> None:
    with through_broker(lambda: {"fake": Fake().service()}) as session:
        with pytest.raises(ArgumentsError):
            session("fake").call("read", given)
        assert session("fake").call("read", {"x": 10**3000, "y": "a\0b"}).text == "read done"


def test_cancelling_reaches_the_server_and_other_calls_go_on() -> None:
    seen: list[str] = []
    arrived = threading.Event()

    async def answer(tool: str, arguments: dict[str, Any]) -> str:
        if arguments:
            return "quick"
        arrived.set()
        try:
            return await _for_ever(tool, arguments)
        except asyncio.CancelledError:
            seen.append("cancelled")
            raise

    async def main(session: Any) -> str:
        slow = asyncio.create_task(session.call("read", {}))
        await asyncio.to_thread(arrived.wait)
        assert (await session.call("read", {"x": 1})).text == "quick"
        slow.cancel()
        with pytest.raises(asyncio.CancelledError):
            await slow
        last: RawResult = await session.call("read", {"x": 1})
        return last.text

    events: list[Event] = []
    with through_broker(
        lambda: {"fake": Fake(answer).service()}, is_async=True, on_event=events.append
    ) as session:
        assert asyncio.run(main(session("fake"))) == "quick"
    assert seen == ["cancelled"]
    assert {e.call.status for e in events if isinstance(e, CallEnded)} == {"ok", "failed"}


def test_no_more_calls_run_at_once_than_allowed_and_all_are_answered() -> None:
    running = peak = 0

    async def answer(tool: str, arguments: dict[str, Any]) -> str:
        nonlocal running, peak
        running += 1
        peak = max(peak, running)
        await asyncio.sleep(0)
        running -= 1
        return "done"

    async def main(session: Any) -> int:
        return len(await asyncio.gather(*[session.call("read", {"n": n}) for n in range(700)]))

    with through_broker(
        lambda: {"fake": Fake(answer).service()}, is_async=True, limits=Limits(concurrency=3)
    ) as session:
        assert asyncio.run(main(session("fake"))) == 700
    assert peak == 3


def test_inside_the_sandbox_the_host_decides_where_a_server_is() -> None:
    program = """
from weather_sdk import Weather
try:
    Weather("http://127.0.0.1:1/mcp").get_forecast(city="Oslo")
except Exception as error:
    value = [type(error).__name__, str(error), error.ran]
"""
    result, run = asyncio.run(ran(program, {"weather": weather_service()}))
    assert result.value[0] == "BindingError"
    assert "the host decides" in result.value[1]
    assert run.calls == []


def test_inside_the_sandbox_nothing_is_imported_that_could_not_work_there() -> None:
    program = """
import asyncio, sys
from weather_sdk import AsyncWeather, weather
from mcp_sdkgen_runtime import SessionError
weather.get_forecast(city="Oslo")
try:
    asyncio.run(AsyncWeather().with_options(retries=1).get_forecast(city="Oslo"))
except SessionError:
    pass
value = sorted({"anyio", "mcp", "httpx2", "filelock", "platformdirs"} & set(sys.modules))
"""
    fake = Fake(lambda *_: RawResult([], {"city": "Oslo", "units": "metric", "days": []}))
    service = fake.service(definition("get_forecast"), server="weather")
    result, _ = asyncio.run(ran(program, {"weather": service}))
    assert result.error is None
    assert result.value == []


def test_when_the_host_is_gone_calls_fail_and_do_not_hang() -> None:
    with through_broker(lambda: {"fake": Fake(_for_ever).service()}) as session:
        pass
    with pytest.raises(SessionError, match="closed the channel") as caught:
        session("fake").call("read", {})
    assert caught.value.ran is not True


def test_what_a_server_asks_back_never_reaches_the_guest() -> None:
    frames: list[Any] = []
    server = str(ROOT / "tests" / "runtime" / "servers" / "misbehaving_server.py")
    session = LazySession("asking", [sys.executable, server])
    questions = ("elicit", "sample", "roots")
    service = Service.of("asking", session, {name: definition(name) for name in questions})

    async def main() -> None:
        broker = Broker({"asking": service})
        async with raw_guest(Run(broker)) as (guest, _):
            for number, name in enumerate(questions):
                guest.call(number, name, server="asking")
                frames.append(await guest.frame())
        await broker.aclose()

    asyncio.run(main())
    assert [frame["id"] for frame in frames] == [0, 1, 2]
    answers = [frame["result"]["content"][0]["text"] for frame in frames]
    assert [json.loads(answer) for answer in answers] == [{"error": -32600}] * 3


def test_a_tool_whose_schema_nobody_can_read_is_asked_about_and_not_let_through() -> None:
    broken = {f"p{number}": {"type": "banana"} for number in range(200)}
    strange = definition("read", properties=broken)
    for policy, asked in ((None, []), (Policy.of(allow=["fake/read"]), [("read", {})])):
        fake = Fake()
        with through_broker(lambda: {"fake": fake.service(strange)}, policy=policy) as session:  # noqa: B023
            try:
                session("fake").call("read", {})
            except CallRefused as error:
                assert "its arguments cannot be checked" in str(error)
        assert fake.asked == asked


def test_payloads_are_kept_on_request_only() -> None:
    for payloads in (False, True):
        events: list[Event] = []
        with through_broker(
            lambda: {"fake": Fake().service()}, payloads=payloads, on_event=events.append
        ) as session:
            session("fake").call("read", {"x": "é"})
        call = next(event.call for event in events if isinstance(event, CallEnded))
        assert (call.arguments, call.result is not None) == (
            ({"x": "é"} if payloads else None),
            payloads,
        )
        assert call.truncated == ()


def test_the_transport_row_serves_clients_that_were_given_its_session() -> None:
    from weather_sdk import AsyncWeather, Weather

    kinds: list[tuple[bool, Any]] = [(False, Weather), (True, AsyncWeather)]
    for is_async, kind in kinds:
        with through_broker(lambda: {"weather": weather_service()}, is_async=is_async) as session:
            client = kind(session("weather"))
            found = client.get_forecast(city="Oslo")
            days = (asyncio.run(found) if is_async else found).days
        assert days[0].high == -2.0


def test_a_session_that_fails_to_start_does_not_tell_its_command() -> None:
    command = [sys.executable, "-c", f"import sys; sys.exit('{SECRET}')"]
    broken = Service.of_package("weather", "weather_sdk", command)
    services = {"weather": broken}
    with through_broker(lambda: services) as session, pytest.raises(SessionError) as caught:
        session("weather").call("get_forecast", {"city": "Oslo"})
    assert SECRET not in str(caught.value)
    assert sys.executable not in str(caught.value)
