"""Text from a server stays text, whatever it looks like and wherever it stands."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from mcp_sdkgen import Snapshot, generate
from mcp_sdkgen.report import ServerReport
from mcp_sdkgen.text import clean, code_span, docstring, fenced, literal, markdown, terminal

from tests.hostile.inspecting import (
    check_characters,
    check_files,
    check_markdown,
    check_project,
    check_python,
    markdown_tokens,
    table_rows,
)
from tests.hostile.payloads import (
    FILE,
    MARK,
    TEXTS,
    all_texts_together,
    everywhere,
    snapshot_of,
    tool,
)
from tests.patience import HANG_S

WATCHED = Path(__file__).parent / "watched_import.py"
ANY_TEXT = st.one_of(
    st.text(),
    st.lists(st.sampled_from([*TEXTS.values(), "\\", '"', "`", "|", "\n", "#"])).map("".join),
)


def imported(folder: Path, package: str) -> str:
    command = [sys.executable, "-I", "-B", str(WATCHED), str(folder), package]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=HANG_S)
    return done.stdout + done.stderr


def test_a_wheel_made_of_every_hostile_text_imports_and_runs_nothing(
    built: Callable[[Snapshot], ServerReport], tmp_path: Path
) -> None:
    report = built(snapshot_of(all_texts_together()))
    assert imported(tmp_path / "wheel", report.package) == "fine\n"
    assert not list(tmp_path.rglob(FILE))
    written = {p.relative_to(tmp_path).parts[0] for p in tmp_path.rglob("*")}
    assert written <= {"out", "wheel"}
    assert {p.name for p in (tmp_path / "out").iterdir()} == {"hostile", "dist"}
    assert len(report.tools) == 2 * len(TEXTS)
    assert not [found for found in report.diagnostics if found.code == "check-failed"]


@pytest.mark.parametrize("name", TEXTS)
def test_a_text_in_every_place_gives_only_declarations_and_plain_prose(name: str) -> None:
    made = generate(snapshot_of(everywhere(TEXTS[name])))
    check_files(made.files, "Hostile")
    assert len(made.methods) == 2


def test_all_texts_together_give_only_declarations_and_plain_prose() -> None:
    made = generate(snapshot_of(all_texts_together()))
    check_files(made.files, "Hostile")
    assert MARK not in "".join(made.files.values())


@settings(max_examples=20, deadline=None)
@given(ANY_TEXT)
def test_any_text_in_every_place_gives_only_declarations_and_plain_prose(text: str) -> None:
    made = generate(snapshot_of(everywhere(text)))
    files = dict(made.files)
    # Emoji and scripts keep their joiners; the strict check is for the texts chosen above.
    for path, content in files.items():
        if path.endswith((".py", ".pyi")):
            check_python(path, content, "Hostile")
        if path.endswith(".md"):
            check_markdown(path, content)
    check_project(files["pyproject.toml"])


@settings(max_examples=40, deadline=None)
@given(ANY_TEXT)
def test_a_description_reaches_the_package_word_for_word(text: str) -> None:
    made = generate(Snapshot.of("words", [tool("say", description=f"Begin. {text}")]))
    shipped = json.loads(made.files["words_sdk/snapshot.json"])
    [said] = shipped["tools"]
    assert said["definition"]["description"] == f"Begin. {text}"


@settings(max_examples=300)
@given(ANY_TEXT)
def test_a_literal_is_the_same_value_in_printable_text(text: str) -> None:
    source = literal(text)
    assert source.isprintable()
    assert ast.literal_eval(source) == text


@settings(max_examples=300)
@given(ANY_TEXT, st.sampled_from([0, 4, 8]))
def test_a_docstring_is_one_constant_with_the_words_of_the_text(text: str, indent: int) -> None:
    source = docstring(text, indent)
    if source:
        value = ast.literal_eval(source)
        assert "".join(value.split()) == "".join(clean(text).split())


@settings(max_examples=300)
@given(ANY_TEXT)
def test_markdown_shows_its_text_and_nothing_else(text: str) -> None:
    shown = [t for t in markdown_tokens(f"x {markdown(text)}") if t.type != "inline"]
    assert {t.type for t in shown} <= {"paragraph_open", "paragraph_close", "text", "text_special"}
    words = "".join(t.content for t in shown).split()
    assert words[1:] == clean(text).split()


@settings(max_examples=300)
@given(ANY_TEXT, ANY_TEXT)
def test_a_table_cell_holds_one_cell(text: str, other: str) -> None:
    for write in (markdown, code_span):
        rows = f"| a | b |\n| --- | --- |\n| {write(text)} | {write(other)} |"
        assert [len(row) for row in table_rows(rows)] == [2, 2]
        types = {token.type for token in markdown_tokens(rows)}
        assert not types & {"link_open", "image", "html_inline", "em_open", "strong_open", "s_open"}


@settings(max_examples=300)
@given(ANY_TEXT)
def test_nothing_ends_a_fence(text: str) -> None:
    tokens = MarkdownIt("commonmark").parse(f"{fenced(text)}\n")
    assert [token.type for token in tokens] == ["fence"]
    assert tokens[0].content.strip("\n") == clean(text).strip("\n")


@settings(max_examples=300)
@given(ANY_TEXT)
def test_a_terminal_gets_one_line_without_commands(text: str) -> None:
    line = terminal(text)
    assert "\n" not in line
    assert not any(ord(char) < 0x20 or 0x7F <= ord(char) < 0xA0 for char in line)


def test_emoji_and_scripts_with_joiners_stay_as_they_are() -> None:
    for text in ("⚠️ Danger", "👩‍👧 family", "1️⃣ first", "می‌خواهم", "क्‍ष", "→ ok ✔️"):
        assert clean(text) == text


def test_the_checks_see_what_they_are_there_to_see() -> None:
    for source in (
        "import os\n",
        "from os import system\n",
        "x = __import__('os')\n",
        "x = open('a')\n",
        "def f():\n    return 1\nf()\n",
        "x = [y for y in ()]\n",
        "# mypy: ignore-errors\n",
        "# -*- coding: latin-1 -*-\n",
        "x = f'{1}'\n",
    ):
        with pytest.raises((AssertionError, SyntaxError)):
            check_python("planted.py", source, "Planted")
    for text in ("<b>x</b>", "[a](http://b.example)", "![a](b)", "http://b.example", "# other"):
        with pytest.raises(AssertionError):
            check_markdown("planted.md", text)
    for text in ("a\u202eb", "a\x1bb", "a\U000e0041b", "a\ufe0fb", "a\u3164b"):
        with pytest.raises(AssertionError):
            check_characters("planted.md", text)


def test_the_watched_import_sees_code_that_runs(tmp_path: Path) -> None:
    lines = ("open('x', 'w')", "import socket; socket.socket()", "eval('__import__')")
    for number, line in enumerate(lines):
        package = tmp_path / f"planted{number}"
        package.mkdir()
        (package / "__init__.py").write_text(line + "\n")
        assert imported(tmp_path, package.name).startswith("forbidden")
