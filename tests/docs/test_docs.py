"""The pages of the documentation do what they say; `pages.py` tells how they are written."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import pytest
from mcp_sdkgen_codemode.sandbox import SandboxError, choose

from tests.docs.pages import DOCS, ROOT, blocks, played, scratch
from tests.docs.surroundings import surroundings_of
from website.stage import made_pages

PAGES = sorted(DOCS.rglob("*.md"))
PLAYED = [page for page in PAGES if any(b.language == "console" for b in blocks(page.read_text()))]
# By `tests/observed` and `tests/codemode`.
TESTED_ELSEWHERE = {
    DOCS / "guides" / f"{name}.md" for name in ("observed-types", "prompts-and-search")
}
LINK = re.compile(r"\]\(([^)\s]+)\)")


def named(page: Path) -> str:
    return str(page.relative_to(DOCS))


def skip_without_a_box() -> None:
    try:
        asyncio.run(choose("bubblewrap"))
    except SandboxError as error:
        pytest.skip(f"{error.reason}; {error.fix}")


@pytest.mark.parametrize("page", PLAYED, ids=named)
def test_a_page_shows_what_its_commands_print(page: Path, tmp_path: Path) -> None:
    text = page.read_text()
    if "$ mcp-sdkgen run" in text:
        skip_without_a_box()
    with surroundings_of(page, tmp_path) as around:
        assert played(text, scratch(tmp_path), around) == text


def test_every_guide_is_played() -> None:
    guides = set((DOCS / "guides").glob("*.md")) - {DOCS / "guides" / "index.md"}
    assert guides and guides - TESTED_ELSEWHERE <= set(PLAYED)


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_the_python_of_a_page_compiles_and_its_links_lead_somewhere(page: Path) -> None:
    text = page.read_text()
    for block in blocks(text):
        if block.language == "python":
            compile(block.text, f"{page.name}:{block.first}", "exec")
    for target in LINK.findall(text):
        if "://" not in target and not target.startswith("#"):
            there = (page.parent / target.partition("#")[0]).resolve()
            made = there.is_relative_to(DOCS) and there.relative_to(DOCS).as_posix() in made_pages()
            assert made or (there.is_relative_to(ROOT) and there.exists()), target


def test_a_page_that_tells_another_output_is_corrected(tmp_path: Path) -> None:
    page = (
        '```python title="hello.py"\nprint("hello", 40 + 2)\n```\n\n'
        "```console\n$ python hello.py\nhello ...\n$ echo two && echo lines\nwrong\n```\n\nEnd.\n"
    )
    assert played(page, scratch(tmp_path), {}) == page.replace("wrong", "two\nlines")
