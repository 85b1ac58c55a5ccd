"""Saved programs are tools of their own, and go the way of every other run."""

from __future__ import annotations

import mcp
import pytest

from tests.codemode.serve.driving import Home, Person, data, patient, text, with_client

PROGRAM = '''\
from datetime import date
from weather_sdk import weather

async def main(*, day: date, celsius: float = 3.0) -> str:
    """Report a temperature of a day."""
    weather.report_observation(station="01492", celsius=celsius)
    return f"{day:%d.%m.}: {celsius}"
'''


@pytest.fixture(scope="module")
def keeping(place: Home) -> Home:
    file = place.folder / "report.py"
    file.write_text(PROGRAM)
    done = place.cli("save", "report_day", str(file), "--config", str(place.config))
    assert done.returncode == 0, done.stderr
    return place


def test_a_kept_program_is_a_tool_with_its_arguments_and_asks_like_any_run(keeping: Home) -> None:
    person = Person(["once", "no"])

    async def use(connected: mcp.Client) -> None:
        [tool] = [t for t in (await connected.list_tools()).tools if t.name == "report_day"]
        assert tool.input_schema["required"] == ["day"]
        assert tool.input_schema["properties"]["day"]["format"] == "date"
        assert tool.description
        assert tool.description.startswith("Report a temperature of a day.")
        done = await patient(connected, "report_day", {"day": "2026-01-31"})
        assert (data(done)["status"], data(done)["value"]) == ("finished", "31.01.: 3.0")
        assert "report_observation" in person.asked[0]
        refused = await connected.call_tool("report_day", {"day": "2026-01-31", "celsius": 1})
        assert data(refused)["error"]["type"] == "CallRefused"
        wrong = await connected.call_tool("report_day", {"celsius": "warm"})
        assert wrong.is_error
        assert "celsius" in text(wrong)
        found = data(await connected.call_tool("search", {"query": "report a temperature"}))
        assert found["tools"][0]["name"] == "report_day.main"

    with_client(keeping.stdio("--programs-as-tools"), use, person=person)
