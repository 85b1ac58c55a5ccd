"""Whose configuration files may say what is run."""

from __future__ import annotations

import os
from pathlib import Path


def is_trusted(path: Path, start: Path) -> bool:
    """Whether a file that a search from the folder `start` has found may say what is run.

    In `start` and below it all files may. Above it, a file must belong to this user or to root, and
    so must a folder such as `.cursor` that it stands in, and links as well as what they lead to:
    anybody may put a file, or a link to a file of this user's, into a folder such as `/tmp`.
    """
    getuid = getattr(os, "getuid", None)
    if getuid is None or path.is_relative_to(start):
        return True
    trusted = {getuid(), 0}
    own_folder = [path.parent] if path.parent.name.startswith(".") else []
    try:
        return all(
            stat.st_uid in trusted
            for place in (*own_folder, path)
            for stat in (place.lstat(), place.stat())
        )
    except OSError:
        return False
