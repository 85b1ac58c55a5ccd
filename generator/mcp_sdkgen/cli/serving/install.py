"""`mcp-sdkgen install`"""

from __future__ import annotations

import difflib
import os
import shlex
import shutil
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from mcp_sdkgen_runtime.config.display import shown_path

from ...config import CLIENTS, ServerConfig, load, nearest
from ...config.install import Change, installed_entry, removed_entry
from ...errors import ConfigError
from .. import options
from ..show import note, safe, stdout
from ..usage import taken_apart


def install(
    program: Annotated[
        str, typer.Argument(metavar="PROGRAM", help=f"The host: {', '.join(CLIENTS)}.")
    ],
    config: options.Config = None,
    sdk: options.Sdks = None,
    allow: options.Allow = None,
    ask: options.Ask = None,
    deny: options.Deny = None,
    with_packages: options.With = "",
    suspend: options.Suspend = False,
    name: Annotated[str, typer.Option(help="The name of the entry.")] = "code-mode",
    remove: Annotated[bool, typer.Option("--remove", help="Remove the entry.")] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would change, and change nothing.")
    ] = False,
) -> int:
    """Make an MCP host start `mcp-sdkgen serve`.

    It adds one entry to the host's configuration of this user. Everything else in the file stays as
    it is, comments too, and a backup is kept beside it. The other options are passed on to `serve`.
    Exit code 0: done, or there was nothing to do. 2: wrong usage or configuration.
    """
    if not name or any(not (c.isascii() and (c.isalnum() or c in "-_")) for c in name):
        raise ConfigError(f"--name {name!r}: use letters, digits, - and _")
    if remove:
        change = removed_entry(program, name)
    else:
        # `-P`: hosts start it in the folder of an opened project, which must not be imported.
        args = ["-P", "-m", "mcp_sdkgen", "serve"]
        args += _arguments(config, sdk, suspend, with_packages)
        for option, patterns in (("--allow", allow), ("--ask", ask), ("--deny", deny)):
            args += [word for pattern in patterns or () for word in (option, pattern)]
        change = installed_entry(program, name, sys.executable, args, _path(config))
    _do(change, program, dry_run=dry_run)
    if config is None and not remove:
        _tell_not_served(program)
    if not (remove or dry_run) and change.is_needed:
        stdout.print(safe(f"restart {program} to use {name}"))
    return 0


def usage_hint(words: Sequence[str], command: Any) -> str:
    """The hosts that there are, where none is named."""
    _, others = taken_apart(words, command)
    return "" if others else f"name a host: {', '.join(CLIENTS)}"


def _arguments(
    config: Path | None, sdk: list[str] | None, suspend: bool, packages: str
) -> list[str]:
    found = []
    if config is not None:
        if not config.is_file():
            raise ConfigError(f"--config {config}: there is no such file", hint="name an mcp.json")
        found += ["--config", str(config.absolute())]
    found += [word for each in sdk or () for word in ("--sdk", each)]
    if packages:
        found += ["--with", packages]
    return [*found, "--suspend"] if suspend else found


def _tell_not_served(program: str) -> None:
    """Tell which servers an entry without a configuration leaves out: those of a file that was only
    found are never put into a host by themselves."""
    near = nearest(Path.cwd())
    if near is None or not near.servers:
        return
    file = near.paths[-1].absolute()
    command = shlex.join(["mcp-sdkgen", "install", program, "--config", str(file)])
    note(f"the servers of {shown_path(file)} are not part of it; to have it serve them: {command}")


def _path(config: Path | None) -> Mapping[str, str]:
    """The `PATH` of this shell, where servers need it to be found from a host's menu."""
    servers = load(config).servers if config is not None else ()
    return {"PATH": os.environ["PATH"]} if any(map(_only_here, servers)) else {}


def _only_here(server: ServerConfig) -> bool:
    """Whether this shell's `PATH` finds a server's command where the system's own does not."""
    found = shutil.which(server.command)
    without = shutil.which(server.command, path=os.defpath)
    if found is None or Path(server.command).parent != Path():
        return False
    # By folder: the Python of an environment is a link to the one that it was made with.
    return without is None or not Path(found).parent.samefile(Path(without).parent)


def _do(change: Change, program: str, *, dry_run: bool) -> None:
    where = shown_path(change.path)
    if not change.is_needed:
        stdout.print(safe(f"{where}: nothing to change"), soft_wrap=True)
        return
    if dry_run:
        before, after = (change.before or "").splitlines(), change.after.splitlines()
        # Without lines around: secrets of other servers may stand there.
        for line in [*difflib.unified_diff(before, after, where, where, n=0, lineterm="")]:
            stdout.print(safe(line), soft_wrap=True)
        return
    backup = change.write()
    stdout.print(safe(f"{where}: {'changed' if backup else 'made'}"), soft_wrap=True)
    if backup is not None:
        stdout.print(safe(f"backup: {shlex.quote(shown_path(backup))}"), soft_wrap=True)
