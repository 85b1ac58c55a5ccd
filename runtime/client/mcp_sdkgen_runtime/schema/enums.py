"""Enums and constants that do not fit the `type` beside them, and enums without a value.

By the letter of JSON Schema no value fits such a schema, so the tool could not be called. What the
server means is read instead, the same by the generator, the check of arguments and `diff`: an enum
on an array that lists values for its items is the enum of the items; any other stands as it is
written, and the type gives way. An enum that lists nothing, which is what is left of a list that
a server fills when it starts, is read as if it were not there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from .json_types import json_type

_KINDS: Final = frozenset({"string", "integer", "number", "boolean", "array", "object", "null"})


def meant(schema: dict[str, Any]) -> dict[str, Any]:
    """`schema` with an enum or constant that can be met; `schema` itself where it can be already.

    Only what stands directly in it and in its `allOf` is looked at, nothing below.
    """
    return _together(_alone(schema))


def _together(schema: dict[str, Any]) -> dict[str, Any]:
    """`schema` without the types that no value of the enum in another part of `allOf` has."""
    parts = schema.get("allOf")
    if not isinstance(parts, list):
        return schema
    own = [part for part in (schema, *parts) if isinstance(part, dict) and "$ref" not in part]
    values = next(filter(None, map(_values, own)), [])
    if not any(_contradicts(part, values) for part in own):
        return schema
    read: dict[str, Any] = _untyped(schema, values)
    return {**read, "allOf": [_untyped(part, values) for part in parts]}


def _contradicts(part: Any, values: Sequence[Any]) -> bool:
    if not isinstance(part, dict) or "$ref" in part or not values:
        return False
    types = _types(part)
    return bool(types) and not any(fits_type(value, types) for value in values)


def _untyped(part: Any, values: Sequence[Any]) -> Any:
    if not _contradicts(part, values):
        return part
    return {key: value for key, value in part.items() if key != "type"}


def _alone(schema: dict[str, Any]) -> dict[str, Any]:
    if is_empty_enum(schema):
        return {key: value for key, value in schema.items() if key != "enum"}
    values = _values(schema)
    types = _types(schema)
    if not values or not types or any(fits_type(value, types) for value in values):
        return schema
    rest = {key: value for key, value in schema.items() if key not in ("enum", "const")}
    if "array" in types and (items := _with_values(rest.get("items", {}), values)) is not None:
        return {**rest, "items": items}
    return {key: value for key, value in schema.items() if key != "type"}


def misfit(schema: Any) -> str:
    """What is wrong with an enum that no value can meet, and how it is read; empty for all
    others."""
    if not isinstance(schema, dict) or (read := meant(schema)) is schema:
        return ""
    if is_empty_enum(schema):
        return "its `enum` lists no value, so that none is allowed: read without the `enum`"
    if _alone(schema) is schema:
        return "no value of an enum has the `type` that `allOf` asks for: read without the type"
    keyword = "const" if "const" in schema else "enum"
    how = "as that of its items" if "type" in read else "without the type"
    return f"no value of its `{keyword}` has its `type`: read {how}"


def is_empty_enum(schema: Mapping[str, Any]) -> bool:
    """Whether a schema allows no value at all, by an enum that lists none."""
    return schema.get("enum") == [] and "const" not in schema


def fits_type(value: Any, types: Sequence[str]) -> bool:
    """Whether a value has one of these types of JSON Schema."""
    kind = json_type(value)
    if kind in types or (kind == "integer" and "number" in types):
        return True
    return isinstance(value, float) and value.is_integer() and "integer" in types


def _values(schema: Mapping[str, Any]) -> list[Any]:
    """The values that must fit: null says only that there may be none."""
    if "const" in schema:
        return [schema["const"]]
    listed = schema.get("enum")
    return [value for value in listed if value is not None] if isinstance(listed, list) else []


def _types(schema: Mapping[str, Any]) -> list[str]:
    stated = schema.get("type")
    types = stated if isinstance(stated, list) else [stated]
    known = [one for one in types if isinstance(one, str) and one in _KINDS]
    return known if len(known) == len(types) else []


def _with_values(items: Any, values: list[Any]) -> dict[str, Any] | None:
    """The schema of items that are one of `values`; None where the items are something else."""
    if items is True:
        items = {}
    if not isinstance(items, dict) or {"enum", "const", "$ref"} & items.keys():
        return None
    types = _types(items)
    if types and not any(fits_type(value, types) for value in values):
        return None
    return {**items, "enum": values}
