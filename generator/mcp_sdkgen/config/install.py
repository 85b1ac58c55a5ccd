"""Our entry in the configuration of another program, put in and taken out; all else is kept."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mcp_sdkgen_runtime.config.display import shown_path
from mcp_sdkgen_runtime.config.document import parse
from mcp_sdkgen_runtime.files import replacing
from mcp_sdkgen_runtime.ownership import why_not_ours

from ..errors import ConfigError
from .clients import CLIENTS, is_served, paths
from .jsonc import NotEditable, with_member, without_member
from .settings import config_errors

BACKUP = ".before-mcp-sdkgen"
"""Appended to the name of a file that is changed: what it was before."""


@dataclass(frozen=True)
class Form:
    """How a program writes a server that it starts: the table, the entry, and its variables."""

    table: str
    entry: Callable[[str, Sequence[str]], Mapping[str, Any]]
    env: str = "env"


def _plain(command: str, args: Sequence[str]) -> Mapping[str, Any]:
    return {"command": command, "args": list(args)}


def _typed(command: str, args: Sequence[str]) -> Mapping[str, Any]:
    return {"type": "stdio", "command": command, "args": list(args)}


def _listed(command: str, args: Sequence[str]) -> Mapping[str, Any]:
    return {"type": "local", "command": [command, *args], "enabled": True}


FORMS: Mapping[str, Form] = {
    "claude-desktop": Form("mcpServers", _plain),
    "claude-code": Form("mcpServers", _typed),
    "cursor": Form("mcpServers", _plain),
    "vscode": Form("servers", _typed),
    "windsurf": Form("mcpServers", _plain),
    "codex": Form("mcp_servers", _plain),
    "gemini": Form("mcpServers", _plain),
    "opencode": Form("mcp", _listed, "environment"),
}


@dataclass(frozen=True)
class Change:
    """What is to become of a file: its text before and after. None for one that is not there."""

    path: Path
    before: str | None
    after: str

    @property
    def is_needed(self) -> bool:
        """Whether anything changes."""
        return self.after != (self.before or "")

    def write(self, *, backup: bool = True) -> Path | None:
        """Write it, keeping its permissions; returns the backup of what was there, if one is made.

        Raises `ConfigError`. A link stays a link: the file behind it is written.
        """
        # A link of another user's would lead to any file of this one's.
        place = self.path if os.path.lexists(self.path) else _existing(self.path)
        if why := why_not_ours(place):
            raise ConfigError(f"{shown_path(place)}: {why}", hint="remove it, or name another file")
        path = self.path.resolve()
        kept = None
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with replacing(path) as file:
                file.write(self.after.encode())
                if self.before is not None:
                    if backup:
                        kept = path.with_name(path.name + BACKUP)
                        with replacing(kept) as old:
                            old.write(path.read_bytes())
                            shutil.copymode(path, old.name)
                    shutil.copymode(path, file.name)
        except OSError as error:
            raise ConfigError(
                f"{shown_path(path)}: cannot be written: {error.strerror}",
                hint="check its permissions",
            ) from None
        return kept


def _existing(path: Path) -> Path:
    """The nearest folder around a file that is there."""
    return next(folder for folder in path.absolute().parents if folder.exists())


@config_errors()
def installed_entry(
    client: str, name: str, command: str, args: Sequence[str], env: Mapping[str, str]
) -> Change:
    """The change that makes a program start `command`, under `name`. Raises `ConfigError`.

    What was added by hand to an entry of ours, such as other variables than `env`, stays in it.
    """
    path, text, data = _now(client)
    form = FORMS[client]
    there = _entry(data, form.table, name)
    if there is not None and not _is_ours(there):
        raise ConfigError(
            f"{shown_path(path)}: {name!r} exists already, and mcp-sdkgen did not write it",
            hint="choose another --name",
        )
    entry = {**(there or {}), **form.entry(command, args)}
    if env:
        entry[form.env] = {**entry.get(form.env, {}), **env}
    if there == entry:
        return Change(path, text, text or "")
    return _changed(path, text, data, [form.table, name], entry)


@config_errors()
def removed_entry(client: str, name: str) -> Change:
    """The change that takes our entry out. Raises `ConfigError`."""
    path, text, data = _now(client)
    table = FORMS[client].table
    there = _entry(data, table, name)
    if there is None:
        return Change(path, text, text or "")
    if not _is_ours(there):
        raise ConfigError(
            f"{shown_path(path)}: {name!r} was not written by mcp-sdkgen",
            hint="name the entry of mcp-sdkgen with --name",
        )
    return _changed(path, text, data, [table, name], None)


def _is_ours(entry: Mapping[str, Any]) -> bool:
    command, args = entry.get("command"), entry.get("args", [])
    words = command if isinstance(command, list) else [command, *(args or [])]
    return bool(words) and is_served(str(words[0]), [str(word) for word in words[1:]])


def _now(client: str) -> tuple[Path, str | None, Mapping[str, Any]]:
    """A program's file: the one it has, or would have; its text and its data."""
    if client not in CLIENTS:
        raise ConfigError(f"unknown program {client!r}", hint=f"choose one of {', '.join(CLIENTS)}")
    places = paths(client)
    path = next((path for path in places if path.is_file()), places[0])
    if not path.is_file():
        return path, None, {}
    try:
        # Line ends as they are: reading as text would change them.
        text = path.read_bytes().decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{shown_path(path)}: cannot be read: {error}") from None
    data = parse(text, path) if text.strip() else {}
    if not isinstance(data, dict):
        raise ConfigError(f"{shown_path(path)}: not an object", hint=f"repair it with {client}")
    return path, text, data


def _entry(data: Mapping[str, Any], table: str, name: str) -> Mapping[str, Any] | None:
    servers = data.get(table)
    entry = servers.get(name) if isinstance(servers, dict) else None
    return entry if isinstance(entry, dict) else None


def _changed(
    path: Path, text: str | None, data: Mapping[str, Any], where: list[str], entry: Any
) -> Change:
    edit = _toml if path.suffix == ".toml" else _json
    try:
        after = edit(text or "", where, entry)
    except (NotEditable, RecursionError) as error:
        raise ConfigError(
            f"{shown_path(path)}: cannot be edited: {error}", hint="add the entry by hand"
        ) from None
    table, name = where
    servers = {key: value for key, value in data.get(table, {}).items() if key != name}
    wanted = {**data, table: servers if entry is None else {**servers, name: entry}}
    # TOML has no table that is empty and not written.
    if {table: {}, **parse(after, path)} != wanted:
        raise ConfigError(
            f"{shown_path(path)}: cannot be edited without changing other entries",
            hint="add the entry by hand",
        )
    return Change(path, text, after)


def _json(text: str, where: list[str], entry: Any) -> str:
    return without_member(text, where) if entry is None else with_member(text, where, entry)


def _toml(text: str, where: list[str], entry: Any) -> str:
    # Deferred: what is asked of this module most often is whether a command line is ours.
    import tomlkit
    from tomlkit.exceptions import TOMLKitError

    try:
        document = tomlkit.parse(text)
        table, name = where
        if entry is None:
            del document[table][name]
        else:
            if table not in document:
                document[table] = tomlkit.table(is_super_table=True)
            if name in document[table]:
                document[table][name].update(entry)
            else:
                made = tomlkit.table()
                made.update(entry)
                made.add(tomlkit.nl())
                document[table][name] = made
        return tomlkit.dumps(document)
    except TOMLKitError as error:
        raise NotEditable(str(error)) from error
