"""A schema document and its inner references. Nothing is ever fetched."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urljoin

MAX_CANONICAL = 20_000

TEXT_KEYWORDS = (
    "title", "description", "examples", "example", "$comment", "deprecated", "readOnly",
    "writeOnly",
)  # fmt: skip
"""Keywords that say something to people and nothing to a validator."""

_UNSEEN = {*TEXT_KEYWORDS, "default", "$schema", "$id", "id", "$anchor", "$dynamicAnchor"} | {
    "$defs", "definitions", "$vocabulary", "$recursiveAnchor",
}  # fmt: skip
_MAPS = ("properties", "patternProperties", "dependentSchemas", "dependencies")
_LITERAL = ("enum", "const", "required", "type", "dependentRequired")


class Document:
    """One schema with its definitions. `pointer` is where it stands in the tool's definition."""

    def __init__(self, root: Any, pointer: str = "") -> None:
        self.root = Source(self, root, pointer)
        dialect = root.get("$schema") if isinstance(root, dict) else None
        self.dialect = dialect if isinstance(dialect, str) else ""
        self._places: dict[str, Source] | None = None

    @property
    def is_modern(self) -> bool:
        """Whether keywords mean what they do since 2019-09, as they do when nothing is said."""
        return not any(f"draft-0{number}" in self.dialect for number in (3, 4, 6, 7))

    @property
    def has_prefix_items(self) -> bool:
        """Whether `prefixItems` means something, as it does since 2020-12."""
        return self.is_modern and "2019-09" not in self.dialect

    def find(self, reference: Any) -> Source | None:
        """The schema that `reference` names inside this document; None when there is none."""
        if not isinstance(reference, str):
            return None
        address, _, fragment = reference.partition("#")
        start: Source | None = self.root
        if address:
            start = self._named().get(address) or self._named().get(self._absolute(address))
        if start is None or not fragment:
            return start
        if fragment.startswith("/"):
            return start.walk(fragment)
        return self._named().get(f"#{fragment}")

    def _absolute(self, address: str) -> str:
        schema = self.root.schema
        name = schema.get("$id", schema.get("id")) if isinstance(schema, dict) else None
        try:
            return urljoin(name, address) if isinstance(name, str) else address
        except ValueError:
            return address

    def _named(self) -> dict[str, Source]:
        if self._places is None:
            self._places = {}
            for source in self.root.descendants():
                for name in source.own_names():
                    self._places.setdefault(name, source)
        return self._places


@dataclass(frozen=True)
class Source:
    """One place in a document: what stands there, and its JSON pointer in the definition."""

    document: Document
    schema: Any
    pointer: str

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Source)
            and self.document is other.document
            and self.pointer == other.pointer
        )

    def __hash__(self) -> int:
        return hash((id(self.document), self.pointer))

    def at(self, *keys: str | int) -> Source:
        """The place below this one. The keys must be there."""
        schema, pointer = self.schema, self.pointer
        for key in keys:
            schema = schema[key]
            pointer += "/" + str(key).replace("~", "~0").replace("/", "~1")
        return Source(self.document, schema, pointer)

    def walk(self, fragment: str) -> Source | None:
        """The place that a JSON pointer in a reference names below this one."""
        place = self
        for part in fragment.split("/")[1:]:
            key = unquote(part).replace("~1", "/").replace("~0", "~")
            if isinstance(place.schema, dict) and key in place.schema:
                place = place.at(key)
            elif (
                isinstance(place.schema, list)
                and key.isascii()
                and key.isdigit()
                and len(key) < 7
                and int(key) < len(place.schema)
            ):
                place = place.at(int(key))
            else:
                return None
        return place

    def descendants(self) -> Iterator[Source]:
        """This place and every object below it."""
        waiting = [self]
        while waiting:
            place = waiting.pop()
            yield place
            keys: Iterable[str | int] = ()
            if isinstance(place.schema, dict):
                keys = place.schema
            elif isinstance(place.schema, list):
                keys = range(len(place.schema))
            waiting.extend(
                place.at(key) for key in keys if isinstance(place.schema[key], dict | list)
            )

    def own_names(self) -> Iterator[str]:
        """The names by which a reference may call this place."""
        if isinstance(self.schema, dict):
            for key in ("$id", "id"):
                if isinstance(name := self.schema.get(key), str):
                    yield name.removesuffix("#")
            for key in ("$anchor", "$dynamicAnchor"):
                if isinstance(name := self.schema.get(key), str):
                    yield f"#{name}"

    @property
    def definition_name(self) -> str:
        """The name under `$defs` or `definitions`; empty elsewhere."""
        parts = self.pointer.split("/")
        if len(parts) > 2 and parts[-2] in ("$defs", "definitions"):
            return parts[-1].replace("~1", "/").replace("~0", "~")
        return ""


def canonical(source: Source) -> str:
    """A text that is equal for two schemas that say the same in the same way.

    References are replaced by what they name, so the names of definitions do not matter; keywords
    that only people read are left out. A schema too large for that is compared as it is written.
    """
    budget = [MAX_CANONICAL]
    try:
        return json.dumps(_spell(source, (), budget), sort_keys=True)
    except (_TooLargeError, RecursionError):
        root = source.document.root.schema
        return json.dumps([source.pointer, root, source.schema], sort_keys=True)


class _TooLargeError(Exception):
    pass


def _spell(source: Source, above: tuple[Source, ...], budget: list[int]) -> Any:
    budget[0] -= 1
    if budget[0] < 0 or len(above) > 60:
        raise _TooLargeError
    schema = source.schema
    if isinstance(schema, list):
        return [_spell(source.at(index), above, budget) for index in range(len(schema))]
    if not isinstance(schema, dict):
        return schema
    if source in above:
        return {"again": len(above) - above.index(source)}
    spelled: dict[str, Any] = {}
    for key in schema:
        if key in _UNSEEN:
            continue
        if key in ("$ref", "$dynamicRef") and (target := source.document.find(schema[key])):
            spelled["$ref"] = _spell(target, (*above, source), budget)
        elif key in _MAPS and isinstance(schema[key], dict):
            spelled[key] = {
                name: _spell(source.at(key, name), (*above, source), budget) for name in schema[key]
            }
        elif key in _LITERAL:
            spelled[key] = schema[key]
        else:
            spelled[key] = _spell(source.at(key), (*above, source), budget)
    return spelled
