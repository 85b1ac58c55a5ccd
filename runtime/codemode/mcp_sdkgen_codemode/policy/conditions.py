"""Conditions on arguments (`where` of a rule): the values they must have, or schemas they must fit.

A value is a literal. A schema is marked: `{ schema = { maximum = 3 } }`. A table that says nothing
but such keywords (`{ maximum = 3 }`) is read as a schema too, as it was before schemas were
marked. Other tables with a keyword of JSON Schema could be meant either way and are refused.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, time
from itertools import chain
from typing import Any, Final

from mcp_sdkgen_runtime.schema.effort import backtracks
from mcp_sdkgen_runtime.schema.enums import misfit
from mcp_sdkgen_runtime.schema.references import subschemas
from mcp_sdkgen_runtime.schema.validation import Check, Misfit, compiled, unread
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
        "if",
        "then",
        "else",
        "minContains",
        "maxContains",
        "dependentRequired",
        "dependentSchemas",
        "unevaluatedProperties",
        "unevaluatedItems",
        "$comment",
    ]
)
_NEEDS: Final[Mapping[str, frozenset[str]]] = {
    "if": frozenset({"then", "else"}),
    "then": frozenset({"if"}),
    "else": frozenset({"if"}),
    "minContains": frozenset({"contains"}),
    "maxContains": frozenset({"contains"}),
}
"""What a keyword needs beside it, to be a rule for every value."""
_KEYWORDS: Final = _PLAIN | _EVERYDAY
_REFERRING: Final = frozenset(
    ["$ref", "$dynamicRef", "$recursiveRef", "$defs", "definitions", "$id", "$anchor"]
)
"""What lets a schema stand elsewhere than where it is read: a rule is to be read in one place."""
_MEANT_FOR: Final = {
    "string": ("pattern", "minLength", "maxLength", "format"),
    "number": (
        "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf",
    ),
    "array": (
        "items", "prefixItems", "additionalItems", "unevaluatedItems", "contains", "minContains",
        "maxContains", "minItems", "maxItems", "uniqueItems",
    ),
    "object": (
        "properties", "patternProperties", "additionalProperties", "unevaluatedProperties",
        "propertyNames", "required", "minProperties", "maxProperties", "dependentRequired",
        "dependentSchemas",
    ),
}  # fmt: skip
"""The keywords of JSON Schema that pass whatever is of another type than these."""
_HOLDING_MAPS: Final = ("properties", "patternProperties", "dependentSchemas")
_HOLDING: Final = (
    "allOf", "anyOf", "items", "prefixItems", "additionalItems", "unevaluatedItems", "contains",
    "additionalProperties", "unevaluatedProperties", "propertyNames",
)  # fmt: skip
"""Keywords whose schemas must hold for a value to pass."""
_ANNOTATIONS: Final = frozenset(["title", "description", "default", "examples", "$comment"])
_ELSEWHERE_OR_BOUND: Final = frozenset(["oneOf", "if", "then", "else", "maxContains"])
_TURNING: Final = frozenset(["not", "if", "oneOf", "maxContains"])
"""Keywords that pass a value because it does not fit a schema."""
_OF_ONE_TYPE: Final = frozenset(chain.from_iterable(_MEANT_FOR.values()))
_TYPES: Final = frozenset(["null", "boolean", "object", "array", "number", "string", "integer"])


def condition(where: Mapping[str, Any], *, permits: bool = False) -> Check:
    """A check of arguments that passes where `where` holds. Raises `ValueError`.

    An argument that is left out does not pass. The check raises where it cannot judge. With
    `permits`, a value of a type that a keyword does not speak of does not pass it: whoever allows
    `{ maximum = 3 }` has not allowed `"4"`.
    """
    for name, wanted in where.items():
        _check_data(name, wanted)
    schemas = {name: _schema(name, wanted) for name, wanted in where.items()}
    checks = {name: _check(name, schema) for name, schema in schemas.items()}
    if permits:
        checks = {name: _check(name, _narrowed(name, one)) for name, one in schemas.items()}

    def check(arguments: Any) -> Misfit | None:
        for name, one in checks.items():
            if name not in arguments:
                return Misfit((), "required", list(checks), arguments, missing=name)
            if (found := one(arguments[name])) is not None:
                return replace(found, path=(name, *found.path))
        return None

    return check


def _check_data(name: str, wanted: Any) -> None:
    """Raise `ValueError` where no argument could be like a part of `wanted`, as JSON has none."""
    todo = [wanted]
    while todo:
        here = todo.pop()
        if isinstance(here, dict) and all(isinstance(key, str) for key in here):
            todo += here.values()
        elif isinstance(here, list):
            todo += here
        elif isinstance(here, date | time):
            raise ValueError(
                f"`where`: {shortened(name)}: {here} is a date or a time, which no argument is; "
                "write it in quotes, as the tool is given it"
            )
        elif not (
            here is None
            or isinstance(here, str | int)
            or (isinstance(here, float) and math.isfinite(here))
        ):
            raise ValueError(
                f"`where`: {shortened(name)}: no argument can be {shortened(here)}; write a text, "
                "a finite number, true or false, or a list or table of these"
            )


def _check(name: str, schema: Any) -> Check:
    """The check of one argument, whose schema is read by itself. Raises `ValueError`."""
    # What is meant by an enum that nothing can meet is a guess, and no guess permits a call.
    if any(map(misfit, subschemas(schema))):
        raise ValueError(f"`where`: {shortened(name)}: an `enum` that no value can meet")
    check = None if unread(schema) else compiled(schema, certain=True, formats="exact")
    if check is None:
        raise ValueError(f"`where`: {shortened(name)}: this is no valid JSON Schema")
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
    elif wanted.keys() & (_KEYWORDS | _REFERRING | {"schema", "equals"}):
        raise ValueError(
            f"`where`: {shortened(name)} can be read as a value and as a JSON Schema; write "
            "{ equals = {…} } or { schema = {…} }"
        )
    else:
        return {"const": wanted}
    for key in _unknown(schema):
        if key in _REFERRING:
            raise ValueError(
                f"`where`: {shortened(name)}: {key} refers to another place; write the schema "
                "itself where it is meant"
            )
        raise ValueError(f"`where`: {shortened(name)}: JSON Schema has no keyword {shortened(key)}")
    for found in subschemas(schema):
        for key, others in _NEEDS.items():
            if key in found and not found.keys() >= others:
                needed = " and ".join(sorted(others))
                told = f"`where`: {shortened(name)}: {key} says nothing without {needed}"
                raise ValueError(told)
    for pattern in _patterns(schema):
        if backtracks(pattern):
            raise ValueError(
                f"`where`: {shortened(name)}: pattern {shortened(pattern)}: with look-around or "
                "back-references a program can choose a text on which matching gives up"
            )
    return schema


def _narrowed(name: str, schema: Any) -> Any:
    """A schema that passes what `schema` passes and whose types its keywords speak of.

    Raises `ValueError` where it passes every value: what nobody limited, nobody has allowed.
    """
    if not _demands(schema):
        raise ValueError(
            f"`where`: {shortened(name)}: in an `allow`, this schema passes every value; write a "
            "keyword that says which, or leave the argument out"
        )
    try:
        return {"allOf": [schema, _typed(schema)]}
    except ValueError as error:
        raise ValueError(f"`where`: {shortened(name)}: {error}") from None


def _demands(schema: Any) -> bool:
    """Whether a keyword of the schema says anything of a value, but for annotations."""
    if not isinstance(schema, Mapping):
        return schema is not True
    for key, value in schema.items():
        if key == "allOf":
            demands = any(map(_demands, value))
        elif key in ("anyOf", "oneOf"):
            demands = all(map(_demands, value))
        else:
            demands = key not in _ANNOTATIONS
        if demands:
            return True
    return False


def _typed(schema: Any) -> Any:
    """The schema with the types that its keywords are meant for, where it names none, and with no
    upper bounds on how much of it holds: those are left to the schema as it stands.

    Raises `ValueError` for what would pass values of types that nothing speaks of.
    """
    if isinstance(schema, list):
        return [_typed(each) for each in schema]
    if not isinstance(schema, Mapping):
        return schema
    typed: dict[str, Any] = {}
    for key, value in schema.items():
        if key in _HOLDING_MAPS and isinstance(value, Mapping):
            typed[key] = {name: _typed(each) for name, each in value.items()}
        elif key in _HOLDING:
            typed[key] = _typed(value)
        elif key not in _ELSEWHERE_OR_BOUND:
            typed[key] = value
    further = [{"anyOf": _typed(schema["oneOf"])}] if "oneOf" in schema else []
    if "if" in schema:
        _check_refused("if", schema["if"])
        met = [_typed(schema["if"]), _typed(schema["then"])]
        unmet = [{"not": schema["if"]}, _typed(schema["else"])]
        further.append({"anyOf": [{"allOf": met}, {"allOf": unmet}]})
    if further:
        typed["allOf"] = [*typed.get("allOf", []), *further]
    meant = [*_meant(schema)]
    if "not" in schema:
        meant += _meant_by_not(schema, meant)
    return {"type": meant, **typed} if meant else typed


def _meant(schema: Mapping[str, Any]) -> Iterator[str]:
    yield from (kind for kind, keywords in _MEANT_FOR.items() if schema.keys() & set(keywords))


def _meant_by_not(schema: Mapping[str, Any], beside: list[str]) -> list[str]:
    """The types that a `not` speaks of: what has none of them passes all in it, and so not it."""
    refused = schema["not"]
    _check_refused("not", refused)
    if beside or schema.keys() & {"type", "const", "enum"}:
        return []
    if isinstance(refused, Mapping) and refused.keys() <= _OF_ONE_TYPE:
        return [*_meant(refused)]
    raise ValueError(
        "in an `allow`, `not` passes values of every other type; write the type that is meant "
        'beside it: { type = "string", not = {…} }'
    )


def _check_refused(key: str, schema: Any) -> None:
    """Raise `ValueError` where more may be refused than the types of what a value must not fit."""
    for found in subschemas(schema):
        if twice := sorted(found.keys() & _TURNING):
            raise ValueError(
                f"in an `allow`, {twice[0]} inside {key} can pass values of every type; write what "
                "is allowed without it"
            )


def _is_plain(key: str, value: Any) -> bool:
    return key in _PLAIN or (key == "type" and isinstance(value, str) and value in _TYPES)


def _patterns(schema: Any) -> Iterator[str]:
    for found in subschemas(schema):
        several = found.get("patternProperties")
        of_keys = several if isinstance(several, Mapping) else ()
        yield from (one for one in (found.get("pattern"), *of_keys) if isinstance(one, str))


def _unknown(schema: Any) -> Iterator[str]:
    for found in subschemas(schema):
        yield from (key for key in found if key not in _KEYWORDS)
