"""A project's own configuration, with a server put in or taken out; all else is kept."""

from __future__ import annotations

import os
import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import tomlkit
from mcp_sdkgen_runtime.config.display import shown_path
from mcp_sdkgen_runtime.config.entries import Place, read_entry
from mcp_sdkgen_runtime.config.mcp_json import candidates, own_part, servers_in
from mcp_sdkgen_runtime.config.trust import is_trusted, say
from tomlkit.exceptions import TOMLKitError

from ..errors import ConfigError
from .install import Change
from .jsonc import NotEditable, with_member, without_member
from .settings import config_errors, folder_of, parsed, read, read_found

DEFAULT_FILE = "mcp.json"
_TABLES = ("mcpServers", "servers", "mcp_servers")


def project_file(cwd: Path) -> Path:
    """The configuration that names the servers of a project: the nearest one of this user's that
    names some, or else an `mcp.json` to be made in `cwd`.

    Raises `ConfigError`, also where that is a link out of its folder: it would change another file.
    """
    for path, refused in candidates(cwd.absolute()):
        if refused or not _is_own(path):
            continue
        if _table_of(path, parsed(read_found(path), path)) is not None:
            return _in_its_folder(path)
    return _in_its_folder(cwd.absolute() / DEFAULT_FILE)


def _in_its_folder(path: Path) -> Path:
    real = path.resolve()
    if not real.is_relative_to(folder_of(path).resolve()):
        raise ConfigError(
            f"{shown_path(path)}: is a link out of its folder, to {shown_path(real)}",
            hint=f"remove the link, or name the file: --config {shlex.quote(str(real))}",
        )
    if os.path.lexists(real) and not real.is_file():
        raise ConfigError(f"{shown_path(path)}: is no regular file", hint="remove it")
    return path


def _is_own(path: Path) -> bool:
    """Whether a file is this user's own: root's is heeded, and not to be changed by others."""
    return not hasattr(os, "getuid") or path.stat().st_uid == os.getuid()


@config_errors()
def add_server(path: Path, name: str, entry: Mapping[str, Any]) -> Change:
    """Put a server into a configuration file and write it; returns what changed.

    The file is trusted afterwards if it was before, or was not there. Raises `ConfigError`, also
    for a name that is taken.
    """
    read_entry(name, dict(entry), Place(shown_path(path), "", path.parent), {})
    text, data = _now(path)
    there = _servers(path, data).get(name)
    if there is not None and there != entry:
        raise ConfigError(
            f"{shown_path(path)}: {name!r} exists already, as another server",
            hint=f"choose another name, or remove that one first: mcp-sdkgen remove {name}",
        )
    after = text or "" if there is not None else _edited(path, text or "", data, name, entry)
    return _written(Change(path, text, after))


@config_errors()
def remove_server(path: Path, name: str) -> Change:
    """Take a server out of a configuration file and write it; returns what changed.

    Raises `ConfigError`, also for a name that is not there.
    """
    text, data = _now(path)
    if text is None:
        raise ConfigError(
            f"{shown_path(path)}: there is no such file, and so no server {name!r}",
            hint="name the configuration with --config",
        )
    known = _servers(path, data)
    if name not in known:
        raise ConfigError(
            f"{shown_path(path)}: there is no server {name!r}",
            hint=f"servers: {', '.join(map(repr, known)) or 'none'}",
        )
    return _written(Change(path, text, _edited(path, text or "", data, name, None)))


def _written(change: Change) -> Change:
    ours = change.before is None or is_trusted(change.path)
    if change.is_needed:
        change.write(backup=False)
    if ours:
        say(change.path, trusted=True)
    return change


def _now(path: Path) -> tuple[str | None, Mapping[str, Any]]:
    if not path.exists():
        return None, {}
    data = read(path)
    if not isinstance(data, dict):
        raise ConfigError(f"{shown_path(path)}: not an object", hint='write {"mcpServers": {…}}')
    return path.read_bytes().decode("utf-8-sig"), data


def _table_of(path: Path, data: Any) -> list[str] | None:
    """Where the servers of a file stand, or `None` where it names none."""
    start = ["tool", "mcp-sdkgen"] if path.name == "pyproject.toml" else []
    ours, place = own_part(path, data)
    for key in _TABLES:
        if isinstance(ours.get(key), dict):
            return [*start, key]
    inner = ours.get("mcp")
    if isinstance(inner, dict) and servers_in(ours, place) is not None:
        return ["mcp", "servers"] if isinstance(inner.get("servers"), dict) else ["mcp"]
    return None


def _servers(path: Path, data: Mapping[str, Any]) -> Mapping[str, Any]:
    found: Any = data
    where = _table_of(path, data)
    for key in where or ():
        found = found[key]
    return found if where else {}


def _edited(
    path: Path, text: str, data: Mapping[str, Any], name: str, entry: Mapping[str, Any] | None
) -> str:
    where = _table_of(path, data) or [
        "servers" if path.suffix == ".toml" or path.parent.name == ".vscode" else "mcpServers"
    ]
    try:
        if path.suffix == ".toml":
            return _toml(text, [*where, name], entry)
        return (
            without_member(text, [*where, name])
            if entry is None
            else with_member(text, [*where, name], entry)
        )
    except (NotEditable, TOMLKitError, RecursionError) as error:
        raise ConfigError(
            f"{shown_path(path)}: cannot be edited: {error}", hint="change the entry by hand"
        ) from None


def _toml(text: str, where: Sequence[str], entry: Mapping[str, Any] | None) -> str:
    document = tomlkit.parse(text)
    table: Any = document
    for key in where[:-1]:
        if key not in table:
            table[key] = tomlkit.table(is_super_table=True)
        table = table[key]
    if entry is None:
        del table[where[-1]]
    else:
        made = tomlkit.table()
        made.update(entry)
        table[where[-1]] = made
    return tomlkit.dumps(document)
