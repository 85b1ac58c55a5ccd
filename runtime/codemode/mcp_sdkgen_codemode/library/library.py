"""Saved programs: a folder of checked programs that later ones import.

A saved program is what a model wrote. The host reads it as text and never imports it; it runs in a
sandbox only, as `programs.NAME`.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from mcp_sdkgen_runtime.files import data_folder, read_heeded, replacing
from mcp_sdkgen_runtime.schema.definitions import with_prefix
from mcp_sdkgen_runtime.text import printable

from ..catalog import Entry, Sdk
from ..policy.services import PinnedTool
from .analysis import PACKAGE, Imported, check_name

FORMAT = "mcp-sdkgen/program/1"


@dataclass(frozen=True)
class SavedProgram:
    """A saved program and what was found out about it.

    `description` is the docstring of its `main`, `signature` how it is called, `arguments` their
    JSON Schema. `tools` are the digests of the tools it uses, by SDK package and method name;
    `programs` those of the saved programs it imports; `packages` what else it imports that a
    sandbox has only where the host allows it. All of it but the digests is untrusted text.
    """

    name: str
    source: str
    description: str
    signature: str
    arguments: Mapping[str, Any]
    tools: Mapping[str, Mapping[str, str]]
    programs: Mapping[str, str]
    packages: tuple[str, ...]

    @property
    def digest(self) -> str:
        """SHA-256 of the source."""
        return hashlib.sha256(self.source.encode()).hexdigest()

    @property
    def summary(self) -> str:
        """The first line of the description."""
        return printable(self.description.partition("\n")[0])

    @property
    def entry(self) -> Entry:
        """Its line of the catalog."""
        signature = printable(self.signature)
        return Entry(f"{self.name}.main", signature, self.summary, PACKAGE, PACKAGE)

    def calling(self, arguments: Mapping[str, Any]) -> str:
        """A program that calls this one, and whose value is what that returns."""
        waiting = "await " if "-> Awaitable[" in self.signature else ""
        return (
            f"import json\nfrom {PACKAGE}.{self.name} import main\n"
            "from pydantic import validate_call\n"
            # In a sandbox, the types of its arguments are made of what JSON has for them.
            f"{waiting}validate_call(main)(**json.loads({json.dumps(arguments)!r}))\n"
        )

    def as_json(self) -> dict[str, Any]:
        """Everything but the source, with stable keys."""
        facts = {key: value for key, value in asdict(self).items() if key != "source"}
        return {"format": FORMAT, **facts, "packages": list(self.packages), "sha256": self.digest}


@dataclass
class ProgramSet:
    """The saved programs from the view of one set of SDKs.

    `usable` are as they were saved, and so are their tools. `stale` are to be checked again: the
    value tells what has changed. `left_out` cannot be used, and the value tells why.
    """

    usable: dict[str, SavedProgram] = field(default_factory=dict)
    stale: dict[str, tuple[SavedProgram, str]] = field(default_factory=dict)
    left_out: dict[str, str] = field(default_factory=dict)

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
    """The programs saved in `folder`, which is the user's data folder by default.

    There none is loaded in which another user may have a say (`files.why_not_heeded`).
    """

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder or data_folder()
        self._read = Path.read_bytes if folder else read_heeded
        self._programs = self.folder / PACKAGE

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the saved programs, sorted."""
        return tuple(sorted(path.stem for path in self._programs.glob("*.json")))

    def load(self, name: str) -> SavedProgram:
        """The saved program of that name. Raises `LookupError`, or `ValueError` for a broken
        one."""
        try:
            check_name(name)
            source = self._read(self._programs / f"{name}.py").decode()
            facts = json.loads(self._read(self._programs / f"{name}.json"))
            if facts.pop("format") != FORMAT or facts["name"] != name:
                raise ValueError("not of this version")
            digest = facts.pop("sha256")
            program = SavedProgram(source=source, **facts)
            tools = {
                package: {method: with_prefix(mark) for method, mark in methods.items()}
                for package, methods in program.tools.items()
            }
            program = replace(program, tools=tools, packages=tuple(program.packages))
        except FileNotFoundError:
            raise LookupError(f"no program {name!r} is saved in {self._programs}") from None
        except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            raise ValueError(f"it cannot be read: {error}; save it again") from None
        if program.digest != digest:
            raise ValueError("its file was changed since; save it again")
        return program

    def write(self, program: SavedProgram) -> None:
        """Save a program, instead of the one of that name. Raises `OSError`."""
        check_name(program.name)
        self._programs.mkdir(parents=True, exist_ok=True)
        facts = json.dumps(program.as_json(), indent=1)
        for suffix, text in ((".py", program.source), (".json", facts)):
            _replace(self._programs / f"{program.name}{suffix}", text)

    def remove(self, name: str) -> None:
        """Remove it. Raises `LookupError`, `OSError`."""
        if name not in self.names:
            raise LookupError(f"no program {name!r} is saved in {self._programs}")
        for suffix in (".json", ".py"):
            (self._programs / f"{name}{suffix}").unlink(missing_ok=True)

    def program_set(self, sdks: Iterable[Sdk], packages: Iterable[str] = ()) -> ProgramSet:
        """The saved programs as these SDKs and further `packages` let them be used."""
        found = ProgramSet()
        known = {sdk.package: sdk for sdk in sdks}
        allowed = set(packages)
        for name in self.names:
            try:
                one = self.load(name)
            except (LookupError, ValueError) as error:
                found.left_out[name] = str(error)
                continue
            missing = sorted({*one.tools} - known.keys()) or sorted({*one.packages} - allowed)
            if missing:
                found.left_out[name] = f"it needs {missing[0]}, which this run has not"
            else:
                found.usable[name] = one
        for one in found.programs:
            if gone := sorted(one.programs.keys() - {each.name for each in found.programs}):
                found.drop(one.name, found.left_out.get(one.name) or _without(gone[0]))
        by_name = {one.name: one for one in found.programs}
        for one in by_name.values():
            if changed := list(_changed(one, known, by_name)):
                del found.usable[one.name]
                more = f" and {len(changed) - 1} more" if len(changed) > 1 else ""
                found.stale[one.name] = one, f"{changed[0]} has changed{more}"
        return found

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
        final = self._programs / ".ready" / digest.hexdigest()[:24]
        if not final.is_dir():
            final.parent.mkdir(parents=True, exist_ok=True)
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


def _replace(path: Path, text: str) -> None:
    with replacing(path) as file:
        file.write(text.encode())
