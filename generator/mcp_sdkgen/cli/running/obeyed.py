"""Names of files that say what other programs do, in any folder that those are started in."""

from __future__ import annotations

import re
import sys
import unicodedata
from fnmatch import translate
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path, PurePosixPath

_LISTED = Path(__file__).with_name("obeyed_names.txt")
"""Names of many programs' files, by lists that others maintain. Made by `tools/obeyed_names.py`."""
_OWN = """
    mcp-sdkgen.toml mcp.json mcp_config.json setup.cfg tox.ini pytest.ini pytest.toml mypy.ini
    poetry.toml pyvenv.cfg pip.conf pip.ini environment.yml environment.yaml mkdocs.yaml configure
    meson.options docker-bake.hcl package-lock.json npm-shrinkwrap.json pnpm-lock.yaml nx.json
    build.rs build.zig build.sbt package.swift mix.exs project.clj deps.edn gradle.properties
    ivy.xml buildspec.yml ansible.cfg netlify.toml copilot-instructions.md desktop.ini autorun.inf
    rust-toolchain config.ru _exrc head node_modules
"""
"""Names that the lists do not have. git takes a folder with a HEAD for a repository, and runs what
its config says."""
_MODULES = """
    sitecustomize usercustomize conftest setup hatch_build manage tasks dodo noxfile fabfile
    __main__ app wsgi asgi conf settings
"""
"""Modules that Python, or a program written in it, imports from the folder it is started in."""
_ENDINGS = (
    ".pth", "._pth", ".code-workspace", ".mk", ".mak", ".cmake", ".gradle", ".gradle.kts", ".nix",
    ".bzl", ".bazel", ".gyp", ".gypi", ".tf", ".sln", ".props", ".targets", ".csproj", ".vcxproj",
    ".exe", ".com", ".bat", ".cmd", ".ps1", ".psm1", ".vbs", ".wsf", ".hta", ".scr", ".dll",
    ".lnk", ".url", ".desktop", ".command",
)  # fmt: skip
_FORMS = re.compile(
    r".*file((\.[\w-]+)*\.(py|rb|[cm]?[jt]s|ya?ml|toml|just|lock))?"  # Makefile, Pipfile.lock
    r"|(docker|container)file.*|(docker-)?compose.*\.ya?ml"
    r"|.*\.conf(ig)?\.[^.]+|.*_conf(ig)?\.py"  # vite.config.ts, gunicorn.conf.py
    r"|tsconfig.*\.json"
    r"|(.*[-_.])?(requirements|constraints)([-_.].*)?\.(txt|in)"
    r"|(uv|poetry|pdm|pixi|flake)\.lock"
    r"|test_.*\.py|.*_test\.py"  # which pytest imports
    r"|(agents?|claude|gemini|qwen|warp|skill)(\..*)?\.md"
    r"|.*\.(agent|chatmode|instructions|prompt|toolset)\.md"
    r"|.*_sdk(\..*)?"
)
_OURS = ("mcp_sdkgen", "mcp_sdkgen_codemode", "mcp_sdkgen_runtime")
_MODULE_ENDINGS = (".py", ".pyc", ".pyw", ".pyd", ".so", ".dylib")
_ELSEWHERE = re.compile(r"[:\\]|~\d")
"""On Windows a stream of a file, a folder, and a shortened name."""


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
        if part.endswith(_ENDINGS) or _FORMS.fullmatch(part) or _listed().fullmatch(part):
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
def _listed() -> re.Pattern[str]:
    lines = _LISTED.read_text(encoding="utf-8").splitlines()
    names = [name for line in lines if not line.startswith("#") for name in line.split()]
    return re.compile("|".join(map(translate, (*names, *_OWN.split()))))


@cache
def _modules() -> frozenset[str]:
    installed = (*sys.stdlib_module_names, *packages_distributions(), *_OURS)
    return frozenset(each.casefold() for each in (*installed, *_MODULES.split()))
