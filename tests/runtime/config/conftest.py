"""Files of another user."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

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
