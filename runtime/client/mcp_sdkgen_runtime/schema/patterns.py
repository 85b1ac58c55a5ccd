"""The pattern keywords of JSON Schema for `jsonschema`, in linear time.

`jsonschema` matches a server's patterns with Python's backtracking `re`, which a hostile pattern
keeps busy for ever. Here they are matched by the Rust engine inside pydantic, which cannot
backtrack.
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


def is_linear(pattern: object) -> bool:
    """Whether the engine can match `pattern`, in the syntax of `ecma_patterns.translated`."""
    return isinstance(pattern, str) and _compiled(pattern) is not None


def _additional(original: Callable[..., Any]) -> Callable[..., Any]:
    """`additionalProperties` of a value without the keys that the patterns beside it cover."""

    def additional(validator: Any, allowed: Any, value: Any, schema: Mapping[str, Any]) -> Any:
        patterns = schema.get("patternProperties")
        if isinstance(patterns, dict) and isinstance(value, dict):
            value = {k: v for k, v in value.items() if not any(matches(p, k) for p in patterns)}
            schema = {key: rule for key, rule in schema.items() if key != "patternProperties"}
        yield from original(validator, allowed, value, schema) or ()

    return additional


def _pattern(_: Any, pattern: Any, value: Any, __: Any) -> Iterator[ValidationError]:
    if isinstance(value, str) and matches(pattern, value) is False:
        yield ValidationError(f"{value!r} does not match {pattern!r}")


def _pattern_properties(validator: Any, patterns: Any, value: Any, _: Any) -> Iterator[Any]:
    if isinstance(value, dict) and isinstance(patterns, dict):
        for pattern, schema in patterns.items():
            for key, item in value.items():
                if matches(pattern, key):
                    yield from validator.descend(item, schema, path=key, schema_path=pattern)


def matches(pattern: Any, text: str) -> bool | None:
    """Whether `pattern` is found in `text`; None when the engine does not know the pattern."""
    validator = _compiled(pattern) if isinstance(pattern, str) else None
    return None if validator is None else validator.isinstance_python(text)


@lru_cache(maxsize=512)
def _compiled(pattern: str) -> SchemaValidator | None:
    try:
        return SchemaValidator(core_schema.str_schema(pattern=pattern))
    except (SchemaError, UnicodeError):
        return None
