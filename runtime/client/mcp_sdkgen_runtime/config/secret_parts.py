"""Reads a configured word for what is secret in it: an argument, a variable, a header.

The rule is one of structure. A URL, a JSON text, pairs of names and values, a login
(`user:password`) and a scheme with its credential are taken apart, and what goes by a secret's name
is secret.
"""

from __future__ import annotations

import json
import re
from base64 import b64decode, b64encode
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any, Final
from urllib.parse import parse_qsl, unquote, urlsplit

from .display import HIDDEN, is_opaque_segment, is_secret_name, is_secret_value, shown_url

_ASSIGNMENT = re.compile(
    r"^(?P<name>-{0,2}[A-Za-z_][\w.-]*)(?P<sign>[=:]\s?)(?P<value>.+)$", re.DOTALL
)
_QUOTED: Final = r""""[^"]*"|'[^']*'"""
_PAIR: Final = r"(?P<name>[A-Za-z_][\w.-]{0,63})\s?(?P<sign>[=:])\s?"
_PAIRS = {
    ";": re.compile(rf"{_PAIR}(?P<value>{_QUOTED}|[^;\n]+)"),
    "&": re.compile(rf"{_PAIR}(?P<value>{_QUOTED}|[^&\s]+)"),
    "": re.compile(rf"{_PAIR}(?P<value>{_QUOTED}|(?:(?i:bearer|basic|token) )?\S+)"),
}
"""Pairs as their separator lets them be: a value with spaces stands where others end pairs."""
_URL = re.compile(
    r"""(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*://)(?:(?P<login>[^\s/?#@]*:(?!\d+/)[^\s@]*|[^\s/?#]*)@)?"""
    r"""(?P<rest>[^\s'"<>;]*)"""
)
_LOGIN = re.compile(r"(?<![\w/.@-])(?P<user>[\w.+-]+):(?P<password>[^\s/@]+)@(?=\w)")
_CREDENTIAL = re.compile(
    r"(?i)^(?P<name>[\w-]+:\s*)?(?P<scheme>bearer|basic|token|digest|apikey|negotiate)\s+(?P<value>\S.*)"
)
_NUMBERS = re.compile(r"[\d.:/-]+(?:tcp|udp)?")
"""A port, a mapping of ports, a version, a user's and a group's number."""
_USER_FLAGS: Final = frozenset(("-u", "-U", "--user", "--username", "--proxy-user", "--userpwd"))
_HEADER_FLAGS: Final = frozenset(("-H", "--header", "--headers"))
_VARIABLE_FLAGS: Final = frozenset(("-e", "--env", "--build-arg"))
_TELLING_FLAGS: Final = _USER_FLAGS | _HEADER_FLAGS | _VARIABLE_FLAGS
_PASSWORD_FLAGS: Final = {
    "mysql": "-p", "mysqldump": "-p", "mysqladmin": "-p", "mariadb": "-p", "mongo": "-p",
    "mongosh": "-p", "sshpass": "-p", "redis-cli": "-a", "sqlcmd": "-P", "ldapsearch": "-w",
}  # fmt: skip
"""By a program's name, the short flag that takes a password, also without a space after it."""


@dataclass(frozen=True, slots=True)
class Reading:
    """How a word may be shown, and what is secret in it."""

    shown: str
    secrets: tuple[str, ...] = ()


def read_command(words: Sequence[str]) -> list[Reading]:
    """Each word of a command line, read as what the flags before it make of it.

    `-p VALUE` is a password of a program that is known to take it so, and where a user is given
    too, unless it is made of numbers: elsewhere it is a port, a package or a path.
    """
    readings: list[Reading] = []
    flag = ""
    password_flags = {
        flag for word in words if (flag := _PASSWORD_FLAGS.get(PurePath(word).name, ""))
    }
    has_user = any(word.partition("=")[0] in _USER_FLAGS for word in words)
    for word in words:
        attached = word[:2] in password_flags and len(word) > 2 and not word.startswith("--")
        if attached:
            readings.append(Reading(word[:2] + HIDDEN, (word[2:],)))
        elif flag in password_flags or (
            flag == "-p" and has_user and not _NUMBERS.fullmatch(word) and not word.startswith("-")
        ):
            readings.append(read(word, is_secret=True))
        elif flag in _USER_FLAGS and not _NUMBERS.fullmatch(word):
            readings.append(_read_login(word))
        elif flag in _HEADER_FLAGS:
            readings.append(_read_header(word))
        elif flag in _VARIABLE_FLAGS:
            readings.append(read_variable(word))
        elif (
            "=" in word and word.partition("=")[0] in _VARIABLE_FLAGS | _HEADER_FLAGS | _USER_FLAGS
        ):
            name, _, value = word.partition("=")
            found = read_command([name, value])[1]
            readings.append(Reading(f"{name}={found.shown}", found.secrets))
        else:
            is_secret = flag != "" and is_secret_name(flag) and not word.startswith("--")
            readings.append(read(word, is_secret=is_secret))
        flag = word if word.startswith("-") and "=" not in word and " " not in word else ""
    return readings


def shown_args(args: Sequence[str]) -> list[str]:
    """A command line that can be shown: everything that looks like a secret is `***`."""
    return [reading.shown for reading in read_command(args)]


