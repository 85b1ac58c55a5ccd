"""Conditions on arguments (`where` of a rule): the values they must have, or schemas they must fit.

A value is a literal. A schema is marked: `{ schema = { maximum = 3 } }`. A table that says nothing
but such keywords (`{ maximum = 3 }`) is read as a schema too, as it was before schemas were
marked. Other tables with a keyword of JSON Schema could be meant either way and are refused.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from mcp_sdkgen_runtime.schema.references import subschemas
from mcp_sdkgen_runtime.schema.validation import Check, compiled
from mcp_sdkgen_runtime.text import shortened

_PLAIN: Final = frozenset(
    [
        "const",
        "enum",
        "pattern",
        "minimum",
        "maximum",
        "exclusiveMinimum",
        "exclusiveMaximum",
        "multipleOf",
        "minLength",
        "maxLength",
        "minItems",
        "maxItems",
        "uniqueItems",
        "minProperties",
        "maxProperties",
        "anyOf",
        "oneOf",
        "allOf",
        "not",
    ]
)
"""Keywords that are no words of the data of any tool."""
_EVERYDAY: Final = frozenset(
    [
        "type",
        "format",
        "required",
        "properties",
        "items",
        "contains",
        "title",
        "description",
        "default",
        "examples",
        "additionalProperties",
        "patternProperties",
        "propertyNames",
        "prefixItems",
        "additionalItems",
        "if",
        "then",
        "else",
        "minContains",
        "maxContains",
        "dependentRequired",
        "dependentSchemas",
        "unevaluatedProperties",
        "unevaluatedItems",
        "$ref",
        "$defs",
        "definitions",
        "$schema",
        "$comment",
        "$id",
        "$anchor",
    ]
)
_KEYWORDS: Final = _PLAIN | _EVERYDAY
_TYPES: Final = frozenset(["null", "boolean", "object", "array", "number", "string", "integer"])


def condition(where: Mapping[str, Any]) -> Check:
    """A check of arguments that passes where `where` holds. Raises `ValueError`.

    An argument that is left out does not pass. The check raises where it cannot judge.
    """
    properties = {name: _schema(name, wanted) for name, wanted in where.items()}
    for name, schema in properties.items():
        # Each on its own: a reference leads into the schema that it stands in.
        if compiled(schema, certain=True, formats=True) is None:
            raise ValueError(f"`where`: {shortened(name)}: this is no valid JSON Schema")
    check = compiled(
        {"properties": properties, "required": list(properties)}, certain=True, formats=True
    )
    if check is None:
        raise ValueError("`where` holds no valid JSON Schema")
    return check


def _schema(name: str, wanted: Any) -> Any:
    if not isinstance(wanted, Mapping):
        return {"const": wanted}
    if set(wanted) == {"equals"}:
        return {"const": wanted["equals"]}
    if set(wanted) == {"schema"} and isinstance(wanted["schema"], Mapping):
        schema = wanted["schema"]
    elif wanted and all(_is_plain(key, value) for key, value in wanted.items()):
        schema = wanted
    elif wanted.keys() & (_KEYWORDS | {"schema", "equals"}):
        raise ValueError(
            f"`where`: {shortened(name)} can be read as a value and as a JSON Schema; write "
            "{ equals = {…} } or { schema = {…} }"
        )
    else:
        return {"const": wanted}
    for key in _unknown(schema):
        raise ValueError(f"`where`: {shortened(name)}: JSON Schema has no keyword {shortened(key)}")
    return schema


def _is_plain(key: str, value: Any) -> bool:
    return key in _PLAIN or (key == "type" and isinstance(value, str) and value in _TYPES)


def _unknown(schema: Any) -> Iterator[str]:
    for found in subschemas(schema):
        yield from (key for key in found if key not in _KEYWORDS)
