"""What is installed and how a reader finds it: index, search, tool pages and model pages.

Everything is read from the packages' files, and no SDK is imported. The module itself needs nothing
beyond the standard library, so a program in a sandbox can use it: `from mcp_sdkgen_runtime import
catalog`. Pages, summaries and descriptions hold the servers' own words, which are data.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache
from importlib.machinery import PathFinder
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..schema.definitions import (
    ShippedLists,
    shipped_definition,
    shipped_definitions,
    shipped_lists,
)
from .page import tool_page
from .surface import Method, Surface, read_surface

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

GROUP = "mcp_sdkgen.sdks"

_DIGEST = re.compile(r'^ +digest="(sha256:[0-9a-f]{64})",$', re.MULTILINE)
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
        try:
            found = _SERVER.search((self.folder / "client.py").read_text(encoding="utf-8"))
        except OSError:
            return self.server
        return str(ast.literal_eval(found[1])) if found else self.server

    @property
    def definitions(self) -> Mapping[str, Mapping[str, Any]]:
        """The tool definitions it was generated from, by wire name. Foreign data."""
        return shipped_definitions(str(self.folder.absolute()))

    @property
    def shipped(self) -> ShippedLists:
        """All that it was generated from: tools, prompts and resources. Foreign data."""
        return shipped_lists(str(self.folder.absolute()))

    @property
    def surface(self) -> str:
        """The whole SDK on one page, in stub syntax. Holds text from the server."""
        return (self.folder / "surface.pyi").read_text(encoding="utf-8")

    @property
    def tools(self) -> tuple[str, ...]:
        """The method names of its tools, sorted."""
        return tuple(sorted(method.name for method in self.parts.methods))

    @property
    def parts(self) -> Surface:
        """The surface, taken apart. Raises `RuntimeError` if the file was changed into no stub."""
        try:
            return _parts(self, self.stamp)
        except SyntaxError as error:
            raise RuntimeError(
                f"{self.package}/surface.pyi cannot be read: {error}; install "
                f"{self.distribution} anew"
            ) from error

    @property
    def stamp(self) -> int:
        """When the surface was written, in nanoseconds: what is kept in memory depends on it."""
        return (self.folder / "surface.pyi").stat().st_mtime_ns

    def page(self, tool: str) -> str:
        """The Markdown page of one tool, by method name. Raises `KeyError` for an unknown one."""
        if tool not in self.tools:
            raise KeyError(tool)
        return tool_page(self.folder, self.parts, tool, self.definition(tool))

    def definition(self, tool: str) -> Mapping[str, Any]:
        """The tool as the server defined it, by method name. Raises `OSError` if it is not there,
        `ValueError` if the SDK's files are damaged."""
        path = self.folder / "tools" / f"{tool}.py"
        # The last one: what a server said can only stand before it, in a docstring.
        found = _DIGEST.findall(path.read_text(encoding="utf-8"))
        if not found:
            raise ValueError(f"{path.name} is no module of a tool")
        return shipped_definition(str(self.folder.absolute()), found[-1])


@dataclass(frozen=True)
class Entry:
    """One line of the index.

    `name` is what a program calls, `weather.get_forecast`. `signature` starts with it. `summary`
    is the first sentence of the server's description, `package` the SDK's import name. As text it
    is one line, a signature with a comment.
    """

    name: str
    signature: str
    summary: str
    server: str
    package: str

    def __str__(self) -> str:
        return f"{self.signature}  # {self.package}: {self.summary}"


def installed(paths: Iterable[str | Path] = ()) -> tuple[Sdk, ...]:
    """The SDKs in this environment, by server. An SDK whose files are gone is left out.

    `paths` are further folders with installed packages; what is there goes before the same import
    name of this environment. Where none is installed, those that can be imported all the same: in
    a sandbox they stand without their metadata.
    """
    # Deferred: it takes a while, and who has SDKs at hand need not look for them.
    from importlib.metadata import distributions, entry_points

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
    return tuple(sorted(found.values() or _importable(), key=_order))


def index(sdks: Iterable[Sdk] | None = None) -> tuple[Entry, ...]:
    """One entry for each tool of the SDKs (of all that are installed), by server and name."""
    return tuple(
        _entry(sdk, method)
        for sdk in _given(sdks)
        for method in sorted(sdk.parts.methods, key=lambda method: method.name)
    )


