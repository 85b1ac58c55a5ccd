"""Save a program: check it, work out its arguments in a sandbox, and put it into the library."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import Protocol

from mcp_sdkgen_runtime.concurrency.portal import run as run_on_portal
from mcp_sdkgen_runtime.schema.validation import compiled, unread

from ..catalog import Sdk
from ..diagnostics import Diagnostic
from ..outcome import Outcome
from ..policy.policy import Policy
from ..typecheck.imports import ALWAYS
from .analysis import PACKAGE, Imported, check_name, imported, main_of, parsed
from .library import Library, used
from .program import SavedProgram

SCHEMA_S = 20.0
"""How long importing a program may take, in seconds."""


class NotSaved(Exception):
    """The program is not saved, and why; `diagnostics` are what the check found."""

    def __init__(self, reason: str, diagnostics: Sequence[Diagnostic] = ()) -> None:
        super().__init__(reason)
        self.diagnostics = tuple(diagnostics)


class ProgramRunner(Protocol):
    """What saving needs of an `Executor`, which imports this package."""

    @property
    def library(self) -> Library | None: ...
    @property
    def sdks(self) -> Sequence[Sdk]: ...
    async def check(self, program: str, /) -> Sequence[Diagnostic]: ...
    async def run_async(
        self, program: str, /, *, typecheck: bool, policy: Policy, timeout_s: float
    ) -> Outcome: ...


async def save_async(
    name: str, source: str, executor: ProgramRunner, *, in_project: bool = False
) -> SavedProgram:
    """Save a program in the executor's library, under a name that programs import it by.

    It goes among the user's own programs, or with `in_project` into the library's project. It has a
    `main` with annotated keyword arguments and a docstring. One that is saved there under that name
    is replaced. Raises `NotSaved`, `OSError` when the library cannot be written to,
    `ConfigurationError` when no trust can be kept, and `RuntimeError` when no check can be started.
    """
    library = executor.library
    if library is None:
        raise NotSaved("the executor has no library to save programs in")
    place = library.project if in_project else library.own
    if place is None:
        raise NotSaved("the executor's library has no project to save programs in")
    try:
        check_name(name)
        main = main_of(name, parsed(source))
    except ValueError as error:
        raise NotSaved(str(error)) from None
    found = imported(source)
    if name in _reached(found, library):
        raise NotSaved(f"it would import itself, as programs.{name}")
    if why := library.elsewhere(place, found.programs):
        raise NotSaved(f"{why}; save that one in the same place first")
    if mistakes := await executor.check(source):
        raise NotSaved("the check found mistakes", mistakes)
    program = SavedProgram(
        name=name,
        source=source,
        description=main.description,
        signature=main.signature,
        arguments=await _arguments(name, source, executor),
        tools=used(executor.sdks, found),
        programs={each: library.load(each).digest for each in sorted(found.programs)},
        packages=tuple(sorted(_others(found, executor))),
    )
    place.write(program)
    return program


def save(
    name: str, source: str, executor: ProgramRunner, *, in_project: bool = False
) -> SavedProgram:
    """`save_async` for callers without an event loop."""
    return run_on_portal(save_async, name, source, executor, in_project=in_project)


def _others(found: Imported, executor: ProgramRunner) -> frozenset[str]:
    """What a sandbox has only where the host allows it."""
    sdks = {sdk.package for sdk in executor.sdks}
    return found.modules - sys.stdlib_module_names - sdks - {PACKAGE, *ALWAYS}


def _reached(found: Imported, library: Library) -> set[str]:
    """Every saved program that a program imports, by way of others too."""
    reached: set[str] = set()
    waiting = [*found.programs]
    while waiting:
        name = waiting.pop()
        if name not in reached and name in library.names:
            reached.add(name)
            with suppress(LookupError, ValueError):  # the check says that it cannot be imported
                waiting += library.load(name).programs
    return reached


async def _arguments(name: str, source: str, executor: ProgramRunner) -> dict[str, object]:
    """The JSON Schema of `main`'s arguments, as the sandbox says; it is the program's own word."""
    program = _ASKING.format(name=f"{PACKAGE}.{name}", source=source)
    policy = Policy.of(deny=["*"])
    outcome = await executor.run_async(program, typecheck=False, policy=policy, timeout_s=SCHEMA_S)
    if outcome.calls:
        raise NotSaved("it calls a tool when it is imported; call it in `main`")
    if outcome.status != "finished":
        error = outcome.error
        why = f"{error.type}: {error.message}" if error else outcome.reason or outcome.status
        raise NotSaved(f"it cannot be imported in a sandbox: {why}")
    schema = outcome.value
    if not isinstance(schema, dict) or unread(schema) or compiled(schema) is None:
        raise NotSaved("its arguments have no JSON Schema")
    return schema


_ASKING = """\
import sys, types
module = sys.modules[{name!r}] = types.ModuleType({name!r})
exec(compile({source!r}, {name!r}, "exec", dont_inherit=True), module.__dict__)
from pydantic import TypeAdapter
TypeAdapter(module.main).json_schema()
"""
