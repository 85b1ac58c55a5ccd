"""What a keyword of JSON Schema demands, in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from ..text import shortened
from .formats import FORMATS

_TYPES: Final[Mapping[str, str]] = {
    "string": "a string",
    "number": "a number",
    "integer": "a whole number",
    "boolean": "true or false",
    "object": "an object",
    "array": "a list",
    "null": "null",
}
_NUMBERED: Final[Mapping[str, str]] = {
    "minimum": "must be at least {}",
    "maximum": "must be at most {}",
    "exclusiveMinimum": "must be greater than {}",
    "exclusiveMaximum": "must be less than {}",
    "multipleOf": "must be a multiple of {}",
    "minLength": "must have at least {} characters",
    "maxLength": "must have at most {} characters",
    "minItems": "must have at least {} items",
    "maxItems": "must have at most {} items",
    "minProperties": "must have at least {} keys",
    "maxProperties": "must have at most {} keys",
    "const": "must be {}",
    "pattern": "must match the pattern {}",
    "format": "must have the format {}",
}
ONE_KEY_OF: Final = "required of one alternative"
"""No keyword: alternatives of which each lacks another key."""
_OTHERS: Final[Mapping[str, str]] = {
    "falseSchema": "must not be given",
    "uniqueItems": "must not have the same item twice",
    "anyOf": "fits none of the alternatives that are allowed",
    "oneOf": "must fit exactly one of the alternatives that are allowed",
}
_MAX_VALUES: Final = 20
_MAX_DEMAND: Final = 120


def demand_in_words(rule: str, demand: Any) -> str:
    """What a value must be by this keyword: `must be a string`. One line, safe to print."""
    types = [demand] if isinstance(demand, str) else demand
    if rule == "type" and isinstance(types, list) and types and all(t in _TYPES for t in types):
        ordered = sorted(types, key=lambda one: one == "null")
        return f"must be {_or([_TYPES[one] for one in ordered])}"
    if rule == "enum" and isinstance(demand, list) and demand:
        shown = [shortened(one) for one in demand[:_MAX_VALUES]]
        more = f" or {len(demand) - _MAX_VALUES} others" if len(demand) > _MAX_VALUES else ""
        return f"must be {', '.join(shown) + more if more else _or(shown)}"
    if rule == ONE_KEY_OF:
        return f"must have {_or([shortened(one) for one in demand])}"
    if rule in _OTHERS:
        return _OTHERS[rule]
    if rule == "format" and isinstance(demand, str) and demand in FORMATS:
        return f"must be {FORMATS[demand].demand}"
    if rule in _NUMBERED and demand is not None:
        words = _NUMBERED[rule].format(shortened(demand, _MAX_DEMAND))
        return words.removesuffix("s") if demand == 1 and words.endswith("s") else words
    shown_demand = "" if demand is None else f" {shortened(demand, _MAX_DEMAND)}"
    return f"must satisfy {rule}{shown_demand}"


def _or(words: list[str]) -> str:
    *others, last = words
    return f"{', '.join(others)} or {last}" if others else last
