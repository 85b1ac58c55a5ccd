"""One word of a command line as the value that a schema wants."""

from __future__ import annotations

import json
import math
import re
import shlex
from collections.abc import Sequence
from difflib import get_close_matches
from typing import Any, Final

from ..errors import SnapshotError
from ..json_io import parse_json
from ..schema.subset import ANY, Type, item_at, members
from ..text import one_line

_INTEGER: Final = re.compile(r"[+-]?\d+", re.ASCII)
_NUMBER: Final = re.compile(r"[+-]?(\d+(?:\.\d*)?|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_MAX_DIGITS: Final = 1000
_SHOWN_VALUES: Final = 12
_WORDS: Final = {
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "null": "null",
}
_PLURALS: Final = {
    "string": "texts",
    "integer": "whole numbers",
    "number": "numbers",
    "array": "lists",
    "object": "objects",
}
_EXAMPLES: Final = {
    "string": "TEXT",
    "integer": "1",
    "number": "0.5",
    "boolean": "true",
    "null": "null",
}


class Misread(Exception):
    """A word is no value of the type. Its text goes on after the argument's name."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.hint = hint


def described(type_: Type) -> str:
    """What a type wants, in words, on one line. Values are the server's."""
    return " or ".join(dict.fromkeys(map(_described, members(type_))))


def _described(type_: Type) -> str:
    if "enum" in type_:
        values = [json.dumps(value, ensure_ascii=False) for value in type_["enum"]]
        more = ", …" if len(values) > _SHOWN_VALUES else ""
        listed = one_line(", ".join(values[:_SHOWN_VALUES]), 300) + more
        return listed if len(values) == 1 else f"one of {listed}"
    if type_ == ANY:
        return "any value"
    if type_.get("type") == "array":
        if "prefixItems" in type_:
            listed = ", ".join(map(described, type_["prefixItems"]))
            return f"a list of {listed}{', …' if 'items' in type_ else ''}"
        return _list_of(type_["items"])
    return _WORDS.get(type_.get("type", ""), "an object")


def _list_of(inner: Type) -> str:
    if inner == ANY or "$ref" in inner:
        return "a list"
    plural = _PLURALS.get(inner.get("type", ""))
    return f"a list of {plural}" if plural else f"a list of ({described(inner)})"


def example(name: str, type_: Type) -> str:
    """How a value of the type could be written for the argument `name`, in words of a shell."""
    kind = members(type_)[0]
    if "enum" in kind:
        value = kind["enum"][0]
        text = value if isinstance(value, str) else json.dumps(value)
        return shlex.quote(f"{name}={one_line(text, 80)}")
    if kind.get("type") == "array":
        inner = members(item_at(kind, 0))[0]
        if inner.get("type") in _EXAMPLES or "enum" in inner:
            return f"{example(name, inner)} {example(name, item_at(kind, 1))}"
        return shlex.quote(f"{name}:=[…]")
    if "$ref" in kind or kind.get("type") == "object":
        return shlex.quote(f"{name}:={{…}}")
    return shlex.quote(f"{name}={_EXAMPLES.get(kind.get('type', ''), 'VALUE')}")


def value_of(word: str, type_: Type, name: str, *, in_list: bool = False) -> Any:
    """The value that a word is, by the type; with `in_list`, one of several in a list.

    Raises `Misread`.

    Text is text where the type allows it, except for JSON lists and objects where it allows those
    too. Where the type says nothing, what reads as JSON is JSON.
    """
    kinds = members(type_)
    for kind in kinds:
        for value in kind.get("enum", ()):
            if word == (value if isinstance(value, str) else json.dumps(value)):
                return value
    if ANY in kinds:
        return _untyped(word)
    names = {kind.get("type") or ("object" if "$ref" in kind else "") for kind in kinds}
    wanted = {"[": "array", "{": "object"}.get(word[:1])
    if wanted is not None and wanted in names:
        found = _container(word, wanted, "string" in names)
        if found is not None:
            return found
    if "string" in names:
        return word
    scalar = _scalar(word, names)
    if scalar is not _NONE:
        return scalar
    for kind in kinds:
        if in_list or kind.get("type") != "array" or word[:1] == "[":
            continue
        inner = item_at(kind, 0)
        if any(one.get("type") not in ("array", "null") for one in members(inner)):
            return [value_of(word, inner, name, in_list=True)]  # a list of one
    raise Misread(
        f"expects {described(type_)}, not {one_line(word, 80)!r}", _hint(kinds, word, name)
    )


_NONE: Final = object()


def _scalar(word: str, names: set[str]) -> Any:
    if "null" in names and word == "null":
        return None
    if "boolean" in names and word.lower() in ("true", "false"):
        return word.lower() == "true"
    if names & {"integer", "number"} and len(word) <= _MAX_DIGITS and _INTEGER.fullmatch(word):
        return int(word)
    if "number" in names and _NUMBER.fullmatch(word) and math.isfinite(float(word)):
        return float(word)
    return _NONE


def _container(word: str, wanted: str, may_be_text: bool) -> Any:
    try:
        found = parse_json(word, "it")
    except SnapshotError as error:
        if may_be_text:
            return None
        what = "list" if wanted == "array" else "object"
        raise Misread(f"begins like a JSON {what}: {error}", "text goes in quotes there") from None
    return found


def _untyped(word: str) -> Any:
    try:
        return parse_json(word, "")
    except SnapshotError:
        return word


def _hint(kinds: Sequence[Type], word: str, name: str) -> str:
    values = [str(value) for kind in kinds for value in kind.get("enum", ())]
    if near := get_close_matches(word, values, n=1):
        return f"did you mean {one_line(near[0], 80)!r}?"
    if any("$ref" in kind or kind.get("type") == "object" for kind in kinds):
        return f"write its fields as {name}.FIELD=VALUE, or all of it as {name}:=JSON"
    return ""
