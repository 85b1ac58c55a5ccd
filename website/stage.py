"""Puts the pages of the site into one folder: those of `docs/`, of other folders, and made ones.

Links between them are kept. Links to what is no page, such as an example's source, become the path
within the repository: the site stands alone.
"""

from __future__ import annotations

import json
import os
import re
import shutil
from functools import cache
from pathlib import Path
from textwrap import shorten

from .api import api_pages
from .commands import commands_page
from .errors import errors_page
from .types import types_page

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"

ELSEWHERE = {
    "runtime/client/README.md": "reference/runtime.md",
    "benchmarks/README.md": "benchmarks/figures.md",
    "CHANGELOG.md": "changelog.md",
    "CONTRIBUTING.md": "contributing.md",
}
"""Pages that lie outside of `docs/`, because people look for them there."""

SHOWN_AS = {
    "runtime/client/mcp_sdkgen_runtime/errors.py": "reference/errors.md",
    "runtime/codemode/mcp_sdkgen_codemode/limits.py": "reference/codemode-api.md",
    "tests/cases": "reference/types.md",
}
"""What pages link to, for who reads them in the repository, and the made page that shows it."""

_LINK = re.compile(r"(!?)\[([^\]]*)\]\(([^)\s]+)\)")
_FIRST_PARAGRAPH = re.compile(r"^# .+\n+(?!```)((?:[\w*`\[>].*\n)+)", re.MULTILINE)
_FENCE = re.compile(r"^(`{3,}|~{3,}).*?^\1[ \t]*$", re.MULTILINE | re.DOTALL)


def stage(target: Path) -> None:
    """Write all pages, pictures and styles of the site to `target`, which is replaced."""
    shutil.rmtree(target, ignore_errors=True)
    homes = {path: path.relative_to(DOCS).as_posix() for path in DOCS.rglob("*") if path.is_file()}
    homes |= {ROOT / source: page for source, page in ELSEWHERE.items()}
    made = made_pages()
    homes |= {DOCS / page: page for page in made}
    shown = {ROOT / source: page for source, page in SHOWN_AS.items()}
    for source, page in homes.items():
        if page in made:
            _write(target / page, made[page])
        elif source.suffix == ".md":
            _write(target / page, relinked(source.read_text(), source, page, homes | shown))
        elif not source.suffix.startswith(".py"):
            (target / page).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, target / page)


@cache
def made_pages() -> dict[str, str]:
    """The pages that no file holds, as page → Markdown: most of the reference."""
    return {
        **api_pages(),
        "reference/commands.md": commands_page(),
        "reference/errors.md": errors_page(),
        "reference/types.md": types_page(),
    }


def relinked(text: str, source: Path, page: str, homes: dict[Path, str]) -> str:
    """The text of `source` with the links that it needs as `page`. `homes` maps files to pages.

    Raises `ValueError` for a link to nowhere.
    """

    def link(found: re.Match[str]) -> str:
        mark, shown, address = found.groups()
        if "://" in address or address.startswith(("#", "mailto:")):
            return found[0]
        path, sign, anchor = address.partition("#")
        there = Path(os.path.normpath(source.parent / path))
        if there in homes:
            new = os.path.relpath(homes[there], Path(page).parent)
            return f"{mark}[{shown}]({new}{sign}{anchor})"
        if not there.exists():
            raise ValueError(f"{source.relative_to(ROOT)}: a link to {address}, which is not there")
        # The site holds no copy of it; the path is how to find it in a checkout.
        name = there.relative_to(ROOT).as_posix()
        return f"`{name}`" if name.endswith(shown.strip("`")) else f"{shown} (`{name}`)"

    parts, end = [], 0
    for fence in _FENCE.finditer(text):
        parts += [_LINK.sub(link, text[end : fence.start()]), fence[0]]
        end = fence.end()
    return "".join(parts) + _LINK.sub(link, text[end:])


def described(text: str) -> str:
    """A page whose front matter tells search engines what it is about: its first paragraph."""
    found = _FIRST_PARAGRAPH.search(text)
    if found is None:
        return text
    plain = re.sub(r"\[([^\]]*)\]\([^)]*\)|[*`]|^> ", r"\1", found[1], flags=re.MULTILINE)
    about = json.dumps(shorten(plain, 160, placeholder=" …"), ensure_ascii=False)
    rest = text.removeprefix("---\n") if text.startswith("---\n") else f"---\n\n{text}"
    return f"---\ndescription: {about}\n{rest}"


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(described(text))
