r"""What a server's patterns may take: to read them, and to match texts with those that backtrack.

Engines that match in linear time write repetitions out when they read a pattern: 50 bytes such as
`\p{L}{60}` take 4 MB and 45 ms, and a schema may hold thousands of them. Large ones are not made.

The engine of `jsonschema-rs` gives up on a text after so many steps back, each of which may read
the whole text. It then says that the text does not match, and within a `not` that it does. So each
pattern that backtracks is tried by itself first, with the fewer steps back the longer its texts
are, and is asked whether it gave up. Most patterns that look around, such as `^(?!/etc/)`, need
only a few, however long a text is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, Final

from ..text import shortened
from .effort import TooMuchWork

MAX_SIZE: Final = 100_000
"""As large the patterns of one schema may be together: about 10 MB, the limit of Rust's engine."""
_PROPERTY_SIZE: Final = 700
"""About as many steps a class of Unicode has, such as all letters."""
_WIDE_SIZE: Final = 12
"""As many a class that holds all characters but some."""
_TOKEN: Final = re.compile(
    r"""(?P<property>\\[pP]\{[^}]*+\}) | \\x[0-9a-f]{2} | \\.
    | (?P<class>\[[^\]\\]*+(?:\\.[^\]\\]*+)*\])
    | \{(?P<least>[0-9]{1,9})(?P<most>,[0-9]{0,9})?\} | (?P<open>\() | (?P<close>\)) | .""",
    re.VERBOSE | re.DOTALL,
)
BACKTRACKING: Final = 50_000
"""How many steps back a pattern may take that no engine matches in linear time."""
_LIMITS: Final = tuple(BACKTRACKING // 4**n for n in range(8))


def pattern_size(pattern: str) -> int:
    """About how many steps `pattern` has when its repetitions are written out, about 100 bytes
    each; `pattern` is in the syntax of `ecma_patterns.translated`."""
    groups = [[0, 0]]  # of each open group: its steps, and those of its last part among them
    for token in _TOKEN.finditer(pattern):
        if token["open"]:
            groups.append([0, 0])
            continue
        if token["least"] is not None:
            part = groups[-1][1] * (_times(token) - 1)
        elif token["close"] and len(groups) > 1:
            part = max(groups.pop()[0], 1)
            groups[-1][1] = 0
        else:
            part = _one(token)
            groups[-1][1] = 0
        groups[-1][0] += part
        groups[-1][1] += part
    return sum(steps for steps, _ in groups)


def _times(quantifier: re.Match[str]) -> int:
    least, most = int(quantifier["least"]), (quantifier["most"] or "").lstrip(",")
    return max(least + 1 if quantifier["most"] == "," else least, int(most or 0), 1)


def _one(token: re.Match[str]) -> int:
    """The steps of one character, or of a class of them."""
    if token["property"]:
        return _PROPERTY_SIZE
    text = token["class"]
    if text is None:
        return 1
    if r"\p{" in text or r"\P{" in text:
        return _PROPERTY_SIZE
    is_wide = text.startswith("[^") or not text.isascii()
    return _WIDE_SIZE + sum(not c.isascii() for c in text) if is_wide else 1


class Tracing:
    """The patterns of one schema that backtrack, each made ready once for each limit."""

    def __init__(self) -> None:
        self._ready: dict[tuple[str, int], Any] = {}

    def check(self, characters: int, texts: Iterable[tuple[str, str]], most: int) -> None:
        """Raises `TooMuchWork` if a pattern gives up on its text. `texts` are pairs of both, which
        have so many `characters` where they are judged; `most` is how many of them all patterns
        may read together, when each step back reads a whole text."""
        limit = next((one for one in _LIMITS if one * characters <= most), None)
        for pattern, text in texts:
            if limit is None or self._gives_up(pattern, text, limit):
                raise TooMuchWork(
                    f"the pattern {shortened(pattern)} looks around, and would read a text of "
                    f"{len(text)} characters too often to be judged"
                )

    def _gives_up(self, pattern: str, text: str, limit: int) -> bool:
        import jsonschema_rs

        ready = self._ready.get((pattern, limit))
        if ready is None:
            ready = self._ready[pattern, limit] = jsonschema_rs.validator_for(
                {"pattern": pattern},
                pattern_options=jsonschema_rs.FancyRegexOptions(backtrack_limit=limit),
            )
        found = next(ready.iter_errors(text), None)
        return found is not None and "error" in found.kind.as_dict()
