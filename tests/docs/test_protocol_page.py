"""Every test that the page about the protocol names is there."""

from __future__ import annotations

import ast
import re
from pathlib import Path

TESTS = Path(__file__).parents[1]
PAGE = TESTS.parent / "docs" / "protocol.md"


def test_the_tests_that_the_page_names_exist() -> None:
    named = set(re.findall(r"`(test_\w+)`", PAGE.read_text(encoding="utf-8")))
    there = {
        node.name
        for path in TESTS.rglob("test_*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    assert len(named) > 40
    assert named <= there, sorted(named - there)


def test_every_item_names_a_test_or_says_why_not() -> None:
    first = PAGE.read_text(encoding="utf-8").split("\n## ")[0]
    rows = [line.strip("| ").split(" | ") for line in first.splitlines() if line.startswith("| ")]
    assert rows[0] == ["item", "what we do", "tests"]
    for item, what, tests in rows[2:]:
        why_not = tests == "none" and (what.startswith("not ") or "never" in what)
        assert why_not or "`test_" in tests, item
