"""The files of installed distributions and of what they require."""

from __future__ import annotations

import re
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path, PurePosixPath

from ..requirements import canonical, required
from .engines.engine import SandboxError

_IMPORT_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*\Z")


def closure(names: Iterable[str], *, without: Iterable[str] = ()) -> list[metadata.Distribution]:
    """The named distributions and all they require that is installed, by name.

    A name may also be that of a module. Extras are not followed: name them too. `without` names
    distributions that are there already. Raises `SandboxError` for a name that is not installed.
    """
    found: dict[str, metadata.Distribution] = {}
    skip = {canonical(name) for name in without}
    queue: list[tuple[str, bool]] = [(name, True) for name in names]
    while queue:
        name, named = queue.pop()
        distribution = _installed(name, by_import=named)
        if distribution is None:
            if named:
                raise SandboxError(
                    f"the package {name!r} is not installed here",
                    f"Install it where mcp-sdkgen runs: python -m pip install {name}"
                    if _IMPORT_NAME.match(name)
                    else "",
                )
            continue
        key = canonical(distribution.name)
        if key in found or key in skip:
            continue
        found[key] = distribution
        queue += [(each, False) for each in required(distribution)]
    return [found[key] for key in sorted(found)]


def _installed(name: str, *, by_import: bool) -> metadata.Distribution | None:
    if not _IMPORT_NAME.match(name):
        return None
    try:
        return metadata.distribution(name)
    except metadata.PackageNotFoundError:
        if by_import and (owners := metadata.packages_distributions().get(name)):
            return metadata.distribution(owners[0])
        return None


def files(distribution: metadata.Distribution) -> dict[str, Path]:
    """The importable files of a distribution: path below site-packages → where it is.

    Raises `SandboxError` when nothing says which files belong to it.
    """
    found: dict[str, Path] = {}
    for entry in distribution.files or ():
        inside = PurePosixPath(entry)
        if inside.is_absolute() or ".." in inside.parts or "__pycache__" in inside.parts:
            continue
        # A path file runs code at start, and has no use in a sandbox.
        if inside.suffix in (".pth", ".pyc") or "direct_url.json" in inside.name:
            continue
        path = Path(str(distribution.locate_file(entry)))
        if path.is_file() and not path.is_symlink():
            found[str(inside)] = path
    if not any(name for name in found if ".dist-info/" not in name):
        raise SandboxError(
            f"nothing says which files the installed package {distribution.name!r} has",
            "It is installed in editable mode, or by the system. Install it with pip in a virtual "
            "environment.",
        )
    return found
