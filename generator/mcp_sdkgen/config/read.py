"""Configuration files of a project, and any file that is given by name."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from mcp_sdkgen_runtime.config.trust import is_trusted

from ..errors import ConfigError
from .document import read
from .entries import Place, check_name, seconds, server
from .entry import Config, ServerConfig
from .secrets import shown_path

OWN_FILES = ("mcp-sdkgen.toml", "pyproject.toml")
PROJECT_FILES = ("mcp.json", ".mcp.json", ".cursor/mcp.json", ".vscode/mcp.json")

_OWN_KEYS = frozenset({"servers", "out", "packages", "policy", "timeout_s"})
_SERVER_TABLES = ("mcpServers", "servers", "mcp_servers")


def load(path: Path, data: Any = None) -> Config:
    """Read one configuration file of any known form.

    `data` is the file's content when the caller has it already. Raises `ConfigError` when the
    file as a whole cannot be used; a bad entry only ends up in `Config.broken`.
    """
    data = read(path) if data is None else data
    place = Place(shown_path(path), "", _workspace(path))
    if path.name == "pyproject.toml":
        tool = data.get("tool", {})
        data, place = tool.get("mcp-sdkgen", {}), place / "tool" / "mcp-sdkgen"
    if not isinstance(data, dict):
        raise place.error("not an object", 'write {"mcpServers": {…}}')
    if path.name in OWN_FILES or (path.suffix == ".toml" and "mcp_servers" not in data):
        return replace(_own(data, place), paths=(path,))
    found = servers_in(data, place)
    if found is None:
        raise place.error(
            "no servers in it", 'put them under "mcpServers" (or "servers", as in VS Code)'
        )
    return replace(found, paths=(path,))


def nearest(cwd: Path) -> Config | None:
    """The configuration nearest upward from `cwd`, or `None`. Raises `ConfigError`.

    Per folder the order is `mcp-sdkgen.toml`, `[tool.mcp-sdkgen]` in `pyproject.toml`, `mcp.json`,
    `.mcp.json`, `.cursor/mcp.json`, `.vscode/mcp.json`. One of our own files without servers adds
    its settings to the servers of the next file. A file above `cwd` that belongs to another user
    is passed over with a note, because it says what to run; so is `~/.cursor/mcp.json`, which is
    Cursor's own and read with `--from cursor`.
    """
    settings = Config()
    notes: tuple[str, ...] = ()
    for path in _candidates(cwd.absolute()):
        if not is_trusted(path, cwd.absolute()):
            notes = (*notes, f"{shown_path(path)} was passed over: it belongs to another user")
            continue
        data = read(path)
        if path.name == "pyproject.toml" and "mcp-sdkgen" not in _tool(data):
            continue
        config = load(path, data)
        if path.name in OWN_FILES and not (config.servers or config.broken or config.notes):
            settings = _with_settings(config, settings)
            continue
        config = _with_settings(config, settings)
        return replace(config, notes=(*notes, *config.notes))
    return settings if settings.paths else None


def _with_settings(config: Config, settings: Config) -> Config:
    """`config` with the settings of a file that was nearer."""
    return replace(
        config,
        out=settings.out or config.out,
        packages={**config.packages, **settings.packages},
        timeout_s=settings.timeout_s or config.timeout_s,
        policy=settings.policy or config.policy,
        paths=(*settings.paths, *config.paths),
    )


def is_configuration(data: Any) -> bool:
    """Whether parsed JSON looks like a configuration file of any known program."""
    return isinstance(data, dict) and _tables(data, Place("", "", Path())) != []


def servers_in(data: Mapping[str, Any], place: Place) -> Config | None:
    """The servers of a parsed file, or `None` when it has no table of servers."""
    tables = _tables(data, place)
    if not tables:
        return None
    inputs = _inputs(data)
    servers: list[ServerConfig] = []
    broken: list[tuple[str, ConfigError]] = []
    notes: list[str] = []
    for table, where in tables:
        for name, entry in table.items():
            try:
                config = server(name, entry, where / name, inputs)
            except ConfigError as error:
                if isinstance(entry, dict) and (
                    entry.get("disabled") is True or entry.get("enabled") is False
                ):
                    notes.append(f"{name!r} is disabled in {where.file}")
                else:
                    broken.append((name, error))
                continue
            if config.disabled:
                notes.append(f"{name!r} is disabled in {where.file}")
            else:
                servers.append(config)
    return Config(tuple(servers), tuple(broken), tuple(notes))


def _tables(data: Mapping[str, Any], place: Place) -> list[tuple[dict[str, Any], Place]]:
    """Every table of servers in a file: most have one, and where it is depends on the program."""
    found = [(data[key], place / key) for key in _SERVER_TABLES if isinstance(data.get(key), dict)]
    mcp = data.get("mcp")
    if isinstance(mcp, dict):
        if isinstance(mcp.get("servers"), dict):
            found.append((mcp["servers"], place / "mcp" / "servers"))
        elif any(
            isinstance(entry, dict) and entry.keys() & {"command", "url", "type", "enabled"}
            for entry in mcp.values()
        ):
            found.append((mcp, place / "mcp"))
    return found


def _own(data: dict[str, Any], place: Place) -> Config:
    for key in data:
        if key not in _OWN_KEYS:
            raise (place / key).error(
                "an unknown key", f"the keys are {', '.join(sorted(_OWN_KEYS))}"
            )
    packages = data.get("packages", {})
    if not isinstance(packages, dict):
        raise (place / "packages").error("not a table", 'write weather = "acme_weather"')
    for name, package in packages.items():
        check_name(name, place / "packages")
        if not isinstance(package, str) or not re.fullmatch(r"[a-z][a-z0-9_]*", package):
            raise (place / "packages" / name).error(
                "not the name of a package", "write lower-case letters, digits and underscores"
            )
    out = data.get("out")
    if out is not None and (not isinstance(out, str) or not out):
        raise (place / "out").error("not text", 'write a folder, such as "sdks"')
    timeout = data.get("timeout_s")
    policy = data.get("policy", {})
    if not isinstance(policy, dict):
        raise (place / "policy").error("not a table", 'write allow = ["SERVER/TOOL"]')
    found = servers_in(data, place) or Config()
    if "servers" in data and not isinstance(data["servers"], dict):
        raise (place / "servers").error("not a table", "write [servers.NAME] tables")
    return replace(
        found,
        out=place.workspace / out if out else None,
        packages=dict(packages),
        timeout_s=None if timeout is None else seconds(timeout, place / "timeout_s"),
        policy=policy,
    )


def _inputs(data: Mapping[str, Any]) -> dict[str, str | None]:
    inputs = data.get("inputs")
    found: dict[str, str | None] = {}
    for item in inputs if isinstance(inputs, list) else ():
        if isinstance(item, dict) and isinstance(item.get("id"), str):
            default = item.get("default")
            found[item["id"]] = default if isinstance(default, str) else None
    return found


def _candidates(cwd: Path) -> Iterator[Path]:
    home = Path.home()
    for folder in (cwd, *cwd.parents):
        for name in (*OWN_FILES, *PROJECT_FILES):
            if folder == home and name == ".cursor/mcp.json":
                continue
            if (folder / name).is_file():
                yield folder / name


def _tool(data: Any) -> Mapping[str, Any]:
    tool = data.get("tool") if isinstance(data, dict) else None
    return tool if isinstance(tool, dict) else {}


def _workspace(path: Path) -> Path:
    folder = path.absolute().parent
    return folder.parent if folder.name in (".vscode", ".cursor") else folder
