"""A name → the files of a small, well-made MCP server: what `new-server` writes."""

from __future__ import annotations

import keyword
import re

from ..errors import ConfigError
from .render import Files, fill

MAX_NAME = 40

_NAME = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")


def scaffold(name: str) -> Files:
    """The files of a new server, by their paths below its folder. Raises `ConfigError`.

    `name` is lower-case words with hyphens: it becomes a folder, a distribution and a module.
    """
    words = name.replace("-", " ")
    if len(name) > MAX_NAME or not _NAME.fullmatch(name) or keyword.iskeyword(name):
        raise ConfigError(
            f"{name!r} is no name for a server",
            hint=f"use lower-case words with hyphens, at most {MAX_NAME} characters: parcel-desk",
        )
    module = f"{name.replace('-', '_')}_server"
    instance = name.replace("-", "_")
    facts = {
        "name": name,
        "words": words,
        "title": words.capitalize(),
        "module": module,
        "instance": instance,
        "package": f"{instance}_sdk",
    }
    paths = {
        "pyproject.toml": "pyproject.toml",
        "README.md": "README.md",
        "mcp.json": "mcp.json",
        "server.py": f"{module}.py",
        "tests/test_server.py": f"tests/test_{module}.py",
    }
    return {path: fill(f"server/{template}.jinja", **facts) for template, path in paths.items()}
