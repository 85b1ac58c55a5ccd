"""The command line. typer and rich live only here."""

import gc
from collections.abc import Sequence

_GARBAGE_THRESHOLD = 50_000
"""New objects after which Python looks for garbage: mostly 700, by default. What a short command
makes lives until its end, so that a tenth of its time would be spent on looking."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit code, 130 when it is interrupted."""
    if arguments is None:  # a process of its own
        gc.set_threshold(_GARBAGE_THRESHOLD)
    try:
        # In here, so that Ctrl-C while it is being imported is as quiet as later.
        from .app import main as perform

        return perform(arguments)
    except KeyboardInterrupt:
        return 130
