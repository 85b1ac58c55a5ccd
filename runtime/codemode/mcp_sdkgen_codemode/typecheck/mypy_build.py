"""mypy's fine-grained build, kept warm. It lives in the checker's own process, never in the host's.

The only importer of mypy. Programs are one module that is replaced again and again; all that they
may import is loaded once.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from mypy.build import BuildResult, build
from mypy.fscache import FileSystemCache
from mypy.modulefinder import BuildSource
from mypy.options import Options
from mypy.server.update import FineGrainedBuildManager
from mypy.version import __version__ as mypy_version

PROGRAM = "program.py"
KEPT_CACHES = 8

# Each of these codes finds fault with what runs well, and says nothing of a call.
QUIET = (
    "annotation-unchecked",
    "empty-body",
    "func-returns-value",
    "has-type",
    "import-untyped",
    "method-assign",
    "no-redef",
    "override",
    "prop-decorator",
    "return",
    "safe-super",
    "str-bytes-safe",
    "top-level-await",
    "valid-type",
    "var-annotated",
)
# What programs commonly import. Other modules of the standard library load when first needed.
USUAL = """
__future__ abc argparse array asyncio base64 bisect calendar collections contextlib copy csv
dataclasses datetime decimal difflib enum fractions functools hashlib heapq html inspect io
itertools json logging math operator os pathlib pprint queue random re secrets shutil
statistics string subprocess sys tempfile textwrap threading time traceback types typing
typing_extensions unicodedata urllib.parse uuid warnings zoneinfo concurrent.futures
"""

_LINE = re.compile(
    r"(?P<path>[^:]+):(?P<line>\d+):(?P<column>\d+): "
    r"(?P<kind>error|note): (?P<message>.*?)(?:  \[(?P<code>[a-z0-9-]+)\])?$"
)


@dataclass(frozen=True, slots=True)
class Found:
    """One error or note of mypy's. Lines and columns count from 1, columns as mypy counts them."""

    line: int
    column: int
    message: str
    code: str
    is_error: bool = True


class Engine:
    """A warm build. Use it in the folder where it was made, and from one thread.

    `modules` are the third-party modules that a program may import; what others they import is not
    followed. `search` are the folders where modules are found, besides the standard library.
    """

    def __init__(self, modules: Iterable[str], search: Iterable[str], cache: Path) -> None:
        self._modules = sorted(modules)
        sys.path[:] = list(search)  # mypy asks this very process where modules are
        imported = [*USUAL.split(), *self._modules]
        Path(PROGRAM).write_text("".join(f"import {name}\n" for name in imported))
        with _cache_folder(cache, [*self._modules, *sys.path]) as folder:
            self._build(folder, fine_grained=False)  # writes the cache that the next one reads
            self._files = FileSystemCache()
            self._manager = FineGrainedBuildManager(self._build(folder, fine_grained=True))
            state = self._manager.graph.items()
            stale = [(name, each.xpath) for name, each in state if not each.is_fresh()]
            self._manager.update(stale, [])
            self._forget()
            self.findings(Path(PROGRAM).read_text() + "pass\n")  # loads what is still on disk

    def findings(self, text: str) -> list[Found]:
        """What mypy finds in a program."""
        Path(PROGRAM).write_text(text, encoding="utf-8")
        lines = self._manager.update([("__main__", PROGRAM)], [])
        self._forget()
        matches = (_LINE.fullmatch(line) for line in lines)
        return [
            Found(
                int(match["line"]),
                int(match["column"]),
                match["message"],
                match["code"] or "misc",
                match["kind"] == "error",
            )
            for match in matches
            if match and match["path"] == PROGRAM
        ]

    def _forget(self) -> None:
        self._files.flush()
        self._manager.flush_cache()

    def _build(self, cache: Path, *, fine_grained: bool) -> BuildResult:
        source = BuildSource(PROGRAM, "__main__", None)
        files = self._files if fine_grained else FileSystemCache()
        return build([source], self._options(cache, fine_grained), fscache=files)

    def _options(self, cache: Path, fine_grained: bool) -> Options:
        options = Options()
        options.python_executable = sys.executable
        options.cache_dir = str(cache)
        options.cache_fine_grained = True
        options.fine_grained_incremental = options.use_fine_grained_cache = fine_grained
        options.local_partial_types = True
        options.raise_exceptions = True
        options.show_column_numbers = True
        options.error_summary = False
        options.allow_redefinition = True
        options.implicit_optional = True
        options.check_untyped_defs = True
        options.strict_equality = True
        options.extra_checks = True
        options.disable_error_code = list(QUIET)
        options.process_error_codes(error_callback=_refuse)
        options.follow_imports = "skip"
        for name in self._modules:
            for pattern in (name, f"{name}.*"):
                options.per_module_options[pattern] = {"follow_imports": "normal"}
        return options


def _refuse(message: str) -> None:
    raise ValueError(message)


@contextmanager
def _cache_folder(root: Path, parts: Iterable[str]) -> Iterator[Path]:
    """A folder for this set of modules, for one process at a time; a new one starts as a copy.

    mypy takes from the copy what has not changed: the standard library and pydantic.
    """
    root = root / f"{mypy_version}-{sys.version_info.major}.{sys.version_info.minor}"
    root.mkdir(parents=True, exist_ok=True)
    folder = root / sha256("\0".join(parts).encode()).hexdigest()[:16]
    flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0)
    with os.fdopen(os.open(root / "lock", flags, 0o600), "wb") as lock:
        _wait_for(lock.fileno())
        others = sorted(
            (each for each in root.iterdir() if each.is_dir() and each != folder),
            key=lambda each: each.stat().st_mtime,
        )
        if not folder.exists() and others:
            shutil.copytree(others[-1], folder)
        folder.mkdir(exist_ok=True)
        os.utime(folder)
        for old in others[: -(KEPT_CACHES - 1)]:
            shutil.rmtree(old, ignore_errors=True)
        yield folder


def _wait_for(descriptor: int) -> None:
    try:
        import fcntl
    except ImportError:  # Windows: two cold starts at once would both write
        return
    fcntl.flock(descriptor, fcntl.LOCK_EX)
