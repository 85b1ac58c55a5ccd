"""From the arguments of a command line to sources. Reads files; connects to nothing."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from mcp_sdkgen_runtime.config.display import is_secret_value, shown_path, shown_url

from ..config import (
    Config,
    ServerConfig,
    Transport,
    check_name,
    folder_of,
    is_configuration,
    load,
    load_client,
    nearest,
    read,
)
from ..errors import ConfigError, SdkgenError
from ..snapshot import FORMAT, Snapshot, lock_in
from .file import is_saved, saved
from .model import BrokenSource, SavedSource, ServerSource, Source

_GENERIC = re.compile(r"(mcp|sse|api|server|stream|streamable|http|messages?|v\d+|www|app|s)", re.I)


@dataclass(frozen=True)
class Resolved:
    """The sources of a command line, in its order, with distinct names.

    `notes` are lines for the user. `out`, `packages`, `timeout_s` and `policy` are those of the
    configuration, if one of our own files was read. `paths` are the configuration files.
    `is_default_out`: no file names `out`, and it is the folder beside the configuration.
    """

    sources: tuple[Source, ...] = ()
    notes: tuple[str, ...] = ()
    out: Path | None = None
    packages: Mapping[str, str] = field(default_factory=dict)
    timeout_s: float | None = None
    policy: Mapping[str, Any] = field(default_factory=dict)
    paths: tuple[Path, ...] = ()
    is_default_out: bool = False


def resolve(
    arguments: Sequence[str],
    *,
    name: str | None = None,
    command: Sequence[str] | None = None,
    from_client: str | None = None,
    cwd: Path | None = None,
) -> Resolved:
    """What a command line names.

    An argument is a configuration file, a folder with a configuration or a `snapshot.json`, an
    http(s) URL, a snapshot of ours, or a JSON file with a `tools/list` result. One that is no file
    is the name of a server: of the configurations that are named, else of the nearest. `command` is
    a stdio server's command line and needs `name`; otherwise `name` renames the only source, or
    picks the server of that name from a configuration. `from_client` reads another program's
    servers. With nothing at all, the configuration nearest upward from `cwd` is used.

    The same name twice is an error of the later source, unless both say the same; then it is
    there once. Raises `ConfigError` when an argument cannot be understood.
    """
    cwd = (cwd or Path.cwd()).absolute()
    servers = [argument for argument in arguments if _may_be_server(argument, cwd)]
    found: list[Source] = []
    configured: list[Source] = []
    config = Config()
    for argument in arguments:
        if argument in servers:
            continue
        sources, read_config = _argument(argument, name if command is None else None, cwd)
        found += sources
        configured += sources if read_config.paths else []
        config = _joined(config, read_config)
    if command is not None:
        found.append(_command(command, name, cwd))
    if from_client is not None:
        client = load_client(from_client, cwd=cwd)
        sources = _of_config(client)
        found += sources
        configured += sources
        config = _joined(config, client)
    if not configured and (servers or not found):
        near = _nearest(cwd, servers)
        configured, config = _of_config(near), _joined(config, near)
        found += configured
    if servers:
        named = _picked(configured, servers, cwd)
        found = [*(source for source in found if source not in configured), *named]
    if name is not None and command is None:
        found = _named(found, name)
    sources, notes = _distinct(found)
    return Resolved(
        tuple(sources),
        (*config.notes, *notes),
        config.out,
        config.packages,
        config.timeout_s,
        config.policy,
        config.paths,
        config.is_default_out,
    )


def _nearest(cwd: Path, servers: Sequence[str]) -> Config:
    """The configuration nearest upward, with the folder of its SDKs. Raises `ConfigError`."""
    near = nearest(cwd)
    if near is None or not near.paths:
        if servers:
            raise _no_such_file(servers[0], cwd)
        raise ConfigError(
            "no source was named and no configuration was found",
            detail="\n".join(near.notes if near else ()),
            hint="make one: mcp-sdkgen add NAME -- COMMAND ARGS…; or name an mcp.json, a URL "
            "or a saved tool list",
        )
    if near.out is not None:
        return near
    return replace(near, out=sdks_beside(near, cwd), is_default_out=True)


def _may_be_server(argument: str, cwd: Path) -> bool:
    """Whether a word is neither a URL nor a file, nor written as one."""
    if re.match(r"(?i)https?://", argument) or argument.endswith((".json", ".toml")):
        return False
    return not (cwd / Path(argument).expanduser()).exists()


def _picked(configured: Sequence[Source], servers: Sequence[str], cwd: Path) -> list[Source]:
    """The servers of those names. Raises `ConfigError` for one that there is not."""
    known = list(dict.fromkeys(source.name for source in configured))
    for name in servers:
        if name not in known:
            path = cwd / Path(name).expanduser()
            near = get_close_matches(name, known, n=1) or _near_files(path)
            meant = f"did you mean {near[0][:80]!r}? " if near else ""
            shown = ", ".join(repr(each[:80]) for each in known)
            raise ConfigError(
                f"{shown_path(path)}: no such file, and no server of that name",
                hint=f"{meant}servers: {shown}; a URL begins with http:// or https://, and a "
                "command is --name NAME -- COMMAND",
            )
    return [source for source in configured if source.name in servers]


def _no_such_file(argument: str, cwd: Path) -> ConfigError:
    path = cwd / Path(argument).expanduser()
    if near := _near_files(path):
        return ConfigError(
            f"{shown_path(path)}: no such file", hint=f"did you mean {near[0][:80]!r}?"
        )
    return ConfigError(
        f"{shown_path(path)}: no such file",
        hint="name an mcp.json that there is"
        if path.suffix in (".json", ".toml")
        else "a URL begins with http:// or https://; a command is --name NAME -- COMMAND",
    )


def _near_files(path: Path) -> list[str]:
    """The file beside a path that is not there which is most likely meant, by its name."""
    try:
        names = [each.name for each in path.parent.iterdir() if each.suffix in (".json", ".toml")]
    except OSError:
        return []
    return get_close_matches(path.name, sorted(names), n=1)


def sdks_beside(config: Config, cwd: Path) -> Path | None:
    """The SDKs' folder beside a configuration that was found further up than `cwd`."""
    if not config.paths:
        return None
    folder = folder_of(config.paths[-1])
    return None if folder == cwd else folder / "generated"


