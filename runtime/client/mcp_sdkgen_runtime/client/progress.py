"""Progress: a bar for terminals as an `on_progress` callback, and what a program itself reports."""

from __future__ import annotations

import math
import shutil
import sys
from typing import TextIO

from ..host_channel import host_channel
from ..observability.log import logger
from ..text import printable

_log = logger(__name__)

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


def report_progress(progress: float, total: float | None = None, message: str = "") -> None:
    """Tell whoever runs this program how far it is.

    Inside a sandbox the host hears it at once; elsewhere it is a log line at level INFO. Raises
    `ValueError` for a number that is not finite.
    """
    if not math.isfinite(progress) or not (total is None or math.isfinite(total)):
        raise ValueError("progress and total must be finite numbers")
    channel = host_channel()
    if channel is not None:
        channel.notify(
            "sandbox/progress", {"progress": progress, "total": total, "message": message}
        )
        return
    _log.info("%g%s %s", progress, "" if total is None else f" of {total:g}", printable(message))
