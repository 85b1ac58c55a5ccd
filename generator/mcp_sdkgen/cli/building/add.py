"""`mcp-sdkgen add` and `mcp-sdkgen remove`"""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from mcp_sdkgen_runtime.config.command_line import shown_args
from mcp_sdkgen_runtime.config.display import is_secret_name, shown_path

from ...config import nearest
from ...config.project import add_server, project_file, remove_server
from ...errors import ConfigError
from ...lock.lock import sdk_folder
from ...provision.at_hand import out_folders
from ..show import safe, stderr, stdout
from ..usage import taken_apart

Name = Annotated[
    str, typer.Argument(metavar="NAME", help="The server's name in the configuration.")
]
File = Annotated[
    Path | None,
    typer.Option(
        "--config",
        metavar="FILE",
        help="The configuration to change; by default the nearest one that names "
        "servers, or else mcp.json.",
    ),
]


def add(
    context: typer.Context,
    name: Name,
    url: Annotated[
        str | None,
        typer.Argument(
            metavar="URL | -- COMMAND…",
            help="The server's URL; for a stdio server, its command after --.",
        ),
    ] = None,
    env: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME=VALUE",
            help="An environment variable of the command, such as 'TOKEN=${TOKEN}'.",
        ),
    ] = None,
    header: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME:VALUE", help="An HTTP header to send to the URL, such as 'X-Key:${KEY}'."
        ),
    ] = None,
    config: File = None,
) -> int:
    """Put a server into the project's configuration: `add NAME -- COMMAND ARGS…` or `add NAME URL`.

    Everything else in the file stays as it is, comments too. Exit code 0: the server is in the
    file. 2: wrong usage or configuration.
    """
    command: Sequence[str] | None = context.obj
    if (command is None) == (url is None) or command == []:
        raise ConfigError(
            "a server is a URL, or a command after --",
            hint="write: mcp-sdkgen add NAME -- COMMAND ARGS…, or: mcp-sdkgen add NAME URL",
        )
    if url is not None and "://" not in url:
        raise ConfigError(f"{url}: no URL", hint=_with_dashes(name, [], [url]))
    if header and url is None:
        raise ConfigError("--header goes with a URL", hint="use --env for a command")
    if env and url is not None:
        raise ConfigError("--env goes with a command", hint="use --header for a URL")
    pairs = _pairs(env, "=", "--env") | _pairs(header, ":", "--header")
    entry: dict[str, Any] = entry_of(command) if command else {"url": url}
    if pairs:
        entry["env" if command else "headers"] = pairs
    for key, value in pairs.items():
        if is_secret_name(key) and "$" not in value:
            note = (
                f"note: the value of {key} is in the file as plain text; write ${{{key}}} there "
                "to read it from the environment"
            )
            stderr.print(safe(note, "yellow"), soft_wrap=True)
    path = add_to_project(name, entry, config)
    stdout.print(safe(f"{name} is in {shown_path(path)}"), soft_wrap=True)
    if config is None:
        _tell_above(path)
    stderr.print(safe("next: mcp-sdkgen build"))
    return 0


def remove(name: Name, config: File = None) -> int:
    """Take a server out of the project's configuration; its SDK stays.

    Exit code 0: removed. 2: wrong usage or configuration, or there is no such server.
    """
    cwd = Path.cwd()
    change = remove_server(config or project_file(cwd), name)
    if config is None:
        _tell_above(change.path)
    stdout.print(safe(f"{name} is no longer in {shown_path(change.path)}"), soft_wrap=True)
    for out in out_folders(cwd, nearest(cwd)):
        if (folder := sdk_folder(out, name)).is_dir():
            stdout.print(safe(f"its SDK stays in {shown_path(folder)}"), soft_wrap=True)
    return 0


def add_to_project(name: str, entry: Mapping[str, Any], config: Path | None = None) -> Path:
    """Put a server into the project's configuration; returns the file. Raises `ConfigError`."""
    return add_server(config or project_file(Path.cwd()), name, entry).path


def _tell_above(path: Path) -> None:
    """Say that a file further up was changed, as of the project that the working folder is in."""
    if not path.is_relative_to(Path.cwd()):
        note = (
            f"note: {shown_path(path)} was changed, since it is the nearest configuration that "
            "names servers; --config FILE changes another"
        )
        stderr.print(safe(note, "yellow"), soft_wrap=True)


def entry_of(command: Sequence[str]) -> dict[str, Any]:
    """The entry of a server that is started by a command."""
    return {"command": command[0], "args": [*command[1:]]}


def add_command(name: str, words: Sequence[str]) -> str:
    """What to type to add a server, without what could be a credential."""
    return shlex.join(["mcp-sdkgen", "add", name, *shown_args(words)])


def usage_hint(words: Sequence[str], command: Any) -> str:
    """What to type where a command stands without the `--` before it, as in `add NAME npx -y x`."""
    options, others = taken_apart(words, command, 2)
    if len(others) < 2 or "://" in others[1] or any(word.startswith("-") for word in others[:2]):
        return ""
    return _with_dashes(others[0], options, others[1:])


def _with_dashes(name: str, options: Sequence[str], command: Sequence[str]) -> str:
    first = shlex.join(["mcp-sdkgen", "add", name, *shown_args(options)])
    return f"the command stands after --: {first} -- {shlex.join(shown_args(command))}"


def _pairs(given: Sequence[str] | None, sign: str, option: str) -> dict[str, str]:
    pairs = {}
    for text in given or ():
        key, found, value = text.partition(sign)
        if not found or not key.strip():
            raise ConfigError(
                f"{option} {key[:40]}: no {sign!r} in it", hint=f"write NAME{sign}VALUE"
            )
        pairs[key.strip(" ")] = value.strip(" \t") if sign == ":" else value
    return pairs
