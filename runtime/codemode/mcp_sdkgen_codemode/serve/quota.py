"""How many suspended runs are kept, how much of the disk they take, and for how long."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

MAX_SUSPENDED: Final = 100
MAX_SUSPENDED_BYTES: Final = 256 << 20
EXPIRY_S: Final = 30 * 24 * 3600.0
"""A run that nobody went on with for a month is deleted when another is to be kept."""


class NoRoom(Exception):
    """No further run can be kept. The message says what to do."""


def make_room(folder: Path, *, now_s: float | None = None) -> None:
    """Delete the runs in `folder` that have expired. Raises `NoRoom` when it is full still."""
    oldest_s = (time.time() if now_s is None else now_s) - EXPIRY_S
    count = size = 0
    for path, bytes_, changed_s in _kept(folder):
        if changed_s < oldest_s:
            path.unlink(missing_ok=True)
            continue
        count += 1
        size += bytes_
    if count >= MAX_SUSPENDED or size >= MAX_SUSPENDED_BYTES:
        raise NoRoom(
            f"{count} suspended runs of {size:,} bytes wait already; resume them, or delete them "
            "with `mcp-sdkgen cache --clear suspended`"
        )


def is_over(folder: Path) -> bool:
    """Whether the runs in `folder` are too many or too large."""
    kept = list(_kept(folder))
    return len(kept) > MAX_SUSPENDED or sum(size for _, size, _ in kept) > MAX_SUSPENDED_BYTES


def _kept(folder: Path) -> Iterator[tuple[Path, int, float]]:
    for path in folder.glob("run-*.jsonl"):
        try:
            found = path.lstat()
        except FileNotFoundError:
            continue  # it is over
        yield path, found.st_size, found.st_mtime
