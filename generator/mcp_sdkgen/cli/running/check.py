"""`mcp-sdkgen check`"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Final

import typer
from mcp_sdkgen_codemode import Sdk
from mcp_sdkgen_codemode.diagnostics import Diagnostic
from mcp_sdkgen_codemode.typecheck import Checker
from mcp_sdkgen_runtime.config.display import shown_path
from rich.text import Text

from ...errors import ConfigError
from ...names import chosen_package, package
from ...provision.at_hand import at_hand
from ...source import resolve
from .. import options
from ..extras import WATCH, how_to_install
from ..program_input import read_program
from ..run_spec import provisioned
from ..show import counted, print_json, safe, say, stderr, stdout

FORMAT = "mcp-sdkgen/check/1"
REJECTED = 3
_NOT_AVAILABLE: Final = re.compile(r"module '(\w+)' is not available")


def check(
    programs: Annotated[
        list[str],
        typer.Argument(
            metavar="FILE|FOLDER|-...", help="Programs, and folders of programs; - reads stdin."
        ),
    ],
    config: options.Config = None,
    sdk: options.Sdks = None,
    packages: options.With = "",
    watch: Annotated[
        bool, typer.Option("--watch", help="Check again whenever one of them changes.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for machines.")] = False,
) -> int:
    """Check programs against SDKs, without running them.

    Exit code 0: nothing is wrong. 3: a program is rejected. 2: an error of usage.
    """
    if watch and (as_json or "-" in programs):
        raise ConfigError("--watch takes files and folders only, and no --json")
    allowed = options.importable(packages)
    # Without SDKs at all, a program can still be right or wrong.
    sdks = provisioned(config, sdk).sdks if config or sdk else _here()
    unbuilt = _unbuilt(config, sdks)
    try:
        with Checker(sdks=sdks, packages=allowed) as checker:
            with stderr.status("starting the type checker"):  # shown on a terminal only
                checker.warm()
            code = _checked(checker, programs, unbuilt, as_json=as_json)
            if watch:
                _watch(checker, programs, unbuilt)
    except ValueError as error:
        raise ConfigError(
            str(error), hint="build and install that SDK, or choose another --sdk"
        ) from error
    except RuntimeError as error:
        raise ConfigError(
            str(error), hint="check that mypy is installed in this environment"
        ) from error
    return code


def _here() -> tuple[Sdk, ...]:
    here = at_hand(Path.cwd())
    for note in here.notes:
        stderr.print(safe(f"note: {note}", "yellow"), soft_wrap=True)
    return here.sdks


def _unbuilt(config: Path | None, sdks: Sequence[Sdk]) -> Mapping[str, str]:
    """The servers of the configuration that have no SDK here, as import name → what to say."""
    try:
        found = resolve([str(config)] if config else [])
    except ConfigError:  # there is none, or it names no servers
        return {}
    servers = {sdk.server for sdk in sdks}
    file = shown_path(config) if config else "the configuration"
    return {
        package(source.name, chosen_package(found.packages, source.name)): (
            f"{file} has the server {source.name!r}, without an SDK: mcp-sdkgen build"
        )
        for source in found.sources
        if source.name not in servers
    }


def _told_of_unbuilt(each: Diagnostic, unbuilt: Mapping[str, str]) -> Diagnostic:
    """The diagnostic, with another hint where an SDK is imported that only needs to be built."""
    match = _NOT_AVAILABLE.match(each.message) if each.code == "import-not-found" else None
    hint = unbuilt.get(match[1]) if match else None
    return each if hint is None else replace(each, hint=hint)


def _checked(
    checker: Checker,
    programs: Sequence[str],
    unbuilt: Mapping[str, str],
    *,
    as_json: bool = False,
) -> int:
    files = list(_files(programs))
    found = {file: checker.check(read_program(file)) for file in files}
    if unbuilt:
        found = {file: [_told_of_unbuilt(each, unbuilt) for each in found[file]] for file in files}
    code = REJECTED if any(found.values()) else 0
    if as_json:
        listed = [
            {"file": file, **each.as_json()}
            for file, mistakes in found.items()
            for each in mistakes
        ]
        print_json({"format": FORMAT, "exit_code": code, "diagnostics": listed})
    else:
        _show(found)
    return code


def _files(programs: Sequence[str]) -> Iterator[str]:
    """The files that are named, and the programs below each folder, each once. Raises
    `ConfigError`."""
    seen = set()
    for name in programs:
        path = Path(name)
        if name == "-" or not path.is_dir():
            found = [name]
        else:
            found = sorted(str(each) for each in path.rglob("*.py") if not _is_hidden(each, path))
            if not found:
                raise ConfigError(f"{name}: no Python files in this folder", hint="name a file")
        yield from (each for each in found if each not in seen)
        seen.update(found)


def _is_hidden(path: Path, top: Path) -> bool:
    """Whether it is in a folder that holds no programs, such as `.venv` or `__pycache__`."""
    return any(part.startswith((".", "__pycache__")) for part in path.relative_to(top).parts)


def _watch(checker: Checker, programs: Sequence[str], unbuilt: Mapping[str, str]) -> None:
    """Check again at each change, until it is interrupted. Raises `ConfigError`."""
    try:
        from watchfiles import PythonFilter
        from watchfiles import watch as changes
    except ImportError:
        raise ConfigError("--watch needs an extra", hint=how_to_install(*WATCH)) from None
    stderr.print("waiting for changes; Ctrl-C ends", style="dim")
    for _ in changes(*programs, watch_filter=PythonFilter(), raise_interrupt=True):
        stderr.rule(style="dim")
        try:
            _checked(checker, programs, unbuilt)
        except ConfigError as error:  # it was removed, or is being written
            stderr.print(safe(str(error), "yellow"), soft_wrap=True)


def show_diagnostics(file: str, found: Sequence[Diagnostic]) -> None:
    """Print each on its line, what would be right below it."""
    for each in found:
        place = f"{'<stdin>' if file == '-' else file}:{each.line}:{each.column}:"
        parts = (safe(place, "bold"), safe(each.message), safe(f"[{each.code}]", "dim"))
        say(stdout, Text(" ").join(parts))
        if each.hint:
            say(stdout, safe(f"    {each.hint}"), hanging=8)


def _show(found: dict[str, list[Diagnostic]]) -> None:
    for file, mistakes in found.items():
        show_diagnostics(file, mistakes)
    shown = [each for mistakes in found.values() for each in mistakes if each.code != "more"]
    total = len(shown)
    rejected = sum(bool(mistakes) for mistakes in found.values())
    several = len(found) > 1
    if not total:
        told = f"nothing is wrong in {counted(len(found), 'program')}"
        stderr.print(safe(told if several else "nothing is wrong"))
    else:
        told = counted(total, "mistake")
        told += " shown" if total < sum(map(len, found.values())) else ""
        where = f" in {rejected} of {counted(len(found), 'program')}" if several else ""
        stderr.print(safe(told + where, "yellow"))
