"""Whose configuration files are heeded: what one says is run with this user's rights."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from handmade_weather_sdk import Weather
from mcp_sdkgen.cli import main
from mcp_sdkgen.config import load_client, nearest
from mcp_sdkgen.errors import ConfigError
from mcp_sdkgen_runtime import BindingError
from mcp_sdkgen_runtime.config import trust
from mcp_sdkgen_runtime.config.binding import resolve
from mcp_sdkgen_runtime.config.trust import is_trusted, say
from mcp_sdkgen_runtime.errors import ConfigurationError

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


@pytest.mark.parametrize("place", [".", ".."])
def test_a_client_never_starts_what_another_users_file_says(
    place: str, below: Path, tmp_path: Path, give_away: Callable[[Path], None]
) -> None:
    file = (below / place).resolve() / "mcp.json"
    file.write_text(starts(tmp_path / "started"))
    give_away(file)
    with pytest.raises(BindingError, match="belongs to another user") as refused, Weather() as here:
        here.get_forecast(city="Oslo")
    assert not (tmp_path / "started").exists()
    assert any(str(file) in place for place in refused.value.looked)
    found = nearest(below)
    assert found is None or not found.servers


@pytest.mark.parametrize("place", [".", ".."])
@pytest.mark.parametrize(
    "theirs", ["the link", "a link on the way", "what it leads to", "the folder"]
)
def test_a_link_is_heeded_only_where_all_of_its_way_is_ours(
    theirs: str, place: str, below: Path, tmp_path: Path, give_away: Callable[[Path], None]
) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "mcp.json").write_text(starts(tmp_path / "started"))
    way = tmp_path / "way"
    way.symlink_to("elsewhere")
    link = below / place / (".vscode" if theirs == "the folder" else "mcp.json")
    link.symlink_to(way if theirs == "the folder" else way / "mcp.json")
    resolve("weather")
    assert nearest(below)
    changed = {"what it leads to": elsewhere / "mcp.json", "a link on the way": way}
    give_away(changed.get(theirs, link))
    with pytest.raises(BindingError, match="belongs to another user"):
        resolve("weather")
    found = nearest(below)
    assert found is None or not found.servers


@pytest.mark.parametrize("link", ["mcp.json", ".cursor"])
def test_a_link_to_a_trusted_file_is_not_trusted_where_it_stands(
    link: str, below: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Its command would start what lies beside the link.
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    mine = tmp_path / "mine"
    (mine / ".cursor").mkdir(parents=True)
    name = f"{link}/mcp.json" if link == ".cursor" else link
    (mine / name).write_text('{"mcpServers": {"weather": {"command": "./server.sh"}}}')
    say(mine / name, trusted=True)
    (below / link).symlink_to(mine / link)
    assert is_trusted(mine / name)
    assert not is_trusted(below / name)
    (tmp_path / "way").symlink_to(mine)
    assert is_trusted(tmp_path / "way" / name)


def test_what_was_trusted_is_the_content_that_was_read(
    below: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    file = below / "mcp.json"
    file.write_text("{}")
    # It was shown, and then replaced before the answer.
    say(file, trusted=True, content=b'{"mcpServers": {}}')
    assert not is_trusted(file)
    assert is_trusted(file, b'{"mcpServers": {}}')


def test_a_file_that_is_replaced_while_it_is_read_is_not_heeded(
    below: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, other = below / "mcp.json", tmp_path / "other"
    file.write_text(starts(tmp_path / "started"))
    other.write_text("{}")
    judge = trust.refusal

    def replaced(path: Path, **more: bool) -> str:
        why = judge(path, **more)
        if other.exists():
            other.rename(file)
        return why

    monkeypatch.setattr(trust, "refusal", replaced)
    with pytest.raises(ConfigurationError, match="was replaced while it was read"):
        trust.found_content(file)
    assert trust.found_content(file) == b"{}"


def test_what_becomes_a_pipe_after_it_was_found_is_not_waited_for(below: Path) -> None:
    os.mkfifo(below / "mcp.json")
    with pytest.raises(ConfigurationError, match="not a regular file"):
        trust.found_content(below / "mcp.json")


def test_a_list_of_trusted_files_that_others_can_write_trusts_none(
    below: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    file = below / "mcp.json"
    file.write_text("{}")
    say(file, trusted=True)
    store = tmp_path / "data" / "mcp-sdkgen" / "trusted.json"
    for mode in (0o620, 0o602):
        store.chmod(mode)
        assert not is_trusted(file)
        with pytest.raises(ConfigurationError, match=f"chmod go-w {store}"):
            trust.words()
    store.chmod(0o600)
    assert is_trusted(file)


def test_a_file_that_is_too_large_is_not_read_to_its_end(below: Path) -> None:
    for name in ("pyproject.toml", "mcp-sdkgen.toml"):
        with (below / name).open("wb") as file:
            file.truncate(1 << 40)  # reading it would take all memory
        assert not is_trusted(below / name)
        with pytest.raises(ConfigError, match="larger than"):
            nearest(below)
        (below / name).unlink()


def test_the_file_of_another_program_is_read_for_its_own_user_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, give_away: Callable[[Path], None]
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("CLAUDE_CONFIG_DIR", raising=False)
    file = tmp_path / ".claude.json"
    file.write_text(starts(tmp_path / "started"))
    assert load_client("claude-code", cwd=tmp_path).servers
    give_away(file)
    with pytest.raises(ConfigError, match="belongs to another user"):
        load_client("claude-code", cwd=tmp_path)
    assert main(["install", "claude-code"]) == 2
    assert file.read_text() == starts(tmp_path / "started")
