"""Spans and log lines tell that a call was made and how it went, never what was in it."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from handmade_weather_sdk import Weather
from mcp_sdkgen_runtime import ArgumentsError, ToolError
from mcp_sdkgen_runtime.observability import telemetry

from tests.patience import HANG_S

HERE = Path(__file__).parents[1]
FOLDERS = (HERE / "sdks", HERE.parents[1] / "runtime" / "client")
PATHS = os.pathsep.join(map(str, FOLDERS))

PROGRAM = """
import asyncio, json, sys
from contextlib import suppress
from handmade_weather_sdk import AsyncWeather, Weather
from mcp_sdkgen_runtime import SdkError
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

COMMAND = [sys.executable, sys.argv[1], "stdio"]
provider, kept = TracerProvider(), InMemorySpanExporter()
provider.add_span_processor(SimpleSpanProcessor(kept))
trace.set_tracer_provider(provider)

async def ask(server):
    async with AsyncWeather(server) as weather:
        await weather.list_alerts(region="hunter22")

with trace.get_tracer("program").start_as_current_span("all"):
    with Weather(COMMAND) as weather:
        weather.get_forecast(city="hunter22")
        with suppress(SdkError):
            weather.fail(message="hunter22")
        with suppress(SdkError):
            weather.get_forecast(city="hunter22", days=99)
        with suppress(SdkError):
            weather.with_options(timeout_s=0.2).hang()
        weather.prompts.code_review(code="hunter22")
        weather.resources.user_profile(user_id="hunter22")
    asyncio.run(ask(COMMAND))
print(json.dumps([json.loads(span.to_json()) for span in kept.get_finished_spans()]))
"""


@pytest.fixture(scope="module")
def spans() -> list[dict[str, Any]]:
    pytest.importorskip("opentelemetry.sdk")
    given = os.environ.get("PYTHONPATH", "")
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(HERE / "servers" / "weather_server.py")],
        env={**os.environ, "PYTHONPATH": os.pathsep.join([PATHS, given])},
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, timeout=HANG_S, check=True,
    )  # fmt: skip
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


def named(spans: list[dict[str, Any]], name: str) -> list[dict[str, Any]]:
    return [span for span in spans if span["name"] == name]


def test_a_call_is_a_span_with_server_tool_outcome_and_sizes(spans: list[dict[str, Any]]) -> None:
    span = named(spans, "execute_tool get_forecast")[0]
    sizes = {key: span["attributes"].pop(f"mcp_sdkgen.{key}.size") for key in _SIZES}
    assert sizes["request"] == len('{"city":"hunter22"}')
    assert sizes["response"] > 100
    assert span["attributes"] == {
        "gen_ai.operation.name": "execute_tool",
        "gen_ai.tool.name": "get_forecast",
        "gen_ai.tool.type": "extension",
        "mcp.method.name": "tools/call",
        "mcp_sdkgen.server": "weather",
        "mcp_sdkgen.outcome": "ok",
    }
    assert span["status"]["status_code"] == "UNSET"


_SIZES = ("request", "response")


@pytest.mark.parametrize(
    ("name", "outcome"),
    [
        ("execute_tool fail", "tool_error"),
        ("execute_tool hang", "CallTimeout"),
        ("execute_tool get_forecast", "ArgumentsError"),
    ],
)
def test_a_failed_call_says_how_it_failed(
    spans: list[dict[str, Any]], name: str, outcome: str
) -> None:
    span = named(spans, name)[-1]
    assert span["attributes"]["mcp_sdkgen.outcome"] == outcome
    assert span["attributes"]["error.type"] == outcome
    assert span["status"] == {"status_code": "ERROR"}
    assert span["events"] == []


def test_mcps_span_of_the_request_is_a_child_of_ours_and_ours_of_the_programs(
    spans: list[dict[str, Any]],
) -> None:
    (ours,) = named(spans, "execute_tool list_alerts")
    (request,) = named(spans, "MCP send tools/call list_alerts")
    assert request["parent_id"] == ours["context"]["span_id"]
    (blocking,) = named(spans, "execute_tool fail")
    (request,) = named(spans, "MCP send tools/call fail")
    assert request["parent_id"] == blocking["context"]["span_id"]
    (whole,) = named(spans, "all")
    assert {ours["parent_id"], blocking["parent_id"]} == {whole["context"]["span_id"]}


def test_prompts_and_resources_have_spans_too(spans: list[dict[str, Any]]) -> None:
    (prompt,) = named(spans, "prompts/get code_review")
    assert prompt["attributes"]["gen_ai.prompt.name"] == "code_review"
    (resource,) = named(spans, "resources/read")
    assert resource["attributes"]["mcp_sdkgen.response.size"] > 0


def test_no_span_of_ours_holds_anything_of_arguments_or_results(
    spans: list[dict[str, Any]],
) -> None:
    ours = [span for span in spans if not span["name"].startswith("MCP send")]
    with_server = [span for span in ours if "mcp_sdkgen.server" in span["attributes"]]
    assert len(with_server) == 7
    assert "hunter22" not in json.dumps(with_server)


def test_without_a_provider_and_without_debug_nothing_looks_on() -> None:
    code = f"""if True:
        import sys
        sys.path[:0] = {[str(folder) for folder in FOLDERS]!r}
        from mcp_sdkgen_runtime.observability.telemetry import watched
        assert watched("execute_tool", "s", "t") is watched("execute_tool", "s", "u")
        assert "opentelemetry" not in sys.modules
        import opentelemetry.trace
        assert watched("execute_tool", "s", "t") is watched("execute_tool", "s", "u")
    """
    subprocess.run([sys.executable, "-c", code], check=True)


def test_each_call_is_one_log_line_at_level_debug(
    memory: Any, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG, "mcp_sdkgen_runtime"), Weather(memory) as weather:
        weather.get_forecast(city="hunter22")
        with pytest.raises(ToolError):
            weather.fail(message="hunter22")
        with pytest.raises(ArgumentsError):
            weather.get_forecast(city="")
    ours = [r.getMessage() for r in caplog.records if r.name == telemetry.__name__]
    assert [line.split(" in ")[0] for line in ours] == [
        "weather.get_forecast: ok",
        "weather.fail: tool_error",
        "weather.get_forecast: ArgumentsError",
    ]
    assert "hunter22" not in "".join(ours)
