"""The site is made strictly, is complete, stands alone, and works in a browser."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from mcp_sdkgen.cli.app import VERBS
from mcp_sdkgen_runtime import errors
from selenium.webdriver import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from tests.browser import browser
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
    for verb in VERBS:
        assert f"\n## {verb}\n" in commands
    assert "`--allow SERVER/TOOL`" in commands
    told = (build / "docs" / "reference" / "errors.md").read_text()
    classes = [one for one in vars(errors).values() if isinstance(one, type)]
    kinds = {one.__name__ for one in classes if issubclass(one, errors.SdkError)}
    assert kinds - {"SdkError"} <= set(re.findall(r"^## (\w+)$", told, re.MULTILINE))
    assert kinds <= set(REMEDIES)


def test_the_reference_has_what_the_packages_export(build: Path) -> None:
    told = (build / "docs" / "reference" / "runtime-api.md").read_text()
    assert "A client for one server" in told or "client for one server" in told
    for name in ("Client", "SessionOptions", "cassette", "Unstructured"):
        assert f"\n## {name}\n" in told
    code_mode = (build / "docs" / "reference" / "codemode-api.md").read_text()
    generator = (build / "docs" / "reference" / "generator-api.md").read_text()
    # Functions that have the name of their submodule.
    assert {"execute", "prompt", "search"} <= set(re.findall(r"^## (\w+)$", code_mode, re.M))
    assert {"build", "generate", "compare"} <= set(re.findall(r"^## (\w+)$", generator, re.M))


@pytest.fixture
def served(build: Path) -> Iterator[str]:
    """The address of the made site on this machine."""
    handler = partial(Quiet, directory=str(build / "site"))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


# The search is a component of its own: a shadow tree, which CSS selectors do not reach.
SEARCH = "[...document.querySelectorAll('*')].map(one => one.shadowRoot).filter(Boolean)[0]"
BROKEN_IMAGES = "return [...document.images].filter(one => !one.naturalWidth).length"
PAGES = {
    "": "MCP servers as typed Python packages",
    "tour/": "Tour",
    "guides/how-a-program-runs/": "How a program runs",
    "reference/commands/": "Commands",
    "reference/runtime-api/": "Runtime API",
    "reference/types/": "Types, schema by schema",
    "why/": "Why",
}


def test_a_reader_opens_pages_follows_the_menu_and_searches(served: str, tmp_path: Path) -> None:
    pictures = os.environ.get("MCP_SDKGEN_PICTURES", "")
    with browser(tmp_path / "profile") as window:
        window.set_window_size(1500, 1000)  # wide enough for the menu
        wait = WebDriverWait(window, 30)
        for page, heading in PAGES.items():
            window.get(served + page)
            assert heading in window.find_element(By.TAG_NAME, "h1").text
            broken = (
                "return [...document.images].filter(i => !i.complete || !i.naturalWidth).length"
            )
            assert window.execute_script(broken) == 0, page
            if pictures:
                name = page.strip("/").replace("/", "-") or "start"
                window.save_screenshot(str(Path(pictures) / f"{name}.png"))
        window.get(served)
        window.find_element(By.LINK_TEXT, "The tour").click()
        wait.until(lambda _: "Tour" in window.find_element(By.TAG_NAME, "h1").text)
        window.find_element(By.LINK_TEXT, "Reference").click()
        wait.until(lambda _: "Reference" in window.find_element(By.TAG_NAME, "h1").text)
        window.find_element(By.CSS_SELECTOR, ".md-search__button").click()
        wait.until(lambda _: window.execute_script(f"return {SEARCH} !== undefined"))
        ActionChains(window).send_keys("cassette").perform()
        wait.until(
            lambda _: "CassetteError" in window.execute_script(f"return {SEARCH}.textContent")
        )
        if pictures:
            window.save_screenshot(str(Path(pictures) / "search.png"))
        asked = "return performance.getEntriesByType('resource').map(entry => entry.name)"
        assert all(name.startswith(served) for name in window.execute_script(asked))
