"""Every decision says what, why, what else was thought of, and where the code is."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.docs.pages import DOCS

PAGES = [
    page
    for page in sorted((DOCS / "decisions").glob("*.md"))
    if page.stem not in ("index", "libraries")
]
PARTS = ["Decision", "Because", "Rejected", "Code"]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_decision_has_its_four_parts(page: Path) -> None:
    _, *entries = page.read_text().split("\n## ")
    for entry in entries:
        assert re.findall(r"^\*\*(\w+):\*\* \S", entry, re.MULTILINE) == PARTS, entry


def test_the_index_names_every_page() -> None:
    index = (DOCS / "decisions" / "index.md").read_text()
    named = set(re.findall(r"\]\(([\w-]+\.md)\)", index))
    assert named == {page.name for page in (DOCS / "decisions").glob("*.md")} - {"index.md"}