def only(source: str | Path, server: str | None = None) -> Source:
    """The one source that `source` names. Raises `ConfigError` when it names several or none."""
    found = resolve([str(source)], name=server).sources
    if len(found) != 1:
        known = ", ".join(repr(one.name[:80]) for one in found) or "none"
        raise ConfigError(
            f"{source}: holds several servers: {known}", hint="choose one with `server=`"
        )
    return found[0]


def _argument(argument: str, name: str | None, cwd: Path) -> tuple[list[Source], Config]:
    if re.match(r"(?i)https?://", argument):
        return [_url(argument, name, cwd)], Config()
    path = cwd / Path(argument).expanduser()
    if path.is_dir():
        path = _in_folder(path)
    if not path.exists():
        raise _no_such_file(argument, cwd)
    data = read(path)
    if isinstance(data, dict) and data.get("format") == FORMAT:
        return [_snapshot(path)], Config()
    if is_saved(data):
        return [_saved(data, path)], Config()
    if path.suffix == ".toml" or is_configuration(data):
        config = load(path, data)
        return _of_config(config), config
    raise ConfigError(
        f"{shown_path(path)}: neither a configuration nor a tool list",
        hint='it should hold "mcpServers" or "servers", or "tools": […], or be a snapshot',
    )


def _in_folder(folder: Path) -> Path:
    if (lock := lock_in(folder)) is not None:
        return lock
    config = nearest(folder)
    inside = [path for path in (config.paths if config else ()) if path.is_relative_to(folder)]
    if not inside:
        raise ConfigError(
            f"{shown_path(folder)}: a folder without a configuration or snapshot.json",
            hint="name a file in it",
        )
    return inside[-1]


def _url(url: str, name: str | None, cwd: Path) -> Source:
    name = name or name_of_url(url)
    check_name(name, "command line")
    return ServerSource(
        name,
        ServerConfig(name, Transport.HTTP, url=url, origin=shown_url(url), workspace=cwd),
    )


