"""`mcp-sdkgen cache`: what is kept on this machine, and clearing it."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Annotated

import typer
from mcp_sdkgen_codemode.broker.journal import Journal, JournalError
from mcp_sdkgen_runtime.config.display import shown_path
from mcp_sdkgen_runtime.files import cache_folder

from ...errors import ConfigError
from ..running.approve import suspended_folders
from ..show import print_json, safe, stderr, stdout

FORMAT = "mcp-sdkgen/cache/1"
SUSPENDED = "suspended"
_CACHES = {
    "sdks": "SDKs that were built for runs",
    "sandboxes": "copies of Python for sandboxes",
    "check": "the type checker's cache for programs",
    "mypy": "the type checker's cache for builds",
    "vectors": "tool texts encoded for search by meaning",
}
_FORMER_NAMES = {"sandboxes": ("boxes",)}
"""Under which names earlier versions kept the same."""


def cache(
    clear: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="Delete the entry of this name; `all` deletes all but suspended runs.",
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for machines.")] = False,
) -> int:
    """Show how much caches and suspended runs take, or delete them.

    Caches are made again when needed, suspended runs are not. Do not clear caches while a program
    runs. Exit code 0: done. 1: something could not be deleted. 2: wrong usage.
    """
    left = [] if clear is None else _cleared(clear)
    for line in left:
        stderr.print(safe(f"note: {line}", "yellow"), soft_wrap=True)
    rows = [(name, *_measured(folders)) for name, folders in _kept().items()]
    if as_json:
        listed = [{"name": name, "entries": count, "bytes": size} for name, count, size in rows]
        print_json({"format": FORMAT, "exit_code": int(bool(left)), "kept": listed})
    else:
        for name, count, size in rows:
            what = _CACHES.get(name, "runs that wait for a person")
            line = f"{name:<10}{count:>6} {size / 1e6:>10,.1f} MB  {what}"
            stdout.print(safe(line), soft_wrap=True)
    return int(bool(left))


def _kept() -> dict[str, tuple[Path, ...]]:
    root = cache_folder()
    caches = {
        name: tuple(root / each for each in (name, *_FORMER_NAMES.get(name, ())))
        for name in _CACHES
    }
    return {**caches, SUSPENDED: suspended_folders()}


def _measured(folders: tuple[Path, ...]) -> tuple[int, int]:
    """How many entries the folders have, and the bytes of all that is in them."""
    count = size = 0
    for folder in folders:
        for place, _, names in os.walk(folder):
            size += sum(_size(Path(place, name)) for name in names)
        count += sum(1 for _ in folder.iterdir()) if folder.is_dir() else 0
    return count, size


def _size(path: Path) -> int:
    try:
        return path.lstat().st_size
    except FileNotFoundError:
        return 0  # deleted meanwhile


def _cleared(name: str) -> list[str]:
    """Delete what is kept under a name. What could not be deleted, and why."""
    kept = _kept()
    if name not in (*kept, "all"):
        raise ConfigError(
            f"--clear {name}: there is no such entry",
            hint=f"choose one of {', '.join([*kept, 'all'])}",
        )
    if name == SUSPENDED:
        journals = [path for folder in kept[name] for path in folder.glob("run-*.jsonl")]
        return [line for path in sorted(journals) if (line := _forgotten(path))]
    left: list[str] = []
    for each in _CACHES if name == "all" else (name,):
        for folder in kept[each]:
            try:
                shutil.rmtree(folder)
            except FileNotFoundError:
                continue
            except OSError as error:
                left.append(f"{shown_path(folder)} could not be deleted: {error.strerror}")
    return left


def _forgotten(path: Path) -> str:
    """Delete a suspended run, unless it is under way. Why it was left, if it was."""
    try:
        Journal.open(path).close()  # refuses a run that is under way
        path.unlink()
    except JournalError as error:
        return f"{path.stem} was not deleted: {error}"
    except OSError as error:
        return f"{path.stem} could not be deleted: {error.strerror}"
    return ""
