"""Which words of a configuration are secret, and how they look when they are shown."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import unquote, urlsplit, urlunsplit

HIDDEN = "***"

MIN_VALUE_CHARACTERS = 8
"""What is shorter, and goes by no secret's name, is part of too many words."""

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_SECRET_WORD = re.compile(
    r".*(?:token|auth|credential|cookie|signature|pwd|passphrase|passcode|connectionstring"
    r"|(?<!by)(?<!com)(?<!tres)pass|(?<!mon)(?<!don)(?<!tur)(?<!hot)(?<!hoc)key)s?"
    r"|.*(?:passw|secret(?!ar)).*|authorization|authentication|bearer|basic|private"
    r"|pw|pin|psk|otp|creds?|jwt|pat|dsn|sig"
)
_PLAIN_WORDS = frozenset((
    "address", "algorithm", "audience", "column", "count", "database", "db", "dir", "domain",
    "driver", "email", "enabled", "endpoint", "env", "expiry", "file", "folder", "format",
    "host", "id", "issuer", "kind", "length", "limit", "login", "max", "method", "min", "mode",
    "name", "path", "port", "prefix", "provider", "realm", "region", "required", "scheme",
    "scope", "server", "size", "space", "timeout", "ttl", "type", "uid", "uri", "url", "user",
    "username", "version",
))  # fmt: skip
"""At the end of a name these say that it is about a secret, and is none."""
_LOGIN_WORDS = frozenset(("u", "user", "username", "userpwd", "login"))
_COUNTING_WORDS = frozenset(("max", "min", "num", "total"))
_SECRET_VALUE = re.compile(
    # Names of packages begin so as well: `npm-check-updates`, `hf_transfer`, `sk-learn`.
    r"(?:gh[pousr]_|hf_|npm_|[spr]k[-_])(?=[\w.-]*[0-9A-Z]|[a-z]{20})[\w.-]{8,}"
    r"|(?:github_pat_|glpat-|xox[abeprs]-|pypi-Ag|eyJ|[spr]k_(?:live|test)_)[\w.-]{8,}"
    r"|(?:AKIA|ASIA)[0-9A-Z]{8,}|AIza[\w-]{16,}|ya29\.[\w-]{16,}"
    r"|(?i:bearer|basic|token)\s+\S+"
)
_OPAQUE = re.compile(r"^(?=.*\d)(?=.*[A-Za-z])[A-Za-z0-9_+=-]{20,}$")
_RUN = re.compile(r"[A-Za-z0-9]{16,}")
_DIGITS_WITHIN = re.compile(r"[0-9][A-Za-z0-9]*[A-Za-z]")
"""Digits that do not only number a word."""
_MIN_LETTERS = 20


def is_secret_name(name: str) -> bool:
    """Whether a variable, header, flag or query key of this name usually holds a secret."""
    words = _words(name)
    last = "".join(words[-1:])
    counts = last.endswith("s") and last != "pass" and not _COUNTING_WORDS.isdisjoint(words)
    if counts or is_plain_name(name) or words[:1] == ["no"]:
        return False
    return "connection string" in " ".join(words) or any(map(_SECRET_WORD.fullmatch, words))


def is_plain_name(name: str) -> bool:
    """Whether what goes by this name is a name itself, an address, a limit or a choice."""
    last = "".join(_words(name)[-1:])
    return not _PLAIN_WORDS.isdisjoint((last, last.removesuffix("s")))


def is_login_name(name: str) -> bool:
    """Whether a user goes by this name, whose password may stand behind it."""
    return not _LOGIN_WORDS.isdisjoint(_words(name)[-1:])


def _words(name: str) -> list[str]:
    return [word.lower() for word in _WORD.findall(name)]


def is_secret_value(value: str) -> bool:
    """Whether a word looks like a credential: a known prefix, or long and opaque."""
    return _SECRET_VALUE.match(value) is not None or _OPAQUE.match(value) is not None


def is_opaque_segment(segment: str) -> bool:
    """Whether a segment of a URL's path looks like a credential, or holds what does."""
    plain = unquote(segment)
    return is_secret_value(plain) or any(map(_is_opaque_run, _RUN.findall(plain)))


def _is_opaque_run(run: str) -> bool:
    letters = [character for character in run if character.isalpha()]
    if len(letters) < len(run):
        return bool(letters) and _DIGITS_WITHIN.search(run) is not None
    mixed = not run.islower() and not run.isupper()
    return mixed and len(run) >= _MIN_LETTERS


def shown_url(url: str) -> str:
    """`url` without user info, query and fragment, and without opaque path segments."""
    try:
        parts = urlsplit(url)
        host = parts.netloc.rpartition("@")[2]
        path = "/".join(
            HIDDEN if is_opaque_segment(segment) else segment for segment in parts.path.split("/")
        )
    except ValueError:
        return HIDDEN
    return urlunsplit((parts.scheme, host, path, "", ""))


def shown_path(path: Path) -> str:
    """`path` as it may stand in a message: relative to the working folder, or with `~`."""
    for base, prefix in ((Path.cwd(), ""), (home_folder(), "~/")):
        if base is not None and len(base.parts) > 1 and path.is_relative_to(base):
            return prefix + path.relative_to(base).as_posix()
    return str(path)


def home_folder() -> Path | None:
    """The user's home folder, or None for a user without one, as in some containers."""
    try:
        return Path.home()
    except RuntimeError:
        return None
