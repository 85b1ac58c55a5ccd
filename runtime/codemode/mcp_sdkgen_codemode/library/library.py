"""Saved programs: checked programs that later ones import.

A saved program is what a model wrote. The host reads it as text and never imports it; it runs in a
sandbox only, as `programs.NAME`.
"""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from mcp_sdkgen_runtime.files import data_folder, make_private
from mcp_sdkgen_runtime.text import listed

from ..catalog import Sdk
from .analysis import PACKAGE, Imported
from .folder import ProgramFolder, Untrusted
from .program import SavedProgram


@dataclass
class ProgramSet:
    """The saved programs from the view of one set of SDKs.

    `usable` are as they were saved, and so are their tools. `stale` are to be checked again: the
    value tells what has changed. `left_out` cannot be used, and the value tells why;
    `untrusted` are those of them that wait for their user's trust.
    """

    usable: dict[str, SavedProgram] = field(default_factory=dict)
    stale: dict[str, tuple[SavedProgram, str]] = field(default_factory=dict)
    left_out: dict[str, str] = field(default_factory=dict)
    untrusted: tuple[str, ...] = ()

    @property
    def programs(self) -> tuple[SavedProgram, ...]:
        """Those that can be used unless a check finds otherwise, by name."""
        found = {**self.usable, **{name: one for name, (one, _) in self.stale.items()}}
        return tuple(found[name] for name in sorted(found))

    def drop(self, name: str, reason: str) -> None:
        """Leave one out, and with it all that import it."""
        self.usable.pop(name, None)
        self.stale.pop(name, None)
        self.left_out[name] = reason
        for other in self.programs:
            if name in other.programs:
                self.drop(other.name, f"it imports programs.{name}, which is left out")

    def notes(self, names: Iterable[str]) -> Iterator[str]:
        """Why each of these is not there, of those that are left out."""
        for name in sorted({*names} & self.left_out.keys()):
            yield f"programs.{name} is left out: {self.left_out[name]}"


