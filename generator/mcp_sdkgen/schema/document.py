"""One schema document, and a bound on the work that it may cost."""

from __future__ import annotations

from typing import Any

from mcp_sdkgen_runtime.schema.references import Node as Node
from mcp_sdkgen_runtime.schema.references import References
from mcp_sdkgen_runtime.schema.references import unescape as unescape

MIN_WORK = 2_000
MAX_WORK = 60_000
WORK_PER_PART = 4
"""What a schema may cost, in parts looked at: a multiple of what is written, within two bounds. The
most costly honest tool known looks at 1,700, and none at more than 1.6 times what is written."""


class TooComplex(Exception):
    """A schema expands to more than any honest tool needs; the tool becomes untyped instead."""


class Document(References):
    """A schema document to be read as a type."""

    def __init__(self, root: Any) -> None:
        super().__init__(root)
        self.cut: list[Node] = []
        """Where reading ended because schemas stand too deep in one another."""
        self._work = min(MAX_WORK, MIN_WORK + WORK_PER_PART * _parts(root))
        self._work_left = self._work

    def spend(self, work: int) -> None:
        """Count `work` parts looked at. Raises `TooComplex` when it is out of all proportion."""
        self._work_left -= work
        if self._work_left < 0:
            raise TooComplex(f"its schema expands to more than {self._work} parts")


def _parts(root: Any) -> int:
    todo, parts = [root], 0
    while todo:
        value = todo.pop()
        parts += 1
        if isinstance(value, dict | list):
            todo += value.values() if isinstance(value, dict) else value
    return parts
