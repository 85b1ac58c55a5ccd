"""A progress bar for terminals, as an `on_progress` callback."""

from __future__ import annotations

import shutil
import sys
from typing import TextIO

from .errors import printable

_BAR_CHARS = 24


class ProgressBar:
    """Draws the progress of one call on one line of a terminal; silent where there is none.

    `client.with_options(on_progress=ProgressBar()).long_call()`
    """

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream if stream is not None else sys.stderr

    def __call__(self, progress: float, total: float | None, message: str | None) -> None:
        """Redraw the line; after the last step, end it."""
        if not self._stream.isatty():
            return
        label = " ".join(printable(message or "").split())
        if total and total > 0:
            share = min(max(progress / total, 0.0), 1.0)
            done = round(share * _BAR_CHARS)
            line = f"[{'#' * done}{'.' * (_BAR_CHARS - done)}] {share:4.0%} {label}"
        else:
            share, line = 0.0, f"[{progress:g}] {label}"
        width = shutil.get_terminal_size().columns - 1
        self._stream.write(f"\r{line[:width]:<{width}}" + ("\n" if share >= 1.0 else ""))
        self._stream.flush()