class Library:
    """The programs saved in `folder`, which is the user's data folder by default, and those of the
    project in the folder `project`.

    Where both have a program of one name, the project's has the name, trusted or not, and the
    user's is hidden: what runs under a name does not change with whom was trusted. A program
    imports those of its own place only. None of the user's is loaded in which another user may
    have a say (`ownership.why_not_heeded`).
    """

    def __init__(self, folder: Path | None = None, *, project: Path | None = None) -> None:
        self.own = ProgramFolder((folder or data_folder()) / PACKAGE)
        self.project = None if project is None else ProgramFolder.of_project(project)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the saved programs, sorted."""
        of_project = self.project.names if self.project is not None else ()
        return tuple(sorted({*self.own.names, *of_project}))

    @property
    def hidden(self) -> tuple[str, ...]:
        """The names of the user's own programs that are the project's here."""
        return tuple(name for name in self.own.names if self.place(name) is not self.own)

    def place(self, name: str) -> ProgramFolder:
        """The folder whose program a name means; the user's own for one that is nowhere."""
        if self.project is not None and name in self.project.names:
            return self.project
        return self.own

    def load(self, name: str) -> SavedProgram:
        """The saved program of that name. Raises `LookupError`, `Untrusted` for one of the project
        that this user has not trusted, or another `ValueError` for a broken one."""
        return self.place(name).load(name)

    def refresh(self, program: SavedProgram) -> None:
        """Write a program where it is, with what is new of it. Raises `OSError`,
        `ConfigurationError`."""
        self.place(program.name).write(program)

    def program_set(self, sdks: Iterable[Sdk], packages: Iterable[str] = ()) -> ProgramSet:
        """The saved programs as these SDKs and further `packages` let them be used."""
        found = ProgramSet()
        known = {sdk.package: sdk for sdk in sdks}
        allowed = set(packages)
        for name in self.names:
            try:
                one = self.load(name)
            except Untrusted as error:
                found.untrusted += (name,)
                found.left_out[name] = str(error)
                continue
            except (LookupError, ValueError) as error:
                found.left_out[name] = str(error)
                continue
            missing = sorted({*one.tools} - known.keys()) or sorted({*one.packages} - allowed)
            if missing:
                found.left_out[name] = f"it needs {missing[0]}, which this run does not have"
            else:
                found.usable[name] = one
        for one in found.programs:
            if gone := sorted(one.programs.keys() - {each.name for each in found.programs}):
                found.drop(one.name, found.left_out.get(one.name) or _without(gone[0]))
            elif other := self.elsewhere(self.place(one.name), one.programs):
                found.drop(one.name, other)
        by_name = {one.name: one for one in found.programs}
        for one in by_name.values():
            if changed := list(_changed(one, known, by_name)):
                del found.usable[one.name]
                have = "has" if len(changed) == 1 else "have"
                found.stale[one.name] = one, f"{listed(changed)} {have} changed"
        return found

    def elsewhere(self, place: ProgramFolder, programs: Iterable[str]) -> str:
        """Why a program saved in `place` cannot import these; empty where it can."""
        for name in sorted(programs):
            if self.place(name) is not place:
                whose = "not the project's" if place.is_project else "the project's"
                return f"it imports programs.{name}, which is {whose}"
        return ""

    def refreshed(self, program: SavedProgram, sdks: Iterable[Sdk]) -> SavedProgram:
        """The program with the digests that its tools and programs have now."""
        known = {sdk.package: sdk for sdk in sdks}
        tools = {name: digests(known[name], methods) for name, methods in program.tools.items()}
        programs = {name: self.load(name).digest for name in program.programs}
        return replace(program, tools=tools, programs=programs)

    def stage(self, programs: Sequence[SavedProgram]) -> Path:
        """A package folder with these programs, under a path that its content names.

        Raises `OSError`.
        """
        digest = hashlib.sha256()
        for one in programs:
            digest.update(f"{one.name}\0{one.digest}\0".encode())
        final = self.own.path / ".ready" / digest.hexdigest()[:24]
        if not final.is_dir():
            make_private(final.parent)
            building = Path(tempfile.mkdtemp(dir=final.parent))
            try:
                package = building / PACKAGE
                package.mkdir()
                (package / "__init__.py").write_text('"""Saved programs."""\n')
                (package / "py.typed").touch()  # without it a checker reads nothing of it
                for one in programs:
                    (package / f"{one.name}.py").write_bytes(one.source.encode())
                with suppress(OSError):  # another process was first
                    building.rename(final)
            finally:
                shutil.rmtree(building, ignore_errors=True)
        return final / PACKAGE


def digests(sdk: Sdk, methods: Iterable[str]) -> dict[str, str]:
    """The digest of each tool's definition, by method name. A tool that is not there has none."""
    # Deferred: it judges schemas, and most programs are not saved.
    from ..policy.services import PinnedTool

    found = {}
    for method in methods:
        with suppress(OSError, ValueError, KeyError):
            found[method] = PinnedTool(sdk.key, sdk.definition(method)).digest
    return found


def used(sdks: Iterable[Sdk], imported: Imported) -> dict[str, dict[str, str]]:
    """The tools of the SDKs that a program can be seen to use, with their digests."""
    return {
        sdk.package: digests(sdk, [tool for tool in sdk.tools if tool in imported.attributes])
        for sdk in sdks
        if sdk.package in imported.modules
    }


def _changed(
    program: SavedProgram, sdks: Mapping[str, Sdk], programs: Mapping[str, SavedProgram]
) -> Iterator[str]:
    for package, tools in sorted(program.tools.items()):
        now = digests(sdks[package], tools)
        yield from (f"{package}.{tool}" for tool in sorted(tools) if now.get(tool) != tools[tool])
    for name, digest in sorted(program.programs.items()):
        if programs[name].digest != digest:
            yield f"programs.{name}"


def _without(name: str) -> str:
    return f"it imports programs.{name}, which is not there"
