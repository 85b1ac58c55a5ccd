"""Files are replaced whole or not at all, and kept where no other user can put any."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from mcp_sdkgen_runtime.errors import ConfigurationError
from mcp_sdkgen_runtime.files import (
    append,
    cache_folder,
    data_folder,
    make_private,
    replacing,
    state_folder,
    writing,
)
from mcp_sdkgen_runtime.ownership import is_private


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


@pytest.mark.parametrize("kind", ["link", "dangling link", "pipe", "folder"])
def test_where_a_user_said_only_a_regular_file_is_replaced(tmp_path: Path, kind: str) -> None:
    path, other = tmp_path / "page.html", tmp_path / "other"
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    else:
        path.symlink_to(other)
        if kind == "link":
            other.write_text("mine")
    with pytest.raises(FileExistsError), writing(path) as file:
        file.write(b"page")
    assert path.is_symlink() == ("link" in kind)
    assert (other.read_text() if other.exists() else "") == ("mine" if kind == "link" else "")


def test_a_file_that_is_replaced_where_a_user_said_keeps_its_mode(tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    for mode in (0o600, 0o640):
        with writing(path) as file:
            file.write(b"page")
        assert path.stat().st_mode & 0o777 == mode
        path.chmod(0o640)
    with writing(tmp_path / "report.json", mode=0o644) as file:
        file.write(b"{}")
    assert (tmp_path / "report.json").stat().st_mode & 0o777 == 0o644


def test_lines_are_put_at_the_end_of_no_link(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("other")
    with pytest.raises(OSError, match="link"):
        append(tmp_path / "link", b"line\n")
    assert not (tmp_path / "other").exists()


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
        made = folder()
        assert made.is_relative_to(home)
        made.rmdir()
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


@pytest.fixture
def no_umask() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


@pytest.mark.parametrize("kind", FOLDERS)
@pytest.mark.usefixtures("no_umask")
def test_a_folder_and_those_around_it_are_made_for_this_user_alone(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"XDG_{kind}_HOME", str(tmp_path / "home" / "place"))
    folder, _ = FOLDERS[kind]
    below = folder() / "below" / "it"
    make_private(below)
    for place in (below, *below.parents):
        if place == tmp_path:
            break
        assert place.stat().st_mode & 0o777 == 0o700
    assert is_private(below)


@pytest.mark.parametrize("kind", FOLDERS)
@pytest.mark.parametrize("what", ["the folder", "the folder around it"])
def test_a_folder_that_others_can_write_to_is_not_used(
    what: str,
    kind: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    become: Callable[[int, Path], None],
) -> None:
    monkeypatch.setenv(f"XDG_{kind}_HOME", str(tmp_path / "home"))
    folder, _ = FOLDERS[kind]
    made = folder()
    (made if what == "the folder" else made.parent).chmod(0o777)
    if os.geteuid() == 0:
        for place in (made, made.parent):
            os.chown(place, A_USER, -1)
    become(A_USER if os.geteuid() == 0 else os.geteuid(), tmp_path / "other")
    with pytest.raises(ConfigurationError, match=f"others can write to it.*set XDG_{kind}_HOME"):
        folder()
