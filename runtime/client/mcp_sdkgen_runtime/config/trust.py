"""Whose configuration files may say what is run."""

from __future__ import annotations

from pathlib import Path

from ..files import is_ours


def is_trusted(path: Path) -> bool:
    """Whether a file that was found, and not named, may say what is run.

    It must belong to this user or to root, and so must a folder such as `.cursor` that it stands
    in, and links as well as what they lead to: anybody may put a file, or a link to a file of this
    user's, into a folder such as `/tmp`, be it the working folder or one above.
    """
    own_folder = [path.parent] if path.parent.name.startswith(".") else []
    return all(is_ours(place) for place in (*own_folder, path))
