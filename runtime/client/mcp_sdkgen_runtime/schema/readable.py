"""A schema as validators can read it: a keyword that they cannot costs that keyword, and no other.

An enum that no value of its type can meet is read as it is meant (`enums`).

Servers write references that are not percent-encoded, patterns in JavaScript's syntax, dialects
that nobody knows, and keywords with values that mean nothing. A validator refuses the whole schema
for one of them, and then nothing of a tool's arguments would be checked.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote, unquote

from ..text import shortened
from .ecma_patterns import UnreadablePatternError, translated
from .enums import meant
from .pattern_bounds import MAX_SIZE, pattern_size
from .references import (
    MAX_IDENTIFIER,
    SCHEMA_LISTS,
    SCHEMA_MAPS,
    SCHEMAS,
    References,
    escape,
    is_known_dialect,
)

_MOST_REPAIRS: Final = 100
_DATA: Final = frozenset({"const", "enum", "default", "example", "examples"})
_POINTER_SAFE: Final = "/~!$&'()*+,;=:@-._"
_DIALECT: Final = re.compile(r"https?://json-schema\.org/[\w./-]{1,80}#?")


@dataclass(frozen=True, slots=True)
class Unread:
    """A keyword that is not checked, since no validator can read it."""

    pointer: str
    """Where it stands: a JSON pointer into the schema."""
    reason: str
    """Why, in words; may hold words of the server, escaped and shortened."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A schema that validators can read, and what was left out of the one that was given."""

    schema: dict[str, Any]
    unread: tuple[Unread, ...]
    patterns: dict[str, str]
    """The patterns of the given schema, by those that stand in this one."""


FirstFault = Callable[[dict[str, Any]], tuple[list[str | int], str] | None]
"""The path to something that makes a schema invalid, and what is wrong; None when it is valid."""


def readable(schema: dict[str, Any], first_fault: FirstFault) -> Reading:
    """`schema` with references encoded, patterns in the engines' syntax, and without what is
    invalid by `first_fault`.

    Raises `ValueError` for a schema with more than 100 faults.
    """
    reader = _Reader(schema)
    made = reader.read(schema, "")
    for _ in range(_MOST_REPAIRS):
        fault = first_fault(made)
        if fault is None:
            return Reading(made, tuple(reader.unread), reader.patterns)
        made = reader.without(made, *fault)
    raise ValueError(f"more than {_MOST_REPAIRS} keywords of the schema cannot be read")


