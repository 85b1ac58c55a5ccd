"""Which words of a configuration are secret, and how they look when they are shown."""

from __future__ import annotations

import re
from collections.abc import Sequence
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
_ASSIGNMENT = re.compile(
    r"^(?P<name>-{0,2}[A-Za-z_][\w.-]*)(?P<sign>[=:])(?P<value>.+)$", re.DOTALL
)


def is_secret_name(name: str) -> bool:
    """Whether a variable, header, flag or query key of this name usually holds a secret."""
    return _SECRET_NAME.search(name) is not None


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


def secret_words(args: Sequence[str]) -> tuple[str, ...]:
    """The parts of a command line that look like secrets, without the flags before them."""
    return tuple(secret for _, secret in _split(args) if secret)


def shown_args(args: Sequence[str]) -> list[str]:
    """A command line that can be shown: everything that looks like a secret is `***`."""
    return [shown + (HIDDEN if secret else "") for shown, secret in _split(args)]


def _split(args: Sequence[str]) -> list[tuple[str, str]]:
    """Per argument: the part that may be shown and the part that may not."""
    parts: list[tuple[str, str]] = []
    flagged = False
    for arg in args:
        assignment = _ASSIGNMENT.match(arg)
        if "://" in arg:
            safe = shown_url(arg)
            parts.append((arg, "") if safe == arg else ("", arg))
        elif assignment and (
            is_secret_name(assignment["name"]) or is_secret_value(assignment["value"].strip())
        ):
            parts.append((assignment["name"] + assignment["sign"], assignment["value"]))
        elif (flagged and not arg.startswith("--")) or is_secret_value(arg):
            parts.append(("", arg))
        else:
            parts.append((arg, ""))
        flagged = arg.startswith("-") and assignment is None and is_secret_name(arg)
    return parts


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
