"""Arguments and results of calls, to be shown: without secrets, and bounded."""

from __future__ import annotations

import json
from typing import Any, Final

from mcp_sdkgen_runtime.observability.redaction import without_secrets
from mcp_sdkgen_runtime.text import shortened_text

from .framing import Violation, check_depth

MAX_CHARACTERS: Final = 20_000
"""What is shown of the arguments or the result of one call, as characters of JSON."""


def payload(text: str) -> tuple[Any, bool]:
    """JSON as data, and whether it is cut: then the data is the beginning of the text.

    It need not be what was sent: what is secret of a binding, or looks so, is left out. A text that
    is no JSON without its secrets, or nests too deep to be read everywhere, stays a text too.
    """
    clean = without_secrets(text)
    if len(clean) <= MAX_CHARACTERS:
        try:
            check_depth(clean.encode())
            return json.loads(clean), False
        except (ValueError, Violation):
            pass
    return shortened_text(clean, MAX_CHARACTERS), True
