"""Whose configuration files are heeded: what one says is run with this user's rights."""

from __future__ import annotations

import grp
import json
import os
import pwd
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from handmade_weather_sdk import Weather
from mcp_sdkgen.cli import main
from mcp_sdkgen.config import load_client, nearest
from mcp_sdkgen.errors import ConfigError
from mcp_sdkgen_runtime import BindingError, files, ownership
from mcp_sdkgen_runtime.config import trust
from mcp_sdkgen_runtime.config.binding import resolve
from mcp_sdkgen_runtime.config.mcp_json import servers_of
from mcp_sdkgen_runtime.config.secrets import with_secrets
from mcp_sdkgen_runtime.config.trust import is_trusted, say
from mcp_sdkgen_runtime.config.variables import bind
from mcp_sdkgen_runtime.errors import ConfigurationError

ANOTHER = 54_321


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


@pytest.mark.parametrize(
    ("name", "mode", "heeded"),
    [
        ("mcp.json", 0o666, False),
        ("mcp.json", 0o646, False),
        ("mcp.json", 0o664, False),
        ("mcp.json", 0o644, True),
        (".", 0o777, False),
        (".", 0o775, False),
        (".", 0o1777, True),  # as `/tmp`
    ],
)
def test_a_file_that_others_can_write_or_replace_says_nothing(
    name: str, mode: int, heeded: bool, below: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ownership, "_is_own_group", lambda group: False)
    (below / "mcp.json").write_text('{"mcpServers": {"weather": {"command": "python3"}}}')
    (below / name).chmod(mode)
    if heeded:
        assert resolve("weather").command == "python3"  # type: ignore[union-attr]
    else:
        with pytest.raises(BindingError, match="can be written to by others; chmod go-w"):
            resolve("weather")
    found = nearest(below)
    assert bool(found and found.servers) is heeded


def test_a_group_of_this_user_alone_is_no_other_user(
    below: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = below / "mcp.json"
    file.write_text('{"mcpServers": {"weather": {"command": "python3"}}}')
    for place in (below, file):
        place.chmod(0o775)
        monkeypatch.setattr(os, "getgid", lambda: ANOTHER)
        if os.geteuid() == 0:
            os.chown(place, -1, ANOTHER)
    me = pwd.getpwuid(os.getuid()).pw_name

    def group(name: str, *members: str) -> None:
        found = grp.struct_group((name, "x", ANOTHER, [*members]))
        monkeypatch.setattr(grp, "getgrgid", lambda number: found)

    for name, members in (("staff", []), (me, ["somebody"])):
        group(name, *members)
        with pytest.raises(BindingError, match="can be written to by others"):
            resolve("weather")
    group(me, me)
    resolve("weather")

    def unknown(number: int) -> grp.struct_group:
        raise KeyError(number)

    monkeypatch.setattr(grp, "getgrgid", unknown)
    resolve("weather")


def test_a_file_that_stands_in_another_users_folder_says_nothing(
    below: Path, tmp_path: Path, give_away: Callable[[Path], None]
) -> None:
    # They can rename what is this user's, and lay beside it what its command starts.
    file = below / "mcp.json"
    file.write_text(starts(tmp_path / "started"))
    resolve("weather")
    give_away(below)
    with pytest.raises(BindingError, match="belongs to another user"):
        resolve("weather")
    found = nearest(below)
    assert found is None or not found.servers


@pytest.mark.parametrize("given_away", [True, False])
@pytest.mark.parametrize(
    "entry",
    [
        {"command": "python3", "envFile": "theirs"},
        {"command": "${file:theirs}"},
        {"command": "python3", "env": {"PATH": "file://{folder}/theirs"}},
        {"url": "https://${file:theirs}/mcp"},
    ],
    ids=["envFile", "a command", "a variable", "an address"],
)
def test_a_file_that_an_entry_points_at_is_read_only_where_nobody_else_has_a_say_in_it(
    entry: dict[str, Any], given_away: bool, below: Path, give_away: Callable[[Path], None]
) -> None:
    text = json.dumps({"mcpServers": {"weather": entry}}).replace("{folder}", str(below))
    (below / "mcp.json").write_text(text)
    theirs = below / "theirs"
    theirs.write_text("PATH=/evil")
    found = with_secrets(resolve("weather"), "weather")
    assert "/evil" in str(asdict(found))
    config = servers_of(below / "mcp.json").usable[0]
    if given_away:
        give_away(theirs)
    else:
        theirs.chmod(0o646)
    with pytest.raises(BindingError, match=r"belongs to another user|can be written to by others"):
        with_secrets(bind(config), "weather")


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
    judge = files.why_not_heeded

    def replaced(path: Path) -> str:
        why = judge(path)
        if other.exists():
            other.rename(file)
        return why

    monkeypatch.setattr(files, "why_not_heeded", replaced)
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


def test_processes_that_trust_and_forget_at_once_lose_nothing(
    below: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    code = (
        "import sys; from pathlib import Path\n"
        "from mcp_sdkgen_runtime.config import trust\n"
        "for i in range(40):\n"
        f"    file = Path({str(below)!r}, f'{{sys.argv[1]}}-{{i}}.json')\n"
        "    file.write_text(str(i))\n"
        "    trust.say(file, trusted=True)\n"
        "    if i % 2: assert trust.forget(file)\n"
    )
    started = [subprocess.Popen([sys.executable, "-c", code, str(n)]) for n in range(4)]
    assert [process.wait() for process in started] == [0] * 4
    left = {word.path.name for word in trust.words()}
    assert left == {f"{n}-{i}.json" for n in range(4) for i in range(0, 40, 2)}


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
