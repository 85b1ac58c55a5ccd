"""Reads a configured word for what is secret in it: an argument, a variable, a header.

The rule is one of structure. A URL, a JSON text, pairs of names and values, a login
(`user:password`), a scheme with its credential and the command of a shell are taken apart, and
what goes by a secret's name is secret, with all its parts.
"""

from __future__ import annotations

import json
import re
import shlex
from base64 import b64decode, b64encode
from collections.abc import Iterator, Sequence
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

_MAX_DEPTH: Final = 8
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
    r"""(?P<scheme>[A-Za-z][A-Za-z0-9+.-]{0,31}://)(?:(?P<login>[^\s/?#'"]*|[^\s/?#@]*:(?!\d+/)[^\s@]*)@)?"""
    r"""(?P<rest>[^\s'"<>;]*)"""
)
_LOGIN = re.compile(r"(?<![\w/.@-])(?P<user>[\w.+-]{1,64}):(?P<password>[^\s/@]{1,256})@(?=\w)")
_CREDENTIAL = re.compile(
    r"(?i)^(?P<name>[\w-]+:\s*)?(?P<scheme>bearer|basic|token|digest|apikey|negotiate)\s+(?P<value>\S.*)"
)
_NUMBERS = re.compile(r"[\d.:/-]+(?:tcp|udp)?")
"""A port, a mapping of ports, a version, a user's and a group's number."""
_NO_PASSWORD = re.compile(r"[-/.~@].*|[A-Za-z]{1,7}", re.DOTALL)
"""Of `-p` where nobody knows the program: a flag, a path, a package, the name of a project."""
_HEADER_FLAGS: Final = frozenset(("-H", "--header", "--headers"))
_VARIABLE_FLAGS: Final = frozenset(("-e", "--env", "--build-arg"))
_PLAIN_HEADERS: Final = frozenset(
    ("accept", "accept-encoding", "accept-language", "content-type", "user-agent")
)
_PASSWORD_FLAGS: Final = {
    "mysql": "-p", "mysqldump": "-p", "mysqladmin": "-p", "mariadb": "-p", "mongo": "-p",
    "mongosh": "-p", "sshpass": "-p", "redis-cli": "-a", "sqlcmd": "-P", "ldapsearch": "-w",
}  # fmt: skip
"""By a program's name, the short flag that takes a password, also without a space after it."""
_POSIX_SHELLS: Final = frozenset(("sh", "bash", "zsh", "dash", "ash", "ksh", "fish", "su", "env"))
_SHELLS: Final = _POSIX_SHELLS | {"cmd", "pwsh", "powershell"}
_SCRIPT_FLAG = re.compile(r"(?i)-[a-z]{0,4}c|/[ck]|--?command|-S|--split-string")
_ASSIGNING: Final = frozenset(("env", "cross-env", "export", "set", "sudo", "doas"))
_VARIABLE = re.compile(r"((?:\$env:)?[A-Za-z_]\w*)=(.*)", re.DOTALL)
_FLAG_AND_VALUE = re.compile(r"(-[^=\s]+)(=)(.+)", re.DOTALL)
_ATTACHED = re.compile(
    r"(-[uU](?=[\w.+@-]+:(?!/))|-e(?=[A-Z_]\w*=)|-H(?=[A-Za-z-]+:)|-p(?=[^=]*[^=A-Za-z-]))()(.+)",
    re.DOTALL,
)
"""A short flag with its value behind it, as far as it cannot be a longer flag."""


@dataclass(frozen=True, slots=True)
class Reading:
    """How a word may be shown, and what is secret in it."""

    shown: str
    secrets: tuple[str, ...] = ()


