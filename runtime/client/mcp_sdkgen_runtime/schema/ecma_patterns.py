r"""Regular expressions of ECMAScript (ECMA-262, sections 22.2 and B.1.2) in the syntax of Rust.

JSON Schema's `pattern` is ECMAScript's. Both validators match with Rust's engines, which read
`[\w-.]`, `[[]`, `\d` or `.` otherwise, or not at all. What Python adds (`(?P<name>`, `(?i)`, `\A`,
`\Z`) is kept, since many servers are written in Python.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

_MEMBERS: Final = {
    "d": "0-9",
    "D": r"\x00-\x2f\x3a-" + chr(0x10FFFF),
    "w": "A-Za-z0-9_",
    "W": r"\x00-\x2f\x3a-\x40\x5b-\x5e\x60\x7b-" + chr(0x10FFFF),
    "s": r"\x09-\x0d\x20"
    "\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff",
    "S": r"\x00-\x08\x0e-\x1f\x21-"
    "\x9f\xa1-\u167f\u1681-\u1fff\u200b-\u2027\u202a-\u202e\u2030-\u205e\u2060-\u2fff\u3001-\ufefe"
    "\uff00-" + chr(0x10FFFF),
}
"""What a class of characters holds, as ECMAScript has it, and flat: classes inside classes are read
in two ways. Characters beyond ASCII stand for themselves, since their escapes differ."""
_ANY_BUT_LINE_ENDS: Final = "[^\\n\\r\u2028\u2029]"
_ANY: Final = r"[\x00-" + chr(0x10FFFF) + "]"
_NONE: Final = r"[^\x00-" + chr(0x10FFFF) + "]"
_CONTROLS: Final = {"t": r"\t", "n": r"\n", "v": r"\x0b", "f": r"\x0c", "r": r"\r", "0": r"\x00"}
_ANCHORS: Final = {"A": r"\A", "Z": r"\z", "z": r"\z"}

_ESCAPE: Final = re.compile(
    r"""\\(?:
      (?P<class>[dDwWsS])
    | (?P<property>[pP]\{\^?[A-Za-z0-9_=]{1,64}\})
    | c(?P<control>[A-Za-z])
    | (?P<hex>x[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|u\{[0-9A-Fa-f]{1,6}\})
    | (?P<back>[1-9][0-9]{0,2}|k<[^>]{1,64}>)
    | (?P<other>.)
    )""",
    re.VERBOSE | re.DOTALL,
)
_QUANTIFIER: Final = re.compile(r"\{[0-9]{1,9}(?:,[0-9]{0,9})?\}")
_LOW_SURROGATE: Final = re.compile(r"\\u([dD][c-fC-F][0-9A-Fa-f]{2})")


class UnreadablePatternError(ValueError):
    """A pattern that neither ECMAScript nor Python would read."""


@lru_cache(maxsize=512)
def translated(pattern: str) -> str:
    r"""`pattern` for Rust's engines. Raises `UnreadablePatternError`.

    Look-around and references back stay as they are: engines that match in linear time refuse them.
    `\b` stands at the edge of any letters, where ECMAScript knows those of ASCII.
    """
    made: list[str] = []
    at = 0
    while at < len(pattern):
        c = pattern[at]
        if c == "\\":
            text, at = _escape(pattern, at)
        elif c == "[":
            text, at = _class(pattern, at)
        elif c == ".":
            text, at = _ANY_BUT_LINE_ENDS, at + 1
        elif c == "{" and (found := _QUANTIFIER.match(pattern, at)):
            text, at = found[0], found.end()
        elif c in "{}]":
            text, at = "\\" + c, at + 1
        else:
            text, at = c, at + 1
        made.append(text)
    return "".join(made)


def _escape(pattern: str, at: int) -> tuple[str, int]:
    found = _ESCAPE.match(pattern, at)
    if found is None:
        raise UnreadablePatternError("it ends with a backslash")
    if found["class"]:
        return f"[{_MEMBERS[found['class']]}]", found.end()
    if found["property"]:
        return _property(found["property"]), found.end()
    if found["back"]:
        return found[0], found.end()
    if found["other"] in ("b", "B"):
        return found[0], found.end()
    if found["other"] in _ANCHORS:
        return _ANCHORS[found["other"]], found.end()
    return _character(pattern, found)


def _property(text: str) -> str:
    return "\\" + text.replace("Script_Extensions=", "scx=").replace("General_Category=", "gc=")


def _character(pattern: str, found: re.Match[str]) -> tuple[str, int]:
    """One character that an escape stands for."""
    if found["control"]:
        return _code(ord(found["control"]) % 32), found.end()
    if found["hex"]:
        code = int(found["hex"][1:].strip("{}"), 16)
        low = _LOW_SURROGATE.match(pattern, found.end())
        if 0xD800 <= code < 0xDC00 and low:
            code = 0x10000 + ((code - 0xD800) << 10) + (int(low[1], 16) - 0xDC00)
            return _code(code), low.end()
        return _code(code), found.end()
    other = found["other"] or ""
    return _CONTROLS.get(other) or _literal(other), found.end()


def _code(code: int) -> str:
    if code > 0x10FFFF or 0xD800 <= code < 0xE000:
        raise UnreadablePatternError(f"it names U+{code:04X}, which no text holds")
    return f"\\x{code:02x}" if code < 0x80 else chr(code)


def _literal(c: str) -> str:
    return c if c.isalnum() or c == "_" or not c.isascii() else _code(ord(c))


def _class(pattern: str, at: int) -> tuple[str, int]:
    """A class of characters, `[…]`, from its first bracket."""
    at += 1
    negated = pattern.startswith("^", at)
    at += negated
    members: list[tuple[str, bool]] = []  # what it is, and whether it is one character
    while not pattern.startswith("]", at):
        if at >= len(pattern):
            raise UnreadablePatternError("a class, [, is not closed")
        member, at = _member(pattern, at)
        members.append(member)
    if not members:
        return (_ANY if negated else _NONE), at + 1
    return f"[{'^' if negated else ''}{_joined(members)}]", at + 1


def _member(pattern: str, at: int) -> tuple[tuple[str, bool], int]:
    if pattern[at] != "\\":
        return (("-", True) if pattern[at] == "-" else (_literal(pattern[at]), True)), at + 1
    found = _ESCAPE.match(pattern, at)
    if found is None:
        raise UnreadablePatternError("it ends with a backslash")
    if found["class"]:
        return (_MEMBERS[found["class"]], False), found.end()
    if found["property"]:
        return (_property(found["property"]), False), found.end()
    if found["back"]:
        raise UnreadablePatternError("a class refers back to a group")
    if found["other"] == "b":
        return (r"\x08", True), found.end()
    if found["other"] == "-":
        return (r"\-", True), found.end()
    text, at = _character(pattern, found)
    return (text, True), at


def _joined(members: list[tuple[str, bool]]) -> str:
    """The members in Rust's syntax: a hyphen makes a range only between two characters."""
    made: list[str] = []
    at = 0
    while at < len(members):
        if at + 2 < len(members) and members[at + 1][0] == "-":
            (first, one), (last, other) = members[at], members[at + 2]
            between = "-" if one and other else r"\-"
            made += [_member_text(first), between, _member_text(last)]
            at += 3
        else:
            made.append(_member_text(members[at][0]))
            at += 1
    return "".join(made)


def _member_text(text: str) -> str:
    return r"\-" if text == "-" else text
