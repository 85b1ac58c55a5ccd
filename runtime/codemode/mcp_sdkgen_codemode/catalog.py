"""What is installed, and what a reader needs of it: read from the packages, never imported."""

from __future__ import annotations

import ast
import json
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.machinery import PathFinder
from importlib.metadata import EntryPoint, distributions, entry_points
from importlib.util import find_spec
from pathlib import Path
from typing import Any

GROUP = "mcp_sdkgen.sdks"

_SERVER = re.compile(r'^    SERVER = (".*")$', re.MULTILINE)


@dataclass(frozen=True)
class Sdk:
    """An installed SDK: the slug of its server, its import name, distribution, version, folder."""

    server: str
    package: str
    distribution: str
    version: str
    folder: Path

    @property
    def key(self) -> str:
        """The key of its server, as in `mcp.json`: what bindings and policies go by."""
        found = _SERVER.search((self.folder / "client.py").read_text(encoding="utf-8"))
        key = ast.literal_eval(found[1]) if found else self.server
        return str(key)

    @property
    def definitions(self) -> Mapping[str, Mapping[str, Any]]:
        """The tool definitions it was generated from, by wire name. Foreign data."""
        paths = sorted((self.folder / "tools").glob("*.json"))
        found = [json.loads(path.read_bytes()) for path in paths]
        return {definition["name"]: definition for definition in found}

    @property
    def surface(self) -> str:
        """The whole SDK on one page, in stub syntax. Holds text from the server."""
        return (self.folder / "surface.pyi").read_text(encoding="utf-8")

    @property
    def tools(self) -> tuple[str, ...]:
        """The method names of its tools, sorted."""
        return tuple(sorted(path.stem for path in (self.folder / "docs").glob("*.md")))

    def page(self, tool: str) -> str:
        """The Markdown page of one tool, by method name. Raises `KeyError` for an unknown one."""
        if tool not in self.tools:
            raise KeyError(tool)
        return (self.folder / "docs" / f"{tool}.md").read_text(encoding="utf-8")


def installed(paths: Iterable[str | Path] = ()) -> tuple[Sdk, ...]:
    """The SDKs in this environment, by server. An SDK whose files are gone is left out.

    `paths` are further folders with installed packages; what is there goes before the same import
    name of this environment.
    """
    folders = [str(path) for path in paths]
    there = (
        entry
        for distribution in (distributions(path=folders) if folders else ())
        for entry in distribution.entry_points.select(group=GROUP)
    )
    found: dict[str, Sdk] = {}
    for sdk in [_sdk(entry, folders) for entry in there] + [
        _sdk(entry) for entry in entry_points(group=GROUP)
    ]:
        if sdk:
            found.setdefault(sdk.package, sdk)
    return tuple(sorted(found.values(), key=lambda sdk: (sdk.server, sdk.package)))


def at(folder: Path) -> Sdk:
    """The SDK in the source folder that `mcp-sdkgen build` made, installed or not.

    Raises `ValueError` when the folder holds none.
    """
    try:
        project = tomllib.loads((folder / "pyproject.toml").read_text(encoding="utf-8"))["project"]
        [(server, package)] = project["entry-points"][GROUP].items()
    except (OSError, ValueError, KeyError) as error:
        raise ValueError(f"{folder}: no SDK made by mcp-sdkgen: {error}") from None
    return Sdk(server, package, project["name"], project["version"], folder / package)


def chosen(names: Iterable[str], among: Iterable[Sdk]) -> tuple[Sdk, ...]:
    """The SDKs that `names` mean: a server, a package, a distribution, or the folder of an SDK.

    Raises `ValueError` that tells what there is.
    """
    known = tuple(among)
    found: dict[str, Sdk] = {}
    for name in names:
        of_name = [s for s in known if name in (s.server, s.key, s.package, s.distribution)]
        if not of_name and (Path(name) / "pyproject.toml").is_file():
            of_name = [at(Path(name).resolve())]
        if not of_name:
            there = ", ".join(sdk.server for sdk in known) or "none"
            raise ValueError(f"no SDK {name!r}; installed are: {there}")
        found.update({sdk.package: sdk for sdk in of_name})
    return tuple(found.values())


def _sdk(entry: EntryPoint, folders: list[str] | None = None) -> Sdk | None:
    spec = PathFinder.find_spec(entry.value, folders) if folders else find_spec(entry.value)
    if spec is None or spec.origin is None or entry.dist is None:
        return None
    folder = Path(spec.origin).parent
    return Sdk(entry.name, entry.value, entry.dist.name, entry.dist.version, folder)
