"""Cassettes: calls recorded once are answered again, without a server, and without secrets."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from handmade_weather_sdk import AsyncWeather, Weather
from mcp_sdkgen_runtime import (
    BindingError,
    CassetteError,
    ToolError,
    Unstructured,
    cassette,
    configure,
)
from mcp_sdkgen_runtime.cassettes.cassette import rewind
from mcp_sdkgen_runtime.cassettes.file import CassetteFile, Interaction, RecordedCall
from mcp_sdkgen_runtime.schema.definitions import digest, shipped_definitions

HERE = Path(__file__).parents[1]
PATHS = os.pathsep.join(str(p) for p in (HERE / "sdks", HERE.parents[1] / "runtime" / "client"))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "cassettes" / "weather.ndjson"


def lines(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text().splitlines()]


def everything(weather: Weather) -> list[Any]:
    with pytest.raises(ToolError) as failed:
        weather.fail(message="no")
    return [
        weather.get_forecast(city="Oslo", days=2),
        weather.list_alerts(region="north"),
        weather.picture().images[0].data,
        weather.search(q=None, cursor=None, labels=[{"name": "a", "priority": "high"}]).text,
        weather.prompts.code_review(code="x = 1"),
        weather.resources.user_profile(user_id="7"),
        weather.resources.read("logo://main").data,
        failed.value.content,
    ]


def test_what_any_server_answered_is_answered_again_without_it(binding: Any, file: Path) -> None:
    with Weather(cassette(file, binding=binding)) as weather:
        answers = everything(weather)
    assert everything(Weather(cassette(file, mode="replay"))) == answers


def test_a_line_is_one_call_and_can_be_read(memory: Any, file: Path) -> None:
    Weather(cassette(file, binding=memory)).get_forecast(city="Tromsø", days=1)
    assert '"city": "Tromsø"' in file.read_text()
    (line,) = lines(file)
    assert line["answer"]["structuredContent"]["city"] == "Tromsø"
    assert line["digest"].startswith("sha256:")
    kept = {key: line[key] for key in ("server", "tool", "arguments", "is_error")}
    assert kept == {
        "server": "weather", "tool": "get_forecast", "is_error": False,
        "arguments": {"city": "Tromsø", "days": 1},
    }  # fmt: skip


@pytest.mark.parametrize("kind", ["blocking", "async"])
def test_the_environment_gives_any_client_a_cassette(
    kind: str, stdio_command: Any, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def ask() -> str:
        async with AsyncWeather() as weather:
            return (await weather.pid()).text

    def asked() -> str:
        return Weather().pid().text if kind == "blocking" else asyncio.run(ask())

    monkeypatch.setenv("MCP_SDKGEN_CASSETTE", str(file))
    monkeypatch.setenv("MCP_BINDING_WEATHER", json.dumps(stdio_command))
    recorded = asked()
    monkeypatch.delenv("MCP_BINDING_WEATHER")
    monkeypatch.setenv("MCP_SDKGEN_CASSETTE_MODE", "replay")
    assert asked() == recorded
    monkeypatch.delenv("MCP_SDKGEN_CASSETTE")
    with pytest.raises(BindingError):
        asked()


def test_replay_imports_no_mcp_and_enters_without_a_server(memory: Any, file: Path) -> None:
    Weather(cassette(file, binding=memory)).search(q="x")
    code = """
        import sys
        from handmade_weather_sdk import Weather
        with Weather() as weather:
            print(weather.search(q="x").text)
        print({"mcp", "httpx2", "opentelemetry"} & set(sys.modules))
    """
    variables = {"MCP_SDKGEN_CASSETTE": str(file), "MCP_SDKGEN_CASSETTE_MODE": "replay"}
    done = subprocess.run(
        [sys.executable, "-c", "\n".join(line[8:] for line in code.splitlines())],
        env={**os.environ, **variables, "PYTHONPATH": PATHS}, text=True,
        capture_output=True, check=True,
    )  # fmt: skip
    assert done.stdout.splitlines()[-1] == "set()"


def test_equal_calls_are_answered_in_order_and_then_by_the_last_answer(file: Path) -> None:
    asked = RecordedCall("weather", "tool", "pid")
    for text in ("1", "2"):
        CassetteFile(file).add(Interaction(asked, {"content": [{"type": "text", "text": text}]}))
    weather = Weather(cassette(file, mode="replay"))
    assert [weather.pid().text for _ in range(4)] == ["1", "2", "2", "2"]


def test_the_order_of_arguments_does_not_matter(file: Path) -> None:
    asked = RecordedCall("weather", "tool", "search", {"labels": [], "q": "x"})
    CassetteFile(file).add(Interaction(asked, {"content": [{"type": "text", "text": "found"}]}))
    assert Weather(cassette(file, mode="replay")).search(q="x", labels=[]).text == "found"


def test_auto_asks_the_server_only_for_what_is_not_there(stdio_command: Any, file: Path) -> None:
    with Weather(cassette(file, binding=stdio_command)) as first:
        once = first.pid().text
    with Weather(cassette(file, binding=stdio_command)) as second:
        assert second.pid().text == once
        assert len(lines(file)) == 1
        assert second.pid().text != once
    assert len(lines(file)) == 2


def test_record_starts_the_file_anew_with_the_first_answer(memory: Any, file: Path) -> None:
    Weather(cassette(file, binding=memory)).search(q="old")
    weather = Weather(cassette(file, mode="record", binding=memory))
    assert len(lines(file)) == 1
    weather.search(q="new")
    weather.search(q="new")
    assert [line["arguments"]["q"] for line in lines(file)] == ["new", "new"]


def test_a_call_that_was_not_recorded_is_told_the_nearest_one(memory: Any, file: Path) -> None:
    recorder = Weather(cassette(file, binding=memory))
    recorder.get_forecast(city="Rome", days=9, units="imperial")
    recorder.get_forecast(city="Oslo", days=3, units="metric")
    offline = Weather(cassette(file, mode="replay"))
    with pytest.raises(CassetteError) as missing:
        offline.with_options(retries=3).get_forecast(city="Bergen", days=3)
    assert missing.value.ran is False
    assert missing.value.line == 2
    text = str(missing.value)
    assert text.startswith("weather.get_forecast: no recorded call fits")
    assert "city: recorded 'Oslo', called with 'Bergen'" in text
    assert "units: recorded 'metric', called without it" in text
    assert "MCP_SDKGEN_CASSETTE_MODE=auto" in text
    with pytest.raises(CassetteError, match=r"It has 'weather\.get_forecast'"):
        offline.pid()
    with pytest.raises(CassetteError, match="There is no such file"):
        Weather(cassette(file.with_name("other"), mode="replay")).pid()


def test_threads_and_processes_never_mix_their_lines(file: Path) -> None:
    code = f"""if True:
        from pathlib import Path
        from mcp_sdkgen_runtime.cassettes.file import RecordedCall, Interaction, CassetteFile
        written = CassetteFile(Path({str(file)!r}))
        for n in range(200):
            written.add(Interaction(RecordedCall("w", "tool", "t"), {{"content": "x" * 5000}}))
    """
    command = [sys.executable, "-c", code]
    others = [subprocess.Popen(command, env={**os.environ, "PYTHONPATH": PATHS}) for _ in range(2)]
    written = CassetteFile(file)
    with ThreadPoolExecutor(8) as pool:
        list(
            pool.map(
                lambda n: written.add(Interaction(RecordedCall("w", "tool", str(n)), {})),
                range(400),
            )
        )
    assert [other.wait() for other in others] == [0, 0]
    assert len(lines(file)) == 800


def test_a_file_that_ends_in_the_middle_of_a_line_is_named_or_completed(
    memory: Any, file: Path
) -> None:
    Weather(cassette(file, binding=memory)).search(q="a")
    whole = file.read_text()
    file.write_text(whole.rstrip())
    Weather(cassette(file, binding=memory)).search(q="b")
    assert len(lines(file)) == 2
    file.write_text(whole + '{"server": "wea')
    with pytest.raises(CassetteError, match=r"weather\.ndjson, line 2: not JSON"):
        Weather(cassette(file, mode="replay")).search(q="a")
    file.write_text('{"server": "weather"}')
    with pytest.raises(CassetteError, match="line 1: not a recorded call"):
        Weather(cassette(file, mode="replay")).search(q="a")


def test_a_file_that_cannot_be_written_is_an_error_before_anything_is_sent(
    stdio_command: Any, file: Path
) -> None:
    file.mkdir(parents=True)
    with Weather(cassette(file, mode="record", binding=stdio_command)) as weather:
        with pytest.raises(CassetteError, match="cannot be written") as refused:
            weather.crash()
        assert refused.value.ran is False
        file.rmdir()
        assert weather.search(q="still there").text


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a disk that is always full")
def test_an_answer_is_not_lost_with_its_recording(
    memory: Any, caplog: pytest.LogCaptureFixture
) -> None:
    found = Weather(cassette("/dev/full", mode="record", binding=memory)).search(q="a")
    assert found.text.startswith("q='a'")
    assert "was not recorded" in caplog.text
    assert "No space left" in caplog.text


def test_the_digest_is_the_one_in_the_sdk() -> None:
    folder = HERE.parents[1] / "generated" / "weather" / "weather_sdk"
    definition = shipped_definitions(str(folder))["get_forecast"]
    assert digest(definition) in (folder / "tools" / "get_forecast.py").read_text()


def test_a_mode_that_is_none_is_refused(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MCP_SDKGEN_CASSETTE_MODE", "once")
    with pytest.raises(CassetteError, match="auto, record or replay, not 'once'"):
        cassette(file)


def test_a_cassette_can_be_configured_for_a_server(memory: Any, file: Path) -> None:
    weather = Weather()
    try:
        configure(weather=cassette(file, binding=memory))
        found: Unstructured = weather.search(q="a")
        configure(weather=cassette(file, mode="replay"))
        assert weather.search(q="a").text == found.text
        configure(weather=cassette(file))
        with pytest.raises(BindingError, match="a cassette that has no binding"):
            Weather().search(q="b")
    finally:
        configure(weather=None)


@pytest.fixture
def edited(memory: Any, file: Path) -> Callable[..., Weather]:
    """Records a forecast, changes its line as if an older SDK had, and gives a replaying client."""

    def make(**changes: Any) -> Weather:
        Weather(cassette(file, binding=memory)).get_forecast(city="Oslo", days=1)
        (line,) = lines(file)
        for path, value in changes.items():
            *parents, last = path.split("__")
            node = line
            for key in parents:
                node = node[key]
            node[last] = value
        file.write_text(json.dumps(line))
        return Weather(cassette(file, mode="replay"))

    return make


OLD = "sha256:old"


def test_an_answer_that_no_longer_fits_the_tools_schema_is_an_error_that_names_it(
    edited: Callable[..., Weather], file: Path
) -> None:
    weather = edited(digest=OLD, answer__structuredContent={"city": "Oslo"})
    with pytest.raises(CassetteError) as stale:
        weather.get_forecast(city="Oslo", days=1)
    assert "weather.get_forecast" in str(stale.value)
    assert "line 1, is out of date: the recorded answer" in str(stale.value)
    assert "'days' is missing" in str(stale.value)
    (told,) = cassette(file).misfits(Weather)
    assert "line 1: get_forecast: the recorded answer no longer fits" in told


def test_recorded_arguments_that_no_longer_fit_are_told_with_the_nearest_call(
    edited: Callable[..., Weather], file: Path
) -> None:
    weather = edited(digest=OLD, arguments__days=99)
    with pytest.raises(CassetteError, match="days: must be at most 10, got 99"):
        weather.get_forecast(city="Oslo", days=1)
    assert len(cassette(file).misfits(Weather)) == 1


def test_a_tool_that_changed_compatibly_is_replayed(edited: Callable[..., Weather]) -> None:
    assert edited(digest=OLD).get_forecast(city="Oslo", days=1).city == "Oslo"


def test_a_call_of_a_tool_that_is_gone_is_a_misfit(
    edited: Callable[..., Weather], file: Path
) -> None:
    edited(tool="renamed")
    (told,) = cassette(file).misfits(Weather)
    assert "the SDK no longer has this tool" in told


def test_secrets_reach_neither_the_file_nor_break_the_replay(memory: Any, file: Path) -> None:
    texts = [
        "password: hunter22",
        'it said {"apiKey": "hunter22 with spaces"}',
        "Authorization: Bearer hunter22hunter22",
        "postgres://me:hunter22@db.test/x",
        "https://x.test/?access_token=hunter22&page=2",
        "ghp_" + "hunter22" * 5,
        "line\npassword=hunter22",
    ]
    recorder = Weather(cassette(file, binding=memory))
    for text in texts:
        assert "hunter22" in recorder.search(q=text).text
    assert "hunter22" not in file.read_text()
    assert "page=2" in file.read_text()
    offline = Weather(cassette(file, mode="replay"))
    for text in texts:
        assert "[redacted]" in offline.search(q=text).text


def test_further_names_are_secret_on_request(
    memory: Any, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Weather(cassette(file, binding=memory, redact=["message"])).search(q="message=hunter22")
    monkeypatch.setenv("MCP_SDKGEN_CASSETTE_REDACT", "region, user-id")
    Weather(cassette(file, binding=memory)).list_alerts(region="hunter22")
    Weather(cassette(file, binding=memory)).search(q="userId=hunter22")
    told = [line["arguments"] for line in lines(file)]
    assert told == [
        {"q": "message=[redacted]"}, {"region": "[redacted]"}, {"q": "userId=[redacted]"},
    ]  # fmt: skip


def test_the_bindings_own_credentials_are_not_recorded(stdio_command: Any, file: Path) -> None:
    command, *args = stdio_command
    entry = {"command": command, "args": args, "env": {"WEATHER_API_KEY": "hunter22"}}
    with Weather(cassette(file, binding=entry)) as weather:
        assert "hunter22" in weather.search(q="the key is hunter22").text
    assert "hunter22" not in file.read_text()
    assert "WEATHER_API_KEY" not in file.read_text()


def test_a_redacted_value_need_not_fit_its_schema(edited: Callable[..., Weather]) -> None:
    weather = edited(digest=OLD, answer__structuredContent__city="[redacted]")
    assert weather.get_forecast(city="Oslo", days=1).city == "[redacted]"


def test_the_environments_cassette_can_be_rewound(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = RecordedCall("weather", "tool", "pid")
    for text in ("1", "2"):
        CassetteFile(file).add(Interaction(asked, {"content": [{"type": "text", "text": text}]}))
    monkeypatch.setenv("MCP_SDKGEN_CASSETTE", str(file))
    weather = Weather()
    assert weather.pid().text == "1"
    rewind(file)
    assert weather.pid().text == "1"
