"""The command line. typer and rich live only here."""

from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit code, 130 when it is interrupted."""
    try:
        # In here, so that Ctrl-C while it is being imported is as quiet as later.
        from .app import main as perform

        return perform(arguments)
    except KeyboardInterrupt:
        return 130
