"""Files that name servers, in the style of `mcp.json`: finding them and reading their entries."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from ..errors import ConfigurationError
from ..ownership import is_ours
from .display import home_folder, shown_path
from .document import MAX_BYTES, data_of, read
from .entries import Place, read_entry
from .entry import ServerConfig, Servers, Transport
from .trust import EDITOR_FOLDERS, found_content, is_trusted, refusal

OWN_FILES = ("mcp-sdkgen.toml", "pyproject.toml")
PROJECT_FILES = ("mcp.json", ".mcp.json", ".cursor/mcp.json", ".vscode/mcp.json")

_SERVER_TABLES = ("mcpServers", "servers", "mcp_servers")
_ENTRY_KEYS = frozenset({"command", "url", "type", "enabled"})


def candidates(start: Path) -> Iterator[tuple[Path, str]]:
    """The files in `start` and the folders above it, nearest first, and why each is not heeded.

    Per folder the order is `mcp-sdkgen.toml`, `pyproject.toml` with a `[tool.mcp-sdkgen]`,
    `mcp.json`, `.mcp.json`, `.cursor/mcp.json`, `.vscode/mcp.json`. `~/.cursor/mcp.json` is left
    out: it is Cursor's own.
    """
    home = home_folder()
    for folder in (start, *start.parents):
        for name in (*OWN_FILES, *PROJECT_FILES):
            path = folder / name
            if (folder == home and name == ".cursor/mcp.json") or not _is_file(path):
                continue
            if name == "pyproject.toml" and not (is_ours(path) and _mentions_us(path)):
                continue
            yield path, refusal(path)


def servers_of(path: Path, content: bytes | None = None) -> Servers:
    """The servers of one file of any known form, whose content is read unless it is given.

    Raises `ConfigurationError` when the file as a whole cannot be used; a bad entry only ends up in
    `Servers.broken`.
    """
    data, place = own_part(path, read(path) if content is None else data_of(content, path))
    return servers_in(data, place) or Servers()


def found_servers(path: Path, content: bytes, further: Iterable[Path]) -> Servers:
    """The servers of a file that was found with `content`, as `judged` judges them. Raises
    `ConfigurationError` as `servers_of` does."""
    return judged(servers_of(path, content), path, content, further)


def judged(servers: Servers, path: Path, content: bytes, further: Iterable[Path]) -> Servers:
    """The servers of a file that was found, each with whether its user has trusted the file.

    Where not, one that a trusted file of those `further` up says otherwise is broken: who puts a
    file nearer must not stand in for what is trusted. Raises `ConfigurationError` for a trusted
    file that cannot be read.
    """
    if is_trusted(path, content):
        return servers
    trusted = _trusted(further) if servers.usable else {}
    usable, broken = [], [*servers.broken]
    for server in servers.usable:
        other, same = trusted.get(server.name, (None, None))
        if other is None:
            usable.append(replace(server, untrusted=str(path)))
        elif same is not None and _is_same(server, same):
            usable.append(same)
        else:
            broken.append((server.name, _replaces(server.name, path, other)))
    return replace(servers, usable=tuple(usable), broken=tuple(broken))


def _replaces(name: str, path: Path, other: Path) -> ConfigurationError:
    command = shlex.join(["mcp-sdkgen", "trust", str(path)])
    return ConfigurationError(
        f"{shown_path(path)}: {name!r} is another server than in {shown_path(other)}, which you "
        "have trusted, while you have not trusted this file as it is now",
        hint=f"rename it here, or trust this file: {command}",
    )


def _trusted(paths: Iterable[Path]) -> dict[str, tuple[Path, ServerConfig | None]]:
    """The servers that trusted files name, the nearest of each name; None for one that is broken or
    disabled there."""
    found: dict[str, tuple[Path, ServerConfig | None]] = {}
    for path in paths:
        if not is_trusted(path, content := found_content(path)):
            continue
        servers = servers_of(path, content)
        for server in servers.usable:
            found.setdefault(server.name, (path, server))
        for name, _ in (*servers.broken, *servers.disabled):
            found.setdefault(name, (path, None))
    return found


def _is_same(one: ServerConfig, other: ServerConfig) -> bool:
    """Whether two entries mean the same server: one at an address is, wherever it is named."""
    if one.transport is not Transport.STDIO:
        one, other = (replace(each, workspace=Path()) for each in (one, other))
    return replace(one, origin="") == replace(other, origin="")


def own_part(path: Path, data: Any) -> tuple[dict[str, Any], Place]:
    """Of a file's data what is ours, and its place: `[tool.mcp-sdkgen]` of a `pyproject.toml`.

    Raises `ConfigurationError` for data of another form.
    """
    place = Place(shown_path(path), "", _workspace(path))
    if path.name == "pyproject.toml":
        for key in ("tool", "mcp-sdkgen"):
            data, place = data.get(key, {}) if isinstance(data, dict) else data, place / key
    if not isinstance(data, dict):
        raise place.error("not an object", 'write {"mcpServers": {…}}')
    for key in _SERVER_TABLES:
        if key in data and not isinstance(data[key], dict):
            raise (place / key).error("not a table of servers", "write an entry for each name")
    return data, place


def is_configuration(data: Any) -> bool:
    """Whether parsed JSON looks like a configuration file of any known program."""
    return isinstance(data, dict) and _tables(data, Place("", "", Path())) != []


def servers_in(data: Mapping[str, Any], place: Place) -> Servers | None:
    """The servers of a parsed file, or `None` when it has no table of servers."""
    tables = _tables(data, place)
    if not tables:
        return None
    inputs = _inputs(data)
    usable: list[ServerConfig] = []
    broken: list[tuple[str, ConfigurationError]] = []
    disabled: list[tuple[str, str]] = []
    for table, where in tables:
        for name, entry in table.items():
            if is_disabled(entry):
                disabled.append((name, where.file))
                continue
            try:
                usable.append(read_entry(name, entry, where / name, inputs))
            except ConfigurationError as error:
                broken.append((name, error))
    return Servers(tuple(usable), tuple(broken), tuple(disabled))


def is_disabled(entry: Any) -> bool:
    """Whether an entry says that its server is not to be used."""
    return isinstance(entry, Mapping) and (
        entry.get("disabled") is True or entry.get("enabled") is False
    )


def _tables(data: Mapping[str, Any], place: Place) -> list[tuple[dict[str, Any], Place]]:
    """Every table of servers in a file: most have one, and where it is depends on the program."""
    found = [(data[key], place / key) for key in _SERVER_TABLES if isinstance(data.get(key), dict)]
    mcp = data.get("mcp")
    if isinstance(mcp, dict):
        if isinstance(mcp.get("servers"), dict):
            found.append((mcp["servers"], place / "mcp" / "servers"))
        elif any(isinstance(entry, dict) and entry.keys() & _ENTRY_KEYS for entry in mcp.values()):
            found.append((mcp, place / "mcp"))
    return found


def _inputs(data: Mapping[str, Any]) -> dict[str, str | None]:
    inputs = data.get("inputs")
    found: dict[str, str | None] = {}
    for item in inputs if isinstance(inputs, list) else ():
        if isinstance(item, dict) and isinstance(item.get("id"), str):
            default = item.get("default")
            found[item["id"]] = default if isinstance(default, str) else None
    return found


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # in a folder that this user may not look into
        return False


def _mentions_us(path: Path) -> bool:
    """Whether it is worth parsing: most projects have a `pyproject.toml`, and few a part for us."""
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except OSError:
        return False
    return b"mcp-sdkgen" in content or len(content) > MAX_BYTES


def _workspace(path: Path) -> Path:
    folder = path.absolute().parent
    return folder.parent if folder.name in EDITOR_FOLDERS else folder
