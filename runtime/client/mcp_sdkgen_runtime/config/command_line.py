"""Reads a whole command line for what is secret in it: what the words before make of a word."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from typing import Any, Final

from .display import HIDDEN, is_login_name, is_secret_name
from .secret_parts import (
    MAX_DEPTH,
    NUMBERS,
    Reading,
    read,
    read_header_line,
    read_named,
    read_variable,
)

_HEADER_FLAGS: Final = frozenset(("-H", "--header", "--headers"))
_VARIABLE_FLAGS: Final = frozenset(("-e", "--env", "--build-arg"))
_PASSWORD_FLAGS: Final = {
    "mysql": "-p", "mysqldump": "-p", "mysqladmin": "-p", "mariadb": "-p", "mongo": "-p",
    "mongosh": "-p", "sshpass": "-p", "redis-cli": "-a", "sqlcmd": "-P", "bcp": "-P",
    "ldapsearch": "-w", "ldapmodify": "-w", "ldapadd": "-w", "ldapwhoami": "-w",
    "zip": "-P", "unzip": "-P", "mosquitto_pub": "-P", "mosquitto_sub": "-P", "ipmitool": "-P",
    "snmpget": "-c", "snmpwalk": "-c",
}  # fmt: skip
"""By a program's name, the short flag that takes a password, also without a space after it."""
_ATTACHED_PASSWORD_FLAGS: Final = {
    "7z": "-p", "7za": "-p", "7zr": "-p", "7zz": "-p", "rar": "-p", "unrar": "-p",
}  # fmt: skip
"""Likewise, but never with a space after it."""
_POSIX_SHELLS: Final = frozenset(("sh", "bash", "zsh", "dash", "ash", "ksh", "fish", "su", "env"))
_SHELLS: Final = _POSIX_SHELLS | {"cmd", "pwsh", "powershell"}
_PUNCTUATION: Final = "();<>|&`"
_QUOTED_AS_IN_C: Final = re.compile(r"(?<![^\s=;&|(<])\$'((?:[^'\\]|\\.)*)'", re.DOTALL)
"""`$'…'` of a POSIX shell where a word or a value begins."""
_PLAIN_ECHO: Final = re.compile(r"-\w+|\$\{?\w+\}?|(?:%[-+.\d]*[a-z]|\\[a-z])+")
"""A flag, a variable or a format: no word that `echo` or `printf` has from the command line."""
_BUNDLES: Final = {
    "curl": re.compile(r"-[0-46#aBfgGiIjJkLlMnNOpqRsSvVZ]+([uUHb])(.*)", re.DOTALL),
    **dict.fromkeys(("docker", "podman"), re.compile(r"-[ditPq]+([eu])(.*)", re.DOTALL)),
}
"""By a program's name, short flags in one word, of which the last takes a value."""
_SCRIPT_FLAG: Final = re.compile(r"(?i)-[a-z]{0,4}c|/[ck]|--?command|-S|--split-string")
_ASSIGNING: Final = frozenset(("env", "cross-env", "export", "set", "sudo", "doas"))
_OF_SAMBA: Final = frozenset(("smbclient", "rpcclient", "smbget", "smbcacls", "winexe"))
_OF_ORACLE: Final = frozenset(("sqlplus", "sqlldr", "rman", "expdp", "impdp"))
_ORACLE_LOGIN: Final = re.compile(r"""[\w$#.-]+/("[^"]+"|[^@/\s]+)(?:@\S*)?""")
_FLAG_NAME: Final = re.compile(r"--(?:[A-Za-z](?:[\w.-]*\w)?(?:=.*)?)?", re.DOTALL)
_WORDS_BEFORE: Final = 8
"""How far back a word is looked for that says what a later one is."""
_NO_PASSWORD = re.compile(r"[-/.~@].*|[A-Za-z]{1,7}", re.DOTALL)
"""Of `-p` where nobody knows the program: a flag, a path, a package, the name of a project."""
_VARIABLE = re.compile(r"((?:\$env:)?[A-Za-z_]\w*)=(.*)", re.DOTALL)
_FLAG_AND_VALUE = re.compile(r"(-[^=\s]+)(=)(.+)", re.DOTALL)
_ATTACHED = re.compile(
    r"(-[uU](?=[\w.+@-]+:(?!/))|-U(?=[\w.+@\\/-]+%)|-b(?=[^=]+=)|-e(?=[A-Z_]\w*=)|-H(?=[A-Za-z-]+:)|-p(?=[^=]*[^=A-Za-z-]))()(.+)",
    re.DOTALL,
)
"""A short flag with its value behind it, as far as it cannot be a longer flag."""