def name_of_url(url: str) -> str:
    """A short name for the server at `url`: what its path calls it, or else its host.

    Path segments that look like credentials are never taken.
    """
    try:
        parts = urlsplit(url)
        host = parts.hostname or "server"
    except ValueError:
        return "server"
    for segment in reversed(parts.path.split("/")):
        if re.fullmatch(r"[A-Za-z][\w.-]{1,30}", segment) and not (
            _GENERIC.fullmatch(segment) or is_secret_value(segment)
        ):
            return segment
    if re.fullmatch(r"[\d.]+|[^:\n]*+:.*", host):
        return "server"
    labels = host.split(".")
    if len(labels) > 2 and len(labels[-1]) == 2 and labels[-2] in ("co", "com", "org", "ac", "gov"):
        labels = labels[:-1]
    labels = labels[:-1] if len(labels) > 1 else labels
    telling = [label for label in labels if label and not _GENERIC.fullmatch(label)]
    return (telling or labels)[-1] or "server"


def _command(command: Sequence[str], name: str | None, cwd: Path) -> Source:
    if not command:
        raise ConfigError("no command after --", hint="write --name NAME -- COMMAND ARGS…")
    if not name:
        raise ConfigError(
            "a command needs a name", hint="write --name NAME before the -- of the command"
        )
    check_name(name, "--name")
    return ServerSource(
        name,
        ServerConfig(
            name,
            Transport.STDIO,
            command=command[0],
            args=tuple(command[1:]),
            origin="command line",
            workspace=cwd,
        ),
    )


def _snapshot(path: Path) -> Source:
    try:
        snapshot = Snapshot.load(path)
    except SdkgenError as error:
        return BrokenSource(path.stem, error)
    return SavedSource(snapshot.server, snapshot, shown_path(path))


def _saved(data: object, path: Path) -> Source:
    try:
        snapshot = saved(data, default_name=path.stem, shown=shown_path(path))
    except SdkgenError as error:
        return BrokenSource(path.stem, error)
    return SavedSource(snapshot.server, snapshot, shown_path(path))


def _of_config(config: Config) -> list[Source]:
    servers: list[Source] = [ServerSource(server.name, server) for server in config.servers]
    found = [*servers, *(BrokenSource(name, error) for name, error in config.broken)]
    if not found:
        files = ", ".join(shown_path(path) for path in config.paths)
        what = "all servers in it are disabled" if config.notes else "no servers in it"
        raise ConfigError(
            f"{files}: {what}",
            detail="\n".join(config.notes),
            hint="add one: mcp-sdkgen add NAME -- COMMAND ARGS…, or mcp-sdkgen add NAME URL",
        )
    return found


def _named(sources: list[Source], name: str) -> list[Source]:
    check_name(name, "--name")
    if len(sources) == 1 and isinstance(sources[0], SavedSource):
        only = sources[0]
        return [replace(only, name=name, snapshot=replace(only.snapshot, server=name))]
    picked = [source for source in sources if source.name == name]
    if not picked:
        known = ", ".join(repr(source.name[:80]) for source in sources) or "none"
        raise ConfigError(f"--name: no server {name!r} here", hint=f"servers: {known}")
    return picked


def _distinct(sources: list[Source]) -> tuple[list[Source], list[str]]:
    kept: dict[str, Source] = {}
    clashes: list[Source] = []
    notes = []
    for source in sources:
        first = kept.setdefault(source.name, source)
        if first is source:
            continue
        if _same(first, source):
            notes.append(f"{source.name!r} was named twice; it is taken once")
            continue
        clashes.append(
            BrokenSource(
                source.name,
                ConfigError(
                    f"{_origin(source)}: a second server named {source.name!r}; "
                    f"the first is {_origin(first)}",
                    hint="rename one of them, or build them in two runs with --name",
                ),
            )
        )
    return [*kept.values(), *clashes], notes


def _same(first: Source, second: Source) -> bool:
    if isinstance(first, ServerSource) and isinstance(second, ServerSource):
        return replace(first.config, origin="") == replace(second.config, origin="")
    if isinstance(first, SavedSource) and isinstance(second, SavedSource):
        return first.snapshot == second.snapshot
    return False


def _origin(source: Source) -> str:
    match source:
        case ServerSource(config=config):
            return config.origin
        case SavedSource(origin=origin):
            return origin
        case BrokenSource():
            return "an entry that cannot be used"


def _joined(first: Config, second: Config) -> Config:
    return replace(
        first,
        notes=(*first.notes, *second.notes),
        out=first.out or second.out,
        is_default_out=second.is_default_out if first.out is None else first.is_default_out,
        packages={**second.packages, **first.packages},
        timeout_s=first.timeout_s or second.timeout_s,
        policy=first.policy or second.policy,
        paths=(*first.paths, *second.paths),
    )
