"""`mcp-sdkgen save` and `mcp-sdkgen programs`"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from mcp_sdkgen_codemode import Executor
from mcp_sdkgen_codemode.library.folder import ProgramFolder
from mcp_sdkgen_codemode.library.library import Library
from mcp_sdkgen_codemode.library.program import SavedProgram
from mcp_sdkgen_codemode.library.resolver import ProgramResolver
from mcp_sdkgen_codemode.library.save import NotSaved
from mcp_sdkgen_codemode.library.save import save as save_program
from mcp_sdkgen_runtime.config.display import shown_path

from ...errors import ConfigError, SdkgenError
from ...provision.at_hand import at_hand
from .. import options
from ..program_input import read_program
from ..run_spec import RunSpec, provisioned
from ..saved_programs import library_of, trust_command
from ..show import print_json, safe, stderr, stdout
from .check import REJECTED, show_diagnostics

FORMAT = "mcp-sdkgen/programs/1"
SAVE_FORMAT = "mcp-sdkgen/save/1"

InProject = Annotated[
    bool,
    typer.Option(
        "--project",
        help="The project's programs, in .mcp-sdkgen/programs beside its configuration, instead "
        "of your own.",
    ),
]


def save(
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="The name that later programs import.")
    ],
    file: Annotated[str, typer.Argument(metavar="FILE|-", help="The program; - reads stdin.")],
    config: options.Config = None,
    sdk: options.Sdks = None,
    with_packages: options.With = "",
    engine: options.Engine = "",
    in_project: InProject = False,
    replace: Annotated[
        bool, typer.Option("--replace", help="Replace the program that is saved under this name.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for machines.")] = False,
) -> int:
    """Check a program and save it, for later programs to import.

    They import it from `programs`, and `mcp-sdkgen run NAME` runs it. The program has a function
    `main` with annotated keyword arguments and a docstring. It is checked again when a tool that it
    uses has changed. With --project it is saved beside the configuration of the project, whose
    other users have to trust it. Exit code 0: saved. 1: not saved. 3: rejected by the check. 2:
    wrong usage or configuration.
    """
    source = read_program(file)
    library = library_of(config)
    place = _place(library, in_project)
    if not replace:
        _refuse_to_replace(name, source, place)
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
                program = save_program(name, source, executor, in_project=in_project)
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
        _write({"format": SAVE_FORMAT, "saved": _facts(program, place), "reason": ""})
        return 0
    _tell(program, library, place)
    return 0


def programs(
    config: options.Config = None,
    sdk: options.Sdks = None,
    with_packages: options.With = "",
    remove: Annotated[
        str | None, typer.Option("--remove", metavar="NAME", help="Remove this saved program.")
    ] = None,
    in_project: InProject = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for machines.")] = False,
) -> int:
    """List the saved programs, where each is, and why some cannot be used.

    They are your own and those of the project. Where both have a program of one name, the project's
    is used. With --project the project's are listed, or one of them removed. Exit code 0: listed,
    or removed. 1: some cannot be used. 2: wrong usage or configuration.
    """
    library = library_of(config)
    if remove is not None:
        return _remove(remove, _place(library, in_project))
    sdks = provisioned(config, sdk).sdks if config or sdk else at_hand(Path.cwd()).sdks
    resolver = ProgramResolver(library, sdks, options.listed(with_packages))
    try:
        saved = resolver.settled()
    except (OSError, RuntimeError) as error:
        raise SdkgenError(str(error)) from None
    finally:
        resolver.close()

    def is_meant(name: str) -> bool:
        return not in_project or library.place(name) is library.project

    listed = [program for program in saved.programs if is_meant(program.name)]
    left_out = {name: why for name, why in sorted(saved.left_out.items()) if is_meant(name)}
    hidden = [] if in_project else library.hidden
    if as_json:
        facts = [_facts(program, library.place(program.name)) for program in listed]
        left = [
            {"name": name, "reason": why, "folder": str(library.place(name).path)}
            for name, why in left_out.items()
        ]
        _write({"format": FORMAT, "programs": facts, "left_out": left, "hidden": [*hidden]})
    for program in () if as_json else listed:
        place = library.place(program.name)
        whose = "the project's" if place.is_project else "your own"
        stdout.print(safe(program.signature, "bold"), soft_wrap=True)
        stdout.print(safe(f"    {program.summary}"), soft_wrap=True)
        stdout.print(safe(f"    from programs import {program.name}"), soft_wrap=True)
        stdout.print(safe(f"    {whose}, in {shown_path(place.path)}", "dim"), soft_wrap=True)
    for note in saved.notes(left_out):
        stderr.print(safe(note, "yellow"), soft_wrap=True)
    if library.project is not None and (untrusted := saved.untrusted):
        folder = library.project.path
        hint = f"read {', '.join(f'{name}.py' for name in untrusted)} in {shown_path(folder)}; then"
        stderr.print(safe(f"  hint: {hint}: {trust_command(folder)}"), soft_wrap=True)
    for name in hidden:
        stderr.print(safe(_hidden(name), "yellow"), soft_wrap=True)
    if not listed and not left_out:
        stderr.print(safe("no program is saved; `mcp-sdkgen save NAME FILE` saves one"))
    return int(bool(left_out))


def _tell(program: SavedProgram, library: Library, place: ProgramFolder) -> None:
    stdout.print(safe(f"from programs import {program.name}", "bold"), soft_wrap=True)
    stdout.print(safe(f"    {program.entry}"), soft_wrap=True)
    count = sum(len(tools) for tools in program.tools.values())
    tools = "its tool" if count == 1 else f"one of its {count} tools"
    where = f" in {shown_path(place.path)}" if place.is_project else ""
    stderr.print(safe(f"saved{where}; checked again when {tools} changes"), soft_wrap=True)
    if program.name in library.hidden:
        stderr.print(safe(_hidden(program.name), "yellow"), soft_wrap=True)


def _place(library: Library, in_project: bool) -> ProgramFolder:
    return library.project if in_project and library.project is not None else library.own


def _remove(name: str, place: ProgramFolder) -> int:
    try:
        place.remove(name)
    except LookupError as error:
        there = ", ".join(place.names) or "none"
        other = (
            "leave out --project to remove one of your own"
            if place.is_project
            else "use --project to remove one of the project's"
        )
        hint = f"saved programs there: {there}; {other}"
        raise ConfigError(str(error.args[0]), hint=hint) from None
    except OSError as error:
        raise ConfigError(f"programs.{name} cannot be removed: {error}") from None
    stdout.print(safe(f"programs.{name} is removed"))
    return 0


def _facts(program: SavedProgram, place: ProgramFolder) -> dict[str, Any]:
    return {**program.as_json(), "folder": str(place.path)}


def _hidden(name: str) -> str:
    return f"programs.{name} is the project's; your own program of that name is not used here"


def _refuse_to_replace(name: str, source: str, place: ProgramFolder) -> None:
    """Raises `ConfigError` if anything but this program is saved by the name."""
    if name not in place.names:
        return
    try:
        if place.load(name).source == source:
            return
        found = f"another program is saved as {name!r}"
    except (LookupError, ValueError) as error:
        found = f"a program that cannot be used is saved as {name!r}: {error}"
    raise ConfigError(found, hint="choose another name, or use --replace to save over it")


def _write(data: dict[str, Any], error: NotSaved | None = None) -> None:
    if error is not None:
        data["diagnostics"] = [each.as_json() for each in error.diagnostics]
    print_json(data)
