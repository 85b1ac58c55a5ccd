"""`mcp-sdkgen check`"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Final

import typer
from mcp_sdkgen_codemode import Sdk
from mcp_sdkgen_codemode.diagnostics import SHOWN, Diagnostic, few
from mcp_sdkgen_codemode.library.resolver import ProgramResolver
from mcp_sdkgen_runtime.config.display import shown_path
from mcp_sdkgen_runtime.text import listed
from rich.text import Text

from ...errors import ConfigError
from ...names import chosen_package, package
from ...provision.at_hand import at_hand
from ...source import Resolved, resolve
from .. import options
from ..extras import WATCH, how_to_install
from ..program_input import read_program
from ..saved_programs import library_of
from ..show import counted, note, print_json, safe, say, stderr, stdout
from .program_files import programs_in

FORMAT = "mcp-sdkgen/check/1"
REJECTED = 3
_ALL: Final = 100
_QUIET_MS: Final = 500
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
    show_all: Annotated[
        bool,
        typer.Option(
            "--all", help=f"Show all mistakes of each program, up to {_ALL}, not {SHOWN}."
        ),
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for machines.")] = False,
) -> int:
    """Check programs against SDKs and saved programs, as `run` does, without running them.

    Exit code 0: nothing is wrong. 3: a program is rejected. 2: an error of usage.
    """
    if watch and (as_json or "-" in programs):
        raise ConfigError("--watch takes files and folders only, and no --json")
    allowed = options.importable(packages)
    # Without SDKs at all, a program can still be right or wrong.
    sdks = _named(config, sdk) if config or sdk else _here()
    most = _ALL if show_all else SHOWN
    unused = _unused(config, sdk, sdks)
    try:
        library = library_of(config)
        once = len(programs) == 1 and not watch and not Path(programs[0]).is_dir()
        with closing(ProgramResolver(library, sdks, allowed, once=once)) as resolver:
            with stderr.status("starting the type checker"):  # shown on a terminal only
                resolver.warm()
            code = _checked(resolver, programs, unused, most, as_json=as_json)
            if watch:
                _watch(resolver, programs, unused, most)
    except ValueError as error:
        raise ConfigError(
            str(error), hint="build and install that SDK, or choose another --sdk"
        ) from error
    except RuntimeError as error:
        raise ConfigError(
            str(error), hint="check that mypy is installed in this environment"
        ) from error
    return code


def _named(config: Path | None, names: Sequence[str] | None) -> tuple[Sdk, ...]:
    # Deferred: it can build SDKs.
    from ..run_spec import provisioned

    return provisioned(config, names).sdks


def _here() -> tuple[Sdk, ...]:
    here = at_hand(Path.cwd())
    for words in here.notes:
        note(words)
    return here.sdks


def _unused(
    config: Path | None, names: Sequence[str] | None, sdks: Sequence[Sdk]
) -> Mapping[str, str]:
    """The SDKs that this check leaves out, or that are not there, as import name → why, and what
    to do."""
    try:
        found = resolve([str(config)] if config else [])
    except ConfigError:  # there is none, or it names no servers
        found = Resolved()
    sources, packages = found.sources, found.packages
    here = at_hand(Path.cwd(), found)
    built = {sdk.package: sdk.server for sdk in here.sdks}
    configured = {
        package(source.name, chosen_package(packages, source.name)): source.name
        for source in sources
    }
    file = shown_path(config) if config else "the configuration"
    told: dict[str, str] = {}
    for name, server in {**built, **configured}.items():
        if names and name in (configured if config else built):
            told[name] = f"--sdk leaves it out: add --sdk {shlex.quote(server)}"
        elif name in here.unused:
            told[name] = f"its SDK is not used, since {here.unused[name]}"
        elif name in configured:
            told[name] = f"{file} has the server {server!r}, without an SDK: mcp-sdkgen build"
        else:
            told[name] = f"{file} does not have its server {server!r}"
    return {name: words for name, words in told.items() if name not in {s.package for s in sdks}}


def _told_of_unused(each: Diagnostic, unused: Mapping[str, str]) -> Diagnostic:
    """The diagnostic, with another hint where an SDK is imported that only needs to be
    built or named."""
    match = _NOT_AVAILABLE.match(each.message) if each.code == "import-not-found" else None
    hint = unused.get(match[1]) if match else None
    return each if hint is None else replace(each, hint=hint)


def _checked(
    resolver: ProgramResolver,
    programs: Sequence[str],
    unused: Mapping[str, str],
    most: int,
    *,
    as_json: bool = False,
) -> int:
    files = list(_files(programs))
    texts = {file: read_program(file) for file in files}
    checker = resolver.checker()
    found = {file: checker.check(text, most=_ALL) for file, text in texts.items()}
    for words in dict.fromkeys(words for text in texts.values() for words in resolver.notes(text)):
        note(words)
    if unused:
        found = {file: [_told_of_unused(each, unused) for each in found[file]] for file in files}
    code = REJECTED if any(found.values()) else 0
    if as_json:
        told = [
            {"file": file, **each.as_json()}
            for file, mistakes in found.items()
            for each in few(mistakes, most)
        ]
        print_json({"format": FORMAT, "exit_code": code, "diagnostics": told})
    else:
        _show(found, most)
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
            below = programs_in(path)
            if below.skipped:
                folders = f"{counted(len(below.skipped), 'folder')} skipped in {name}"
                told = f"note: {folders}: {listed(below.skipped, 3)}"
                stderr.print(safe(told, "dim"), soft_wrap=True)
            found = [*below.files]
            if not found:
                raise ConfigError(
                    f"{name}: no programs in this folder",
                    hint="name a file; SDKs, environments and hidden folders are skipped",
                )
        yield from (each for each in found if each not in seen)
        seen.update(found)


def _watch(
    resolver: ProgramResolver, programs: Sequence[str], unused: Mapping[str, str], most: int
) -> None:
    """Check again at each change, until it is interrupted. Raises `ConfigError`."""
    try:
        from watchfiles import PythonFilter
        from watchfiles import watch as changes
    except ImportError:
        raise ConfigError("--watch needs an extra", hint=how_to_install(*WATCH)) from None
    watched = changes(
        *programs, watch_filter=PythonFilter(), raise_interrupt=True,
        rust_timeout=_QUIET_MS, yield_on_timeout=True,
    )  # fmt: skip
    is_watching = False
    for changed in watched:
        if not is_watching:  # before this, no change would be noticed
            stderr.print("waiting for changes; Ctrl-C ends", style="dim")
            is_watching = True
        if not changed:
            continue
        stderr.rule(style="dim")
        try:
            _checked(resolver, programs, unused, most)
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


def _show(found: Mapping[str, Sequence[Diagnostic]], most: int) -> None:
    for file, mistakes in found.items():
        show_diagnostics(file, few(mistakes, most))
    total = sum(_counted(mistakes) for mistakes in found.values())
    shown = sum(_counted(few(mistakes, most)) for mistakes in found.values())
    rejected = sum(bool(mistakes) for mistakes in found.values())
    several = len(found) > 1
    if not total:
        told = f"nothing is wrong in {counted(len(found), 'program')}"
        stderr.print(safe(told if several else "nothing is wrong"))
        return
    told = counted(total, "mistake")
    if any(each.code == "more" for mistakes in found.values() for each in mistakes):
        told = f"more than {told}"
    told += f" in {rejected} of {counted(len(found), 'program')}" if several else ""
    told += (
        f", of which {shown} are shown; --all shows {_ALL} of a program" if shown < total else ""
    )
    stderr.print(safe(told, "yellow"))


def _counted(mistakes: Sequence[Diagnostic]) -> int:
    return sum(each.code != "more" for each in mistakes)
