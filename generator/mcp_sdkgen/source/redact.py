"""Keeps what a configuration knows out of everything that leaves this package.

A server may repeat its environment, its headers or its address, in an error, on stderr or in a
tool's description. Every known value is replaced there.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from mcp_sdkgen_runtime.config.display import MIN_VALUE_CHARACTERS
from mcp_sdkgen_runtime.config.secret_values import known_values
from mcp_sdkgen_runtime.config.targets import HttpTarget, StdioTarget
from mcp_sdkgen_runtime.observability.secret_set import (
    MIN_SECRET_CHARACTERS,
    REDACTED,
)
from mcp_sdkgen_runtime.observability.spellings import Finder

from ..config import ServerConfig

_PLAIN = re.compile(r"[A-Za-z]+|[\d.]+")
_PROSE = frozenset({"description", "title", "instructions", "default", "example", "examples"})


class Redactor:
    """Replaces the known values of one server's configuration, and of the target made from it."""

    def __init__(
        self, config: ServerConfig, target: StdioTarget | HttpTarget | None = None
    ) -> None:
        known = known_values(_as_written(config))
        if target is not None:
            known |= known_values(target)
        everything = [value for value in known if len(value) >= MIN_SECRET_CHARACTERS]
        telling = [value for value in known if _telling(value)]
        self._text = Finder(everything)
        # A server has no reason to tell a password, however short, where it speaks of itself.
        passwords = [one for one in everything if known[one] and not _PLAIN.fullmatch(one)]
        self._prose = Finder({*telling, *passwords})
        self._data = Finder(value for value in telling if known[value])
        self._home = _home_pattern()
        self._home_is_known = isinstance(target, StdioTarget) and self._mentions_home(target)
        self.replaced = 0

    def text(self, text: str) -> str:
        """`text` for a message: no known value, and the user's home folder as `~`."""
        return self._home.sub("~", self._text.replaced(text, REDACTED)[0])

    def definition(self, value: Any, *, prose: bool = False) -> Any:
        """A wire value for a snapshot; the very same object when nothing had to be replaced.

        Secrets are replaced everywhere. Other known values (a region, a log level) are replaced
        in prose only, because a schema may rightly hold them.
        """
        if isinstance(value, str):
            return self._cleaned(value, prose)
        if isinstance(value, list):
            items = [self.definition(item, prose=prose) for item in value]
            return value if all(a is b for a, b in zip(items, value, strict=True)) else items
        if isinstance(value, dict):
            pairs = [
                (self._cleaned(key, False), self.definition(item, prose=key in _PROSE))
                for key, item in value.items()
            ]
            same = all(
                new is old and item is value[old]
                for (new, item), old in zip(pairs, value, strict=True)
            )
            return value if same else dict(pairs)
        return value

    def _cleaned(self, text: str, prose: bool) -> str:
        cleaned, count = (self._prose if prose else self._data).replaced(text, REDACTED)
        if self._home_is_known:
            cleaned, more = self._home.subn("~", cleaned)
            count += more
        self.replaced += count
        return cleaned if count else text

    def _mentions_home(self, target: StdioTarget) -> bool:
        words = [target.command, *target.args, *target.env.values(), target.cwd or ""]
        return any(self._home.search(word) for word in words)


def _as_written(config: ServerConfig) -> StdioTarget | HttpTarget:
    """The target that an entry is with its variables as they stand there."""
    if config.url:
        return HttpTarget(config.url, config.headers)
    return StdioTarget(config.command, tuple(config.args), config.env)


def _telling(value: str) -> bool:
    """Whether a value is distinctive enough to be replaced inside definitions."""
    return len(value) >= (2 if _PLAIN.fullmatch(value) else 1) * MIN_VALUE_CHARACTERS


def _home_pattern() -> re.Pattern[str]:
    home = str(Path.home())
    if len(Path(home).parts) < 2:
        return re.compile(r"(?!)")
    return re.compile(re.escape(home) + r"(?![\w.-])")
