"""One attempt at one instance of a JSON Schema. It may fail; `sampling` keeps what is valid."""

from __future__ import annotations

import math
import random
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal
from urllib.parse import unquote

import rstr

Schema = dict[str, Any]
Shape = Literal["min", "full", "random"]

MAX_DEPTH = 12
DEEP = 4
"""From this depth on only what is required is drawn, so that recursive schemas come to an end."""

TEXTS = (
    "abc",
    "",
    "x y",
    "true",
    "123",
    "null",
    "2026-01-02",
    "ünï\u2028",
    "a\nb",
    '"',
    "-",
    "é" * 9,
)
FORMATS: Mapping[str, tuple[str, ...]] = {
    "date-time": ("2026-01-02T03:04:05Z", "2026-01-02T03:04:05.123+02:00"),
    "date": ("2026-01-02",),
    "time": ("03:04:05Z",),
    "duration": ("P1DT2H", "P1W"),
    "uri": ("https://example.com", "http://example.org/a?b=c#d"),
    "url": ("https://example.com",),
    "email": ("a@example.com", "A.b+c@Example.org"),
    "uuid": ("123e4567-e89b-12d3-a456-426614174000", "123E4567-E89B-42D3-A456-426614174000"),
    "ipv4": ("192.0.2.1",),
    "ipv6": ("2001:db8::1",),
    "cidrv4": ("192.0.2.0/24",),
    "hostname": ("example.com",),
    "regex": ("^a+$",),
    "json-pointer": ("/a/0",),
    "byte": ("YWJj",),
    "binary": ("YWJj",),
}
ANYTHING: tuple[Any, ...] = ("x", 1, -0.5, True, None, [], {"k": [1, {"l": None}]})
KEYWORD_TYPES: Mapping[str, tuple[str, ...]] = {
    "object": ("properties", "required", "additionalProperties"),
    "array": ("items", "prefixItems"),
    "string": ("pattern", "minLength"),
    "number": ("minimum", "maximum"),
}
_LINE_ENDS = frozenset("\r\u2028\u2029")
_LOWER = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties")
_UPPER = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties")


