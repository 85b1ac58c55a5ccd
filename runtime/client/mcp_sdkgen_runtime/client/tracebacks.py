"""Tracebacks that end where a user's own code meets an SDK."""

from __future__ import annotations

import os
from types import TracebackType
from typing import Final

from ..errors import SdkError

FULL_VARIABLE: Final = "MCP_SDKGEN_FULL_TRACEBACKS"


class _CutHere:
    """A block that an `SdkError` leaves without the frames inside: its message says what went wrong
    there, and ten lines of ours would hide the one of the user's. Its `__cause__` stays whole."""

    def __enter__(self) -> None:
        return None

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if isinstance(error, SdkError) and not os.environ.get(FULL_VARIABLE):
            error.__traceback__ = None


CUT_HERE: Final = _CutHere()