class _Reader:
    """Reads one schema document, and collects what it leaves out."""

    def __init__(self, document: dict[str, Any]) -> None:
        self._references = References(document)
        self.unread: list[Unread] = []
        self.patterns: dict[str, str] = {}
        self._pattern_size = 0

    def read(self, node: Any, pointer: str) -> Any:
        """A subschema, made readable; anything else as it is."""
        if not isinstance(node, dict):
            return node
        made: dict[str, Any] = {}
        for key, value in node.items():
            at = f"{pointer}/{escape(key)}"
            if key in SCHEMA_MAPS and isinstance(value, dict):
                made[key] = {
                    name: self.read(item, f"{at}/{escape(name)}") for name, item in value.items()
                }
            elif key in SCHEMA_LISTS and isinstance(value, list):
                made[key] = [self.read(item, f"{at}/{i}") for i, item in enumerate(value)]
            elif key in _DATA:
                made[key] = value
            elif isinstance(value, dict):
                made[key] = self.read(value, at)
            else:
                made[key] = value
        made = meant(made)
        self._dialect(made, pointer)
        self._identifier(made, pointer)
        self._reference(made, pointer)
        self._patterns(made, pointer)
        return made

    def _dialect(self, made: dict[str, Any], pointer: str) -> None:
        dialect = made.get("$schema")
        if dialect is not None and not (isinstance(dialect, str) and is_known_dialect(dialect)):
            del made["$schema"]
            self._leave_out(f"{pointer}/$schema", f"{shortened(dialect)} is no dialect known here")

    def _identifier(self, made: dict[str, Any], pointer: str) -> None:
        for key in ("$id", "id") if self._references.ignores_ref_siblings else ("$id",):
            if isinstance(made.get(key), str) and len(made[key]) > MAX_IDENTIFIER:
                del made[key]
                reason = f"an identifier of more than {MAX_IDENTIFIER} characters names nothing"
                self._leave_out(f"{pointer}/{key}", reason)

    def _reference(self, made: dict[str, Any], pointer: str) -> None:
        for key in ("$ref", "$dynamicRef", "$recursiveRef"):
            reference = made.get(key)
            if not isinstance(reference, str):
                continue
            if self._references.resolve(reference, pointer) is not None:
                uri, hash_, fragment = reference.partition("#")
                if fragment.startswith(("/", "%2F", "%2f")):
                    made[key] = uri + hash_ + quote(unquote(fragment), safe=_POINTER_SAFE)
            elif not _DIALECT.fullmatch(reference):
                del made[key]
                self._leave_out(
                    f"{pointer}/{key}", f"{shortened(reference)} is not in the schema, nor fetched"
                )

    def _patterns(self, made: dict[str, Any], pointer: str) -> None:
        pattern = made.get("pattern")
        if isinstance(pattern, str):
            if (text := self._translated(pattern, f"{pointer}/pattern")) is None:
                del made["pattern"]
            else:
                made["pattern"] = text
        named = made.get("patternProperties")
        if isinstance(named, dict):
            at = f"{pointer}/patternProperties"
            read = {k: self._translated(k, f"{at}/{escape(k)}") for k in named}
            made["patternProperties"] = {
                text: named[key] for key, text in read.items() if text is not None
            }
            if None in read.values():
                _drop_the_rest(made)

    def _translated(self, pattern: str, pointer: str) -> str | None:
        try:
            text = translated(pattern)
        except UnreadablePatternError as error:
            self._leave_out(pointer, f"the pattern {shortened(pattern)} cannot be read: {error}")
            return None
        if text not in self.patterns:
            size = pattern_size(text)
            if self._pattern_size + size > MAX_SIZE:
                reason = f"the pattern {shortened(pattern)} takes too much memory, or those before"
                self._leave_out(pointer, reason)
                return None
            self._pattern_size += size
        self.patterns[text] = pattern
        return text

    def _leave_out(self, pointer: str, reason: str) -> None:
        self.unread.append(Unread(pointer, reason))

    def without(self, schema: dict[str, Any], path: list[str | int], reason: str) -> Any:
        """`schema` without the keyword that `path` leads to or into."""
        holder, keyword, rest = _keyword(schema, path)
        value = holder[keyword]
        if rest and keyword in SCHEMA_MAPS and isinstance(value, dict):
            value[str(rest[0])] = {}
        elif rest and keyword in SCHEMA_LISTS and isinstance(value, list):
            value[int(rest[0])] = {}
        elif (
            keyword == "required" and isinstance(value, list) and (names := _names(value)) != value
        ):
            holder[keyword] = names
        else:
            if keyword in SCHEMA_MAPS:
                _drop_the_rest(holder)
            del holder[keyword]
        where = "".join(f"/{escape(str(part))}" for part in path)
        self._leave_out(where, reason)
        return schema


def _names(required: list[Any]) -> list[str]:
    """The names in a list of required properties, each once."""
    return list(dict.fromkeys(name for name in required if isinstance(name, str)))


def _drop_the_rest(holder: dict[str, Any]) -> None:
    """What speaks of all other properties cannot be judged where these are not known."""
    for key in ("additionalProperties", "unevaluatedProperties"):
        holder.pop(key, None)


def _keyword(
    schema: dict[str, Any], path: list[str | int]
) -> tuple[dict[str, Any], str, list[str | int]]:
    """The innermost subschema on the way, its keyword on the way, and the way from there."""
    found: tuple[dict[str, Any], str, list[str | int]] | None = None
    for holder, at in _subschemas_on(schema, path):
        if at < len(path) and path[at] in holder:
            found = holder, str(path[at]), path[at + 1 :]
    if found is None:
        raise ValueError("the schema as a whole is not valid")
    return found


def _subschemas_on(schema: Any, path: list[str | int]) -> Iterator[tuple[dict[str, Any], int]]:
    here, at = schema, 0
    while isinstance(here, dict):
        yield here, at
        if at >= len(path):
            return
        keyword = path[at]
        here = here.get(str(keyword))
        at += 1
        if (keyword in SCHEMA_MAPS and isinstance(here, dict) and at < len(path)) or (
            keyword in SCHEMA_LISTS and isinstance(here, list) and at < len(path)
        ):
            step = path[at]
            at += 1
            here = here[int(step)] if isinstance(here, list) else here.get(str(step))
        elif keyword not in SCHEMAS:
            return