def same_json(one: Any, other: Any) -> bool:
    """Whether two values are the same JSON: numbers by value, `true` is not 1, keys unordered."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same_json(one[k], other[k]) for k in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same_json, one, other))
    return isinstance(one, bool) == isinstance(other, bool) and bool(one == other)


class Nothing(Exception):
    """This attempt cannot lead to an instance."""


@dataclass
class Draw:
    """One attempt at one instance of `root`."""

    root: Any
    random: random.Random
    shape: Shape
    extra_keys: bool = True

    def value(self, schema: Any, depth: int) -> Any:
        if depth > MAX_DEPTH or schema is False:
            raise Nothing
        if schema is True or not isinstance(schema, dict):
            return self.random.choice(ANYTHING)
        plain = self.plain(schema, 0)
        if "const" in plain:
            return plain["const"]
        if isinstance(plain.get("enum"), list):
            return self.choice(plain["enum"])
        match self.type_of(plain):
            case "object":
                return self.object(plain, depth)
            case "array":
                return self.array(plain, depth)
            case "string":
                return self.string(plain)
            case "integer" | "number" as kind:
                return self.number(plain, whole=kind == "integer")
            case "boolean":
                return self.random.random() < 0.5
            case "null":
                return None
            case _:
                return self.random.choice(ANYTHING)

    def choice(self, options: list[Any]) -> Any:
        if not options:
            raise Nothing
        return self.random.choice(options)

    def type_of(self, plain: Schema) -> Any:
        kind = plain.get("type")
        if isinstance(kind, list):
            rich = [k for k in kind if k != "null"]
            kind = self.choice(rich if self.shape == "full" and rich else kind)
        if kind is None:
            kind = next(
                (k for k, keys in KEYWORD_TYPES.items() if any(map(plain.__contains__, keys))), None
            )
        return kind

    def plain(self, schema: Any, hops: int) -> Schema:
        """`schema` with references followed and one branch of every choice taken."""
        if schema is False or hops > 40:
            raise Nothing
        if not isinstance(schema, dict):
            return {}
        rest = {k: v for k, v in schema.items() if k not in _COMBINATORS}
        for part in self.parts(schema):
            rest = merged(rest, self.plain(part, hops + 1))
        return rest

    def parts(self, schema: Schema) -> Iterator[Any]:
        if isinstance(schema.get("$ref"), str):
            yield target(self.root, schema["$ref"])
        yield from schema.get("allOf") or ()
        for keyword in ("anyOf", "oneOf"):
            if branches := schema.get(keyword):
                yield self.branch(branches)
        if "if" in schema:
            met = self.random.random() < 0.5
            yield schema["if"] if met else {}
            yield schema.get("then" if met else "else", {})
        for name, dependent in (schema.get("dependentSchemas") or {}).items():
            yield self.choice([{"properties": {name: False}}, dependent])

    def branch(self, branches: list[Any]) -> Any:
        rich = [b for b in branches if not (isinstance(b, dict) and b.get("type") == "null")]
        return self.choice(rich if self.shape == "full" and rich else branches)

    def object(self, schema: Schema, depth: int) -> dict[str, Any]:
        properties: Schema = schema.get("properties") or {}
        wanted = {k for k in properties if self.wants(depth)} if depth < DEEP else set()
        wanted = {k for k in wanted if properties[k] is not False}
        wanted |= _required(schema)
        free = [k for k in properties if k not in wanted and properties[k] is not False]
        wanted.update(free[: max(0, int(schema.get("minProperties", 0)) - len(wanted))])
        for name, needed in _dependent(schema):
            if name in wanted:
                wanted.update(needed)
        # The schema's own order, then the rest sorted: sets have no order that stays.
        keys = [k for k in properties if k in wanted] + sorted(wanted - properties.keys())
        value: dict[str, Any] = {}
        for key in keys:
            try:
                value[key] = self.value(self.property_schema(schema, key), depth + 1)
            except Nothing:
                if key in _required(schema):
                    raise
        self.add_keys(value, schema, depth)
        return value

    def wants(self, depth: int) -> bool:
        if self.shape == "random":
            return self.random.random() < 0.5
        return self.shape == "full"

    def property_schema(self, schema: Schema, key: str) -> Any:
        if key in (schema.get("properties") or {}):
            return schema["properties"][key]
        for pattern, sub in (schema.get("patternProperties") or {}).items():
            if _matches(pattern, key):
                return sub
        return schema.get("additionalProperties", True)

    def add_keys(self, value: dict[str, Any], schema: Schema, depth: int) -> None:
        """Add undeclared keys, as many as `minProperties` needs and the shape likes."""
        missing = int(schema.get("minProperties", 0)) - len(value)
        if not self.extra_keys and depth == 0 and missing <= 0:
            return
        if schema.get("additionalProperties", True) is False and not schema.get(
            "patternProperties"
        ):
            return
        likes = self.shape != "min" and depth < DEEP
        if likes and (not schema.get("properties") or self.random.random() < 0.3):
            missing = max(missing, 1)
        room = schema.get("maxProperties", math.inf) - len(value)
        for number in range(int(min(missing, room))):
            try:
                key = self.key(schema, number)
                value.setdefault(key, self.value(self.property_schema(schema, key), depth + 1))
            except Nothing:
                return

    def key(self, schema: Schema, number: int) -> str:
        patterns = list(schema.get("patternProperties") or ())
        if patterns and schema.get("additionalProperties", True) is False:
            return str(self.choice(_texts_like(self.choice(patterns))))
        if isinstance(schema.get("propertyNames"), dict):
            return str(self.value({"type": "string", **schema["propertyNames"]}, 1))
        return f"x-extra {number}"

    def array(self, schema: Schema, depth: int) -> list[Any]:
        items = schema.get("items", True)
        fixed = schema.get("prefixItems") or (items if isinstance(items, list) else [])
        rest = schema.get("additionalItems", True) if isinstance(items, list) else items
        least = int(schema.get("minItems", 0))
        size = 0 if self.shape == "min" or depth > DEEP else self.random.randint(1, 3)
        size = min(max(size, least, len(fixed)), int(schema.get("maxItems", 10**6)))
        value: list[Any] = []
        for attempt in range(size * 4):
            position = len(value)
            if position >= size:
                break
            sub = fixed[position] if position < len(fixed) else rest
            if sub is False:
                break
            try:
                item = self.value(sub, depth + 1)
            except Nothing:
                if attempt >= size * 3 and position < least:
                    raise
                continue
            if not schema.get("uniqueItems") or not any(same_json(item, v) for v in value):
                value.append(item)
        return value

    def string(self, schema: Schema) -> str:
        least, most = int(schema.get("minLength", 0)), int(schema.get("maxLength", 10**6))
        pattern = schema.get("pattern")
        candidates: list[str] = list(FORMATS.get(str(schema.get("format")), ()))
        candidates = candidates or [v for v in schema.get("examples") or () if isinstance(v, str)]
        if isinstance(pattern, str):
            candidates = [c for c in candidates if _matches(pattern, c)] or _texts_like(pattern)
            candidates += [c[:most] for c in candidates if _matches(pattern, c[:most])]
            fitting = [c for c in candidates if least <= len(c) <= most]
            return str(self.choice(fitting or candidates))
        text: str = self.choice(candidates or list(TEXTS))
        return text.ljust(least, "z")[:most]

    def number(self, schema: Schema, *, whole: bool) -> float:
        low, high = _limits(schema, whole=whole)
        step = schema.get("multipleOf")
        if isinstance(step, int | float) and step > 0:
            least, most = math.ceil(low / step), math.floor(high / step)
            if least > most:
                raise Nothing
            drawn = step * self.random.randint(least, min(most, least + 100))
            return int(drawn) if whole and drawn == int(drawn) else drawn
        if whole:
            if low > high:
                raise Nothing
            near = min(math.floor(high), math.ceil(low) + 10**6)
            return self.random.choice([self.random.randint(math.ceil(low), near), math.floor(high)])
        between = low + (high - low) * self.random.choice([0.25, 0.5, 0.73])
        return self.random.choice([round(between, 3), between, math.floor(high)])


_COMBINATORS = frozenset(
    ("$ref", "allOf", "anyOf", "oneOf", "if", "then", "else", "dependentSchemas")
)


def _limits(schema: Schema, *, whole: bool) -> tuple[float, float]:
    """The closed range to draw from. Draft 4 writes exclusive limits as booleans."""
    step = 1 if whole else 0.001
    low, high = schema.get("minimum"), schema.get("maximum")
    above, below = schema.get("exclusiveMinimum"), schema.get("exclusiveMaximum")
    if isinstance(above, bool):
        above = low if above else None
    if isinstance(below, bool):
        below = high if below else None
    lows = [n for n in (low, None if above is None else above + step) if n is not None]
    highs = [n for n in (high, None if below is None else below - step) if n is not None]
    least = max(lows) if lows else (min(highs) - 10 if highs else -5)
    return least, min(highs) if highs else max(least + 100, 100)


def target(root: Any, reference: str) -> Any:
    """What a JSON pointer reference into the same document points at. Raises `Nothing`."""
    if not reference.startswith("#"):
        raise Nothing
    here = root
    for token in unquote(reference[1:]).split("/")[1:]:
        key = token.replace("~1", "/").replace("~0", "~")
        try:
            here = here[int(key)] if isinstance(here, list) else here[key]
        except (KeyError, IndexError, ValueError, TypeError):
            raise Nothing from None
    return here


def merged(one: Schema, other: Schema) -> Schema:
    """A schema that asks for both, as far as drawing needs it."""
    both = {**one, **other}
    for key in one.keys() & other.keys():
        left, right = one[key], other[key]
        if key in ("properties", "patternProperties"):
            both[key] = {
                **left,
                **right,
                **{k: {"allOf": [left[k], right[k]]} for k in left.keys() & right.keys()},
            }
        elif key == "required" and isinstance(left, list) and isinstance(right, list):
            both[key] = [*left, *right]
        elif key == "enum":
            both[key] = [v for v in left if any(same_json(v, w) for w in right)]
        elif key == "type":
            both[key] = _shared_types(left, right)
        elif key in ("items", "additionalProperties") and left != right:
            both[key] = {"allOf": [left, right]} if right is not False else False
        elif isinstance(left, bool) or isinstance(right, bool):
            continue
        elif key in _LOWER:
            both[key] = max(left, right)
        elif key in _UPPER:
            both[key] = min(left, right)
    return both


def _shared_types(left: Any, right: Any) -> Any:
    lefts = left if isinstance(left, list) else [left]
    rights = right if isinstance(right, list) else [right]
    shared = [kind for kind in lefts if kind in rights]
    if not shared and {"integer", "number"} <= {*lefts, *rights}:
        return "integer"
    return shared[0] if len(shared) == 1 else shared


def _required(schema: Schema) -> set[str]:
    names = schema.get("required")
    return {n for n in names if isinstance(n, str)} if isinstance(names, list) else set()


def _dependent(schema: Schema) -> Iterator[tuple[str, list[str]]]:
    for keyword in ("dependentRequired", "dependencies"):
        for name, needed in (schema.get(keyword) or {}).items():
            if isinstance(needed, list):
                yield name, needed


def _matches(pattern: str, text: str) -> bool:
    # In ECMAScript a dot is no end of a line, of which Python knows one only, and `\w` is ASCII.
    if "." in pattern and not _LINE_ENDS.isdisjoint(text):
        return False
    try:
        return re.search(pattern, text, re.ASCII) is not None
    except re.error:
        return False


@lru_cache
def _drawn_texts(pattern: str) -> tuple[str, ...]:
    source = rstr.Rstr(random.Random(pattern))
    texts = [text for text in TEXTS if _matches(pattern, text)]
    try:
        texts += [source.xeger(pattern) for _ in range(8)]
    except Exception:  # a regular expression of another dialect, or one that only looks around
        return tuple(texts)
    return tuple(text for text in texts if _matches(pattern, text))


def _texts_like(pattern: str) -> list[str]:
    """Texts that match `pattern`, always the same. Cached, for drawing them is slow."""
    return list(_drawn_texts(pattern))
