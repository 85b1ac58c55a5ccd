"""Wire names and what became of them in Python."""

from __future__ import annotations

import re


def is_renamed(wire: str, name: str) -> bool:
    """Whether a Python name differs from the wire name in more than style."""
    return _letters(wire) != _letters(name) or (name.endswith("_") and not wire.endswith("_"))


def _letters(name: str) -> str:
    return re.sub(r"[\W_]", "", name).casefold()
