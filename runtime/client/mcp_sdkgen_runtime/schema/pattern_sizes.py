r"""How large the automaton of a pattern is, so that large ones are not made.

Engines that match in linear time write repetitions out when they read a pattern: 50 bytes such as
`\p{L}{60}` take 4 MB and 45 ms, and a schema may hold thousands of them.
"""

from __future__ import annotations

import re
from typing import Final

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
