"""The shape of an answer: its structure and its types, without its values.

A shape is JSON itself:

    "string" | "integer" | "number" | "boolean" | "null" | "any"
    [shape, …]           an array, by the distinct shapes of its items
    {"name": shape, …}   an object with these fields
    {"*": [shape, …]}    an object whose keys are data, by the distinct shapes of its values

Whether keys are names of fields or data is judged from the keys and from what stands under them. In
doubt they are data: a key that is kept is kept for everyone who reads the file.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any, Final, TypeAlias

from ..schema.json_types import json_type

Shape: TypeAlias = "str | list[Any] | dict[str, Any]"

ANY: Final = "any"
MAP: Final = "*"
"""The only key of an object whose keys are data. No field's name can be it."""
SCALARS: Final = ("string", "integer", "number", "boolean", "null", ANY)

MAX_DEPTH: Final = 32
MAX_FIELDS: Final = 200
MAX_KINDS: Final = 64
"""Distinct shapes of the items of one array; with more of them the items are `any`."""
ALIKE_OBJECTS: Final = 3
ALIKE_VALUES: Final = 12
"""From so many entries of one form on, an object is taken for a table of data."""

_NAME = re.compile(r"[@$]?\w[\w-]{0,63}")
_LETTER = re.compile(r"[^\W\d_]")
_DATA = re.compile(
    r"\d{4}"  # a year, the number of an order
    r"|^(?=.*\d)[0-9a-fA-F]{7,}$"  # a digest
    r"|^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-"  # a UUID
    r"|^(?=.*\d)[A-Z0-9]{7,}$"  # a code in capitals
    r"|([^\W\d_]+\d+){3}"  # letters and digits by turns
)


def shape_of(data: Any, given: Iterable[str] = ()) -> Shape:
    """The shape of JSON data. `given` are texts that the caller sent: as keys they are data."""
    return _shape(data, frozenset(given), 0, False)


def texts_in(arguments: Any) -> set[str]:
    """Every string in the arguments of a call, keys aside."""
    found: set[str] = set()
    waiting = [arguments]
    while waiting:
        value = waiting.pop()
        if isinstance(value, str):
            found.add(value)
        elif isinstance(value, Mapping):
            waiting += value.values()
        elif isinstance(value, list | tuple):
            waiting += value
    return found


def is_name(key: str) -> bool:
    """Whether a key reads like the name of a field, and not like an id, a date or a text."""
    return bool(_NAME.fullmatch(key) and _LETTER.search(key) and not _DATA.search(key))


def _shape(data: Any, given: frozenset[str], depth: int, is_row: bool) -> Shape:
    if (kind := json_type(data)) not in ("array", "object"):
        return kind
    if depth >= MAX_DEPTH:
        return ANY
    if isinstance(data, list):
        rows = _are_rows(data)
        return _distinct(_shape(item, given, depth + 1, rows) for item in data)
    if isinstance(data, dict):
        fields = {str(key): _shape(item, given, depth + 1, False) for key, item in data.items()}
        if _is_table(data, fields, given, is_row):
            return {MAP: _distinct(fields.values())}
        return fields
    return ANY


def _distinct(shapes: Iterable[Shape]) -> list[Shape]:
    found: dict[str, Shape] = {}
    for shape in shapes:
        found.setdefault(json.dumps(shape, sort_keys=True), shape)
        if len(found) > MAX_KINDS:
            return [ANY]
    return list(found.values())


def _are_rows(items: list[Any]) -> bool:
    """Whether these are objects with the same keys: then the keys are a table's columns."""
    first = items[0] if len(items) > 1 else None
    return isinstance(first, dict) and all(
        isinstance(item, dict) and item.keys() == first.keys() for item in items
    )


def _is_table(
    data: Mapping[str, Any], fields: Mapping[str, Shape], given: frozenset[str], is_row: bool
) -> bool:
    if not fields:
        return False
    if len(fields) > MAX_FIELDS or not all(map(is_name, fields)):
        return True
    if given.issuperset(fields):
        return True
    nested = [key for key in data if isinstance(data[key], dict | list)]
    # An object of Ada's under "ada" that says `"id": "ada"`, or that was asked for by that name.
    if any(key in given or _says(data[key], key) for key in nested):
        return True
    shapes = list(fields.values())
    if len(shapes) >= ALIKE_OBJECTS and all(shape and isinstance(shape, dict) for shape in shapes):
        return len({frozenset(shape) for shape in shapes}) == 1
    alike = len({json.dumps(shape) for shape in shapes}) == 1
    # A few of one kind under capitals are rather Woolf and Austen than fields.
    named = len(shapes) > 1 and all(key[0].isupper() for key in fields)
    return alike and not is_row and (named or len(shapes) >= ALIKE_VALUES)


def _says(value: Any, key: str) -> bool:
    return isinstance(value, dict) and any(item == key for item in value.values())