class _CommandLine:
    """What a whole command line makes of its single words."""

    def __init__(self, words: Sequence[str], depth: int = 0) -> None:
        self._words = words
        self._depth = depth
        self._programs = [_program_name(word) for word in words]
        self._distinct = frozenset(self._programs)  # asked at each word
        self._password_flags = _flags_of(_PASSWORD_FLAGS, self._programs)
        self._attached_flags = _flags_of(_ATTACHED_PASSWORD_FLAGS, self._programs)
        self._bundles = [_BUNDLES[one] for one in self._distinct & _BUNDLES.keys()]
        flags = [found[1] if (found := _ATTACHED.match(word)) else word for word in words]
        self._has_user = any(
            flag.startswith("-") and is_login_name(flag.partition("=")[0]) for flag in flags
        )

    def readings(self) -> Iterator[Reading]:
        """Each word, read as what the words before it make of it."""
        flag = shell = ""
        may_assign = self._depth > 0  # At its start a shell's command may set variables.
        for at, (word, program) in enumerate(zip(self._words, self._programs, strict=True)):
            variable = may_assign and _VARIABLE.fullmatch(word) is not None
            found = None
            if shell and _SCRIPT_FLAG.fullmatch(flag):
                found = self._of_script(word, shell in _POSIX_SHELLS)
            elif flag and not _is_flag_name(word):
                found = self._of_flag(flag, word)
            if found is None and (
                password := _password_of_word(
                    self._distinct, self._words[max(0, at - _WORDS_BEFORE) : at], word
                )
            ):
                found = _hidden(word, password)
            if found is None and variable:
                found = read_variable(word)
            yield found or self._with_value(word) or read(word)
            may_assign = (
                program in _ASSIGNING
                or not word.strip(";&|()`")
                or (may_assign and (variable or flag != "" or word.startswith("-")))
            )
            shell = program if program in _SHELLS else shell
            is_flag = word.startswith("-") and "=" not in word and " " not in word
            flag = self._last_flag(word) if is_flag or _SCRIPT_FLAG.fullmatch(word) else ""

    def _last_flag(self, word: str) -> str:
        """The flag that the next word is the value of, where short ones stand in one word."""
        for bundle in self._bundles:
            if parts := bundle.fullmatch(word):
                return word if parts[2] else f"-{parts[1]}"
        if word[:1] + word[-1:] in self._password_flags and word[1:].isalpha():
            return f"-{word[-1]}"
        return word

    def _of_flag(self, flag: str, value: str) -> Reading | None:
        """The value of a flag; None where the flag says nothing of it."""
        if flag in self._password_flags:
            return read(value, is_secret=True)
        if flag == "-p" and self._has_user:
            is_none = NUMBERS.fullmatch(value) or _NO_PASSWORD.fullmatch(value)
            return None if is_none else read(value, is_secret=True)
        if password := _password_of_flag(self._distinct, flag, value):
            return _hidden(value, password)
        if flag in _HEADER_FLAGS:
            return read_header_line(value)
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
        for bundle in self._bundles:
            if parts := bundle.fullmatch(word):
                found = self._of_flag(f"-{parts[1]}", parts[2]) if parts[2] else None
                return found and Reading(word[: parts.start(2)] + found.shown, found.secrets)
        attached = self._password_flags | self._attached_flags
        if word[:2] in attached and len(word) > 2:
            return Reading(word[:2] + HIDDEN, read(word[2:], is_secret=True).secrets)
        return None

    def _of_script(self, script: str, is_posix: bool) -> Reading | None:
        """The command that a shell is given as one word; None where nothing in it is secret."""
        if self._depth == MAX_DEPTH:
            return None
        if is_posix:
            script = _QUOTED_AS_IN_C.sub(_quoted_plainly, script)
        signs: Any = _PUNCTUATION if is_posix else True
        lexer = shlex.shlex(script, posix=True, punctuation_chars=signs)
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


def _flags_of(flags: Mapping[str, str], programs: Iterable[str]) -> set[str]:
    return {flags[program] for program in programs if program in flags}


def _hidden(word: str, password: str) -> Reading:
    """A word of which a part is a password."""
    return Reading(word.replace(password, HIDDEN), (*read(password, is_secret=True).secrets, word))


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


def _program_name(word: str) -> str:
    """The name of the program that a word would start, without folder and extension."""
    return re.sub(r"\.(?:exe|cmd|bat)$", "", re.split(r"[\\/]", word)[-1].lower())


def _is_flag_name(word: str) -> bool:
    """Whether a word with two dashes is a flag, and no value that begins so."""
    return _FLAG_NAME.fullmatch(word) is not None


def _password_of_flag(programs: Set[str], flag: str, value: str) -> str:
    """The secret in the value of a flag that some of these programs read so; else nothing."""
    if flag in ("-U", "--user") and not _OF_SAMBA.isdisjoint(programs):
        return value.partition("%")[2]
    # Without a sign of a pair it is the name of a file.
    return value if flag == "-b" and "curl" in programs and "=" in value else ""


def _password_of_word(programs: Set[str], before: Sequence[str], word: str) -> str:
    """The secret in a word that is no flag and no flag's value, after these; else nothing."""
    if word.startswith(("-", "@", "/")):
        return ""
    if not _OF_ORACLE.isdisjoint(programs) and (login := _ORACLE_LOGIN.fullmatch(word)):
        return login[1].strip('"')
    said = [one for one in before if not one.startswith("-")]
    if said[-1:] == ["login"] and "vault" in map(_program_name, said[-2:]) and "=" not in word:
        return word
    is_word = word.strip(_PUNCTUATION) != "" and _PLAIN_ECHO.fullmatch(word) is None
    return word if is_word and (before[-1:] == ["<<<"] or _is_echoed(before)) else ""


def _is_echoed(before: Sequence[str]) -> bool:
    """Whether `echo` or `printf` gives the next word to the command line that it stands in."""
    for at in range(len(before) - 1, -1, -1):
        if not before[at].strip(_PUNCTUATION):
            is_inside = before[at].endswith(("`", "<(")) or (
                before[at].endswith("(") and at > 0 and before[at - 1].endswith("$")
            )
            return is_inside and before[at + 1 : at + 2] in (["echo"], ["printf"])
    return False


def _quoted_plainly(found: re.Match[str]) -> str:
    """A word that is quoted as in C, as `shlex` reads quotes."""
    try:
        return shlex.quote(found[1].encode("ascii", "backslashreplace").decode("unicode_escape"))
    except ValueError:
        return found[0]
