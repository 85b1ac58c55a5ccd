"""Schemas without one keyword, to find out which one keeps a change from being noticed.

`diff` compares keyword by keyword. That a change cannot be noticed since another keyword forbids
all values that would show it is not weighed: such a change is called breaking. If a value shows it
once that keyword is away, then the keyword is the reason.
"""

from __future__ import annotations

import copy
from typing import Any, Final

from mcp_sdkgen_runtime.schema.enums import meant
from mcp_sdkgen_runtime.schema.references import subschemas

WORDS: Final = (
    ("oneOf",), ("format",), ("pattern",), ("patternProperties",), ("multipleOf",),
    ("uniqueItems",), ("minProperties", "maxProperties"), ("minItems", "maxItems"),
    ("minLength", "maxLength"), ("dependentRequired",), ("if", "then", "else"), ("not",),
    ("additionalProperties",), ("required",), ("allOf",),
)  # fmt: skip
"""What is left out, one after the other. Of `oneOf` it is only that no two may fit."""


def without(schema: Any, words: tuple[str, ...]) -> Any:
    """A copy of `schema` that says nothing by these keywords, at any depth."""
    made = copy.deepcopy(schema)
    for inner in subschemas(made):
        _drop(inner, words)
    return made


def _drop(schema: dict[str, Any], words: tuple[str, ...]) -> None:
    for word in words:
        if word not in schema:
            continue
        if word == "additionalProperties" and schema[word] is not False:
            continue
        dropped = schema.pop(word)
        if word == "oneOf":
            schema["allOf"] = [*schema.get("allOf", ()), {"anyOf": dropped}]
        if word == "allOf":
            schema["anyOf"] = [*schema.get("anyOf", ()), *dropped]


def as_meant(schema: Any) -> Any:
    """A copy of `schema` in which enums that their type forbids are as the project reads them."""
    if isinstance(schema, list):
        return [as_meant(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    data = ("enum", "const", "default", "examples")
    return meant({key: item if key in data else as_meant(item) for key, item in schema.items()})
