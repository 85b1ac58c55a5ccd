"""Reads a configured word for what is secret in it: an argument, a variable, a header.

The rule is one of structure. A URL, a JSON text, pairs of names and values, a login
(`user:password`) and a scheme with its credential are taken apart, and what goes by a secret's name
is secret, with all its parts. `command_line` reads whole command lines.
"""

from __future__ import annotations

import json
import re
from base64 import b64decode, b64encode
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import unquote, unquote_plus, urlsplit

from .display import (
    HIDDEN,
    MIN_VALUE_CHARACTERS,
    is_login_name,
    is_opaque_segment,
    is_plain_name,
    is_secret_name,
    is_secret_value,
    shown_url,
)
from .notations.markup import marked_secrets

MAX_DEPTH: Final = 8
"""How far a word is taken apart: what stands deeper than that, nobody wrote."""
_ASSIGNMENT = re.compile(
    r"^(?P<name>-{0,2}[A-Za-z_][\w.-]*)(?P<sign>[=:]\s?)(?P<value>.+)$", re.DOTALL
)
_QUOTED: Final = r""""[^"]*"|'[^']*'|\{[^{}]*\}"""
_PAIR: Final = r"""(?P<name>[A-Za-z_][\w.-]{0,63})["']?\s?(?P<sign>[=:])\s?"""
_PAIRS = {
    ";": re.compile(rf"{_PAIR}(?P<value>{_QUOTED}|[^;\n]+)"),
    "&": re.compile(rf"{_PAIR}(?P<value>{_QUOTED}|[^&\s]+)"),
    "": re.compile(rf"{_PAIR}(?P<value>{_QUOTED}|(?:(?i:bearer|basic|token) )?\S+)"),
}
"""Pairs as their separator lets them be: a value with spaces stands where others end pairs."""
_WRAPPING: Final = " \t\r\n\"'{}[]"
_FIRST_PART = re.compile(r"([^=:]{0,64})([=:])(.+)", re.DOTALL)
_BASE64 = re.compile(r"[\w+/-]{6,}={0,2}", re.ASCII)
_URL = re.compile(
    r"""(?P<scheme>[A-Za-z][A-Za-z0-9+.-]{0,31}://)"""
    r"""(?:(?P<login>[^\s/?#'"]*|[^\s/?#@:]*+:(?!\d+/)[^\s@]{0,4096}+)@)?"""
    r"""(?P<rest>[^\s'"<>;]*)"""
)
_LOGIN = re.compile(r"(?<![\w/.@-])(?P<user>[\w.+-]{1,64}):(?P<password>[^\s/@]{1,256})@(?=\w)")
_NETRC = re.compile(
    r"(?i)\b(?:(?:machine|login)\s+\S{1,256}|default)"
    r"""(?P<pairs>(?:\s+(?:login|user|account|password|passwd)\s+(?:"[^"\n]*"|\S+))+)"""
)
_OF_NETRC = re.compile(r"""(?i)(?P<name>\w+)\s+(?P<value>"[^"\n]*"|\S+)""")
_CREDENTIAL = re.compile(
    r"(?i)^(?P<name>[\w-]+:\s*)?(?P<scheme>bearer|basic|token|digest|apikey|negotiate)\s+(?P<value>\S.*)"
)
NUMBERS = re.compile(r"[\d.:/-]+(?:tcp|udp)?")
"""A port, a mapping of ports, a version, a user's and a group's number."""
_PLAIN_HEADERS: Final = frozenset(
    ("accept", "accept-encoding", "accept-language", "content-type", "user-agent")
)


@dataclass(frozen=True, slots=True)
class Reading:
    """How a word may be shown, and what is secret in it."""

    shown: str
    secrets: tuple[str, ...] = ()


def read_variable(word: str) -> Reading:
    """`NAME=VALUE`: a value of eight characters or more is secret whatever its name."""
    name, sign, value = word.partition("=")
    if not sign:
        return read(word)
    found = _read_value(name, value)
    return Reading(f"{name}={found.shown}", found.secrets)


def read_header(name: str, value: str) -> Reading:
    """The value of a header, as that of a variable; what every request says is no secret."""
    return read(value) if name.lower() in _PLAIN_HEADERS else _read_value(name, value)


def read_named(name: str, value: str) -> Reading:
    """A value, as what its name says that it is: a secret, a login, or neither."""
    if is_secret_name(name):
        return read(value, is_secret=True)
    return _read_login(value) if is_login_name(name) else read(value)


