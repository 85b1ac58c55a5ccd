"""`mcp-sdkgen save` and `mcp-sdkgen programs`"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from mcp_sdkgen_codemode import Executor
from mcp_sdkgen_codemode.library.library import Library
from mcp_sdkgen_codemode.library.resolver import ProgramResolver
from mcp_sdkgen_codemode.library.save import NotSaved
from mcp_sdkgen_codemode.library.save import save as save_program

from ...errors import ConfigError, SdkgenError
from ...provision.at_hand import at_hand
from .. import options
from ..run_spec import RunSpec, provisioned
from ..show import print_json, safe, stderr, stdout
from .check import REJECTED, read_program, show_diagnostics

FORMAT = "mcp-sdkgen/programs/1"
SAVE_FORMAT = "mcp-sdkgen/save/1"


def save(
    name: Annotated[str, typer.Argument(metavar="NAME", help="What later programs import it by.")],
    file: Annotated[str, typer.Argument(metavar="FILE|-", help="The program; - reads stdin.")],
    config: options.Config = None,
    sdk: options.Sdks = None,
    with_packages: options.With = "",
    engine: options.Engine = "",
    replace: Annotated[
        bool, typer.Option("--replace", help="Take the place of one that is saved by that name.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for machines.")] = False,
) -> int:
    """Check a program and save it, for later ones to import.

    They import it from `programs`. The program has a function `main` with annotated keyword
    arguments and a docstring. It is checked again when a tool that it uses has changed. Exit code
    0: saved. 1: not saved. 3: rejected by the check. 2: wrong usage or configuration.
    """
    source = read_program(file)
    library = Library()
    if not replace:
        _refuse_to_replace(name, source, library)
    spec = RunSpec(
        config=str(config) if config else None,
        sdk=sdk or (),
        packages=options.listed(with_packages),
        engine=engine,
    )
    executor_options = spec.ready()
    executor_options["sandboxes"] = 1
    with Executor(**executor_options) as executor:
        try:
            with stderr.status("checking and saving the program"):
                program = save_program(name, source, executor)
        except NotSaved as error:
            if as_json:
                _write({"format": SAVE_FORMAT, "saved": None, "reason": str(error)}, error)
            elif error.diagnostics:
                show_diagnostics(file, error.diagnostics)
            if error.diagnostics:
                return REJECTED
            raise SdkgenError(f"not saved: {error}") from None
        except OSError as error:
            raise ConfigError(f"the program cannot be saved: {error}") from None
        except RuntimeError as error:
            raise SdkgenError(str(error)) from None
    if as_json:
        _write({"format": SAVE_FORMAT, "saved": program.as_json(), "reason": ""})
        return 0
    stdout.print(safe(f"from programs import {program.name}", "bold"), soft_wrap=True)
    stdout.print(safe(f"    {program.entry}"), soft_wrap=True)
    count = sum(len(tools) for tools in program.tools.values())
    tools = "its tool" if count == 1 else f"one of its {count} tools"
    stderr.print(safe(f"saved; checked again when {tools} changes"))
    return 0


def programs(
    config: options.Config = None,
    sdk: options.Sdks = None,
    with_packages: options.With = "",
    remove: Annotated[
        str | None, typer.Option("--remove", metavar="NAME", help="Remove this saved program.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for machines.")] = False,
) -> int:
    """List the saved programs, and why some cannot be used.

    Exit code 0: listed, or removed. 1: some cannot be used. 2: wrong usage or configuration.
    """
    library = Library()
    if remove is not None:
        try:
            library.remove(remove)
        except LookupError as error:
            there = ", ".join(library.names) or "none"
            raise ConfigError(str(error.args[0]), hint=f"saved are: {there}") from None
        except OSError as error:
            raise ConfigError(f"programs.{remove} cannot be removed: {error}") from None
        stdout.print(safe(f"programs.{remove} is removed"))
        return 0
    sdks = provisioned(config, sdk).sdks if config or sdk else at_hand(Path.cwd()).sdks
    resolver = ProgramResolver(library, sdks, options.listed(with_packages))
    try:
        saved = resolver.settled()
    except (OSError, RuntimeError) as error:
        raise SdkgenError(str(error)) from None
    finally:
        resolver.close()
    if as_json:
        listed = [program.as_json() for program in saved.programs]
        left = [{"name": name, "reason": why} for name, why in sorted(saved.left_out.items())]
        _write({"format": FORMAT, "programs": listed, "left_out": left})
    for program in () if as_json else saved.programs:
        stdout.print(safe(program.signature, "bold"), soft_wrap=True)
        stdout.print(safe(f"    {program.summary}"), soft_wrap=True)
    for note in saved.notes(saved.left_out):
        stderr.print(safe(note, "yellow"), soft_wrap=True)
    if not library.names:
        stderr.print(safe("no program is saved; `mcp-sdkgen save NAME FILE` saves one"))
    return int(bool(saved.left_out))


def _refuse_to_replace(name: str, source: str, library: Library) -> None:
    """Raises `ConfigError` if anything but this program is saved by the name."""
    if name not in library.names:
        return
    try:
        if library.load(name).source == source:
            return
        found = f"another program is saved as {name!r}"
    except (LookupError, ValueError) as error:
        found = f"what is saved as {name!r} cannot be used: {error}"
    raise ConfigError(found, hint="choose another name, or --replace to save this one in its place")


def _write(data: dict[str, Any], error: NotSaved | None = None) -> None:
    if error is not None:
        data["diagnostics"] = [each.as_json() for each in error.diagnostics]
    print_json(data)
