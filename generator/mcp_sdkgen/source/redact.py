"""Keeps what a configuration knows out of everything that leaves this package.

A server may repeat its environment, its headers or its address, in an error, on stderr or in a
tool's description. Every known value is replaced there.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from mcp_sdkgen_runtime.config.display import is_secret_name, is_secret_value, secret_words
from mcp_sdkgen_runtime.config.targets import HttpTarget, StdioTarget

from ..config import ServerConfig, Transport

REDACTED = "[redacted]"
MIN_TEXT_CHARACTERS = 4
MIN_DEFINITION_CHARACTERS = 8

_PROSE = frozenset({"description", "title", "instructions", "default", "example", "examples"})


class Redactor:
    """Replaces the known values of one server's configuration, and of the target made from it."""

    def __init__(
        self, config: ServerConfig, target: StdioTarget | HttpTarget | None = None
    ) -> None:
        known = _known(config)
        if target is not None:
            known |= _known(_as_written(config.name, target))
        everything = [value for value in known if len(value) >= MIN_TEXT_CHARACTERS]
        telling = [value for value in known if _telling(value)]
        self._text = _pattern(everything)
        self._prose = _pattern(telling)
        self._data = _pattern(value for value in telling if known[value])
        self._home = _home_pattern()
        self._home_is_known = isinstance(target, StdioTarget) and self._mentions_home(target)
        self.replaced = 0

    def text(self, text: str) -> str:
        """`text` for a message: no known value, and the user's home folder as `~`."""
        return self._home.sub("~", self._text.sub(REDACTED, text))

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
        cleaned, count = (self._prose if prose else self._data).subn(REDACTED, text)
        if self._home_is_known:
            cleaned, more = self._home.subn("~", cleaned)
            count += more
        self.replaced += count
        return cleaned if count else text

    def _mentions_home(self, target: StdioTarget) -> bool:
        words = [target.command, *target.args, *target.env.values(), target.cwd or ""]
        return any(self._home.search(word) for word in words)


def _as_written(name: str, target: StdioTarget | HttpTarget) -> ServerConfig:
    """The entry that would say the same without variables."""
    if isinstance(target, StdioTarget):
        return ServerConfig(name, command=target.command, args=target.args, env=target.env)
    secret = target.auth.client_secret if target.auth is not None else None
    headers = {**target.headers, **({"client_secret": secret} if secret else {})}
    return ServerConfig(name, Transport.HTTP, url=target.url, headers=headers)


def _known(config: ServerConfig) -> dict[str, bool]:
    """Each known value, and whether it is a secret (rather than only private)."""
    known: dict[str, bool] = {}

    def add(value: str, secret: bool) -> None:
        for line in {value, *value.splitlines()}:
            line = line.strip()
            for form in {line, quote(line, safe=""), unquote(line)}:
                if form and "${" not in form:
                    known[form] = known.get(form, False) or secret

    for name, value in config.env.items():
        add(value, is_secret_name(name) or is_secret_value(value))
    for value in config.headers.values():
        add(value, True)
        add(value.partition(" ")[2], True)
    for word in secret_words([config.command, *config.args]):
        add(word, True)
    for url in (config.url, *(arg for arg in config.args if "://" in arg)):
        for value in _url_secrets(url):
            add(value, True)
    return known


def _url_secrets(url: str) -> list[str]:
    try:
        parts = urlsplit(url)
        user, password = parts.username or "", parts.password or ""
    except ValueError:
        return [url]
    basic = b64encode(f"{unquote(user)}:{unquote(password)}".encode()).decode()
    return [
        user,
        password,
        *([basic] if user or password else []),
        parts.query,
        *(value for _, value in parse_qsl(parts.query)),
        *(segment for segment in parts.path.split("/") if is_secret_value(segment)),
    ]


def _telling(value: str) -> bool:
    """Whether a value is distinctive enough to be replaced inside definitions."""
    plain = re.fullmatch(r"[A-Za-z]+|[\d.]+", value) is not None
    return len(value) >= (2 if plain else 1) * MIN_DEFINITION_CHARACTERS


def _pattern(values: Iterable[str]) -> re.Pattern[str]:
    longest_first = sorted(set(values), key=lambda value: (-len(value), value))
    return re.compile("|".join(map(re.escape, longest_first)) or r"(?!)")


def _home_pattern() -> re.Pattern[str]:
    home = str(Path.home())
    if len(Path(home).parts) < 2:
        return re.compile(r"(?!)")
    return re.compile(re.escape(home) + r"(?![\w.-])")
