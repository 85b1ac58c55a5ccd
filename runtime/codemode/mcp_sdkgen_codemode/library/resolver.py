"""The saved programs of one executor, and the checker that knows them."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from mcp_sdkgen_runtime.errors import ConfigurationError

from ..catalog import Sdk
from ..diagnostics import ForeseenCall
from ..typecheck import Checker
from .analysis import PACKAGE, imported
from .library import Library, ProgramSet
from .program import SavedProgram


class ProgramResolver:
    """Which saved programs can be used with these SDKs, found out when it is first asked.

    A program whose tools have changed since is checked again: if it passes, the library takes note
    of the tools as they are now; if not, it is left out, and so are those that import it. Blocks,
    and may be used from several threads.
    """

    def __init__(
        self,
        library: Library | None,
        sdks: Sequence[Sdk],
        packages: Sequence[str],
        *,
        once: bool = False,
    ) -> None:
        """`once`: one program is expected; see `Checker`."""
        self._once = once
        self._library = library
        self._sdks = sdks
        self._packages = packages
        self._lock = threading.Lock()
        self._program_set = ProgramSet()
        self._folders: tuple[Path, ...] = ()
        self._checker: Checker | None = None

    def warm(self) -> None:
        """Start the checker. Raises `RuntimeError` when it cannot start."""
        self._ready().warm()

    def checker(self) -> Checker:
        """The checker of programs. Raises `RuntimeError` when it cannot be started."""
        return self._ready()

    def foreseen(self, program: str, earlier: Sequence[str]) -> list[ForeseenCall]:
        """The tools that a program calls, and the saved programs that it imports. Raises
        `RuntimeError` when no check can be started."""
        checker = self._ready()
        found = checker.foreseen(program, earlier=earlier)
        waiting = list(imported(program).programs)
        seen: set[str] = set()
        while waiting:
            name = waiting.pop()
            saved = self._program_set.usable.get(name)
            if saved is not None and name not in seen:
                seen.add(name)
                found += checker.foreseen(saved.source)
                waiting += imported(saved.source).programs
        return found

    def folders(self) -> tuple[Path, ...]:
        """The package folder with the programs that can be used, if there are any."""
        self._ready()
        return self._folders

    def notes(self, program: str) -> tuple[str, ...]:
        """Why saved programs that this one imports are not there."""
        if PACKAGE not in program or not self._program_set.left_out:
            return ()
        names = imported(program).programs
        told = tuple(self._program_set.notes(names))
        if names.isdisjoint(self._program_set.untrusted):
            return told
        return (*told, "`mcp-sdkgen programs` says how to trust the project's programs")

    def settled(self) -> ProgramSet:
        """The programs after all checks."""
        self._ready()
        return self._program_set

    def close(self, *, at_once: bool = False) -> None:
        """End the checker; see `Checker.close`."""
        with self._lock:
            if self._checker is not None:
                self._checker.close(at_once=at_once)

    def _ready(self) -> Checker:
        with self._lock:
            if self._checker is None:
                self._checker = self._settle()
            return self._checker

    def _settle(self) -> Checker:
        if self._library is not None:
            self._program_set = self._library.program_set(self._sdks, self._packages)
        checker = self._open()
        if self._library is None or not self._program_set.stale:
            return checker
        for name, (program, changed) in sorted(self._program_set.stale.items()):
            if name not in self._program_set.stale:  # dropped with one that it imports
                continue
            if found := checker.check(program.source):
                why = f"{changed}; line {found[0].line}: {found[0].message}"
                self._program_set.drop(name, f"{why}; correct it and save it again")
            else:
                self._note(self._library, program)
        checker.close()
        return self._open()

    def _note(self, library: Library, program: SavedProgram) -> None:
        refreshed = library.refreshed(program, self._sdks)
        del self._program_set.stale[program.name]
        self._program_set.usable[program.name] = refreshed
        with suppress(OSError, ConfigurationError):  # it is checked again next time
            library.refresh(refreshed)

    def _open(self) -> Checker:
        programs = self._program_set.programs
        if self._library is not None and programs:
            self._folders = (self._library.stage(programs),)
        else:
            self._folders = ()
        return Checker(
            sdks=self._sdks, packages=self._packages, folders=self._folders, once=self._once
        )
