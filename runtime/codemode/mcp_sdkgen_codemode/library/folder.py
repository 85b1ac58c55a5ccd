"""One folder of saved programs: a user's own, or the one that a project brings along."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

from mcp_sdkgen_runtime.config import trust
from mcp_sdkgen_runtime.config.trust import found_content
from mcp_sdkgen_runtime.errors import ConfigurationError
from mcp_sdkgen_runtime.files import make_private, read_heeded, replacing
from mcp_sdkgen_runtime.schema.definitions import with_prefix
from pydantic import TypeAdapter, ValidationError

from .analysis import PACKAGE, check_name
from .program import FORMAT, SavedProgram

PROJECT_FOLDER = ".mcp-sdkgen"
"""What a project's folder for this program is called."""


@cache
def _adapter() -> TypeAdapter[SavedProgram]:
    return TypeAdapter(SavedProgram)


class Untrusted(ValueError):
    """A project's program that this user has neither saved nor trusted as it is now."""


class ProgramFolder:
    """The programs saved in one folder: each NAME.py has beside it a NAME.json with what was found
    out about it and the digest of its source.

    What is in a project's folder may be anybody's, since projects are cloned. Of it, a program can
    be loaded that this user has saved, or has trusted, and that is since as it was. The trust is in
    the JSON file as it is, and by the digest in it in the source.
    """

    def __init__(self, path: Path, *, is_project: bool = False) -> None:
        self.path = path
        self.is_project = is_project

    @classmethod
    def of_project(cls, project: Path) -> ProgramFolder:
        """The programs of the project in the folder `project`."""
        return cls(project / PROJECT_FOLDER / PACKAGE, is_project=True)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the saved programs, sorted, whether they can be loaded or not."""
        return tuple(sorted(path.stem for path in self.path.glob("*.json")))

    def source_path(self, name: str) -> Path:
        """The file with a program's source. Raises `ValueError` for what is no program's name."""
        check_name(name)
        return self.path / f"{name}.py"

    def load(self, name: str) -> SavedProgram:
        """The saved program of that name.

        Raises `LookupError`, `Untrusted`, or another `ValueError` for a broken one.
        """
        program, facts = self._read(name)
        if self.is_project and not trust.is_trusted(self._facts_path(name), facts):
            raise Untrusted("this user has neither saved it nor trusted it as it is now")
        return program

    def trust(self, name: str) -> SavedProgram:
        """Keep that this user trusts a project's program as it is now; returns it.

        Raises `LookupError`, `ValueError` for a broken one, and `ConfigurationError` where it
        cannot be kept.
        """
        program, facts = self._read(name)
        trust.say(self._facts_path(name), trusted=True, content=facts)
        return program

    def forget(self, name: str) -> bool:
        """Take back what was said of a project's program; whether there was anything."""
        return trust.forget(self._facts_path(name))

    def write(self, program: SavedProgram) -> None:
        """Save a program, instead of the one of that name. This user trusts a project's by that.

        Raises `OSError`, also where a link stands in the way, and `ConfigurationError`.
        """
        path = self.source_path(program.name)
        if link := next(self._links(program.name), None):
            raise OSError(f"{link} is a link")
        if self.is_project:
            self.path.mkdir(parents=True, exist_ok=True)
        else:
            make_private(self.path)
        facts = json.dumps(program.as_json(), indent=1).encode()
        for file, content in ((path, program.source.encode()), (path.with_suffix(".json"), facts)):
            with replacing(file) as opened:
                opened.write(content)
                if self.is_project:  # others of the project read it too
                    Path(opened.name).chmod(0o644)
        if self.is_project:
            trust.say(self._facts_path(program.name), trusted=True, content=facts)

    def remove(self, name: str) -> None:
        """Remove it. Raises `LookupError`, `OSError`."""
        if name not in self.names:
            raise LookupError(f"no program {name!r} is saved in {self.path}")
        if link := next(self._links(name), None):
            raise OSError(f"{link} is a link")
        for suffix in (".json", ".py"):
            (self.path / f"{name}{suffix}").unlink(missing_ok=True)

    def _read(self, name: str) -> tuple[SavedProgram, bytes]:
        """A program, and what its JSON file holds."""
        try:
            source = self._content(self.source_path(name))
            content = self._content(self._facts_path(name))
            facts = json.loads(content)
            if facts.pop("format") != FORMAT or facts["name"] != name:
                raise ValueError("not of this version")
            digest = facts.pop("sha256")
            facts["source"] = source.decode()
            program = _adapter().validate_json(json.dumps(facts), strict=True)
            tools = {
                package: {method: with_prefix(mark) for method, mark in methods.items()}
                for package, methods in program.tools.items()
            }
            program = replace(program, tools=tools, packages=tuple(program.packages))
        except FileNotFoundError:
            raise LookupError(f"no program {name!r} is saved in {self.path}") from None
        except PermissionError:  # whose words name a path, and this is for models too
            raise ValueError(
                "another user has a say in its file: it is theirs, or can be written to by others; "
                "save it again"
            ) from None
        except ValidationError as error:
            fault = error.errors(include_url=False, include_input=False)[0]
            place = ".".join(map(str, fault["loc"]))
            raise ValueError(f"it cannot be read: {place}: {fault['msg']}; save it again") from None
        except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            raise ValueError(f"it cannot be read: {error}; save it again") from None
        if program.digest != digest:
            raise ValueError("its file was changed since; save it again")
        return program, content

    def _content(self, path: Path) -> bytes:
        """What a file holds in which no other user has a say; of a project's, no link's either.
        Raises `OSError`, `ValueError`."""
        if not self.is_project:
            return read_heeded(path)
        if link := next(self._links(path.stem), None):
            raise ValueError(f"{link.name} is a link")
        if not path.exists():
            raise FileNotFoundError
        try:
            return found_content(path)
        except ConfigurationError as error:
            raise ValueError(error.problem.removeprefix(f"{path}: ")) from None

    def _links(self, name: str) -> Iterator[Path]:
        """Links in a project's folder: they could lead to what is trusted as another's program."""
        if self.is_project:
            files = (self.path / f"{name}.py", self._facts_path(name))
            yield from (one for one in (self.path.parent, self.path, *files) if one.is_symlink())

    def _facts_path(self, name: str) -> Path:
        return self.path / f"{name}.json"
