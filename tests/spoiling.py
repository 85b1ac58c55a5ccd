"""Invalid instances of a JSON Schema: valid ones in which one keyword is broken.

`spoiled` knows how to break a keyword and may be wrong, for what it makes can be valid by another
alternative. An independent validator, `jsonschema`, judges: only what it refuses is handed out, and
nothing of a schema that it cannot read or whose valid instance it refuses.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from jsonschema.validators import Draft202012Validator, validator_for

from tests.places import Way, list_of, places

OTHERS: dict[str, tuple[Any, ...]] = {
    "string": (7, True, ["a"], {"a": "b"}, None),
    "integer": ("7", 0.5, True, [1], None),
    "number": ("0.5", True, [1], "abc", None),
    "boolean": ("true", 1, [True], None),
    "object": ("a", [{}], 7, None),
    "array": ("a", {"0": "a"}, 7, None),
    "null": ("null", 0, False),
}
"""What no value of a type is, such as what a careless program sends in its place."""

WRONG_VALUES: tuple[Any, ...] = ({"a": []}, [{}], 7, "a")
WRONG_TEXTS = ("", " ", "abc", "ABC", "123", "-", "a b!", "\N{SNOWMAN}", "x" * 300)
NOT_OF_FORMAT = {
    "date-time": "2026-13-01T00:00:00Z",
    "date": "2026-02-30",
    "time": "25:00:00Z",
    "email": "nobody",
    "ipv4": "256.0.0.1",
    "ipv6": "::g",
    "uuid": "123e4567-e89b-12d3-a456-42661417400",
    "uri": "no uri",
}
Change = Callable[[Any], Any]


@dataclass(frozen=True)
class Spoiled:
    """A value in which `keyword` is broken at `path`."""

    keyword: str
    path: Way
    value: Any


def spoil(schema: Any, values: Iterable[Any], *, formats: bool = False) -> list[Spoiled]:
    """An invalid value for each keyword of `schema` that a break of one of `values` can reach.

    A keyword of one place in the schema is broken once, by the first value in which that makes it
    invalid; a type that several kinds of value do not fit, once for each kind. `format` counts
    only with `formats`.
    """
    judge = _judge(schema, formats=formats)
    # What is checked with formats may be valid where without them two alternatives of `oneOf` fit.
    judge_with_formats = _judge(schema, formats=True)
    found: dict[tuple[str, str, int], Spoiled] = {}
    for value in values:
        if judge is None or judge_with_formats is None or not judge(value):
            continue
        for at, keyword, number, path, change in _breaks(schema, value):
            key = (at, keyword, number)
            if key in found or (keyword == "format" and not formats):
                continue
            broken = _changed(value, path, change)
            if not judge(broken) and not judge_with_formats(broken):
                found[key] = Spoiled(keyword, path, broken)
    return list(found.values())


def _judge(schema: Any, *, formats: bool) -> Callable[[Any], bool] | None:
    """Whether a value is valid by `jsonschema`; None when it cannot read the schema."""
    kind: Any = validator_for(schema, default=Draft202012Validator)
    try:
        kind.check_schema(schema)
        validator = kind(schema, format_checker=kind.FORMAT_CHECKER if formats else None)
        validator.is_valid({})
    except Exception:
        return None

    def judge(value: Any) -> bool:
        try:
            return bool(validator.is_valid(value))
        except Exception:  # a pattern in another dialect, a reference to nowhere
            return True

    return judge


def _changed(value: Any, path: Way, change: Change) -> Any:
    if not path:
        return change(copy.deepcopy(value))
    made = copy.copy(value)
    made[path[0]] = _changed(value[path[0]], path[1:], change)
    return made


def _breaks(schema: Any, value: Any) -> Iterator[tuple[str, str, int, Way, Change]]:
    """Where in the schema, which keyword, which of several ways, where in the value, and how."""
    for place in places(schema, value):
        for keyword, demand in place.schema.items():
            for number, change in enumerate(_ways(keyword, demand, place.schema, place.value)):
                yield place.at, keyword, number, place.path, change


def _ways(keyword: str, demand: Any, schema: dict[str, Any], value: Any) -> Iterator[Change]:
    """How to break a keyword in `value`, which probably fits it; nothing where it cannot be."""
    match value:
        case _ if keyword == "type":
            kinds = demand if isinstance(demand, list) else [demand]
            yield from map(_instead, OTHERS.get(str(kinds[0]), ()) if kinds else ())
        case _ if keyword in ("enum", "const"):
            others = [f"{value}_", f"{value}".swapcase()] if isinstance(value, str) else []
            others += [value + 1000] if type(value) in (int, float) else []
            yield from map(_instead, [*others, None])
        case _ if keyword == "oneOf":
            # A constant of one alternative may be allowed by another as well.
            for branch in filter(lambda one: isinstance(one, dict), list_of(demand)):
                yield from map(_instead, list_of(branch.get("enum")))
                yield from map(_instead, [branch["const"]] if "const" in branch else [])
        case str():
            yield from _of_text(keyword, demand, value)
        case bool() | None:
            return
        case int() | float() if isinstance(demand, int | float):
            yield from _of_number(keyword, demand, schema, value)
        case list():
            yield from _of_array(keyword, demand, value)
        case dict():
            yield from _of_object(keyword, demand, schema, value)


def _of_text(keyword: str, demand: Any, value: str) -> Iterator[Change]:
    if keyword == "minLength":
        yield _instead(value[: max(0, int(demand) - 1)])
    elif keyword == "maxLength":
        yield _instead(value.ljust(int(demand) + 1, (value or "x")[-1]))
    elif keyword == "pattern":
        texts = (f"{value}!", f"\n{value}", value[:-1], *WRONG_TEXTS)
        yield from map(_instead, [text for text in texts if not _matches(str(demand), text)][:2])
    elif keyword == "format" and demand in NOT_OF_FORMAT:
        yield _instead(NOT_OF_FORMAT[demand])


def _of_number(
    keyword: str, demand: Any, schema: dict[str, Any], value: int | float
) -> Iterator[Change]:
    step = 1 if schema.get("type") == "integer" else 0.25
    below, above = ("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")
    if keyword == "multipleOf" and demand:
        yield _instead(value + (1 if isinstance(step, int) else demand / 4))
    elif keyword in (*below, *above):
        # Draft 4 writes exclusive limits as booleans.
        limit = schema.get(keyword.replace("exclusiveM", "m")) if demand is True else demand
        outside = 0 if keyword.startswith("exclusive") else step
        if limit is not None and not isinstance(limit, bool):
            yield _instead(limit - outside if keyword in below else limit + outside)


def _of_array(keyword: str, demand: Any, value: list[Any]) -> Iterator[Change]:
    if keyword == "minItems":
        yield _instead(value[: max(0, int(demand) - 1)])
    elif keyword == "maxItems" and value:
        missing = int(demand) + 1 - len(value)
        last = value[-1]
        more = [last + n for n in range(1, missing + 1)] if type(last) is int else [last] * missing
        yield _instead([*value, *more])
    elif keyword == "uniqueItems" and demand is True and value:
        yield _instead([*value, value[0]])
    elif keyword in ("items", "additionalItems") and demand is False:
        yield _instead([*value, "further"])


def _of_object(
    keyword: str, demand: Any, schema: dict[str, Any], value: dict[str, Any]
) -> Iterator[Change]:
    named = schema.get("properties")
    named = named if isinstance(named, dict) else {}
    if keyword in ("required", "dependentRequired", "dependencies"):
        needed = list_of(demand)
        if isinstance(demand, dict):
            needed = [name for key in demand if key in value for name in list_of(demand[key])]
        yield from (partial(_without, key) for key in needed if key in value)
    elif keyword == "properties":
        for key, inner in demand.items() if isinstance(demand, dict) else ():
            if inner is False:
                yield partial(_with, {key: "a"})
    elif keyword in ("additionalProperties", "unevaluatedProperties"):
        if demand is False:
            yield partial(_with, {"no_such_key": 1})
        elif isinstance(demand, dict):
            yield from (partial(_with, {"further": other}) for other in WRONG_VALUES)
    elif keyword == "propertyNames":
        yield from (partial(_with, {name: 1}) for name in WRONG_TEXTS)
    elif keyword == "minProperties":
        yield partial(_cut, int(demand) - 1)
    elif keyword == "maxProperties":
        missing = int(demand) + 1 - len(value)
        free = [key for key in [*named, *(f"further_{n}" for n in range(20))] if key not in value]
        yield partial(_with, dict.fromkeys(free[:missing], "a"))


def _instead(other: Any) -> Change:
    return lambda value: other


def _without(key: str, value: Any) -> Any:
    return {name: item for name, item in value.items() if name != key}


def _with(more: dict[str, Any], value: Any) -> Any:
    return {**value, **more}


def _cut(most: int, value: Any) -> Any:
    return dict([*value.items()][: max(0, most)])


def _matches(pattern: str, text: str) -> bool:
    try:
        return re.search(pattern, text) is not None
    except re.error:
        return True
