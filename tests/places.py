"""The subschemas that speak of each part of a value."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import jsonschema_rs

from tests.drawing import Nothing, target

Way = tuple[str | int, ...]
_OF_DOCUMENT = ("$schema", "$defs", "definitions")


@dataclass(frozen=True)
class Place:
    """A part of a value and one subschema that speaks of it.

    `at` is where the subschema stands, the same for all values; `path` is where the part does.
    """

    at: str
    schema: dict[str, Any]
    path: Way
    value: Any


def places(schema: Any, value: Any, *, only_fitting: bool = False) -> Iterator[Place]:
    """Every part of `value`, with each subschema that speaks of it: of all alternatives, or of
    those that the part fits."""
    yield from _Walk(schema, only_fitting=only_fitting).places(schema, value, "", ())


def is_type_correct(schema: Any, value: Any) -> bool:
    """Whether a valid `value` is one that code could give as arguments without being untyped.

    Keys that the schema neither names nor describes are valid where nothing forbids them, but
    cannot be written; nor can anything but an object where a schema with properties does not say
    that it is one. An object of which no subschema names a key may have any, inside `value`.
    """
    return without_undeclared_keys(schema, value) == value and has_expected_objects(schema, value)


def has_expected_objects(schema: Any, value: Any) -> bool:
    """Whether `value` has objects wherever a schema has properties and does not say its type, which
    is read as one for objects."""
    return not any(
        "properties" in place.schema and "type" not in place.schema
        for place in places(schema, value)
        if not isinstance(place.value, dict)
    )


def without_undeclared_keys(schema: Any, value: Any) -> Any:
    """`value` without the keys that type-correct code cannot write (see `is_type_correct`)."""
    schemas: dict[Way, list[dict[str, Any]]] = {}
    for place in places(schema, value, only_fitting=True):
        if isinstance(place.value, dict):
            schemas.setdefault(place.path, []).append(place.schema)

    def pruned(part: Any, path: Way) -> Any:
        if isinstance(part, list):
            return [pruned(item, (*path, index)) for index, item in enumerate(part)]
        if not isinstance(part, dict):
            return part
        about = schemas.get(path, [])
        kept = [key for key in part if _is_declared(key, about, root=not path)]
        return {key: pruned(part[key], (*path, key)) for key in kept}

    return pruned(value, ())


def _is_declared(key: str, schemas: list[dict[str, Any]], *, root: bool) -> bool:
    if any(isinstance(s.get("additionalProperties"), dict) for s in schemas):
        return True
    if any(re.search(pattern, key) for s in schemas for pattern in s.get("patternProperties", ())):
        return True
    named = [s["properties"] for s in schemas if isinstance(s.get("properties"), dict)]
    required = {name for s in schemas for name in list_of(s.get("required"))}
    return key in required or any(key in each for each in named) or not (root or any(named))


def list_of(value: Any) -> list[Any]:
    """`value`, or an empty list when it is none."""
    return value if isinstance(value, list) else []


class _Walk:
    def __init__(self, root: Any, *, only_fitting: bool) -> None:
        self.root = root
        self.only_fitting = only_fitting
        self.seen: set[tuple[str, Way]] = set()

    def places(self, schema: Any, value: Any, at: str, path: Way) -> Iterator[Place]:
        if not isinstance(schema, dict) or (at, path) in self.seen:
            return
        self.seen.add((at, path))
        yield Place(at, schema, path, value)
        for where, inner in self.beside(schema, at):
            if self.is_meant(inner, value, where):
                yield from self.places(inner, value, where, path)
        if isinstance(value, dict):
            for key, item in value.items():
                for word, inner in _of_property(schema, key):
                    yield from self.places(inner, item, f"{at}/{word}", (*path, key))
        if isinstance(value, list):
            for index, item in enumerate(value):
                word, inner = _of_item(schema, index)
                yield from self.places(inner, item, f"{at}/{word}", (*path, index))

    def is_meant(self, schema: Any, value: Any, at: str) -> bool:
        if not self.only_fitting or at.split("/")[-2:-1] not in (["anyOf"], ["oneOf"]):
            return True
        shared = {key: self.root[key] for key in _OF_DOCUMENT if key in self.root}
        try:
            return bool(jsonschema_rs.is_valid({**shared, **schema}, value))
        except (TypeError, ValueError):  # no schema, or a reference to elsewhere
            return True

    def beside(self, schema: dict[str, Any], at: str) -> Iterator[tuple[str, Any]]:
        """The subschemas that speak of the same value, each with its place."""
        if isinstance(reference := schema.get("$ref"), str):
            with suppress(Nothing):
                yield reference, target(self.root, reference)
        for keyword in ("allOf", "anyOf", "oneOf"):
            for number, inner in enumerate(list_of(schema.get(keyword))):
                yield f"{at}/{keyword}/{number}", inner
        for keyword in ("then", "else"):
            yield f"{at}/{keyword}", schema.get(keyword)


def _of_property(schema: dict[str, Any], key: str) -> Iterator[tuple[str, Any]]:
    named, patterns = schema.get("properties"), schema.get("patternProperties")
    known = False
    if isinstance(named, dict) and key in named:
        known = True
        yield f"properties/{key}", named[key]
    for pattern, inner in patterns.items() if isinstance(patterns, dict) else ():
        try:
            fits = re.search(pattern, key)
        except re.error:
            continue
        if fits:
            known = True
            yield f"patternProperties/{pattern}", inner
    if not known:
        yield "additionalProperties", schema.get("additionalProperties")


def _of_item(schema: dict[str, Any], index: int) -> tuple[str, Any]:
    items = schema.get("items")
    fixed = schema.get("prefixItems") if "prefixItems" in schema else items
    if isinstance(fixed, list):
        if index < len(fixed):
            return f"items/{index}", fixed[index]
        return "items", schema.get("additionalItems") if fixed is items else items
    return "items", items
