"""Files of one JSON object a line, added to by many threads and processes."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any


def encoded(entry: Mapping[str, Any]) -> bytes:
    """An entry as a line. What a terminal or a reviewer would not see is written as an escape."""
    text = json.dumps(entry, ensure_ascii=False)
    if not text.isprintable():
        text = "".join(c if c.isprintable() else json.dumps(c)[1:-1] for c in text)
    return text.encode() + b"\n"


def append(path: Path, line: bytes, *, anew: bool = False) -> None:
    """Write a line at the end of a file, whose folder is made. Raises `OSError`.

    `anew` empties the file first.
    """
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0)
    path.parent.mkdir(parents=True, exist_ok=True)
    file = os.open(path, flags | (os.O_TRUNC if anew else 0), 0o666)
    try:
        # One write, so that lines of other threads and processes never mix with it.
        while line:
            line = line[os.write(file, line) :]
    finally:
        os.close(file)
