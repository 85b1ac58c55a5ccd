"""`mcp-sdkgen check`"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated

import typer
from mcp_sdkgen_codemode import Sdk
from mcp_sdkgen_codemode.diagnostics import Diagnostic
from mcp_sdkgen_codemode.typecheck import Checker
from rich.text import Text

from ...errors import ConfigError
from ...provision.at_hand import at_hand
from .. import options
from ..extras import WATCH, how_to_install
from ..program_input import read_program
from ..run_spec import provisioned
from ..show import counted, print_json, safe, say, stderr, stdout

FORMAT = "mcp-sdkgen/check/1"
REJECTED = 3


def check(
    programs: Annotated[
        list[str],
        typer.Argument(
            metavar="FILE|FOLDER|-...", help="Programs, and folders of them; - reads one."
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
        raise ConfigError("--watch goes with files and folders, and without --json")
    allowed = options.importable(packages)
    # Without SDKs at all, a program can still be right or wrong.
    sdks = provisioned(config, sdk).sdks if config or sdk else _here()
    try:
        with Checker(sdks=sdks, packages=allowed) as checker:
            with stderr.status("starting the type checker"):  # shown on a terminal only
                checker.warm()
            code = _checked(checker, programs, as_json=as_json)
            if watch:
                _watch(checker, programs)
    except ValueError as error:
        raise ConfigError(str(error), hint="build and install it, or pick another") from error
    except RuntimeError as error:
        raise ConfigError(str(error), hint="is mypy installed in this environment?") from error
    return code


def _here() -> tuple[Sdk, ...]:
    here = at_hand(Path.cwd())
    for note in here.notes:
        stderr.print(safe(f"note: {note}", "yellow"), soft_wrap=True)
    return here.sdks


def _checked(checker: Checker, programs: Sequence[str], *, as_json: bool = False) -> int:
    files = list(_files(programs))
    found = {file: checker.check(read_program(file)) for file in files}
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


def _watch(checker: Checker, programs: Sequence[str]) -> None:
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
            _checked(checker, programs)
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
    total = sum(map(len, found.values()))
    rejected = sum(bool(mistakes) for mistakes in found.values())
    several = len(found) > 1
    if not total:
        told = f"nothing is wrong in {counted(len(found), 'program')}"
        stderr.print(safe(told if several else "nothing is wrong"))
    else:
        told = counted(total, "mistake")
        where = f" in {rejected} of {counted(len(found), 'program')}" if several else ""
        stderr.print(safe(told + where, "yellow"))
