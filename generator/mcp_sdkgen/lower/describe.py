"""What the original schema says beyond the type: limits, defaults, an example, in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ..ir import Code, ListOf, Literals, MapOf, ModelRef, Plain, Prose, Row, TypeRef, UnionOf
from ..schema.subset import NULL
from ..schema.subset import literal as literal_type
from ..text import clean, code_span, literal, markdown, one_line

MAX_DOC = 300

_RANGES = (
    ("minimum", "maximum", ""),
    ("minLength", "maxLength", " character"),
    ("minItems", "maxItems", " item"),
    ("minProperties", "maxProperties", " key"),
)
PLACEHOLDER = '"text"'
"""What stands for a string in an example, where the server gives none."""

_SCALARS = {"str": "text", "int": 1, "float": 1.0, "bool": True, "None": None, "Any": None}

Members = Callable[[str], list[tuple[str, TypeRef, Any]]]
"""The key of a model → its required properties: wire name, type, original schema."""


def limits(schema: Any) -> list[str]:
    """The limits that no static type enforces, each a few plain words."""
    if not isinstance(schema, Mapping):
        return []
    words = [_range(schema.get(low), schema.get(high), unit) for low, high, unit in _RANGES]
    exclusive = (("more than {}", "exclusiveMinimum"), ("less than {}", "exclusiveMaximum"))
    words += [form.format(schema[key]) for form, key in exclusive if _number(schema.get(key))]
    if _number(schema.get("multipleOf")):
        words.append(f"a multiple of {schema['multipleOf']}")
    if schema.get("uniqueItems") is True:
        words.append("no repetitions")
    if isinstance(schema.get("format"), str):
        words.append(f"format {one_line(schema['format'], 40)}")
    if isinstance(schema.get("pattern"), str):
        words.append(f"matches {one_line(schema['pattern'], 80)}")
    words.append(_choices(schema))
    item = schema.get("items")
    words += [f"each item {word}" for word in limits(item)] if isinstance(item, Mapping) else []
    return [word for word in words if word]


def default(schema: Any) -> str:
    """The server's default as Python source on one line; empty when it names none."""
    if not isinstance(schema, Mapping) or schema.get("default") is None:
        return ""
    return one_line(literal(schema["default"]), 80)


def description(schema: Any) -> str:
    """The server's own words about a property, empty if there are none."""
    text = schema.get("description") if isinstance(schema, Mapping) else None
    return clean(text).strip() if isinstance(text, str) else ""


def sentence(schema: Any, limit: int = 0) -> str:
    """Description, limits and default of a property as prose on one line.

    The description is shortened to `limit` characters if that is not 0.
    """
    parts = [one_line(description(schema), limit)]
    if words := limits(schema):
        parts.append(_capital(", ".join(words)))
    if value := default(schema):
        parts.append(f"Server default: {value}")
    return " ".join(part if part[-1:] in ".!?:…" else f"{part}." for part in parts if part)


def row(name: str, wire: str, type_: Code, required: bool, schema: Any) -> Row:
    """A table line for an argument or a field."""
    facts: list[str] = [_limit(word) for word in limits(schema)]
    if value := default(schema):
        facts.append(f"default {code_span(value)}")
    if wire != name:
        facts.append(f"sent as {code_span(wire)}")
    return Row(
        code_span(name),
        code_span(type_),
        markdown("yes" if required else ""),
        Prose("; ".join(facts)),
        markdown(description(schema)),
    )


def _limit(words: str) -> str:
    before, matches, pattern = words.partition("matches ")
    return f"{markdown(before)}{matches}{code_span(pattern)}" if pattern else markdown(words)


def example(type_: TypeRef, schema: Any, members: Members, depth: int = 0) -> str:
    """A value of `type_` as Python source, taken from the schema's own examples where they fit."""
    schema = schema if isinstance(schema, Mapping) else {}
    match type_:
        case Literals(values):
            return literal(values[0])
        case Plain(name):
            return literal(_scalar(name, schema))
        case ListOf(item):
            least = schema.get("minItems")
            count = min(max(least, 1), 5) if isinstance(least, int) else 1
            one = example(item, schema.get("items"), members, depth + 1)
            return f"[{', '.join([one] * count)}]"
        case MapOf():
            return "{}"
        case UnionOf(parts):
            return example(parts[0], schema, members, depth)
        case ModelRef(key):
            if depth > 3:
                return "{}"
            items = (
                f"{literal(wire)}: {example(part, below, members, depth + 1)}"
                for wire, part, below in members(key)
            )
            return f"{{{', '.join(items)}}}"


def _scalar(name: str, schema: Mapping[str, Any]) -> Any:
    candidates = schema.get("examples")
    given = list(candidates) if isinstance(candidates, list) else []
    given += [schema.get("default"), schema.get("minimum")]
    for value in given:
        fits = type(value).__name__ == name or (name == "float" and type(value) is int)
        if fits and len(str(value)) <= 60:
            return value
    return _SCALARS[name]


def _range(low: Any, high: Any, unit: str) -> str:
    def plural(number: Any) -> str:
        return f"{unit}s" if unit and number != 1 else unit

    if _number(low) and _number(high):
        if low == high:
            return f"exactly {low}{plural(low)}"
        return f"{low} to {high}{plural(high)}"
    if _number(low) and (low or not unit):
        return f"at least {low}{plural(low)}"
    return f"at most {high}{plural(high)}" if _number(high) else ""


def _choices(schema: Mapping[str, Any]) -> str:
    """The values of an enum, where the type could not name them."""
    values = schema.get("enum", [schema["const"]] if "const" in schema else None)
    if (
        not isinstance(values, list)
        or not values
        or "enum" in (found := literal_type(values))
        or found == NULL
    ):
        return ""
    shown = one_line(", ".join(map(literal, values)), 120)
    return f"one of {shown}" if len(values) > 1 else f"only {shown}"


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
