"""Whose configuration files are heeded: what one says is run with this user's rights."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from handmade_weather_sdk import Weather
from mcp_sdkgen.config import nearest
from mcp_sdkgen_runtime import BindingError
from mcp_sdkgen_runtime.config.binding import resolve

ANOTHER = 54_321


@pytest.fixture
def give_away(monkeypatch: pytest.MonkeyPatch) -> Callable[[Path], None]:
    """Makes a file, or a link, another user's."""

    def give(path: Path) -> None:
        if os.geteuid() == 0:
            os.chown(path, ANOTHER, -1, follow_symlinks=False)
        else:  # only root can give a file away, so the process becomes another user's instead
            monkeypatch.setattr(os, "getuid", lambda: ANOTHER)

    return give


@pytest.fixture
def below(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder, in one that others may write to."""
    folder = tmp_path / "shared" / "project"
    folder.mkdir(parents=True)
    monkeypatch.chdir(folder)
    return folder


def starts(mark: Path) -> str:
    """A configuration whose server leaves a mark when it is started."""
    command = {"command": sys.executable, "args": ["-c", f"open({str(mark)!r}, 'w')"]}
    return json.dumps({"mcpServers": {"weather": command}})


def test_a_client_never_starts_what_another_users_file_above_says(
    below: Path, tmp_path: Path, give_away: Callable[[Path], None]
) -> None:
    file = below.parent / "mcp.json"
    file.write_text(starts(tmp_path / "started"))
    give_away(file)
    with pytest.raises(BindingError, match="belongs to another user") as refused, Weather() as here:
        here.get_forecast(city="Oslo")
    assert not (tmp_path / "started").exists()
    assert any(str(file) in place for place in refused.value.looked)
    found = nearest(below)
    assert found is None or not found.servers


@pytest.mark.parametrize("theirs", ["the link", "what it leads to", "the folder"])
def test_a_link_is_heeded_only_where_both_its_ends_are_ours(
    theirs: str, below: Path, tmp_path: Path, give_away: Callable[[Path], None]
) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "mcp.json").write_text(starts(tmp_path / "started"))
    link = below.parent / (".vscode" if theirs == "the folder" else "mcp.json")
    link.symlink_to(elsewhere if theirs == "the folder" else elsewhere / "mcp.json")
    resolve("weather")
    assert nearest(below)
    give_away(elsewhere / "mcp.json" if theirs == "what it leads to" else link)
    with pytest.raises(BindingError, match="belongs to another user"):
        resolve("weather")
    found = nearest(below)
    assert found is None or not found.servers


def test_a_file_of_the_working_folder_is_heeded_whosever_it_is(
    below: Path, tmp_path: Path, give_away: Callable[[Path], None]
) -> None:
    (below / "mcp.json").write_text(starts(tmp_path / "started"))
    give_away(below / "mcp.json")
    assert resolve("weather")
    assert nearest(below)
