"""Random JSON Schemas with the keywords, names and oddities of real tool lists.

All chance comes from the `Random` that is given: the same seed gives the same schemas, and
hypothesis can shrink them when it gives one of its own (`st.randoms(use_true_random=False)`).
Most of the schemas have instances; not all.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any
from urllib.parse import quote

Schema = dict[str, Any]

NAMES = (
    *("a", "b", "c", "id", "name", "kind", "value", "items", "count", "orderBy", "order_by"),
    *("class", "from", "self", "type", "json", "copy", "dict", "schema", "model_config", "x-y"),
    *("$filter", "_private", "1st", "some key", "filter[name]", "ünï", "Kind", "None", "str", "v1"),
)
"""Property names: plain, Python's own, pydantic's, colliding, and no identifiers."""

CLASSES = ("Node", "Item", "Filter", "list", "Any", "some thing", "Model", "a/b")
TEXTS = ("a", "b", "asc", "A", "", "a b", "None", "class", "1", "ünï", '"', "\\", "new\nline")
CONSTANTS: tuple[Any, ...] = (*TEXTS, 0, 1, 2, -1, 0.5, 1.5, True, False, None)
PATTERNS = ("^a", "b", "^[a-z]+$", "^\\d{2,4}$", "^[A-Z]{2}-\\d+$", "^(?!x)\\w+$", "^.*$")
FORMATS = (
    *("date-time", "date", "time", "uri", "email", "uuid", "ipv4", "int32", "double", "byte"),
    *("password", "binary", "unknown-format"),
)
WORDS = ("A thing.", "Says\nmore.", '"""', "\\", "", "`code`", "{braces}", "%s", "é")


def random_tool(random: Random, name: str) -> Schema:
    """A tool definition with a random input schema and, more often than not, an output schema."""
    tool: Schema = {"name": name, "inputSchema": random_object_schema(random)}
    if random.random() < 0.75:
        root = random_schema if random.random() < 0.2 else random_object_schema
        tool["outputSchema"] = root(random)
    return tool


def random_object_schema(random: Random) -> Schema:
    """A schema whose root is an object with properties, and has what these refer to."""
    writer = _Writer(random)
    return writer.whole(writer.object(random.choice((1, 2, 2, 3))))


def random_schema(random: Random) -> Schema:
    """A schema of any kind, which has what it refers to."""
    writer = _Writer(random)
    return writer.whole(writer.schema(random.choice((1, 2, 2, 3))))


def random_flat_schema(random: Random) -> Schema:
    """A schema without parts."""
    return _Writer(random).schema(0)


