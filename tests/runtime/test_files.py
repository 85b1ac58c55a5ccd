"""Files are replaced whole or not at all, and kept where no other user can put any."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from mcp_sdkgen_runtime.errors import ConfigurationError
from mcp_sdkgen_runtime.files import cache_folder, data_folder, replacing, state_folder


def test_a_file_is_replaced_when_all_of_it_is_written(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("old")
    with replacing(path) as file:
        file.write(b"new")
        file.flush()
        assert path.read_text() == "old"
    assert path.read_text() == "new"
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_that_cannot_be_written_to_its_end_stays_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("old")
    with pytest.raises(RuntimeError), replacing(path) as file:
        file.write(b"ne")
        raise RuntimeError
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


A_USER, ANOTHER = 54_321, 54_322
FOLDERS = {
    "CACHE": (cache_folder, "/var/cache/mcp-sdkgen"),
    "DATA": (data_folder, "/var/lib/mcp-sdkgen/data"),
    "STATE": (state_folder, "/var/lib/mcp-sdkgen/state"),
}


@pytest.fixture
def become(monkeypatch: pytest.MonkeyPatch) -> Callable[[int, Path], None]:
    """Makes this process a user's, and a file or link another one's."""

    def become(user: int, theirs: Path) -> None:
        if os.geteuid() == 0 and os.path.lexists(theirs):
            os.chown(theirs, ANOTHER, -1, follow_symlinks=False)
        monkeypatch.setattr(os, "getuid", lambda: user)

    return become


@pytest.mark.parametrize("kind", FOLDERS)
@pytest.mark.parametrize("theirs", ["home", "link", "folder of a link", "open", "sticky"])
def test_root_keeps_nothing_where_another_user_can_put_a_link(
    theirs: str,
    kind: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    become: Callable[[int, Path], None],
) -> None:
    home, way = tmp_path / "home", tmp_path / "way"
    real = home / "real"
    real.mkdir(parents=True)
    way.mkdir()
    (way / "link").symlink_to(real)
    (home / "link").symlink_to(way / "link")
    given = home / "link" if "link" in theirs else real
    monkeypatch.setenv(f"XDG_{kind}_HOME", str(given))
    folder, instead = FOLDERS[kind]
    if os.geteuid() == 0:
        assert folder().is_relative_to(home)
    if theirs in ("open", "sticky"):
        real.chmod(0o1777 if theirs == "sticky" else 0o777)
    changed = {"home": home, "link": home / "link", "folder of a link": way}
    become(0, changed.get(theirs, tmp_path / "other"))
    assert folder() == Path(instead)


@pytest.mark.parametrize("kind", FOLDERS)
@pytest.mark.parametrize("is_link", [False, True])
def test_a_folder_of_another_user_is_not_used(
    is_link: bool,
    kind: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    become: Callable[[int, Path], None],
) -> None:
    monkeypatch.setenv(f"XDG_{kind}_HOME", str(tmp_path))
    planted = tmp_path / "mcp-sdkgen"
    if is_link:
        (tmp_path / "mine").mkdir()
        planted.symlink_to("mine")
    else:
        planted.mkdir(mode=0o777)
    become(A_USER, planted)
    folder, _ = FOLDERS[kind]
    with pytest.raises(ConfigurationError, match=f"another user.*set XDG_{kind}_HOME"):
        folder()
