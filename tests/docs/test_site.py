"""The site is made strictly, is complete, stands alone, and works in a browser."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from mcp_sdkgen.cli.app import app
from mcp_sdkgen_runtime import errors
from website.__main__ import make
from website.errors import REMEDIES
from website.navigation import navigation
from website.stage import ROOT, relinked

REMOTE = re.compile(r"""<(?:script|link|img|iframe)\b[^>]*\b(?:src|href)=["']?(https?:)?//""")


@pytest.fixture(scope="session")
def build(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which the site was made."""
    folder = tmp_path_factory.mktemp("build")
    make(folder)
    return folder


def test_the_site_is_made_without_a_warning_and_every_page_is_in_the_menu(build: Path) -> None:
    menu = str(navigation(build / "docs"))
    for page in (build / "docs").rglob("*.md"):
        name = page.relative_to(build / "docs").as_posix()
        assert menu.count(f"'{name}'") == 1, name
        made = name.removesuffix(".md").removesuffix("index")
        assert (build / "site" / made / "index.html").exists(), name


def test_pages_fetch_nothing_from_elsewhere(build: Path) -> None:
    for page in (build / "site").rglob("*.html"):
        assert not REMOTE.search(page.read_text()), page


def test_a_link_to_nowhere_and_an_anchor_to_nowhere_stop_the_build(tmp_path: Path) -> None:
    source = ROOT / "docs" / "glossary.md"
    with pytest.raises(ValueError, match=r"nowhere\.md, which is not there"):
        relinked("[a](nowhere.md)", source, "glossary.md", {})
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "index.md").write_text("# Here\n\n[there](#nowhere)\n")
    (tmp_path / "zensical.toml").write_text('[project]\nsite_name = "x"\n')
    zensical = [sys.executable, "-m", "zensical", "build", "--strict"]
    done = subprocess.run(zensical, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode
    assert "anchor does not exist" in re.sub(r"\x1b\[[\d;]*m", "", done.stdout + done.stderr)


def test_links_to_what_is_no_page_become_paths_of_the_repository() -> None:
    text = "[one](../Makefile) and [`Makefile`](../Makefile)\n\n```md\n[x](y)\n```\n"
    shown = relinked(text, ROOT / "docs" / "page.md", "page.md", {})
    assert shown == "one (`Makefile`) and `Makefile`\n\n```md\n[x](y)\n```\n"


def test_the_reference_has_every_command_option_and_error(build: Path) -> None:
    commands = (build / "docs" / "reference" / "commands.md").read_text()
    for command in app.registered_commands:
        assert f"\n## {command.name}\n" in commands
    assert "`--allow SERVER/TOOL`" in commands
    told = (build / "docs" / "reference" / "errors.md").read_text()
    kinds = {name for name in vars(errors) if name.endswith(("Error", "Timeout", "Cancelled"))}
    assert kinds - {"SdkError"} <= set(re.findall(r"^## (\w+)$", told, re.MULTILINE))
    assert kinds <= set(REMEDIES)


def test_the_reference_has_what_the_packages_export(build: Path) -> None:
    told = (build / "docs" / "reference" / "runtime-api.md").read_text()
    assert "A client for one server" in told or "client for one server" in told
    for name in ("Client", "SessionOptions", "cassette", "Unstructured"):
        assert f"\n## {name}\n" in told