class _CommandLine:
    """What a whole command line makes of its single words."""

    def __init__(self, words: Sequence[str], depth: int = 0) -> None:
        self._words = words
        self._depth = depth
        self._programs = [_program(word) for word in words]
        self._password_flags = {
            flag for program in self._programs if (flag := _PASSWORD_FLAGS.get(program, ""))
        }
        flags = [found[1] if (found := _ATTACHED.match(word)) else word for word in words]
        self._has_user = any(
            flag.startswith("-") and is_login_name(flag.partition("=")[0]) for flag in flags
        )

    def readings(self) -> Iterator[Reading]:
        """Each word, read as what the words before it make of it."""
        flag = shell = ""
        may_assign = self._depth > 0  # At its start a shell's command may set variables.
        for word, program in zip(self._words, self._programs, strict=True):
            variable = may_assign and _VARIABLE.fullmatch(word) is not None
            found = None
            if shell and _SCRIPT_FLAG.fullmatch(flag):
                found = self._of_script(word, shell in _POSIX_SHELLS)
            elif flag and not word.startswith("--"):
                found = self._of_flag(flag, word)
            if found is None and variable:
                found = read_variable(word)
            yield found or self._with_value(word) or read(word)
            may_assign = (
                program in _ASSIGNING
                or not word.strip(";&|()")
                or (may_assign and (variable or flag != "" or word.startswith("-")))
            )
            shell = program if program in _SHELLS else shell
            is_flag = word.startswith("-") and "=" not in word and " " not in word
            flag = word if is_flag or _SCRIPT_FLAG.fullmatch(word) else ""

    def _of_flag(self, flag: str, value: str) -> Reading | None:
        """The value of a flag; None where the flag says nothing of it."""
        if flag in self._password_flags:
            return read(value, is_secret=True)
        if flag == "-p" and self._has_user:
            is_none = _NUMBERS.fullmatch(value) or _NO_PASSWORD.fullmatch(value)
            return None if is_none else read(value, is_secret=True)
        if flag in _HEADER_FLAGS:
            return _read_header(value)
        if flag in _VARIABLE_FLAGS:
            return read_variable(value)
        if flag == "-u" and self._programs[0] == "git":
            return None
        return read_named(flag, value) if is_secret_name(flag) or is_login_name(flag) else None

    def _with_value(self, word: str) -> Reading | None:
        """A flag and its value in one word: `--flag=VALUE`, `-f=VALUE`, `-fVALUE`."""
        for form in (_FLAG_AND_VALUE, _ATTACHED):
            if parts := form.fullmatch(word):
                flag, sign, value = parts.groups()
                if found := self._of_flag(flag, value):
                    return Reading(flag + sign + found.shown, found.secrets)
        if word[:2] in self._password_flags and len(word) > 2:
            return Reading(word[:2] + HIDDEN, read(word[2:], is_secret=True).secrets)
        return None

    def _of_script(self, script: str, is_posix: bool) -> Reading | None:
        """The command that a shell is given as one word; None where nothing in it is secret."""
        if self._depth == _MAX_DEPTH:
            return None
        lexer = shlex.shlex(script, posix=True, punctuation_chars=True)
        lexer.whitespace_split, lexer.commenters = True, ""
        if not is_posix:
            lexer.escape = ""
        try:
            words = list(lexer)
        except ValueError:
            words = script.split()
        found = list(_CommandLine(words, self._depth + 1).readings())
        secrets = tuple(secret for reading in found for secret in reading.secrets)
        return Reading(" ".join(reading.shown for reading in found), secrets) if secrets else None


def _program(word: str) -> str:
    return re.sub(r"\.(?:exe|cmd|bat)$", "", re.split(r"[\\/]", word)[-1].lower())


def read_command(words: Sequence[str]) -> list[Reading]:
    """Each word of a command line, read as what the words before it make of it.

    `-p VALUE` is a password of a program that is known to take it so, and where a user is given
    too, unless it is made of numbers, a path or a short word: elsewhere it is a port, a package or
    a project. What follows a shell's `-c` is a command line too.
    """
    return list(_CommandLine(words).readings())


def shown_args(args: Sequence[str]) -> list[str]:
    """A command line that can be shown: everything that looks like a secret is `***`."""
    return [reading.shown for reading in read_command(args)]


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
    if depth == _MAX_DEPTH:
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
    if depth == _MAX_DEPTH:
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
        pieces = text.split(":", _MAX_DEPTH)
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
        if not is_secret_name(found["name"]) or value.startswith("//"):
            return found[0]
        secrets.extend((*_parts(value), *value.split()[1:]))
        return found[0][: found.start("value") - found.start()] + HIDDEN

    def login(found: re.Match[str]) -> str:
        secrets.extend((found["password"], found[0][:-1]))
        return f"{HIDDEN}@"

    separator = next((sign for sign in (";", "&") if sign in text), "")
    shown = _URL.sub(url, text)
    shown = _LOGIN.sub(login, _PAIRS[separator].sub(pair, shown))
    return Reading(shown, tuple(secrets))


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
    if password in ("", user) or password.startswith("//") or _NUMBERS.fullmatch(word):
        return read(word)
    basic = b64encode(word.encode()).decode()
    return Reading(f"{user}:{HIDDEN}", (*_parts(word), basic))


def _read_header(word: str) -> Reading:
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
