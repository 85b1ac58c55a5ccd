"""The pages of the documentation do what they say; `pages.py` tells how they are written."""

from __future__ import annotations

import asyncio
import re
from difflib import unified_diff
from pathlib import Path

import pytest
import yaml
from mcp_sdkgen_codemode.sandbox import SandboxError, choose

from tests.docs.pages import DOCS, ROOT, blocks, played, scratch
from tests.docs.readers import READERS, read_sh
from tests.docs.surroundings import surroundings_of
from website.stage import ELSEWHERE

PAGES = [ROOT / "README.md", *sorted(DOCS.rglob("*.md")), *(ROOT / page for page in ELSEWHERE)]
PLAYED = [page for page in PAGES if any(b.language == "console" for b in blocks(page.read_text()))]
RUNTIME = ROOT / "runtime" / "client" / "README.md"
"""Its Python is run by `tests/runtime/test_readme.py`, in whole."""
LONG = ("frameworks.md", "real-servers.md", "your-own-server.md")
"""They take longest to play, and what their commands do is tested elsewhere as well."""
LINK = re.compile(r"\]\(([^)\s]+)\)")


def named(page: Path) -> str:
    return str(page.relative_to(ROOT))


def skip_without_a_sandbox() -> None:
    try:
        asyncio.run(choose("bubblewrap"))
    except SandboxError as error:
        pytest.skip(f"{error.reason}; {error.fix}")


@pytest.mark.parametrize(
    "page",
    [pytest.param(page, marks=pytest.mark.slow) if page.name in LONG else page for page in PLAYED],
    ids=named,
)
def test_a_page_shows_what_its_commands_print(page: Path, tmp_path: Path) -> None:
    text = page.read_text()
    if "$ mcp-sdkgen run" in text:
        skip_without_a_sandbox()
    with surroundings_of(page, tmp_path) as around:
        shown = played(text, scratch(tmp_path), around)
    told = unified_diff(text.splitlines(), shown.splitlines(), "told", "shown", lineterm="")
    assert shown == text, "\n".join(told)


def test_every_guide_is_played() -> None:
    guides = set((DOCS / "guides").glob("*.md")) - {DOCS / "guides" / "index.md"}
    assert guides and guides <= set(PLAYED)


@pytest.fixture(scope="module")
def run_elsewhere() -> list[str]:
    """Texts that tests run or make: the examples, and the files of pages that are played."""
    examples = [
        file for file in (ROOT / "examples").rglob("*") if file.suffix in (".py", ".toml", ".txt")
    ]
    files = [b.text for page in PLAYED for b in blocks(page.read_text()) if b.title]
    return [file.read_text() for file in examples] + files


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_block_of_a_page_is_run_or_made_or_read(page: Path, run_elsewhere: list[str]) -> None:
    for block in blocks(page.read_text()):
        if block.language in READERS:
            READERS[block.language](block.text)
        elif page in PLAYED and (block.title or block.language == "console"):
            continue
        elif block.language and not (page == RUNTIME and block.language == "python"):
            # What has no language is a drawing.
            known = any(block.text in text for text in run_elsewhere)
            assert known, f"{named(page)}:{block.first}: nothing tests this {block.language} block"


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("mcp-sdkgen biuld mcp.json", "biuld"),
        ("mcp-sdkgen run --alow x program.py", "--alow"),
        ("mcp-sdkgen login", "server"),
        ("make everything", "make everything"),
        ("pip install './runtime/codemode[chats]'", "chats"),
        ("pip install ./nowhere", "./nowhere"),
        ("uvx --find-links dist mcp-sdkgen biuld mcp.json", "biuld"),
        ("uvx --from 'mcp-sdkgen[demos]' mcp-sdkgen demo", "demos"),
        ("rm x", "rm x"),
    ],
)
def test_a_command_that_there_is_not_is_found_on_a_page(line: str, problem: str) -> None:
    with pytest.raises(Exception, match=problem):
        read_sh(line)


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_the_python_of_a_page_compiles_and_its_links_lead_somewhere(page: Path) -> None:
    text = page.read_text()
    for block in blocks(text):
        if block.language == "python":
            compile(block.text, f"{page.name}:{block.first}", "exec")
    for target in LINK.findall(text):
        if "://" not in target and not target.startswith("#"):
            there = (page.parent / target.partition("#")[0]).resolve()
            # A page that only the site has is a dead link for who reads this one in the repository.
            assert there.is_relative_to(ROOT) and there.exists(), target


def test_the_workflow_for_drift_is_one_and_its_commands_are_there() -> None:
    workflow = yaml.safe_load((ROOT / "examples" / "drift.yml").read_text())
    steps = workflow["jobs"]["diff"]["steps"]
    lines = [line for step in steps for line in step.get("run", "").splitlines()]
    commands = [line.partition(" >")[0] for line in lines if line.startswith("mcp-sdkgen")]
    assert commands
    for command in commands:
        read_sh(command)


def test_a_page_that_tells_another_output_is_corrected(tmp_path: Path) -> None:
    page = (
        '```python title="hello.py"\nprint("hello", 40 + 2)\n```\n\n'
        "```console\n$ python hello.py\nhello ...\n$ echo two && echo lines\nwrong\n```\n\nEnd.\n"
    )
    assert played(page, scratch(tmp_path), {}) == page.replace("wrong", "two\nlines")
