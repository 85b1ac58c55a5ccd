"""Files that a program left, put into a folder of the user's: new ones only, under plain names."""

from __future__ import annotations

import os
import re
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
    mcp-sdkgen.toml pyproject.toml mcp.json mcp_config.json setup.py setup.cfg hatch.toml
    hatch_build.py tox.ini tox.toml pytest.ini pytest.toml conftest.py mypy.ini ruff.toml uv.toml
    pixi.toml poetry.toml pdm.toml pylintrc pyvenv.cfg pip.conf pip.ini requirements.txt
    constraints.txt environment.yml environment.yaml sitecustomize.py usercustomize.py manage.py
    tasks.py dodo.py __main__.py app.py wsgi.py asgi.py conf.py mkdocs.yml mkdocs.yaml
    sconstruct wscript configure configure.ac cmakelists.txt cmakepresets.json
    cmakeuserpresets.json meson.build meson_options.txt meson.options justfile xmake.lua
    dockerfile containerfile compose.yml compose.yaml docker-compose.yml docker-compose.yaml
    docker-bake.hcl docker-bake.json skaffold.yaml devcontainer.json mise.toml devbox.json
    package.json package-lock.json npm-shrinkwrap.json yarn.lock pnpm-lock.yaml
    pnpm-workspace.yaml lerna.json nx.json turbo.json nodemon.json deno.json deno.jsonc bunfig.toml
    composer.json cargo.toml cargo.lock build.rs build.zig build.sbt package.swift mix.exs
    project.clj deps.edn gradlew mvnw gradle.properties pom.xml build.xml ivy.xml
    build.bazel workspace.bazel module.bazel workspace lefthook.yml lefthook.yaml
    appveyor.yml azure-pipelines.yml bitbucket-pipelines.yml cloudbuild.yaml buildspec.yml
    serverless.yml ansible.cfg netlify.toml wrangler.toml vercel.json renovate.json
    agents.md agents.override.md claude.md claude.local.md gemini.md qwen.md warp.md skill.md
    copilot-instructions.md opencode.json opencode.jsonc desktop.ini autorun.inf
    go.mod go.work rust-toolchain rust-toolchain.toml cdk.json firebase.json config.ru
    action.yml action.yaml _vimrc _exrc head node_modules
"""
OBEYED = frozenset(_NAMES.split())
"""Names of files and folders that say what other programs do, in any folder that those are started
in. git takes a folder with a HEAD for a repository, and runs what its config says."""

_OBEYED_ENDINGS = (
    ".pth", "._pth", ".code-workspace", ".mk", ".mak", ".cmake", ".gradle", ".gradle.kts", ".nix",
    ".bzl", ".gyp", ".gypi", ".tf", ".sln", ".props", ".targets", ".csproj", ".vcxproj",
    ".exe", ".com", ".bat", ".cmd", ".ps1", ".psm1", ".vbs", ".wsf", ".hta", ".scr", ".dll",
    ".lnk", ".url", ".desktop", ".command",
)  # fmt: skip
_OBEYED_FORMS = re.compile(
    r".*file(\.(py|rb|[cm]?[jt]s|ya?ml|toml|just|lock))?"  # Makefile, gulpfile.js, Pipfile.lock
    r"|.*\.conf(ig)?\.([cm]?[jt]s|json)"
    r"|tsconfig.*\.json"
    r"|requirements.*\.txt"
    r"|(uv|poetry|pdm|pixi|flake)\.lock"
    r"|test_.*\.py|.*_test\.py"  # which pytest imports
    r"|.*_sdk(\..*)?"
)
_OURS = ("mcp_sdkgen", "mcp_sdkgen_codemode", "mcp_sdkgen_runtime")
_MODULE_ENDINGS = (".py", ".pyc", ".pyw", ".pyd", ".so", ".dylib")
_ELSEWHERE = re.compile(r"[:\\]|~\d")
"""On Windows a stream of a file, a folder, and a shortened name."""
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
    parts = [_compared(part) for part in PurePosixPath(name).parts]
    for part in parts:
        if not part or part.startswith("."):
            return "it is hidden"
        if _ELSEWHERE.search(part):
            return "on other systems this name means something else"
        if part in OBEYED or part.endswith(_OBEYED_ENDINGS) or _OBEYED_FORMS.fullmatch(part):
            return f"other programs obey a file named {part}"
    if parts and parts[-1].endswith(_MODULE_ENDINGS):
        for part in parts:
            if part.split(".")[0] in _modules():
                return f"Python would import it instead of {part.split('.')[0]}"
    return ""


def _compared(part: str) -> str:
    """As a file system may compare names that ignores case, forms of letters, characters without
    width, and dots at the end."""
    seen = "".join(c for c in part if unicodedata.category(c) != "Cf")
    return unicodedata.normalize("NFKC", seen).casefold().rstrip(". ")


@cache
def _modules() -> frozenset[str]:
    return frozenset(
        each.casefold() for each in (*sys.stdlib_module_names, *packages_distributions(), *_OURS)
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
            f"{path}: already exists", hint="remove it, or choose another --out"
        ) from None
    except UnicodeEncodeError:
        hint = "set LC_ALL=C.UTF-8"
        raise ConfigError(f"{path}: this locale cannot write the file name", hint=hint) from None
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
