"""`mcp-sdkgen trust`: a person's word on files of a project that were found."""

from __future__ import annotations

import shlex
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer
from mcp_sdkgen_codemode.library.analysis import PACKAGE
from mcp_sdkgen_codemode.library.folder import PROJECT_FOLDER, ProgramFolder
from mcp_sdkgen_runtime.config.display import shown_path
from mcp_sdkgen_runtime.config.mcp_json import candidates
from mcp_sdkgen_runtime.config.trust import forget, is_trusted, say, words

from ...config import Config, load, nearest
from ...config.settings import parsed, read_content
from ...errors import ConfigError
from ...provision.at_hand import sdks_in, trust_sdks
from ..as_written import rule_line, server_lines, setting_lines
from ..found_policy import read_policy
from ..show import note, safe, stderr, stdout


def trust(
    file: Annotated[
        Path | None,
        typer.Argument(
            metavar="FILE",
            help="A configuration, a folder of SDKs, a project's saved program or the folder of "
            "them; the nearest configuration if unset.",
            show_default=False,
        ),
    ] = None,
    is_list: Annotated[
        bool, typer.Option("--list", help="List the files that you have trusted or refused.")
    ] = False,
    is_forgotten: Annotated[
        bool, typer.Option("--forget", help="Forget whether you trusted the file.")
    ] = False,
) -> int:
    """Trust a file of a project as it is now: a configuration, SDKs, or saved programs.

    A configuration that is found in the working folder or above must be trusted: otherwise its
    `allow` rules are ignored, and `serve` starts none of its servers. A configuration that is named
    with --config needs no trust. A project's saved programs run by their names once they are
    trusted; read them first. A file that has changed must be trusted again. Exit code 0: done. 2:
    wrong usage.
    """
    if is_list:
        if file is not None or is_forgotten:
            raise ConfigError(
                "--list takes no FILE and no --forget", hint="run: mcp-sdkgen trust --list"
            )
        return _listed()
    path = _nearest() if file is None else file
    if (programs := _programs_at(path)) is not None:
        folder, names = programs
        return _trust_programs(folder, names, is_forgotten=is_forgotten)
    if path.is_dir():
        return _sdks(path, is_forgotten=is_forgotten)
    if is_forgotten:
        if not forget(path):
            raise ConfigError(
                f"{shown_path(path)}: you have neither trusted nor refused it", hint="see --list"
            )
        stdout.print(safe(f"{shown_path(path)}: forgotten"), soft_wrap=True)
        return 0
    if path.exists() and not path.is_file():
        raise ConfigError(
            f"{shown_path(path)}: not a file", hint="name a file, or a folder of SDKs"
        )
    content = read_content(path)
    effect = _effect_lines(load(path, parsed(content, path)))
    say(path, trusted=True, content=content)
    stdout.print(safe(f"{shown_path(path)}: trusted as it is now"), soft_wrap=True)
    for line in effect:
        stdout.print(safe(f"  {line}"), soft_wrap=True)
    if file is None:
        _tell_others()
    return 0


def _programs_at(path: Path) -> tuple[ProgramFolder, tuple[str, ...]] | None:
    """The saved programs of a project that a path means: one, by either of its files, or all in a
    folder. None where it means something else."""
    path = path.resolve()
    where = path if path.is_dir() else path.parent
    if (where.parent.name, where.name) != (PROJECT_FOLDER, PACKAGE):
        return None
    folder = ProgramFolder.of_project(where.parents[1])
    names = folder.names if path == where else (path.stem,)
    if not names:
        raise ConfigError(f"{shown_path(path)}: no programs are saved in it")
    return folder, names


def _trust_programs(folder: ProgramFolder, names: tuple[str, ...], *, is_forgotten: bool) -> int:
    """Trust programs, or take it back. One that cannot be trusted keeps none of the others."""
    code = 0
    for name in names:
        place = shown_path(folder.path / name)
        try:
            if is_forgotten:
                told = "forgotten" if folder.forget(name) else "nothing was decided"
            else:
                told = f"trusted as it is now: {folder.trust(name).signature}"
            stdout.print(safe(f"{place}: {told}"), soft_wrap=True)
        except (LookupError, ValueError) as error:
            stderr.print(safe(f"{place}: not trusted: {error.args[0]}", "red"), soft_wrap=True)
            code = 2
    return code


def _sdks(folder: Path, *, is_forgotten: bool) -> int:
    """Trust the SDKs in a folder, or take it back."""
    packages = [sdk.folder for sdk in sdks_in(folder)]
    if not packages:
        raise ConfigError(f"{shown_path(folder)}: holds no SDKs", hint="name the --out of a build")
    if is_forgotten:
        forgotten = [forget(package) for package in packages]
        if not any(forgotten):
            raise ConfigError(
                f"{shown_path(folder)}: you have neither trusted nor refused it", hint="see --list"
            )
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


def _tell_others() -> None:
    """Tell of further files that are in force here and not trusted: settings may stand in one, and
    servers in another."""
    with suppress(ConfigError):  # told by the verb that needs it
        near = nearest(Path.cwd())
        for path in near.paths if near is not None else ():
            if not is_trusted(path):
                command = shlex.join(["mcp-sdkgen", "trust", shown_path(path)])
                note(f"{shown_path(path)} is in force here too, and not trusted: {command}")


def _listed() -> int:
    for word in words():
        what = "trusted" if word.is_trusted else "not trusted"
        more = "" if word.is_current else ", but has changed or is gone"
        stdout.print(safe(f"{shown_path(word.path)}: {what}{more}"), soft_wrap=True)
    return 0


def _effect_lines(config: Config) -> list[str]:
    """What the file does, for whoever has just trusted it."""
    found = [line for server in config.servers for line in server_lines(server)]
    found += [rule_line(rule) for rule in read_policy(config.policy).rules]
    return [*found, *setting_lines(config)]
