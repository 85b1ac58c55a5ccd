"""Which SDK a configured server gets: an installed one only if it fits, else one that is built."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest
from mcp_sdkgen.provision.provision import Provisioned, supply
from mcp_sdkgen.source import resolve

from tests.codemode.executor.weather import BINDINGS
from tests.codemode.installing import made, showcase, tool

WEATHER = BINDINGS["weather"]
MEETING = """\
import os, sys
_, pipe, how, *server = sys.argv
os.close(os.open(pipe, getattr(os, how)))
os.execv(sys.executable, [sys.executable, *server])
"""
"""Runs a server once the pipe is opened at its other end too."""


def supplied(
    folder: Path, servers: dict[str, list[str]], seen: list[str] | None = None
) -> Provisioned:
    """What a configuration of these stdio servers gives; `seen` gets the steps."""
    config = folder / "mcp.json"
    entries = {name: {"command": c, "args": args} for name, (c, *args) in servers.items()}
    config.write_text(json.dumps({"mcpServers": entries}))
    steps = [] if seen is None else seen
    return supply(
        resolve([str(config)]).sources,
        cache=folder / "cache",
        on_progress=lambda step: steps.append(f"{step.server}: {step.stage}"),
    )


@pytest.fixture(autouse=True)
def _not_imported(monkeypatch: pytest.MonkeyPatch) -> None:
    """What other tests have imported in this process would be the installed one."""
    for name in [name for name in sys.modules if name.partition(".")[0] == "weather_sdk"]:
        monkeypatch.delitem(sys.modules, name)


def test_an_installed_sdk_that_fits_its_server_is_used_and_its_server_asked_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = showcase(tmp_path, "weather")
    monkeypatch.syspath_prepend(str(tmp_path))
    first = supplied(tmp_path, {"weather": WEATHER})
    assert (first.sdks, first.notes, first.failed) == ((own,), (), ())
    steps: list[str] = []
    assert supplied(tmp_path, {"weather": WEATHER}, steps) == first
    assert steps == []


def test_where_a_server_cannot_be_asked_the_installed_sdk_is_used_and_that_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = showcase(tmp_path, "weather")
    monkeypatch.syspath_prepend(str(tmp_path))
    found = supplied(tmp_path, {"weather": [str(tmp_path / "gone")]})
    assert found.sdks == (own,)
    assert (
        "weather-sdk 1.0.0 is used, though the server could not be asked whether it fits"
        in found.notes[0]
    )


def test_installed_sdks_of_other_servers_are_not_used_and_all_is_done_at_the_same_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pipe, script = tmp_path / "pipe", tmp_path / "meeting.py"
    os.mkfifo(pipe)
    script.write_text(MEETING)
    meet = {
        name: [sys.executable, str(script), str(pipe), how, *WEATHER[1:]]
        for name, how in (("rain", "O_RDONLY"), ("snow", "O_WRONLY"))
    }
    for name in meet:
        made(tmp_path, name, [tool("barometer")])
    monkeypatch.syspath_prepend(str(tmp_path))
    steps: list[str] = []
    first = supplied(tmp_path, meet, steps)
    assert not first.failed
    assert [sdk.package for sdk in first.sdks] == ["rain_sdk", "snow_sdk"]
    assert all("get_forecast" in sdk.tools for sdk in first.sdks)
    told = "since the installed rain-sdk 1.0.0 does not fit it (tool `barometer`"
    assert told in first.notes[0]
    for name in meet:
        assert [s for s in dict.fromkeys(steps) if s.startswith(name)] == [
            f"{name}: {stage}"
            for stage in ("compare", "snapshot", "generate", "check", "write", "done")
        ]
    assert not list((tmp_path / "cache").glob(".*"))
    steps.clear()
    assert supplied(tmp_path, meet, steps) == first
    assert steps == []
