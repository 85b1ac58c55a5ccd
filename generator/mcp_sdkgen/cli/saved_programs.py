"""The saved programs that a command line means: the user's own, and those of the project."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path

from mcp_sdkgen_codemode.library.analysis import PACKAGE, check_name
from mcp_sdkgen_codemode.library.folder import ProgramFolder, Untrusted
from mcp_sdkgen_codemode.library.library import Library
from mcp_sdkgen_codemode.library.program import SavedProgram
from mcp_sdkgen_runtime.config.display import shown_path

from ..config import project_folder
from ..errors import ConfigError
from .program_input import read_program
from .show import safe, stderr


def library_of(config: str | Path | None) -> Library:
    """The user's programs, and those of the project of a configuration, else of the working
    folder. Raises `ConfigError`."""
    return Library(project=project_folder(Path.cwd(), Path(config) if config else None))


def trust_command(path: Path) -> str:
    """What to type to trust a project's program, or a folder of them."""
    return shlex.join(["mcp-sdkgen", "trust", shown_path(path)])


def program_of(word: str, words: Sequence[str], config: Path | None) -> tuple[str, Sequence[str]]:
    """The program that a word of a command line means, and its argv: that of a file, of stdin for
    `-`, or one that calls the saved program of that name, with what stands after `--`.

    `programs.NAME` is always a saved program. Raises `ConfigError`, also for a name that a file
    and a saved program have both.
    """
    name = saved_name(word)
    is_file = Path(word).exists()
    if not name or (is_file and word == name and name not in library_of(config).names):
        return read_program(word), words
    library = library_of(config)
    if is_file and word == name:
        raise ConfigError(
            f"{name}: both a file here and a saved program have this name",
            hint=f"write ./{name} for the file, or {PACKAGE}.{name} for the saved program",
        )
    if name in library.hidden:
        note = f"note: {PACKAGE}.{name} is the project's; your own is not used here"
        stderr.print(safe(note, "yellow"), soft_wrap=True)
    return calling(name, words, library), ()


def saved_name(word: str) -> str:
    """The name of the saved program that a word means, `NAME` or `programs.NAME`; empty for what is
    no such name."""
    name = word.removeprefix(f"{PACKAGE}.")
    try:
        check_name(name)
    except ValueError:
        return ""
    return name


def calling(name: str, words: Sequence[str], library: Library) -> str:
    """A program that calls the saved one of that name, with the arguments that the words mean.

    Raises `ConfigError` where there is none, where it cannot be used, and for wrong arguments.
    """
    place = library.place(name)
    try:
        program = place.load(name)
    except LookupError:
        known = ", ".join(library.names) or "none"
        raise ConfigError(
            f"{name}: neither a file nor a saved program", hint=f"saved programs: {known}"
        ) from None
    except Untrusted as error:
        raise ConfigError(
            f"{PACKAGE}.{name} belongs to the project in {shown_path(_project(place))}: {error}",
            hint=f"read {shown_path(place.source_path(name))}; then: "
            f"{trust_command(place.source_path(name))}",
        ) from None
    except ValueError as error:
        raise ConfigError(f"{PACKAGE}.{name} in {shown_path(place.path)}: {error}") from None
    return program.calling(_arguments(program, words))


def _project(place: ProgramFolder) -> Path:
    return place.path.parents[1]


def _arguments(program: SavedProgram, words: Sequence[str]) -> dict[str, object]:
    # Deferred: it reads schemas, and few command lines call a saved program.
    from mcp_sdkgen_codemode.broker.replies import misfit_text
    from mcp_sdkgen_runtime.schema.validation import compiled

    from ..live.arguments import read_arguments
    from ..lower.draft import draft
    from ..snapshot import ToolDefinition

    definition = {"name": "main", "inputSchema": dict(program.arguments)}
    signature = draft(ToolDefinition("main", definition), "main", program.name)
    found = read_arguments(words, signature, is_server=False)
    check = compiled(program.arguments)
    if check is not None and (misfit := check(found)) is not None:
        raise ConfigError(misfit_text(misfit), hint=f"its signature is: {program.signature}")
    return found
