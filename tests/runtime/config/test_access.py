"""Who has a say in a file by an access list, and by a link on the way to it."""

from __future__ import annotations

import errno
import json
import os
import re
import struct
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from mcp_sdkgen.config import load
from mcp_sdkgen.errors import ConfigError
from mcp_sdkgen_runtime import BindingError, ownership
from mcp_sdkgen_runtime.config.binding import resolve
from mcp_sdkgen_runtime.config.secrets import with_secrets

ANOTHER = 54_321
MINE, MY_GROUP = os.getuid(), os.getgid()
USER, OWN_GROUP, GROUP = 0x02, 0x04, 0x08


def give_access(
    path: Path, *entries: tuple[int, int, int], mask: int, default: bool = False
) -> None:
    """Set an access list of a file, as `setfacl` does: (tag, rights, number) besides the usual."""
    own_group = () if any(tag == OWN_GROUP for tag, _, _ in entries) else ((OWN_GROUP, 4, 0),)
    whole = sorted([(0x01, 6, 0), *entries, *own_group, (0x10, mask, 0), (0x20, 4, 0)])
    packed = b"".join(
        struct.pack("<HHI", tag, rights, number if tag in (USER, GROUP) else 0xFFFFFFFF)
        for tag, rights, number in whole
    )
    name = "system.posix_acl_default" if default else "system.posix_acl_access"
    try:
        os.setxattr(path, name, (2).to_bytes(4, "little") + packed)
    except OSError as error:
        if error.errno == errno.ENOTSUP:
            pytest.skip("this file system has no access lists")
        raise


@pytest.mark.skipif(not hasattr(os, "setxattr"), reason="only Linux has such access lists")
@pytest.mark.parametrize("name", ["mcp.json", ".", "theirs"])
@pytest.mark.parametrize(
    ("entries", "mask", "heeded"),
    [
        ([(USER, ANOTHER, 6)], 7, False),
        ([(GROUP, ANOTHER, 6)], 7, False),
        ([(USER, ANOTHER, 5), (GROUP, ANOTHER, 2)], 6, False),
        ([(OWN_GROUP, 0, 6)], 6, False),
        ([(USER, ANOTHER, 6)], 5, True),
        ([(USER, ANOTHER, 5)], 7, True),
        ([(USER, MINE, 7)], 7, True),
        ([(GROUP, MY_GROUP, 7)], 7, True),
    ],
    ids=[
        "a user", "a group", "a group, not the user", "the group of the file", "masked", "to read",
        "this user", "this user's group",
    ],
)  # fmt: skip
def test_who_may_write_by_an_access_list_has_a_say(
    entries: list[tuple[int, int, int]], mask: int, heeded: bool, name: str,
    below: Path, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    # The file's own group is a strange one unless the entry is about this user's.
    strange = not any(number == MY_GROUP and tag == GROUP for tag, number, _ in entries)
    monkeypatch.setattr(ownership, "_is_own_group", lambda group: not strange)
    entry = {"command": "python3", "envFile": "theirs"}
    (below / "mcp.json").write_text(json.dumps({"mcpServers": {"weather": entry}}))
    (below / "theirs").write_text("A=b")
    below.chmod(0o755)
    listed = [(tag, rights, number) for tag, number, rights in entries]
    give_access(below / name, *listed, mask=mask)
    if name == ".":  # that of what will be made there gives nobody access to the folder
        give_access(below, (USER, 7, ANOTHER), mask=7, default=True)
    if heeded:
        assert resolve("weather").command == "python3"  # type: ignore[union-attr]
    else:
        with pytest.raises(BindingError, match="can be written to by others; chmod go-w"):
            resolve("weather")
        (below / name).chmod(0o755)  # as the error says
        assert resolve("weather")


def test_an_access_list_that_cannot_be_read_is_not_taken_for_none(
    below: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (below / "mcp.json").write_text('{"mcpServers": {"weather": {"command": "python3"}}}')
    (below / "mcp.json").chmod(0o664)
    for answer in (b"\3\0\0\0", b"\2\0\0\0odd"):
        monkeypatch.setattr(os, "getxattr", lambda *_, answer=answer: answer, raising=False)
        with pytest.raises(BindingError, match="an access list of an unknown form"):
            resolve("weather")


@pytest.mark.parametrize("behind", [False, True], ids=["in the path", "behind a link"])
@pytest.mark.parametrize("entry", ["envFile", "${file:}", "file:///", "the configuration"])
def test_another_users_link_in_the_middle_of_a_path_leads_nowhere(
    entry: str, behind: bool, below: Path, tmp_path: Path, give_away: Callable[[Path], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    folder = tmp_path / "mine" / "inner"
    folder.mkdir(parents=True)
    (folder / "secret").write_text("PATH=/here")
    (tmp_path / "link").symlink_to(tmp_path / "mine")
    (tmp_path / "mid").symlink_to("link/inner/../inner")
    place = tmp_path / ("mid" if behind else "link/inner")
    entries: dict[str, dict[str, Any]] = {
        "envFile": {"envFile": str(place / "secret")},
        "${file:}": {"args": [f"${{file:{place / 'secret'}}}"]},
        "file:///": {"env": {"PATH": (place / "secret").as_uri()}},
        "the configuration": {"args": ["PATH=/here"]},
    }
    named = (place if entry == "the configuration" else below) / "servers.json"
    text = json.dumps({"mcpServers": {"weather": {"command": "python3", **entries[entry]}}})
    named.write_text(text)
    monkeypatch.setenv("MCP_SDKGEN_CONFIG", str(named))
    assert "/here" in str(asdict(with_secrets(resolve("weather"), "weather")))
    assert load(named).servers
    give_away(tmp_path / "link")
    told = f"{tmp_path / 'link'}, which belongs to another user"
    with pytest.raises(BindingError, match=f"the link {re.escape(told)}"):
        with_secrets(resolve("weather"), "weather")
    if entry == "the configuration":
        with pytest.raises(ConfigError, match=re.escape(told)):
            load(named)


def test_a_configuration_that_comes_from_a_pipe_is_read() -> None:
    out, into = os.pipe()
    os.write(into, b'{"mcpServers": {"weather": {"command": "python3"}}}')
    os.close(into)
    try:
        assert load(Path(f"/dev/fd/{out}")).servers
    finally:
        os.close(out)
