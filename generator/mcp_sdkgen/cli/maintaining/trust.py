"""`mcp-sdkgen trust`: a person's word on configuration files that were found."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from mcp_sdkgen_runtime.config.display import shown_path
from mcp_sdkgen_runtime.config.mcp_json import candidates
from mcp_sdkgen_runtime.config.trust import forget, say, words

from ...config import Config, load
from ...config.settings import parsed, read_content
from ...errors import ConfigError
from ...provision.at_hand import sdks_in, trust_sdks
from ..found_policy import read_policy, shown_server
from ..show import safe, stdout


def trust(
    file: Annotated[
        Path | None,
        typer.Argument(
            metavar="FILE",
            help="A configuration, or a folder of SDKs; the nearest configuration if unset.",
            show_default=False,
        ),
    ] = None,
    is_list: Annotated[
        bool, typer.Option("--list", help="Show all files about which you decided.")
    ] = False,
    is_forgotten: Annotated[
        bool, typer.Option("--forget", help="Take back what was decided about the file.")
    ] = False,
) -> int:
    """Trust a configuration file that was found, as it is now.

    It may then say what is run and what is allowed. Of a file that is found in the working folder
    or above, and that is not trusted, `allow` rules are not heeded, and `serve` starts no server.
    A file that is named, with --config, needs no trust. When its content changes it is to be
    trusted anew. Exit code 0: done. 2: wrong usage.
    """
    if is_list:
        if file is not None or is_forgotten:
            raise ConfigError("--list goes with nothing else")
        return _listed()
    path = _nearest() if file is None else file
    if path.is_dir():
        return _sdks(path, is_forgotten=is_forgotten)
    if is_forgotten:
        if not forget(path):
            raise ConfigError(f"{shown_path(path)}: nothing was decided", hint="see --list")
        stdout.print(safe(f"{shown_path(path)}: forgotten"), soft_wrap=True)
        return 0
    content = read_content(path)
    effect = _effect_lines(load(path, parsed(content, path)))
    say(path, trusted=True, content=content)
    stdout.print(safe(f"{shown_path(path)}: trusted as it is now"), soft_wrap=True)
    for line in effect:
        stdout.print(safe(f"  {line}"), soft_wrap=True)
    return 0


def _sdks(folder: Path, *, is_forgotten: bool) -> int:
    """Trust the SDKs in a folder, or take it back."""
    packages = [sdk.folder for sdk in sdks_in(folder)]
    if not packages:
        raise ConfigError(f"{shown_path(folder)}: holds no SDKs", hint="name the --out of a build")
    if is_forgotten:
        forgotten = [forget(package) for package in packages]
        if not any(forgotten):
            raise ConfigError(f"{shown_path(folder)}: nothing was decided", hint="see --list")
    else:
        trust_sdks(packages)
    what = "forgotten" if is_forgotten else "trusted as it is now"
    for package in packages:
        stdout.print(safe(f"{shown_path(package)}: {what}"), soft_wrap=True)
    return 0


def _nearest() -> Path:
    for path, refused in candidates(Path.cwd()):
        if not refused:
            return path
    raise ConfigError("no configuration was found", hint="name a file")


def _listed() -> int:
    for word in words():
        what = "trusted" if word.is_trusted else "not trusted"
        more = "" if word.is_current else ", but has changed or is gone"
        stdout.print(safe(f"{shown_path(word.path)}: {what}{more}"), soft_wrap=True)
    return 0


def _effect_lines(config: Config) -> list[str]:
    """What the file does, for whoever has just trusted it."""
    found = [f"{server.name}: {shown_server(server)}" for server in config.servers]
    return found + [str(rule) for rule in read_policy(config.policy).rules]