def read(word: str, *, is_secret: bool = False, depth: int = 0) -> Reading:
    """One word by itself; with `is_secret`, all of it is secret, and so are its parts."""
    if depth == MAX_DEPTH:
        return Reading(HIDDEN, (word,)) if is_secret else _read_text(word)
    if is_secret:
        return Reading(HIDDEN, (*_parts(word), *read(word, depth=depth + 1).secrets))
    found = _read_json(word) if word.lstrip()[:1] in ("{", "[") else None
    if found is not None:
        return found
    if credential := _CREDENTIAL.match(word):
        value = credential["value"]
        shown = word[: credential.start("value")] + HIDDEN
        return Reading(shown, (word[credential.start("scheme") :], *_parts(value), *value.split()))
    if is_secret_value(word) and not word.startswith("--"):
        return Reading(HIDDEN, (word,))
    assigned = _ASSIGNMENT.match(word)
    if assigned and not assigned["value"].startswith("//"):
        value = assigned["value"]
        is_secret = is_secret_name(assigned["name"]) or is_secret_value(value.strip())
        found = read(value, is_secret=is_secret, depth=depth + 1)
        if found.secrets:
            within = _read_text(word).secrets if is_secret else ()
            return Reading(
                assigned["name"] + assigned["sign"] + found.shown, (*found.secrets, *within)
            )
    return _read_text(word)


def url_secrets(text: str) -> Iterator[str]:
    """What is secret of the URLs in a text."""
    for url in _URL.finditer(text):
        yield from _read_url(url).secrets


def _parts(text: str, least: int = 0, depth: int = 0) -> Iterator[str]:
    """A secret of at least so many characters, and what may be one in it, whatever its notation.

    Who a password belongs to is secret only where it is long.
    """
    if len(text) >= least:
        yield text
    if depth == MAX_DEPTH:
        return
    if text[:1] in ("{", "[") and (found := _read_json(text, is_secret=True)):
        yield from found.secrets
        return
    bare = text.strip(_WRAPPING)
    if bare != text:
        yield from _parts(bare, least, depth + 1)
        return
    if "://" in text:
        yield from url_secrets(text)
    if len(items := re.split(r"[,;&\n]", text)) > 1:
        for item in items:
            yield from _parts(item, 0, depth + 1)
        # A password may have such signs in it.
        pieces = text.split(":", MAX_DEPTH)
        yield from (":".join(pieces[at:]) for at in range(1, len(pieces)))
    elif "://" not in text and (first := _FIRST_PART.fullmatch(text)):
        name, sign, rest = first.groups()
        if sign == ":" and len(name) >= MIN_VALUE_CHARACTERS:
            yield name
        is_plain = sign == "=" and is_plain_name(name)
        yield from _parts(rest.strip(), MIN_VALUE_CHARACTERS if is_plain else 0, depth + 1)
    if _BASE64.fullmatch(text) and (decoded := _decoded(text)):
        yield from _parts(decoded, 0, depth + 1)


def _decoded(text: str) -> str:
    """What a text is in base64, with or without padding; empty where it is none of a text."""
    plain = text.rstrip("=").replace("-", "+").replace("_", "/")
    try:
        decoded = b64decode(plain + "=" * (-len(plain) % 4), validate=True).decode()
    except ValueError:
        return ""
    is_text = all(character.isprintable() or character.isspace() for character in decoded)
    return decoded if is_text else ""


def _read_text(text: str) -> Reading:
    """A text that may hold URLs, pairs and logins."""
    secrets: list[str] = []

    def url(found: re.Match[str]) -> str:
        reading = _read_url(found)
        secrets.extend(reading.secrets)
        return reading.shown

    def pair(found: re.Match[str]) -> str:
        value = found["value"].strip()
        is_hidden = value.strip(_WRAPPING) == HIDDEN
        if is_hidden or not is_secret_name(found["name"]) or value.startswith("//"):
            return found[0]
        secrets.extend((*_parts(value), *value.split()[1:]))
        return found[0][: found.start("value") - found.start()] + HIDDEN

    def login(found: re.Match[str]) -> str:
        secrets.extend((found["password"], found[0][:-1]))
        return f"{HIDDEN}@"

    def entry_of_netrc(found: re.Match[str]) -> str:
        pairs = [*_OF_NETRC.finditer(found["pairs"])]
        if not any(pair["name"].lower().startswith("passw") for pair in pairs):
            return found[0]  # A login and an account alone are words of a sentence.
        hidden = [pair for pair in pairs if pair["name"].lower() not in ("login", "user")]
        secrets.extend(part for pair in hidden for part in _parts(pair["value"]))
        before = found[0][: found.start("pairs") - found.start()]
        return before + _without(found["pairs"], [pair.span("value") for pair in hidden])

    separator = next((sign for sign in (";", "&") if sign in text), "")
    marked = [*marked_secrets(text)]
    for one in marked:
        least = MIN_VALUE_CHARACTERS if is_plain_name(one.name) else 0
        pieces = [text[slice(*span)] for span in one.spans] if len(one.spans) > 1 else []
        secrets.extend(part for said in (one.value, *pieces) for part in _parts(said, least))
    shown = _without(text, [span for one in marked for span in one.spans])
    shown = _NETRC.sub(entry_of_netrc, _URL.sub(url, shown))
    shown = _LOGIN.sub(login, _PAIRS[separator].sub(pair, shown))
    return Reading(shown, tuple(secrets))