class _Writer:
    """Writes one document; `deep` is how many levels may still follow."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.definitions: dict[str, Schema] = {}
        self.open: list[str] = []
        self.keyword = random.choice(("$defs", "$defs", "definitions"))

    def whole(self, schema: Schema) -> Schema:
        if self.definitions:
            schema = {**schema, self.keyword: self.definitions}
        if self.keyword == "definitions":
            schema = {"$schema": "http://json-schema.org/draft-07/schema#", **schema}
        return schema

    def is_likely(self, share: float) -> bool:
        return self.random.random() < share

    def schema(self, deep: int) -> Schema:
        flat = (self.string, self.number, self.boolean, self.enum, self.const, self.types)
        nested = (
            *(self.object, self.object, self.array, self.array, self.union, self.reference),
            *(self.constants, self.tagged, self.all_of, self.nullable, self.conditional, self.map),
        )
        if deep <= 0 or self.is_likely(0.35):
            return self.described(self.random.choice(flat)(deep))
        if self.is_likely(0.03):
            return {}
        return self.described(self.random.choice(nested)(deep - 1))

    def described(self, schema: Schema) -> Schema:
        for keyword in ("title", "description"):
            if self.is_likely(0.08):
                schema = {keyword: self.random.choice(WORDS), **schema}
        return schema

    def some(self, **makers: Callable[[], Any]) -> Schema:
        """Some of the keywords."""
        return {key: make() for key, make in makers.items() if self.is_likely(0.25)}

    def below(self, most: int) -> Callable[[], int]:
        return lambda: self.random.randint(0, most)

    def string(self, deep: int) -> Schema:
        limits = self.some(minLength=self.below(3), maxLength=lambda: self.random.randint(3, 9))
        kind = self.random.random()
        if kind < 0.2:
            limits = {"pattern": self.random.choice(PATTERNS)}
        elif kind < 0.4:
            limits = {"format": self.random.choice(FORMATS)}
        return {"type": "string", **limits, **self.some(default=lambda: self.random.choice(TEXTS))}

    def number(self, deep: int) -> Schema:
        limits = self.some(
            minimum=lambda: self.random.randint(-3, 2),
            maximum=lambda: self.random.randint(3, 12),
            multipleOf=lambda: self.random.choice((1, 2, 0.5)),
        )
        if self.is_likely(0.1):
            limits["exclusiveMinimum"] = self.random.randint(-3, 2)
        if self.is_likely(0.1):
            limits["exclusiveMaximum"] = self.random.randint(3, 12)
        return {"type": self.random.choice(("integer", "number")), **limits}

    def boolean(self, deep: int) -> Schema:
        kind = self.random.choice(("boolean", "boolean", "null"))
        return {"type": kind, **({"default": False} if kind == "boolean" else {})}

    def enum(self, deep: int) -> Schema:
        texts = self.is_likely(0.6)
        count = self.random.randint(1, 4)
        values = self.random.sample(TEXTS if texts else CONSTANTS, count)
        return {"enum": values, **({"type": "string"} if texts and self.is_likely(0.7) else {})}

    def const(self, deep: int) -> Schema:
        return {"const": self.random.choice(CONSTANTS)}

    def types(self, deep: int) -> Schema:
        kinds = ["string", "integer", "number", "boolean", "null", "object", "array"]
        return {"type": self.random.sample(kinds, self.random.randint(1, 3))}

    def object(self, deep: int) -> Schema:
        names = self.random.sample(NAMES, self.random.randint(0, 4))
        made: Schema = {
            "type": "object",
            "properties": {name: self.schema(deep) for name in names},
        }
        required = [name for name in names if self.is_likely(0.4)]
        if required:
            made["required"] = required
        if self.is_likely(0.3):
            made["additionalProperties"] = self.random.choice(
                (False, False, True, {"type": "integer"}, self.schema(0))
            )
        made |= self.some_of_objects(names) if self.is_likely(0.15) else {}
        return made

    def some_of_objects(self, names: list[str]) -> Schema:
        made: Schema = self.some(
            minProperties=self.below(2), maxProperties=lambda: self.random.randint(2, 5)
        )
        if self.is_likely(0.3):
            made["patternProperties"] = {"^x-": self.schema(0)}
        if len(names) > 1 and self.is_likely(0.4):
            made["dependentRequired"] = {names[0]: [names[1]]}
        if self.is_likely(0.2):
            made["propertyNames"] = {"maxLength": 12}
        return made

    def map(self, deep: int) -> Schema:
        return {"type": "object", "additionalProperties": self.schema(deep)}

    def array(self, deep: int) -> Schema:
        made: Schema = {"type": "array"}
        limits = self.some(
            minItems=self.below(2),
            maxItems=lambda: self.random.randint(2, 4),
            uniqueItems=lambda: True,
        )
        kind = self.random.random()
        if kind < 0.75:
            made["items"] = self.schema(deep)
        elif kind < 0.9:
            made["prefixItems"] = [self.schema(deep) for _ in range(self.random.randint(1, 3))]
            if self.is_likely(0.6):
                made["items"] = self.random.choice((False, self.schema(0)))
            if self.is_likely(0.6):
                limits = {"minItems": len(made["prefixItems"])}
        elif kind < 0.95 and self.keyword == "definitions":
            made["items"] = [self.schema(deep), self.schema(0)]
            made["additionalItems"] = False
        return {**made, **limits}

    def branches(self, deep: int) -> list[Schema]:
        return [self.schema(deep) for _ in range(self.random.randint(1, 3))]

    def union(self, deep: int) -> Schema:
        return {self.random.choice(("anyOf", "anyOf", "oneOf")): self.branches(deep)}

    def nullable(self, deep: int) -> Schema:
        return {"anyOf": [self.schema(deep), {"type": "null"}], "default": None}

    def constants(self, deep: int) -> Schema:
        values = self.random.sample(CONSTANTS, self.random.randint(2, 4))
        titled = [{"const": value, "title": f"the {value}"} for value in values]
        return {self.random.choice(("oneOf", "anyOf")): titled}

    def tagged(self, deep: int) -> Schema:
        """Alternatives that a property tells apart."""
        tag = self.random.choice(("type", "kind", "class"))
        tags = self.random.sample(("a", "b", "c d"), self.random.randint(2, 3))
        made = [self.object(deep) for _ in tags]
        for one, text in zip(made, tags, strict=True):
            one["properties"][tag] = {"const": text}
            one["required"] = [*dict.fromkeys([*one.get("required", ()), tag])]
        union: Schema = {self.random.choice(("oneOf", "anyOf")): made}
        return union | ({"discriminator": {"propertyName": tag}} if self.is_likely(0.5) else {})

    def all_of(self, deep: int) -> Schema:
        parts: list[Schema] = [self.object(deep), self.object(deep)]
        if self.is_likely(0.3):
            parts = [self.string(deep), {"minLength": 1}]
        elif self.is_likely(0.3):
            parts = [self.schema(deep)]
        return {"allOf": parts}

    def conditional(self, deep: int) -> Schema:
        made = self.object(deep)
        if not made["properties"]:
            return {"type": "string", "not": {"const": "a"}}
        name = self.random.choice([*made["properties"]])
        return {
            **made,
            "if": {"properties": {name: self.schema(0)}, "required": [name]},
            "then": {"required": [self.random.choice([*made["properties"]])]},
        }

    def reference(self, deep: int) -> Schema:
        """A reference to a definition: a new one, one that is there, or one around it."""
        name = self.random.choice(CLASSES)
        if name not in self.definitions and name not in self.open:
            self.open.append(name)
            made = self.object(deep) if self.is_likely(0.7) else self.schema(deep)
            self.open.remove(name)
            self.definitions[name] = made
        return {"$ref": f"#/{self.keyword}/{quote(name.replace('/', '~1'), safe='~')}"}
