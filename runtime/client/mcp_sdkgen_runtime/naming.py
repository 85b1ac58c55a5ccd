"""The Python spelling of a server's names: of methods, arguments, and keys of objects.

A name follows from the wire name alone, except in a clash, where the wire name that already is
the Python name keeps it, then the first in code point order; the others get a suffix made from
their own wire name. The generator names by it, and a call reads by it what it is given.
"""

from __future__ import annotations

import hashlib
import keyword
import re
import unicodedata
from collections.abc import Container, Mapping, Sequence
from functools import lru_cache

from pydantic import BaseModel

MAX_LENGTH = 80
MAX_BYTES = 200
"""A module's file name, with its suffix, must fit into the 255 bytes of most file systems."""

ANNOTATION_NAMES = frozenset({"bool", "dict", "float", "int", "list", "str"})
"""Builtins that generated annotations use, and that a class attribute of that name would hide."""

FIELD_NAMES = ANNOTATION_NAMES | {
    name for name in (*dir(BaseModel), *dir(type(BaseModel))) if not name.startswith("_")
}

_TUPLES = frozenset({"tuple"})

_UNSEEN = "\u115f\u1160"
CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def hidden_names(edition: int) -> frozenset[str]:
    """What `ANNOTATION_NAMES` are in an SDK of that edition: none said `tuple` before the third."""
    return ANNOTATION_NAMES | _TUPLES if edition > 2 else ANNOTATION_NAMES


def field_names(wires: Sequence[str], edition: int = 3) -> list[str]:
    """An attribute name for each property of a model, in order, in an SDK of that edition."""
    return settled_names(wires, "field", FIELD_NAMES | hidden_names(edition), {})


def plain(wire: str, kind: str, reserved: Container[str]) -> str:
    """The Python name of `wire` when nothing clashes."""
    name = "_".join(word.lower() for word in words_of(wire))
    # Lower-casing can denormalise, and Python compares identifiers in NFKC.
    name = unicodedata.normalize("NFKC", name)
    if len(name) > MAX_LENGTH or len(name.encode()) > MAX_BYTES:
        start = name[: MAX_LENGTH - 7].encode()[: MAX_BYTES - 7].decode(errors="ignore")
        name = f"{start}_{mark(wire)}"
    if not name:
        return f"{kind}_{mark(wire)}" if wire else kind
    if not name.isidentifier():
        name = f"{kind}_{name}"
    if not name.isidentifier():
        name = f"{kind}_{mark(wire)}"
    return f"{name}_" if keyword.iskeyword(name) or name in reserved else name


def settled_names(
    wires: Sequence[str], kind: str, reserved: Container[str], pinned: Mapping[str, str]
) -> list[str]:
    """A name for each wire name, in order, none of them `reserved`; `pinned` names come first."""
    names: list[str | None] = [None] * len(wires)
    taken: set[str] = set()
    last: dict[str, int] = {}
    order = sorted(
        range(len(wires)),
        key=lambda i: (wires[i] not in pinned, wires[i] != plain(wires[i], kind, ()), wires[i], i),
    )
    for index in order:
        wire = wires[index]
        name = pinned.get(wire, "")
        if plain(name, kind, reserved) not in (name, name.rstrip("_")):
            name = plain(wire, kind, reserved)
        if _folded(name) in taken:
            name = f"{name.rstrip('_')}_{mark(wire)}"
        base = name
        while _folded(name) in taken:
            last[base] = last.get(base, 1) + 1
            name = f"{base}_{last[base]}"
        taken.add(_folded(name))
        names[index] = name
    return [name for name in names if name is not None]


@lru_cache(maxsize=4096)
def words_of(wire: str) -> tuple[str, ...]:
    """The words that a name is made of."""
    text = unicodedata.normalize("NFKC", wire)
    text = "".join(
        c if c.isalnum() and f"a{c}".isidentifier() and c not in _UNSEEN else " " for c in text
    )
    return tuple(word for chunk in text.split() for word in CAMEL.split(chunk) if word)


def _folded(name: str) -> str:
    """Equal for names whose files are the same file where case does not count."""
    return name if name.isascii() else name.upper().casefold()


def mark(text: str) -> str:
    """A suffix made from a text, for a name that needs one."""
    data = text.encode("utf-8", "surrogatepass")
    return "x" + hashlib.sha256(data).hexdigest()[:4]
