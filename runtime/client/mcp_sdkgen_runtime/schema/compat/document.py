"""A schema document and its inner references. Nothing is ever fetched."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from ..references import References, escape, unescape

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

    @cached_property
    def references(self) -> References:
        """The references in it; their pointers begin at its root."""
        return References(self.root.schema)

    @property
    def is_modern(self) -> bool:
        """Whether keywords mean what they do since 2019-09, as they do when nothing is said."""
        return not self.references.ignores_ref_siblings

    @property
    def has_prefix_items(self) -> bool:
        """Whether `prefixItems` means something, as it does since 2020-12."""
        return self.references.has_prefix_items


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
            pointer += "/" + escape(str(key))
        return Source(self.document, schema, pointer)

    def find(self, reference: Any) -> Source | None:
        """The place that `reference`, written here, names; None when it is not in the document."""
        if not isinstance(reference, str):
            return None
        start = self.document.root.pointer
        node = self.document.references.resolve(reference, self.pointer.removeprefix(start))
        if node is None:
            return None
        return Source(self.document, node.schema, start + node.pointer)

    @property
    def definition_name(self) -> str:
        """The name under `$defs` or `definitions`; empty elsewhere."""
        parts = self.pointer.split("/")
        if len(parts) > 2 and parts[-2] in ("$defs", "definitions"):
            return unescape(parts[-1])
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
        if key in ("$ref", "$dynamicRef") and (target := source.find(schema[key])):
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
