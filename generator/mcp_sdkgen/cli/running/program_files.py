"""The programs below a folder: what a project holds besides them is no program."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class ProgramFiles:
    """The Python files below a folder, sorted, and the folders that were `skipped`."""

    files: tuple[str, ...]
    skipped: tuple[str, ...]


def programs_in(top: Path) -> ProgramFiles:
    """The programs below a folder.

    Left out are SDKs, environments, packages of Node and hidden folders, and no links to folders
    are followed. `top` itself was named, so it is searched whatever it is.
    """
    files: list[str] = []
    skipped: list[str] = []
    for folder, below, names in os.walk(top):
        here = Path(folder)
        below[:] = sorted(name for name in below if name != "__pycache__")
        left_out = [name for name in below if _holds_no_programs(here / name)]
        skipped += [str(here / name) for name in left_out]
        below[:] = [name for name in below if name not in left_out]
        files += [str(here / name) for name in names if name.endswith(".py") and name[0] != "."]
    return ProgramFiles(tuple(sorted(files)), tuple(skipped))


def _holds_no_programs(folder: Path) -> bool:
    if folder.name.startswith(".") or folder.name == "node_modules":
        return True
    is_sdk = (folder / "surface.pyi").is_file() and (folder / "snapshot.json").is_file()
    return is_sdk or (folder / "pyvenv.cfg").is_file()
