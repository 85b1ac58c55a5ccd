"""The SDKs that a folder has for programs: those that its user built there, and those installed."""

from __future__ import annotations

import shlex
import shutil
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from mcp_sdkgen_codemode.catalog import Sdk, at, installed
from mcp_sdkgen_runtime.config.display import shown_path
from mcp_sdkgen_runtime.config.trust import is_trusted, say_all

from ..config import Config, folder_of, nearest
from ..config.settings import config_errors
from ..errors import ConfigError
from ..lock.lock import DEFAULT_OUT
from ..source.resolve import Resolved, sdks_beside

WHY_STRANGE: Final = (
    "it was built in another folder or by somebody else, or has been changed since it was built"
)


@dataclass(frozen=True)
class AtHand:
    """`sdks` that programs may use. `strange` are the import names of those that were found and are
    not used, for what `WHY_STRANGE` says, and `notes` tell of these. `hint` says what
    to do where there are none."""

    sdks: tuple[Sdk, ...] = ()
    strange: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    hint: str = ""


def at_hand(cwd: Path, named: Resolved | None = None) -> AtHand:
    """The SDKs for programs that are begun in `cwd`, with what `named`, if that is given, says.

    Those in the project's folder for SDKs go before installed ones of the same server or import
    name, and before those beside the configuration that is named. A folder of SDKs may have come
    with a project that was cloned: of its SDKs, those are used that this user built, or has
    trusted, and that are since as they were. Compiled modules do not count for that, so they are
    removed here: nothing tells one that Python made from one that somebody put there for whoever
    imports the SDK.
    Raises `ConfigError` for a configuration that cannot be read.
    """
    near = nearest(cwd)
    there = installed()
    names = {sdk.package for sdk in there}
    own: dict[str, Sdk] = {}
    notes = []
    unused: list[str] = []
    folders = out_folders(cwd, near)
    beside = _folder_beside(named) if named is not None else None
    for folder in dict.fromkeys([*folders, *([beside] if beside else [])]):
        taken = set() if folder in folders else {sdk.key for sdk in own.values()}
        found = [sdk for sdk in sdks_in(folder) if sdk.key not in taken]
        for sdk in found:
            if is_trusted(sdk.folder):
                _remove_compiled(sdk.folder)
                own[sdk.package] = sdk
        strange = [sdk.package for sdk in found if sdk.package not in {*own, *names}]
        if strange:
            notes.append(_note(folder, strange))
            unused += strange
    keys = {sdk.key for sdk in own.values()}
    others = [sdk for sdk in there if sdk.package not in own and sdk.key not in keys]
    sdks = sorted([*own.values(), *others], key=lambda sdk: (sdk.server, sdk.package))
    return AtHand(tuple(sdks), tuple(unused), tuple(notes), _hint(near))


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

    Compiled modules, which do not count for that, are removed: Python would run them unread.
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
    for compiled in [*package.rglob("__pycache__")]:
        if compiled.is_symlink():
            with suppress(OSError):
                compiled.unlink()
        else:
            shutil.rmtree(compiled, ignore_errors=True)


def _note(folder: Path, packages: list[str]) -> str:
    command = shlex.join(["mcp-sdkgen", "trust", shown_path(folder)])
    names = ", ".join(packages[:8]) + (", …" if len(packages) > 8 else "")
    return (
        f"{names} in {shown_path(folder)}: not used, since {WHY_STRANGE}; "
        f"build it again with `mcp-sdkgen build`, or trust it as it is: {command}"
    )


def _hint(near: Config | None) -> str:
    if near is None or not near.paths:
        return "make a configuration: mcp-sdkgen add NAME -- COMMAND ARGS…; then: mcp-sdkgen build"
    return f"{shown_path(near.paths[-1])} names servers; build their SDKs: mcp-sdkgen build"
