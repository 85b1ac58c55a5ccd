"""Runs the pages of the documentation.

What a page shows is what runs; there is no second copy in a file. Two kinds of fenced blocks count:

- A block with a title is a file of that name: ```` ```python title="book.py" ````. (GitHub ignores
  the title, the site shows it.)
- A `console` block is a session with a shell. A line that begins with `$ ` is a command; the lines
  up to the next one are what it prints, stdout and stderr together, exactly. `...` stands for any
  text where output cannot be the same everywhere.

Blocks of other kinds stand in an example that runs, or are read by what reads them for users
(`readers.py`); a test refuses the rest. A drawing has no language.

Files are written and commands are run in the order of the page, in a scratch folder that begins as
a copy of `examples/`, with the showcase SDKs and mcp-sdkgen installed. `surroundings.py` adds what
a page needs besides, such as a server to log in to. Every page with a `console` block is a test
(`test_docs.py`), and `python -m tests.docs.pages docs/guides/NAME.md` writes what the commands
really print into it.
"""

from __future__ import annotations

import doctest
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from markdown_it import MarkdownIt

from tests.patience import HANG_S
from tests.warm import commands
from tests.warm_caches import share

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
SDKS = [ROOT / "generated" / name for name in ("weather", "everything")]


@dataclass(frozen=True)
class Block:
    """A fenced block: `first` and `end` are the lines of its content within the page."""

    language: str
    title: str
    text: str
    first: int
    end: int


def blocks(page: str) -> list[Block]:
    """Every fenced block of a page, in order."""
    found = []
    for token in MarkdownIt().parse(page):
        if token.type == "fence" and token.map:
            language, *attributes = shlex.split(token.info) or [""]
            titles = [a.removeprefix("title=") for a in attributes if a.startswith("title=")]
            first = token.map[0] + 1
            end = first + len(token.content.splitlines())
            found.append(Block(language, "".join(titles), token.content, first, end))
    return found


def played(page: str, folder: Path, surroundings: Mapping[str, str]) -> str:
    """The page with the output that its commands have, run in `folder`.

    Output that the page tells rightly, with `...` or without, stays as it is told.
    """
    lines = page.splitlines()
    environment = environment_of(folder, surroundings)
    moved = 0
    for block in blocks(page):
        if block.title:
            target = (folder / block.title).resolve()
            target.relative_to(folder.resolve())
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(block.text)
        elif block.language == "console":
            session = _session(block.text, folder, environment)
            lines[block.first + moved : block.end + moved] = session
            moved += len(session) - (block.end - block.first)
    return "\n".join(lines) + "\n"


def scratch(folder: Path) -> Path:
    """A copy of the examples in `folder`, where a page can be played."""
    target = folder / "examples"
    shutil.copytree(ROOT / "examples", target, ignore=shutil.ignore_patterns("__pycache__"))
    return target


def _session(text: str, folder: Path, environment: dict[str, str]) -> list[str]:
    shown: list[str] = []
    for command, told in _commands(text):
        done = subprocess.run(
            command, shell=True, cwd=folder, env=environment, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=HANG_S,
        )  # fmt: skip
        printed = "".join(f"{line.rstrip()}\n" for line in done.stdout.splitlines())
        printed = printed.replace(str(folder), "...")
        right = doctest.OutputChecker().check_output(told, printed, doctest.ELLIPSIS)
        shown += [f"$ {command}", *(told if right else printed).splitlines()]
    return shown


def _commands(text: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for line in text.splitlines():
        if line.startswith("$ "):
            found.append((line[2:], ""))
        else:
            command, told = found[-1]
            found[-1] = command, f"{told}{line}\n"
    return found


def environment_of(folder: Path, surroundings: Mapping[str, str]) -> dict[str, str]:
    """The variables that the commands of a page see, when it is played in `folder`."""
    site = folder / "site"
    warm = commands(folder.with_name("commands"))
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("MCP_", "PYTEST_"))}
    return {
        **kept,
        "PATH": os.pathsep.join([str(warm), str(Path(sys.executable).parent), os.environ["PATH"]]),
        "PYTHONPATH": os.pathsep.join(map(str, [*SDKS, site])),
        # What a page installs is for that page only, and nothing comes from an index.
        "PIP_TARGET": str(site),
        "PIP_NO_DEPS": "1",
        "PIP_NO_INDEX": "1",
        "PIP_QUIET": "1",
        "XDG_STATE_HOME": str(folder / "state"),
        "XDG_CACHE_HOME": str(share(folder / "cache")),
        "XDG_DATA_HOME": str(folder / "data"),
        "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
        "NO_COLOR": "1",
        "COLUMNS": "120",
        **surroundings,
    }


def main() -> None:
    """Play the pages that are named, and write what their commands print into them."""
    from tests.docs.surroundings import surroundings_of

    for name in sys.argv[1:]:
        path = Path(name)
        with TemporaryDirectory() as folder, surroundings_of(path, Path(folder)) as around:
            path.write_text(played(path.read_text(), scratch(Path(folder)), around))


if __name__ == "__main__":
    main()
