"""Editing JSON with comments in place: what is not edited stays as it is, to the byte."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

_TOKEN = re.compile(
    r"""(?P<space>\s+|//[^\n]*|/\*.*?\*/)
    |(?P<string>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
    |(?P<mark>[{}\[\],:])
    |(?P<word>[^\s{}\[\],:"'/]+)""",
    re.VERBOSE | re.DOTALL,
)
_DEFAULT_UNIT = "  "


class NotEditable(ValueError):
    """The text is not JSON with comments. The message says where it stops being that."""


@dataclass
class _Value:
    """A value's place in the text; of an object also its members."""

    start: int
    end: int = 0
    members: dict[str, _Member] | None = None


@dataclass
class _Member:
    """A member of an object. `comma` is where one follows it, or -1."""

    key_start: int
    value: _Value
    comma: int = -1


@dataclass
class _Tokens:
    """The tokens that mean something: kind, text, start, end."""

    text: str
    left: Iterator[tuple[str, str, int, int]] = field(init=False)
    now: tuple[str, str, int, int] = ("", "", 0, 0)

    def __post_init__(self) -> None:
        self.left = self._scan()
        self.step()

    def step(self) -> tuple[str, str, int, int]:
        """Take the present token."""
        taken = self.now
        self.now = next(self.left, ("end", "", len(self.text), len(self.text)))
        return taken

    def _scan(self) -> Iterator[tuple[str, str, int, int]]:
        at = 0
        while at < len(self.text):
            found = _TOKEN.match(self.text, at)
            if found is None:
                raise _wrong(self.text, at)
            at = found.end()
            if found.lastgroup != "space":
                yield str(found.lastgroup), found[0], found.start(), at


def with_member(text: str, path: Sequence[str], value: Any) -> str:
    """`text` with the member at `path` set to `value`; objects that are missing are made.

    Raises `NotEditable`, also when something on the path is no object.
    """
    if not text.strip():
        text = "{}\n"
    place = _root(text)
    for depth, key in enumerate(path):
        if place.members is None:
            raise NotEditable(f"{'.'.join(path[:depth]) or 'the file'} is not an object")
        if key not in place.members:
            for missing in reversed(path[depth + 1 :]):
                value = {missing: value}
            return _inserted(text, place, key, value)
        place = place.members[key].value
    indent = _indent_of(text, place.start)
    return text[: place.start] + _dumped(value, indent, _unit(text)) + text[place.end :]


def without_member(text: str, path: Sequence[str]) -> str:
    """`text` without the member at `path`, if it is there. Raises `NotEditable`."""
    place = _root(text)
    for key in path[:-1]:
        if not place.members or key not in place.members:
            return text
        place = place.members[key].value
    if not place.members or path[-1] not in place.members:
        return text
    keys = list(place.members)
    member = place.members[path[-1]]
    at = keys.index(path[-1])
    start = len(text[: member.key_start].rstrip(" \t\r\n"))
    end = member.comma + 1 if member.comma >= 0 else member.value.end
    if text[start - 1] not in "{," and text[end:].lstrip(" \t")[:1] not in ("\n", "\r"):
        start = member.key_start  # the end of the comment before it is its line's
    result = text[:start] + text[end:]
    if at and member.comma < 0:
        before = place.members[keys[at - 1]].comma
        result = result[:before] + result[before + 1 :]
    return result


def _inserted(text: str, place: _Value, key: str, value: Any) -> str:
    members = place.members or {}
    unit = _unit(text)
    outer = _indent_of(text, place.start)
    indent = outer + unit
    close = place.end - 1
    if members:
        first = next(iter(members.values()))
        own = _indent_of(text, first.key_start)
        if text[: first.key_start].endswith(f"\n{own}"):
            indent = own
        last = list(members.values())[-1]
        if last.comma < 0:
            at = last.value.end
            text, close = f"{text[:at]},{text[at:]}", close + 1
    body = text[:close].rstrip(" \t\r\n")
    after = text[len(body) : close]
    member = f"{json.dumps(key, ensure_ascii=False)}: {_dumped(value, indent, unit)}"
    tail = after if "\n" in after else f"\n{outer}"
    return f"{body}\n{indent}{member}{tail}{text[close:]}"


def _dumped(value: Any, indent: str, unit: str) -> str:
    shown = json.dumps(value, indent=unit, ensure_ascii=False)
    return shown.replace("\n", f"\n{indent}")


def _unit(text: str) -> str:
    found = re.search(r"^([ \t]+)\S", text, re.MULTILINE)
    return found[1] if found else _DEFAULT_UNIT


def _indent_of(text: str, at: int) -> str:
    """The indentation of the line that this place is on."""
    line = text[text.rfind("\n", 0, at) + 1 : at]
    return line[: len(line) - len(line.lstrip(" \t"))]


def _root(text: str) -> _Value:
    tokens = _Tokens(text)
    root = _value(tokens)
    if tokens.now[0] != "end":
        raise _wrong(text, tokens.now[2])
    return root


def _value(tokens: _Tokens) -> _Value:
    kind, mark, start, end = tokens.step()
    if kind in ("string", "word"):
        return _Value(start, end)
    if mark == "{":
        members = _members(tokens)
        return _Value(start, tokens.step()[3], members)
    if mark == "[":
        while tokens.now[1] != "]":
            _value(tokens)
            if tokens.now[1] == ",":
                tokens.step()
            elif tokens.now[1] != "]":
                raise _wrong(tokens.text, tokens.now[2])
        return _Value(start, tokens.step()[3])
    raise _wrong(tokens.text, start)


def _members(tokens: _Tokens) -> dict[str, _Member]:
    found: dict[str, _Member] = {}
    while tokens.now[1] != "}":
        kind, shown, start, _ = tokens.step()
        if kind not in ("string", "word") or tokens.step()[1] != ":":
            raise _wrong(tokens.text, start)
        member = _Member(start, _value(tokens))
        key = json.loads(shown) if shown.startswith('"') else shown.strip("'")
        if key in found:
            raise NotEditable(f"the key {key!r} occurs twice")
        found[key] = member
        if tokens.now[1] == ",":
            member.comma = tokens.step()[2]
        elif tokens.now[1] != "}":
            raise _wrong(tokens.text, tokens.now[2])
    return found


def _wrong(text: str, at: int) -> NotEditable:
    return NotEditable(f"line {text.count(chr(10), 0, at) + 1} is not JSON")
