"""Files that a program left, put into a folder of the user's: new ones only, under plain names."""

from __future__ import annotations

import os
import sys
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path, PurePosixPath

from mcp_sdkgen_codemode.outcome import Artifact

from ...errors import ConfigError

_NAMES = """
    mcp-sdkgen.toml pyproject.toml mcp.json setup.py setup.cfg hatch.toml hatch_build.py tox.ini
    noxfile.py pytest.ini conftest.py mypy.ini ruff.toml uv.toml pyvenv.cfg pip.conf pip.ini
    sitecustomize.py usercustomize.py manage.py fabfile.py tasks.py dodo.py sconstruct
    makefile gnumakefile bsdmakefile cmakelists.txt meson.build justfile taskfile.yml taskfile.yaml
    dockerfile containerfile compose.yml compose.yaml docker-compose.yml docker-compose.yaml
    jenkinsfile procfile vagrantfile tiltfile earthfile package.json deno.json deno.jsonc
    bunfig.toml gemfile rakefile cargo.toml build.rs build.gradle build.gradle.kts pom.xml
    flake.nix shell.nix default.nix build.bazel workspace.bazel module.bazel
    agents.md claude.md gemini.md skill.md opencode.json opencode.jsonc desktop.ini autorun.inf
"""
OBEYED = frozenset(_NAMES.split())
"""Names of files that say what other programs do, in any folder that those are started in."""

_OBEYED_ENDINGS = (".pth", "._pth", ".code-workspace", ".mk")
_MODULE_ENDINGS = (".py", ".pyc", ".pyw", ".pyd", ".so", ".dylib")
_REPLY = "have the program choose another name, or take the file from --json"


def write_artifacts(artifacts: Sequence[Artifact], out: Path) -> None:
    """Put files that a program left into `out`, through no link, replacing nothing.

    A file that is there with the same content stays. One that cannot be put there costs only
    itself: raises `ConfigError` at the end, with all of them.
    """
    refused: list[ConfigError] = []
    try:
        if artifacts:
            out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError(f"{out}: {error.strerror}", hint="choose another --out") from None
    for file in artifacts:
        try:
            _write(file, out)
        except ConfigError as error:
            refused.append(error)
    if len(refused) == 1:
        raise refused[0]
    if refused:
        raise ConfigError(
            f"{len(refused)} of {len(artifacts)} files were not written",
            detail="\n".join(map(str, refused)),
            hint="; ".join(dict.fromkeys(error.hint for error in refused)),
        )


def obeyed(name: str) -> str:
    """Why no file may be called so in a folder of the user's; empty where it may.

    Python imports what is called like a module of its own before that module, other programs are
    told by files of a certain name what to run, and hidden files are mostly such.
    """
    # As a file system may compare names that ignores case, forms of letters, and dots at the end.
    parts = [
        unicodedata.normalize("NFKC", part).casefold().rstrip(". ")
        for part in PurePosixPath(name).parts
    ]
    for part in parts:
        if not part or part.startswith("."):
            return "it is hidden"
        if part in OBEYED or part.endswith(_OBEYED_ENDINGS):
            return f"programs do what {part} says"
    if parts and parts[-1].endswith(_MODULE_ENDINGS):
        for part in parts:
            if part.split(".")[0] in _modules():
                return f"Python would import it for {part.split('.')[0]}"
    return ""


@cache
def _modules() -> frozenset[str]:
    return frozenset(
        each.casefold() for each in (*sys.stdlib_module_names, *packages_distributions())
    )


def _write(file: Artifact, out: Path) -> None:
    path = out / file.name
    if why := obeyed(file.name):
        raise ConfigError(f"{path}: not written: {why}", hint=_REPLY)
    try:
        with _folder(out, PurePosixPath(file.name).parts[:-1]) as folder:
            _create(path.name, folder, file.data)
    except FileExistsError:
        raise ConfigError(
            f"{path}: is there already", hint="remove it, or choose another --out"
        ) from None
    except UnicodeEncodeError:
        hint = "set LC_ALL=C.UTF-8"
        raise ConfigError(f"{path}: no name for a file in this locale", hint=hint) from None
    except OSError as error:
        if any(part.is_symlink() for part in [path, *path.parents] if part.is_relative_to(out)):
            raise ConfigError(
                f"{path}: a link is in the way", hint="choose an empty --out"
            ) from None
        raise ConfigError(f"{path}: {error.strerror}", hint="choose another --out") from None


@contextmanager
def _folder(out: Path, names: Sequence[str]) -> Iterator[int]:
    """A folder below `out`, made where it is missing, as a descriptor that no link led to."""
    here = os.open(out, os.O_RDONLY | os.O_DIRECTORY)
    try:
        for name in names:
            with suppress(FileExistsError):
                os.mkdir(name, dir_fd=here)
            below = os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=here)
            os.close(here)
            here = below
        yield here
    finally:
        os.close(here)


def _create(name: str, folder: int, data: bytes) -> None:
    """A new file. Raises `OSError`; `FileExistsError` unless it is there with the same content."""
    try:
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
        opened = os.open(name, flags, 0o666, dir_fd=folder)
    except FileExistsError:
        if not _holds(name, folder, data):
            raise
        return
    try:
        with os.fdopen(opened, "wb") as file:
            file.write(data)
    except OSError:
        os.unlink(name, dir_fd=folder)
        raise


def _holds(name: str, folder: int, data: bytes) -> bool:
    # Without waiting: what is there may be a pipe.
    opened = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=folder)
    with os.fdopen(opened, "rb") as file:
        return file.read(len(data) + 1) == data