def _without(text: str, spans: Iterable[tuple[int, int]]) -> str:
    """`text` with `***` in these places."""
    at, shown = 0, []
    for start, end in sorted(spans):
        shown += [text[at:start], HIDDEN]
        at = end
    return "".join((*shown, text[at:]))


def _read_url(url: re.Match[str]) -> Reading:
    """A URL. A user without a password is a token where that is usual, and else a name."""
    user, _, password = (url["login"] or "").partition(":")
    plain = url["scheme"] + url["rest"]
    is_login = password != "" or "http" in url["scheme"].lower()
    secrets = [password]
    if is_opaque_segment(user) or (is_login and len(user) >= MIN_VALUE_CHARACTERS):
        secrets.append(user)
    if any(secrets):
        secrets.append(b64encode(f"{unquote(user)}:{unquote(password)}".encode()).decode())
    try:
        parts = urlsplit(plain)
    except ValueError:
        return Reading(HIDDEN, (*filter(None, secrets), url[0]))
    for text in (parts.query, parts.fragment):
        found = [secret for pair in re.split("[&;]", text) for secret in _of_query(pair)]
        secrets += [*found, text] if found else []
    secrets += [segment for segment in parts.path.split("/") if is_opaque_segment(segment)]
    found = [secret for secret in secrets if secret]
    return Reading(shown_url(plain), (*found, url[0]) if found else ())


def _of_query(pair: str) -> tuple[str, ...]:
    name, sign, value = pair.partition("=")
    return _read_value(name if sign else "", unquote_plus(value if sign else pair)).secrets


def _read_json(text: str, *, is_secret: bool = False) -> Reading | None:
    """JSON, also with the quotes of Python; None where it is neither."""
    for notation in (text, text.replace("'", '"')):
        try:
            data = json.loads(notation)
            secrets: list[str] = []
            clean = _of_json(data, "", is_secret, secrets)
            return Reading(json.dumps(clean) if secrets else text, tuple(secrets))
        except (ValueError, RecursionError):
            continue
    return None


def _of_json(value: Any, name: str, is_secret: bool, secrets: list[str]) -> Any:
    """JSON data that can be shown. Adds what is secret in it to `secrets`."""
    if isinstance(value, dict):
        return {
            key: _of_json(item, key, is_secret or is_secret_name(key), secrets)
            for key, item in value.items()
        }
    if isinstance(value, list):
        return [_of_json(item, name, is_secret, secrets) for item in value]
    if value is None or isinstance(value, bool) or not (is_secret or isinstance(value, str)):
        return value
    if is_secret:
        secrets.extend(_parts(str(value), MIN_VALUE_CHARACTERS if is_plain_name(name) else 0))
        return HIDDEN
    reading = read_named(name, value)
    secrets.extend(reading.secrets)
    return reading.shown


def _read_login(word: str) -> Reading:
    """`USER:PASSWORD`. The same twice, or numbers, are a user and its group."""
    user, _, password = word.partition(":")
    if password in ("", user) or password.startswith("//") or NUMBERS.fullmatch(word):
        return read(word)
    basic = b64encode(word.encode()).decode()
    return Reading(f"{user}:{HIDDEN}", (*_parts(word), basic))


def read_header_line(word: str) -> Reading:
    """`NAME: VALUE`, as the header that it is."""
    name, colon, value = word.partition(":")
    if not colon or value.startswith("//"):
        return read(word)
    found = read_header(name, value.strip())
    return Reading(f"{name}: {found.shown}", found.secrets)


def _read_value(name: str, value: str) -> Reading:
    found = read_named(name, value)
    if len(value) < MIN_VALUE_CHARACTERS:
        return found
    return Reading(HIDDEN, (value, *found.secrets))