def read_variable(word: str) -> Reading:
    """`NAME=VALUE`: a value of eight characters or more is secret whatever its name."""
    name, sign, value = word.partition("=")
    if sign and (len(value) >= 8 or is_secret_name(name)):
        return Reading(f"{name}={HIDDEN}", read(value, is_secret=True).secrets)
    return read(word)


def read(word: str, *, is_secret: bool = False) -> Reading:
    """One word by itself; with `is_secret`, all of it is secret, and so are its parts."""
    if is_secret:
        return Reading(HIDDEN, (word, *read(word).secrets))
    found = _read_json(word) if word.lstrip()[:1] in ("{", "[") else None
    if found is not None:
        return found
    if credential := _CREDENTIAL.match(word):
        value = credential["value"]
        shown = word[: credential.start("value")] + HIDDEN
        secrets = (word[credential.start("scheme") :], value, *value.split())
        return Reading(shown, (*secrets, *_of_basic(credential["scheme"], value)))
    if is_secret_value(word):
        return Reading(HIDDEN, (word,))
    assigned = _ASSIGNMENT.match(word)
    if assigned and not assigned["value"].startswith("//"):
        value = assigned["value"]
        if is_secret_name(assigned["name"]) or is_secret_value(value.strip()):
            within = _read_text(word).secrets
            return Reading(
                assigned["name"] + assigned["sign"] + HIDDEN, (value, *read(value).secrets, *within)
            )
        if value.lstrip()[:1] in ("{", "["):
            found = read(value)
            return Reading(assigned["name"] + assigned["sign"] + found.shown, found.secrets)
    return _read_text(word)


def url_secrets(text: str) -> Iterator[str]:
    """What is secret of the URLs in a text."""
    for url in _URL.finditer(text):
        yield from _read_url(url).secrets


def _read_text(text: str) -> Reading:
    """A text that may hold URLs, pairs and logins."""
    secrets: list[str] = []

    def url(found: re.Match[str]) -> str:
        reading = _read_url(found)
        secrets.extend(reading.secrets)
        return reading.shown

    def pair(found: re.Match[str]) -> str:
        value = found["value"].strip()
        if not is_secret_name(found["name"]) or value.startswith("//"):
            return found[0]
        secrets.extend({value, value.strip("\"'"), *value.split()[1:]})
        return found[0][: found.start("value") - found.start()] + HIDDEN

    def login(found: re.Match[str]) -> str:
        secrets.extend((found["password"], found[0][:-1]))
        return f"{HIDDEN}@"

    separator = next((sign for sign in (";", "&") if sign in text), "")
    shown = _URL.sub(url, text)
    shown = _LOGIN.sub(login, _PAIRS[separator].sub(pair, shown))
    return Reading(shown, tuple(secrets))


def _read_url(url: re.Match[str]) -> Reading:
    user, _, password = (url["login"] or "").partition(":")
    plain = url["scheme"] + url["rest"]
    basic = b64encode(f"{unquote(user)}:{unquote(password)}".encode()).decode()
    secrets = [*filter(None, (user, password)), *([basic] if user or password else [])]
    try:
        parts = urlsplit(plain)
    except ValueError:
        return Reading(HIDDEN, (*secrets, url[0]))
    secrets += [parts.query, *(value for _, value in parse_qsl(parts.query)), parts.fragment]
    secrets += [segment for segment in parts.path.split("/") if is_opaque_segment(segment)]
    shown = shown_url(plain)
    whole = url[0] if shown != url[0] else ""
    return Reading(shown, tuple(filter(None, (*secrets, whole))))


def _read_json(text: str) -> Reading | None:
    try:
        data = json.loads(text)
        secrets: list[str] = []
        clean = _of_json(data, False, secrets)
        return Reading(json.dumps(clean) if secrets else text, tuple(secrets))
    except (ValueError, RecursionError):
        return None


def _of_json(value: Any, is_secret: bool, secrets: list[str]) -> Any:
    """JSON data that can be shown. Adds what is secret in it to `secrets`."""
    if isinstance(value, dict):
        return {
            key: _of_json(item, is_secret or is_secret_name(key), secrets)
            for key, item in value.items()
        }
    if isinstance(value, list):
        return [_of_json(item, is_secret, secrets) for item in value]
    if value is None or isinstance(value, bool) or not (is_secret or isinstance(value, str)):
        return value
    reading = read(str(value), is_secret=is_secret)
    secrets.extend(reading.secrets)
    return reading.shown


def _read_login(word: str) -> Reading:
    user, colon, password = word.partition(":")
    if not colon or not password:
        return read(word)
    basic = b64encode(word.encode()).decode()
    return Reading(f"{user}:{HIDDEN}", (word, password, basic))


def _read_header(word: str) -> Reading:
    name, colon, value = word.partition(":")
    if not colon:
        return read(word)
    value = value.strip()
    return Reading(f"{name}: {HIDDEN}", (value, *read(value).secrets))


def _of_basic(scheme: str, credential: str) -> list[str]:
    if scheme.lower() != "basic":
        return []
    try:
        user, _, password = b64decode(credential, validate=True).decode().partition(":")
    except ValueError:
        return []
    return [user, password]
