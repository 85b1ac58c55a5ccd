"""Which words of a configuration are secret, and how they look when they are shown."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import unquote, urlsplit, urlunsplit

HIDDEN = "***"

_SECRET_NAME = re.compile(
    r"(?i)(key|token|secret|passw|pwd|auth|credential|cookie|bearer|signature|private|"
    r"dsn|\bpat\b|_pat$|connection.?string)"
)
_SECRET_VALUE = re.compile(
    r"(?i)^(sk|pk|rk|ghp|gho|ghs|ghu|glpat|xox[abpr]|hf|npm|pypi|eyj|akia|github_pat)[-_A-Za-z0-9.]{8,}"
    r"|^(bearer|basic|token)\s+\S+"
)
_OPAQUE = re.compile(r"^(?=.*\d)(?=.*[A-Za-z])[A-Za-z0-9_+=-]{20,}$")
_RUN = re.compile(r"[A-Za-z0-9]{16,}")
_DIGITS_WITHIN = re.compile(r"[0-9][A-Za-z0-9]*[A-Za-z]")
"""Digits that do not only number a word."""
_MIN_LETTERS = 20
_WORDS = frozenset(
    ["pass", "pw", "pin", "psk", "otp", "cred", "creds", "jwt", "apikey", "passcode"]
)
"""Short words by which secrets go; within longer ones they mean nothing."""
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_PASS_AT_END = re.compile(r"(?i)(?<!by)(?<!com)(?<!tres)pass(?:phrase|code)?\d*$")


def is_secret_name(name: str) -> bool:
    """Whether a variable, header, flag or query key of this name usually holds a secret."""
    words = (word.lower() for word in _WORD.findall(name))
    long = _SECRET_NAME.search(name) or _PASS_AT_END.search(name)
    return long is not None or not _WORDS.isdisjoint(words)


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
