"""What a schema says about types, with `allOf`, `const` and reference siblings folded in."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from mcp_sdkgen_runtime.schema.enums import fits_type, meant
from mcp_sdkgen_runtime.text import is_unicode

from .document import Document, Node
from .subset import canonical

REFERENCES = ("$ref", "$dynamicRef", "$recursiveRef")
TYPES = ("string", "integer", "number", "boolean", "array", "object", "null")
MAX_DEPTH = 12
VALUES_PER_PART = 16
"""How many values of an enum cost as much as a schema."""

_TYPING = frozenset(
    {
        "type",
        "properties",
        "patternProperties",
        "additionalProperties",
        "required",
        "items",
        "prefixItems",
        "enum",
        "const",
        "allOf",
        "anyOf",
        "oneOf",
    }
)

_BESIDE = frozenset(
    {"$ref", "$dynamicRef", "$recursiveRef", "allOf", "anyOf", "oneOf", "if", "dependentSchemas"}
)

Nodes = tuple[Node, ...]


@dataclass(frozen=True)
class Shape:
    """One schema, merged. A property maps to the nodes that must all hold for it.

    `ref` is set, and nothing else but `nullable`, when the schema is a plain reference. `types` is
    empty when the schema names none. `least` is how many items an array has at least. `conditional`
    are properties that only some condition declares or asks for, so that nothing is known of their
    values in general. Of each of `choices` one
    alternative must hold.
    """

    ref: Node | None = None
    never: bool = False
    types: tuple[str, ...] = ()
    enum: tuple[Any, ...] | None = None
    nullable: bool = False
    properties: dict[str, Nodes] = field(default_factory=dict)
    patterns: dict[str, Nodes] = field(default_factory=dict)
    additional: Nodes | None = None
    required: tuple[str, ...] = ()
    conditional: tuple[str, ...] = ()
    items: Nodes | None = None
    prefix: Nodes | None = None
    rest: Node | None = None
    least: int = 0
    choices: tuple[Nodes, ...] = ()

    @property
    def is_structural(self) -> bool:
        """Whether the schema, apart from its choices, says anything about types."""
        return bool(
            self.types
            or self.properties
            or self.patterns
            or self.required
            or self.additional is not None
            or self.items is not None
            or self.prefix is not None
            or self.enum is not None
        )

    @property
    def fitting_values(self) -> tuple[Any, ...]:
        """The values of the enum that have one of the types; all of them where none has."""
        values = self.enum or ()
        fitting = tuple(value for value in values if fits_type(value, self.types))
        return fitting if self.types and fitting else values


ANYTHING = Shape()
NOTHING = Shape(never=True)


def shape(node: Node, document: Document, depth: int = 0) -> Shape:
    """Merge what `node` says. Widens where two statements cannot be combined exactly."""
    schema = node.schema
    if schema is False:
        return NOTHING
    if not isinstance(schema, dict):
        return ANYTHING
    if depth > MAX_DEPTH:
        document.cut.append(node)
        return ANYTHING
    document.spend(1)
    reference = next((schema[k] for k in REFERENCES if isinstance(schema.get(k), str)), None)
    if reference is None:
        return _own(node, document, depth)
    target = document.resolve(reference, node.pointer)
    siblings = {k: v for k, v in schema.items() if k not in REFERENCES}
    if document.ignores_ref_siblings or not _TYPING & siblings.keys():
        return Shape(ref=target, nullable=_nullable(schema)) if target else ANYTHING
    own = _own(Node(siblings, node.pointer), document, depth + 1)
    if target is None:
        return own
    both = meet(deref(Shape(ref=target), document, depth), own, document)
    return replace(both, nullable=both.nullable or own.nullable)


def deref(found: Shape, document: Document, depth: int = 0) -> Shape:
    """Follow plain references to a shape that says something itself; widen in a cycle."""
    for _ in range(MAX_DEPTH):
        if found.ref is None:
            return found
        found = shape(found.ref, document, depth + 1)
    return ANYTHING


def unresolved(node: Node, document: Document) -> list[str]:
    """The references written directly at `node` that lead out of the document."""
    schema = node.schema
    if not isinstance(schema, dict):
        return []
    written = [schema[key] for key in REFERENCES if isinstance(schema.get(key), str)]
    return [ref for ref in written if document.resolve(ref, node.pointer) is None]


def meet(a: Shape, b: Shape, document: Document) -> Shape:
    """The values that fit both, widened where that has no simple form."""
    if a.never or b.never:
        return NOTHING
    a, b = deref(a, document), deref(b, document)
    document.spend(1 + sum(map(_width, (a, b))))
    types = _common_types(a.types, b.types)
    if a.types and b.types and not types:
        return NOTHING
    enum = a.enum if b.enum is None else b.enum
    if a.enum is not None and b.enum is not None:
        allowed = {_exact(value) for value in b.enum}
        enum = tuple(value for value in a.enum if _exact(value) in allowed)
        if not enum:
            return NOTHING
    return replace(
        a,
        types=types,
        enum=enum,
        nullable=a.nullable and b.nullable,
        properties=_joined(a.properties, b.properties),
        patterns=_joined(a.patterns, b.patterns),
        additional=_common_additional(a, b),
        required=tuple(dict.fromkeys((*a.required, *b.required))),
        conditional=tuple(dict.fromkeys((*a.conditional, *b.conditional))),
        items=_both(a.items, b.items),
        prefix=a.prefix if a.prefix is not None else b.prefix,
        rest=a.rest if a.prefix is not None else b.rest,
        least=max(a.least, b.least),
        choices=a.choices + tuple(choice for choice in b.choices if choice not in a.choices),
    )


def _exact(value: Any) -> str:
    # JSON has one kind of number: 1.0 is 1.
    whole = isinstance(value, float) and value.is_integer()
    return canonical(int(value) if whole else value)


def _width(found: Shape) -> int:
    listed = (found.properties, found.patterns, found.required, found.enum or (), found.items or ())
    return sum(map(len, listed))


def further_types(found: Shape, document: Document) -> tuple[str, ...] | None:
    """The JSON types that properties may have which an object explicitly allows without naming
    them: none where that is anything, `None` where it allows no such properties."""
    patterned = [node for nodes in found.patterns.values() for node in nodes]
    opened = [node for node in (*patterned, *(found.additional or ())) if node.schema is not False]
    if not opened:
        return None
    if patterned and found.additional is None:
        return ()
    types: list[str] = []
    for node in opened:
        value = deref(shape(node, document), document)
        if not value.types or value.choices:
            return ()
        types += (*value.types, *(("null",) if value.nullable else ()))
    return tuple(dict.fromkeys(types))


def _own(node: Node, document: Document, depth: int) -> Shape:
    schema = meant(node.schema)
    node = Node(schema, node.pointer)
    found = Shape(
        types=_types(schema),
        enum=_enum(schema),
        properties=_named(node, "properties"),
        patterns=_named(node, "patternProperties"),
        additional=_single(node, "additionalProperties") or _unevaluated(node),
        required=_strings(schema.get("required")),
        least=_least(schema),
        conditional=tuple(_conditional(schema)),
        choices=_choices(node),
    )
    document.spend(len(found.enum or ()) // VALUES_PER_PART)
    if document.has_prefix_items and isinstance(schema.get("prefixItems"), list):
        rest = Node(schema.get("items", True), node.child("items"))
        found = replace(found, prefix=_listed(node, "prefixItems"), rest=rest)
    elif isinstance(schema.get("items"), list):
        rest = Node(schema.get("additionalItems", True), node.child("additionalItems"))
        found = replace(found, prefix=_listed(node, "items"), rest=rest)
    else:
        found = replace(found, items=_single(node, "items"))
    if found.prefix and found.rest is not None and _is_full(schema, found.prefix):
        prefix = found.prefix[: schema["maxItems"]]
        found = replace(found, prefix=prefix, rest=Node(False, found.rest.pointer))
    parts = _listed(node, "allOf") if isinstance(schema.get("allOf"), list) else ()
    for part in parts:
        member = shape(part, document, depth + 1)
        alone = member.ref is not None and len(parts) == 1 and found == ANYTHING
        found = member if alone else meet(found, member, document)
    return replace(found, nullable=found.nullable or _nullable(schema))


def _nullable(schema: dict[str, Any]) -> bool:
    return schema.get("nullable") is True


def _is_full(schema: dict[str, Any], prefix: Nodes) -> bool:
    most = schema.get("maxItems")
    return isinstance(most, int) and 0 <= most <= len(prefix)


def _least(schema: dict[str, Any]) -> int:
    least = schema.get("minItems")
    return least if type(least) is int and least > 0 else 0


def _types(schema: dict[str, Any]) -> tuple[str, ...]:
    stated = schema.get("type")
    named = stated if isinstance(stated, list) else [stated]
    # Draft 03 has "any", and schemas among the types: both leave the type open.
    if not all(name in TYPES for name in named if isinstance(name, str)) or not all(
        isinstance(name, str) for name in named
    ):
        return ()
    return tuple(dict.fromkeys(named))


def _enum(schema: dict[str, Any]) -> tuple[Any, ...] | None:
    values = schema.get("enum")
    listed = tuple(values) if isinstance(values, list) and values else None
    if "const" not in schema:
        return listed
    const = schema["const"]
    if listed is not None and canonical(const) not in {canonical(value) for value in listed}:
        return listed
    return (const,)


def _named(node: Node, key: str) -> dict[str, Nodes]:
    value = node.schema.get(key)
    if not isinstance(value, dict):
        return {}
    return {
        name: (Node(sub, node.child(key, name)),) for name, sub in value.items() if is_unicode(name)
    }


def _single(node: Node, key: str) -> Nodes | None:
    return (Node(node.schema[key], node.child(key)),) if key in node.schema else None


def _unevaluated(node: Node) -> Nodes | None:
    # It speaks of what no schema beside it has looked at: plain to say only if there is none.
    if _BESIDE & node.schema.keys():
        return None
    return _single(node, "unevaluatedProperties")


def _listed(node: Node, key: str) -> Nodes:
    return tuple(Node(sub, node.child(key, i)) for i, sub in enumerate(node.schema[key]))


def _choices(node: Node) -> tuple[Nodes, ...]:
    listed = (
        tuple(branch for branch in _listed(node, key) if branch.schema is not False)
        for key in ("anyOf", "oneOf")
        if isinstance(node.schema.get(key), list)
    )
    return tuple(filter(None, listed))


def _conditional(schema: dict[str, Any]) -> Iterable[str]:
    places = [schema.get("if"), schema.get("then"), schema.get("else")]
    for key in ("dependentSchemas", "dependentRequired", "dependencies"):
        if isinstance(schema.get(key), dict):
            places += schema[key].values()
    for place in places:
        yield from _strings(place)
        if isinstance(place, dict):
            yield from _strings(place.get("required"))
            if isinstance(place.get("properties"), dict):
                yield from filter(is_unicode, place["properties"])


def _strings(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list):
        return ()
    return tuple(
        dict.fromkeys(item for item in value if isinstance(item, str) and is_unicode(item))
    )


def _common_types(a: tuple[str, ...], b: tuple[str, ...]) -> tuple[str, ...]:
    if not a or not b:
        return a or b
    common = [t for t in a if t in b or (t == "integer" and "number" in b)]
    if "integer" in b and "number" in a and "integer" not in common:
        common.append("integer")
    return tuple(common)


def _joined(a: dict[str, Nodes], b: dict[str, Nodes]) -> dict[str, Nodes]:
    return a | {name: a.get(name, ()) + nodes for name, nodes in b.items()}


def _both(a: Nodes | None, b: Nodes | None) -> Nodes | None:
    return b if a is None else a if b is None else a + b


def _common_additional(a: Shape, b: Shape) -> Nodes | None:
    # `additionalProperties` speaks only of the properties beside it, so once the other side
    # declares properties it no longer covers what remains.
    if a.additional is not None and b.additional is not None:
        return a.additional + b.additional
    if a.additional is not None:
        return None if b.properties else a.additional
    return None if a.properties else b.additional
