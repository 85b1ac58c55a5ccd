"""Whether an input schema describes arguments at all.

Servers send schemas that say nothing (`{"$schema": …}`), that stand inside a library's wrapper
(`{"jsonSchema": …}`), or that are a validator library's own objects. Nothing of what the tool takes
can be read in them, so its arguments are untyped and nothing is checked: the same for the
generator, the calls of an SDK and the host of a sandbox.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from ..text import shortened_text
from .validation import Check, compiled

_DESCRIBING: Final = frozenset(
    {
        "$dynamicRef", "$recursiveRef", "$ref", "additionalProperties", "allOf", "anyOf", "const",
        "dependencies", "dependentRequired", "dependentSchemas", "else", "enum", "if",
        "maxProperties", "minProperties", "not", "oneOf", "patternProperties", "properties",
        "propertyNames", "required", "then", "type", "unevaluatedProperties",
    }
)  # fmt: skip
"""Keywords that say something of an object."""
_WRAPPERS: Final = ("jsonSchema", "json_schema", "schema", "inputSchema", "input_schema")
"""Keys under which libraries hold the schema that was meant."""
_ZOD: Final = ("_def", "_zod", "~standard", "def")
"""Keys of a zod object (versions 3 and 4) as JSON, and of any library of standardschema.dev."""


def undescribed(schema: Any) -> str:
    """Why `schema` describes no arguments, in words on one line; empty when it does.

    May quote the schema, shortened.
    """
    if schema is None:
        return "it declares no input schema"
    if not isinstance(schema, Mapping):
        return f"its input schema describes no object: {_shown(schema)}"
    if not _is_described(schema):
        if key := next((key for key in _ZOD if isinstance(schema.get(key), Mapping)), ""):
            return f"its input schema is a validator's own object (it has `{key}`), no JSON Schema"
        if key := next((key for key in _WRAPPERS if _is_described(schema.get(key))), ""):
            return f"its input schema stands inside a wrapper, under `{key}`"
    types = schema.get("type", "object")
    if not _DESCRIBING & schema.keys() or "object" not in (
        types if isinstance(types, list) else [types]
    ):
        return f"its input schema describes no object: {_shown(schema)}"
    if schema.get("properties") and not isinstance(schema["properties"], Mapping):
        return f"the `properties` of its input schema are no object: {_shown(schema['properties'])}"
    return ""


def arguments_check(schema: Any, *, certain: bool = False, formats: bool = True) -> Check | None:
    """The check of a call's arguments by an input schema (see `compiled`).

    None when no validator can be made of it, or when it describes no arguments. With `formats`,
    each `format` is checked in its lenient reading.
    """
    if undescribed(schema):
        return None
    return compiled(schema, certain=certain, formats="lenient" if formats else "ignored")


def _is_described(schema: Any) -> bool:
    """Whether it says more of an object than that it is one."""
    return isinstance(schema, Mapping) and bool((_DESCRIBING - {"type"}) & schema.keys())


def _shown(schema: Any) -> str:
    return shortened_text(json.dumps(schema), 80)
