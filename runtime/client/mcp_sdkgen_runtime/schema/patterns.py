"""The pattern keywords of JSON Schema for `jsonschema`, in linear time.

`jsonschema` matches a server's patterns with Python's backtracking `re`, which a hostile pattern
keeps busy for ever. Here they are matched by the Rust engine inside pydantic, which cannot
backtrack; a pattern that it does not know is not checked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Any

from jsonschema.exceptions import ValidationError
from pydantic_core import SchemaError, SchemaValidator, core_schema


def linear(kind: Any) -> Any:
    """The validator class `kind` with patterns in linear time."""
    from jsonschema.validators import extend

    keywords = {
        "pattern": _pattern,
        "patternProperties": _pattern_properties,
        "additionalProperties": _additional(kind.VALIDATORS["additionalProperties"]),
    }
    make: Any = extend
    return make(kind, keywords)


def _additional(original: Callable[..., Any]) -> Callable[..., Any]:
    """`additionalProperties`, except beside patterns: which keys they cover is then not asked."""

    def additional(validator: Any, allowed: Any, value: Any, schema: Mapping[str, Any]) -> Any:
        if "patternProperties" not in schema:
            yield from original(validator, allowed, value, schema) or ()

    return additional


def _pattern(_: Any, pattern: Any, value: Any, __: Any) -> Iterator[ValidationError]:
    if isinstance(value, str) and _matches(pattern, value) is False:
        yield ValidationError(f"{value!r} does not match {pattern!r}")


def _pattern_properties(validator: Any, patterns: Any, value: Any, _: Any) -> Iterator[Any]:
    if isinstance(value, dict) and isinstance(patterns, dict):
        for pattern, schema in patterns.items():
            for key, item in value.items():
                if _matches(pattern, key):
                    yield from validator.descend(item, schema, path=key, schema_path=pattern)


def _matches(pattern: Any, text: str) -> bool | None:
    """Whether `pattern` is found in `text`; None when the engine does not know the pattern."""
    validator = _compiled(pattern) if isinstance(pattern, str) else None
    return None if validator is None else validator.isinstance_python(text)


@lru_cache(maxsize=512)
def _compiled(pattern: str) -> SchemaValidator | None:
    try:
        return SchemaValidator(core_schema.str_schema(pattern=pattern))
    except SchemaError:
        return None
