"""What comes from a server, or from what stands before it, in place of an answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class StandIn:
    """What came in place of the answer to a request.

    `what` says what it was, `sent` is all of it. `is_answer` is whether the server answered, if
    wrongly; what else comes over HTTP may be a proxy's, and the tool may not have run. `place` is
    the field that is wrong, and `hint` what to do about it.
    """

    what: str
    sent: Any = None
    is_answer: bool = True
    place: str = ""
    hint: str = ""
