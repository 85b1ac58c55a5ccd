"""Whether an output schema only wraps a value, which a generated method returns in its place."""

from __future__ import annotations

import re
from typing import Any, TypeGuard

_CLASS_TITLE = re.compile(r"[A-Z][A-Za-z0-9]*")
_WRAPPER_TITLE = re.compile(r"[a-z0-9_]\w*Output", re.ASCII)
_BESIDE_PROPERTIES = {"$ref", "allOf", "anyOf", "oneOf", "patternProperties", "if"}


def wrapper_key(output: Any, edition: int) -> str | None:
    """The key of the value that an output schema wraps; None where it wraps nothing.

    Two servers' libraries wrap what is no object in `{"result": …}`: fastmcp marks such a schema
    with `x-fastmcp-wrap-result`; `mcp`'s own server titles it `<function>Output`, where a model of
    the author's would be in PascalCase. In an SDK of edition 2 or later, so is an object whose only
    property is a text or a list and always there, unless its title names a class.
    """
    if not isinstance(output, dict) or not isinstance(output.get("properties"), dict):
        return None
    keys = list(output["properties"])
    if len(keys) != 1 or keys != output.get("required") or output.get("additionalProperties"):
        return None
    title = output.get("title")
    marked = output.get("x-fastmcp-wrap-result") is True
    if keys == ["result"] and (
        marked or (isinstance(title, str) and _WRAPPER_TITLE.fullmatch(title))
    ):
        return "result"
    is_plain = edition > 1 and _is_text_or_list(output["properties"][keys[0]])
    is_whole = output.get("type", "object") == "object" and not _BESIDE_PROPERTIES & output.keys()
    return keys[0] if is_plain and is_whole and not is_class_title(title) else None


def is_class_title(title: Any) -> TypeGuard[str]:
    """Whether the title of a schema is written as the name of a class is."""
    return isinstance(title, str) and _CLASS_TITLE.fullmatch(title) is not None


def _is_text_or_list(schema: Any) -> bool:
    if not isinstance(schema, dict):
        return False
    is_text = schema.get("type") == "string" and not {"enum", "const"} & schema.keys()
    return is_text or schema.get("type") == "array"