def entries(tools: Iterable[tuple[Sdk, str]]) -> tuple[Entry, ...]:
    """One entry for each of these tools, by SDK and method name, in their order. Those that an
    SDK's surface lacks are left out."""
    given = tuple(tools)
    wanted = {sdk: {m.name: m for m in sdk.parts.methods} for sdk in {sdk for sdk, _ in given}}
    return tuple(_entry(sdk, wanted[sdk][tool]) for sdk, tool in given if tool in wanted[sdk])


def page(name: str, sdks: Iterable[Sdk] | None = None) -> str:
    """The Markdown page of a tool, `weather.get_forecast`, with all its arguments and results.

    Raises `LookupError` for a name that does not exist, with the nearest one that does, and for
    one that several SDKs have; then the package's name before the dot says which is meant.
    """
    given = _given(sdks)
    server, _, tool = name.partition(".")
    if having := [sdk for sdk in _of(given, server) if tool in sdk.tools]:
        return _only(having, server, tool).page(tool)
    raise _unknown("tool", name, [f"{sdk.parts.instance}.{t}" for sdk in given for t in sdk.tools])


def model(name: str, sdks: Iterable[Sdk] | None = None) -> str:
    """A class of an SDK, `weather.Forecast`, as stub source, with every class it is made of.

    Raises `LookupError` as `page` does.
    """
    given = _given(sdks)
    server, _, wanted = name.partition(".")
    if having := [sdk for sdk in _of(given, server) if wanted in sdk.parts.models]:
        parts = _only(having, server, wanted).parts
        reached = parts.reached([wanted])
        return "\n\n".join(text for name, text in parts.models.items() if name in reached)
    every = [f"{sdk.parts.instance}.{each}" for sdk in given for each in sdk.parts.models]
    raise _unknown("class", name, every)


def _given(sdks: Iterable[Sdk] | None) -> tuple[Sdk, ...]:
    return installed() if sdks is None else tuple(sorted(sdks, key=_order))


def _order(sdk: Sdk) -> tuple[str, str]:
    return sdk.server, sdk.package


def _of(sdks: Sequence[Sdk], server: str) -> Iterator[Sdk]:
    """The SDK of that name, whether it is its instance's, its package's or its server's."""
    for sdk in sdks:
        if server in (sdk.server, sdk.package) or server == sdk.parts.instance:
            yield sdk


def _only(having: Sequence[Sdk], server: str, name: str) -> Sdk:
    """The one SDK that is meant: of several, the one whose import name was written."""
    if len(having) > 1 and server not in (packages := [sdk.package for sdk in having]):
        written = " or ".join(f"{package}.{name}" for package in packages)
        raise LookupError(f"several SDKs have {server}.{name}; write {written}")
    return next((sdk for sdk in having if sdk.package == server), having[0])


def _entry(sdk: Sdk, method: Method) -> Entry:
    name = f"{sdk.parts.instance}.{method.name}"
    return Entry(name, name + method.signature, method.summary, sdk.server, sdk.package)


def _unknown(kind: str, name: str, every: Sequence[str]) -> LookupError:
    near = get_close_matches(name, every, n=1)
    advice = f"; did you mean {near[0]!r}?" if near else "; catalog.index() lists all tools"
    return LookupError(f"no {kind} {name!r}{advice}")


@lru_cache(maxsize=1024)
def _parts(sdk: Sdk, stamp: int) -> Surface:
    return read_surface(sdk.surface)


def _importable() -> Iterator[Sdk]:
    for place in map(Path, sys.path):
        for surface in place.glob("*/surface.pyi"):
            package = surface.parent.name
            server = package.removesuffix("_sdk")
            yield Sdk(server, package, f"{server}-sdk", "", surface.parent)


def _sdk(entry: EntryPoint, folders: list[str] | None = None) -> Sdk | None:
    spec = PathFinder.find_spec(entry.value, folders) if folders else find_spec(entry.value)
    if spec is None or spec.origin is None or entry.dist is None:
        return None
    folder = Path(spec.origin).parent
    if not (folder / "surface.pyi").is_file():
        return None
    return Sdk(entry.name, entry.value, entry.dist.name, entry.dist.version, folder)
