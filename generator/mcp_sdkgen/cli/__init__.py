"""The command line. typer and rich live only here."""

import gc
import sys
from collections.abc import Mapping, Sequence
from typing import Final

_INTERRUPTED: Final[Mapping[str, str]] = {
    "build": "SDKs that were finished stay, and nothing is half-written",
    "run": "the program was ended; calls that it made are not undone",
    "resume": "the program was ended; calls that it made are not undone",
    "call": "the call was given up; if it was sent, the server may still carry it out",
    "serve": "code mode is no longer served",
}
"""What an interruption of a verb means, in words."""

_GARBAGE_THRESHOLD = 50_000
"""New objects after which Python looks for garbage: mostly 700, by default. What a short command
makes lives until its end, so that a tenth of its time would be spent on looking."""


_CODE: Final = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit code, 130 when it is interrupted."""
    if arguments is None:  # a process of its own
        gc.set_threshold(_GARBAGE_THRESHOLD)
    try:
        # In here, so that Ctrl-C while it is being imported is as quiet as later.
        from .app import main as perform

        code = perform(arguments)
        if arguments is None:
            gc.freeze()  # the interpreter looks through everything again as it ends
    except KeyboardInterrupt:
        code = _CODE
    except Exception as error:
        # Deferred: it is needed in this case only.
        from ..errors import Interrupted

        if not isinstance(error, Interrupted):
            raise
        print(f"interrupted: {error}", file=sys.stderr)
        return _CODE
    if code == _CODE:
        words = list(sys.argv[1:] if arguments is None else arguments)
        verb = next((word for word in words if not word.startswith("-")), "")
        if verb != "chat":  # whose screen has told it
            means = _INTERRUPTED.get(verb)
            print(f"interrupted: {means}" if means else "interrupted", file=sys.stderr)
    return code
