"""The menu of the site: the order of the pages we know, then what else lies in their folders."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

SECTIONS: dict[str, Sequence[str]] = {
    "Start": ["index.md"],
    "Install": ["install.md"],
    "Tour": ["tour.md"],
    "Guides": [
        "guides/index.md",
        "guides/call.md",
        "guides/from-tools-to-python.md",
        "guides/real-servers.md",
        "guides/how-a-program-runs.md",
        "guides/saved-programs.md",
        "guides/serve.md",
        "guides/chat.md",
        "guides/frameworks.md",
        "guides/prompts-and-search.md",
        "guides/your-own-server.md",
        "guides/lint.md",
        "guides/oauth.md",
        "guides/elicitation.md",
        "guides/progress.md",
        "guides/observed-types.md",
        "guides/cassettes.md",
        "guides/drift.md",
        "guides/",
    ],
    "Use cases": ["use-cases/index.md", "use-cases/"],
    "Reference": [
        "reference/index.md",
        "reference/commands.md",
        "reference/configuration.md",
        "reference/runtime.md",
        "reference/runtime-api.md",
        "reference/codemode-api.md",
        "reference/generator-api.md",
        "reference/errors.md",
        "reference/types.md",
        "reference/sdk-files.md",
        "reference/",
    ],
    "How it works": [
        "pipeline.md",
        "security.md",
        "protocol.md",
        "glossary.md",
        "benchmarks/figures.md",
        "benchmarks/",
        "",
    ],
    "Decisions": ["decisions/index.md", "decisions/"],
    "Why": ["why.md"],
}
"""A name of a page, or of a folder: all pages in it that are not named anywhere."""


def navigation(docs: Path) -> list[dict[str, object]]:
    """The menu for the pages in `docs`, which names every page exactly once."""
    named = {page for pages in SECTIONS.values() for page in pages}
    found: list[dict[str, object]] = []
    for section, entries in SECTIONS.items():
        pages = [page for entry in entries for page in _pages(docs, entry, named)]
        if len(pages) == 1:
            found.append({section: pages[0]})
        elif pages:
            found.append({section: [_entry(docs, page) for page in pages]})
    return found


def as_toml(menu: list[dict[str, object]]) -> str:
    """The menu as a line of TOML, whose inline tables are JSON objects with another sign."""
    return "nav = " + re.sub(r'("(?:[^"\\]|\\.)*"): ', r"\1 = ", json.dumps(menu)) + "\n"


def title(page: Path) -> str:
    """The first heading of a page. Raises `ValueError` where there is none."""
    heading = re.search(r"^# (.+)$", page.read_text(), re.MULTILINE)
    if heading is None:
        raise ValueError(f"{page}: a page begins with a heading")
    return heading[1].replace("`", "")


def _pages(docs: Path, entry: str, named: set[str]) -> Iterator[str]:
    if entry.endswith(".md"):
        if (docs / entry).exists():
            yield entry
        return
    for path in sorted((docs / entry).glob("*.md")):
        page = path.relative_to(docs).as_posix()
        if page not in named:
            yield page


def _entry(docs: Path, page: str) -> object:
    # With `navigation.indexes`, a page without a title of its own is the section's.
    return page if page.endswith("/index.md") else {title(docs / page): page}
