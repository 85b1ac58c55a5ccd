"""Where the SDKs come from: built while the server already answers, and watched for drift."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import anyio
import mcp
import pytest

from tests.codemode.executor.weather import BINDINGS
from tests.codemode.serve.driving import (
    HERE,
    Home,
    call,
    data,
    home,
    patient,
    text,
    with_client,
)
from tests.patience import HANG_S
from tests.warm import COMMAND, PYTHON

CHANGING = str(HERE / "servers" / "changing.py")
WEATHER = BINDINGS["weather"]
LOOK = "from changing_sdk import changing\nchanging.look(place='here')\n"


@pytest.fixture
def changing(tmp_path: Path) -> tuple[Home, Path, Path]:
    """A home with the changing server, the pipe it waits for, and the file that changes it."""
    gate, changed = tmp_path / "gate", tmp_path / "changed"
    os.mkfifo(gate)
    return (
        home(tmp_path, {"changing": [*PYTHON, CHANGING, str(gate), str(changed)]}),
        (gate),
        changed,
    )


def opened(gate: Path) -> None:
    """Let the server that waits, and every later one, start."""
    # Without waiting for a reader, there may be none.
    handle = os.open(gate, os.O_RDWR)
    replacement = gate.with_name("opened")
    replacement.write_text("")
    os.write(handle, b"go")
    replacement.rename(gate)
    os.close(handle)


def test_the_server_answers_while_sdks_are_built_and_tells_when_one_has_changed(
    changing: tuple[Home, Path, Path],
) -> None:
    place, gate, changed = changing
    heard: list[str | None] = []

    async def hear(progress: float, total: float | None, message: str | None) -> None:
        if not heard:
            opened(gate)
        heard.append(message)

    async def build(connected: mcp.Client) -> None:
        assert (await connected.list_tools()).tools  # nothing could be built yet
        found = await patient(connected, "search", {"query": "look"}, progress_callback=hear)
        assert [tool["name"] for tool in data(found)["tools"]] == ["changing.look"]
        assert heard[0] and heard[0].startswith("preparing: ")
        ran = data(await connected.call_tool("run", {"program": LOOK}))
        assert (ran["status"], ran["notes"]) == ("finished", [])

    with_client(place.stdio(), build)

    changed.touch()

    async def drifted(connected: mcp.Client) -> None:
        await patient(connected, "run", {"program": LOOK})
        # The comparison does not delay calls: it may come with a later answer.
        for _ in range(200):
            answer = await connected.call_tool("search", {"query": "look"})
            if data(answer)["notes"]:
                break
        [note] = data(answer)["notes"]
        assert note.startswith("changing/look has changed since its SDK was built")
        assert f"<notes>\n{note}\n</notes>" in text(answer)

    with_client(place.stdio(), drifted)


def test_a_server_that_cannot_be_built_costs_only_itself_and_it_does_not_serve_itself(
    tmp_path: Path,
) -> None:
    servers = {
        "weather": WEATHER,
        "gone": [str(tmp_path / "no-such-program")],
        "code-mode": [*COMMAND, "serve"],
    }
    found = call(home(tmp_path, servers).stdio(), "read")
    assert data(found)["text"] == "weather: 4 tools, in weather_sdk"
    [note] = data(found)["notes"]
    assert note.startswith("gone is missing")


def test_a_server_that_was_down_is_tried_again_once_a_call_was_told(place: Home) -> None:
    late = place.folder / "late.py"
    late.unlink(missing_ok=True)
    servers = {"weather": WEATHER, "late": [sys.executable, str(late)]}
    other = home(place.folder, servers, place.folder / "late.json")
    program = "from late_sdk import late\nlate.get_weather(location='Oslo').condition\n"

    async def use(connected: mcp.Client) -> None:
        found = await patient(connected, "read", {})
        [note] = data(found)["notes"]
        assert note.startswith("late is missing, and is tried again")
        assert note in text(found)
        assert data(await connected.call_tool("run", {"program": program}))["status"] == "rejected"
        late.write_text(f"import os, sys\nos.execv({WEATHER[0]!r}, {WEATHER!r})\n")
        with anyio.fail_after(HANG_S):
            while data(found)["notes"]:
                found = await connected.call_tool("read", {})
        ran = data(await connected.call_tool("run", {"program": program}))
        assert (ran["status"], ran["value"]) == ("finished", "snowy")

    with_client(other.stdio(), use)


def test_without_any_sdk_each_tool_says_why_and_tries_again(place: Home) -> None:
    gone = place.folder / "gone.py"
    gone.unlink(missing_ok=True)
    servers = {"gone": [sys.executable, str(gone)]}
    other = home(place.folder, servers, place.folder / "gone.json")

    async def use(connected: mcp.Client) -> None:
        said = text(await patient(connected, "search", {"query": "forecast"}))
        assert "there is nothing to serve" in said
        assert "gone" in said
        gone.write_text(f"import os, sys\nos.execv({WEATHER[0]!r}, {WEATHER!r})\n")
        found = data(await patient(connected, "search", {"query": "forecast"}))
        assert found["tools"][0]["name"] == "gone.get_forecast"

    with_client(other.stdio(), use)
