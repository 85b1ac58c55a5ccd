"""The SDKs that a folder has for programs: those that its user built there, and those installed."""

from __future__ import annotations

import os
import shlex
import shutil
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from mcp_sdkgen_codemode.catalog import Sdk, at, installed
from mcp_sdkgen_runtime.config.display import shown_path
from mcp_sdkgen_runtime.config.trust import is_trusted, say_all

from ..config import Config, folder_of, nearest
from ..config.settings import DEFAULT_OUT, config_errors
from ..errors import ConfigError
from ..source.resolve import Resolved, sdks_beside

_WHY_STRANGE: Final = (
    "it was built in another folder or by somebody else, or has been changed since it was built"
)


@dataclass(frozen=True)
class AtHand:
    """`sdks` that programs may use. `unused` are the import names of those that were found and are
    not used, with why and what to do, and `notes` tell of these. `hint` says what to do where there
    are none."""

    sdks: tuple[Sdk, ...] = ()
    unused: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    hint: str = ""


def at_hand(cwd: Path, named: Resolved | None = None) -> AtHand:
    """The SDKs for programs that are begun in `cwd`, with what `named`, if that is given, says.

    Those in the project's folder for SDKs go before installed ones of the same server or import
    name, and before those beside the configuration that is named. A folder of SDKs may have come
    with a project that was cloned: of its SDKs, those are used that this user built, or has
    trusted, and that are since as they were. Compiled modules do not count for that, so they are
    removed here: nothing tells one that Python made from one that somebody put there for whoever
    imports the SDK. An SDK of which they cannot be removed is not used, wherever it was found.
    Raises `ConfigError` for a configuration that cannot be read.
    """
    near = nearest(cwd)
    there = installed()
    names = {sdk.package for sdk in there}
    own: dict[str, Sdk] = {}
    notes = []
    unused: dict[str, str] = {}
    closed: set[Path] = set()
    folders = out_folders(cwd, near)
    beside = _folder_beside(named) if named is not None else None
    for folder in dict.fromkeys([*folders, *([beside] if beside else [])]):
        taken = set() if folder in folders else {sdk.key for sdk in own.values()}
        found = [sdk for sdk in sdks_in(folder) if sdk.key not in taken]
        for sdk in found:
            if not is_trusted(sdk.folder):
                continue
            try:
                _remove_compiled(sdk.folder)
                own[sdk.package] = sdk
            except ConfigError as error:
                closed.add(sdk.folder)
                unused[sdk.package] = f"{error}; {error.hint}"
                notes.append(f"{sdk.package}: not used, since {unused[sdk.package]}")
        strange = [sdk.package for sdk in found if sdk.package not in {*own, *names, *unused}]
        if strange:
            notes.append(_note(folder, strange))
            unused |= dict.fromkeys(strange, f"{_WHY_STRANGE}; to build it again: mcp-sdkgen build")
    keys = {sdk.key for sdk in own.values()}
    others = [
        sdk
        for sdk in there
        if sdk.package not in own and sdk.key not in keys and sdk.folder not in closed
    ]
    sdks = sorted([*own.values(), *others], key=lambda sdk: (sdk.server, sdk.package))
    return AtHand(tuple(sdks), unused, tuple(notes), _hint(near))


def out_folders(cwd: Path, near: Config | None) -> list[Path]:
    """Where the SDKs of a project are looked for, given its configuration: where `build` puts them.

    They need not exist.
    """
    folders = [] if near is None else [near.out or sdks_beside(near, cwd)]
    return list(dict.fromkeys([*filter(None, folders), cwd / DEFAULT_OUT]))


def _folder_beside(named: Resolved) -> Path | None:
    """Where `build`, begun beside a configuration, puts its SDKs; None for what is none."""
    if named.out is not None or not named.paths:
        return named.out
    return folder_of(named.paths[-1]) / DEFAULT_OUT


def sdks_in(folder: Path) -> list[Sdk]:
    """The SDKs that `build` left in a folder, whoever began it."""
    found = []
    for project in sorted(folder.glob("*/pyproject.toml")):
        with suppress(ValueError):  # another project
            found.append(at(project.parent))
    return [sdk for sdk in found if (sdk.folder / "surface.pyi").is_file()]


@config_errors()
def trust_sdks(folders: Iterable[Path]) -> None:
    """Keep that this user trusts packages of SDKs as they are now. Raises `ConfigError`, also where
    a link leads to one: it may lie in another project.

    Compiled modules, which do not count for that, are removed: Python would run them unread. It is
    an error of all packages where they cannot be.
    """
    packages = list(folders)
    for package in packages:
        for place in (package.parent, package):
            if place.is_symlink():
                raise ConfigError(
                    f"{shown_path(place)}: is a link, and not trusted",
                    hint=f"trust the folder that it leads to: {shown_path(place.resolve())}",
                )
    for package in packages:
        _remove_compiled(package)
    say_all(packages, trusted=True)


def _remove_compiled(package: Path) -> None:
    """Removes the compiled modules of a package. Raises `ConfigError` where some are left."""
    for compiled in [*package.rglob("__pycache__")]:
        # Very many folders, one within the other, are too deep for it.
        with suppress(OSError, RecursionError):
            if compiled.is_symlink():
                compiled.unlink()
            else:
                shutil.rmtree(compiled, ignore_errors=True)
        if os.path.lexists(compiled):
            place = shown_path(compiled)
            raise ConfigError(
                f"{place}: holds compiled modules, which Python runs unread, and cannot be removed",
                hint=f"let its owner remove it: {shlex.join(['rm', '-r', place])}",
            )


def _note(folder: Path, packages: list[str]) -> str:
    command = shlex.join(["mcp-sdkgen", "trust", shown_path(folder)])
    names = ", ".join(packages[:8]) + (", …" if len(packages) > 8 else "")
    return (
        f"{names} in {shown_path(folder)}: not used, since {_WHY_STRANGE}; "
        f"build it again with `mcp-sdkgen build`, or trust it as it is: {command}"
    )


def _hint(near: Config | None) -> str:
    if near is None or not near.paths:
        return "make a configuration: mcp-sdkgen add NAME -- COMMAND ARGS…; then: mcp-sdkgen build"
    return f"{shown_path(near.paths[-1])} names servers; build their SDKs: mcp-sdkgen build"
