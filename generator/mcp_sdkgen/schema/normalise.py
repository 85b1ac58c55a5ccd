"""Schemas of one tool → types and models of the typable subset."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..names import class_name, singular
from .document import Document, Node, TooComplex, unescape
from .shape import (
    ANYTHING,
    Shape,
    deref,
    kind_of,
    meet,
    shape,
    unresolved,
)
from .subset import ANY, NEVER, NULL, Type, canonical, json_type, literal, reference, union

MAX_NESTING = 60
MAX_MODELS = 300
MAX_PROPERTIES = 3_000
"""Of one tool, in all. The most that honest tools are known to have: 40 models, 208 properties."""

_DEFINITIONS = ("$defs", "definitions")


@dataclass(frozen=True)
class NormalisedProperty:
    """One property of a model, by wire name. `schema` is the original, for documentation only."""

    wire: str
    type: Type
    required: bool
    schema: Any = None


@dataclass
class NormalisedModel:
    """An object with known properties.

    `named` is true when the server itself names the model (a key of `$defs`, or a titled result).
    `key` is unique within the tool; `name`, the wanted class name, need not be.
    """

    key: str
    name: str
    named: bool
    description: str = ""
    properties: list[NormalisedProperty] = field(default_factory=list)


class Normaliser:
    """Turns the schemas of one tool into types, collecting the models they need in `models`.

    `messages` are (code, pointer, message) triples about what had to be widened.
    """

    def __init__(self, prefix: str) -> None:
        self.models: dict[str, NormalisedModel] = {}
        self.messages: list[tuple[str, str, str]] = []
        self._prefix = prefix
        self._key_of: dict[tuple[int, str], str] = {}
        self._documents: list[Document] = []
        self._inline: dict[str, str] = {}
        self._open: set[tuple[int, str]] = set()
        self._properties = 0

    def document(self, schema: Any) -> Document:
        """Open a schema document; models are shared by pointer within it."""
        self._documents.append(Document(schema))
        return self._documents[-1]

    def type_of(self, node: Node, document: Document, name: str, title_names: bool = False) -> Type:
        """The type of `node`. `name` is the class name if it turns out to be a model.

        `title_names` lets the schema's own title name the class. Raises `TooComplex`.
        """
        if title_names:
            name, named = self._titled(node, name)
            if named:
                self._key_of.setdefault((id(document), node.pointer), self._new_key(name))
        try:
            found = self._type(node, document, name, 0)
        except RecursionError:
            raise TooComplex("its schema nests too deep") from None
        return ANY if found == NEVER else found

    def arguments(self, document: Document) -> tuple[list[NormalisedProperty], Type | None]:
        """The root of an input schema as keyword arguments, and the type of further ones.

        Alternatives at the root are merged: an argument is required when every alternative
        requires it. The second value is `None` unless the schema itself opens the door to
        arguments that it does not name.
        """
        root = deref(shape(Node(document.root, ""), document), document)
        shapes = self._alternatives(root, document, 0)
        properties: dict[str, list[Type]] = {}
        original: dict[str, Any] = {}
        for one in shapes:
            self._grow(len(one.properties) + len(one.required) + len(one.conditional))
            for wire, nodes in one.properties.items():
                type_ = self._all_of(nodes, document, self._child_name(self._prefix, wire), 1)
                if type_ != NEVER:
                    properties.setdefault(wire, []).append(type_)
                    original.setdefault(wire, nodes[0].schema)
            for wire in (*one.required, *one.conditional):
                properties.setdefault(wire, [])
        required = [set(one.required) for one in shapes]
        common = set.intersection(*required) if required else set()
        declared = [
            NormalisedProperty(
                wire,
                union(types),
                wire in common,
                original.get(wire),
            )
            for wire, types in properties.items()
        ]
        return declared, self._further(root, document)

    # ── names and keys ────────────────────────────────────────────────────────────────────────

    def _titled(self, node: Node, name: str) -> tuple[str, bool]:
        title = node.schema.get("title") if isinstance(node.schema, dict) else None
        if isinstance(title, str) and title.isascii() and title.isalnum() and title[0].isupper():
            return class_name(title), True
        return name, False

    def _grow(self, properties: int) -> None:
        self._properties += properties
        if self._properties > MAX_PROPERTIES or len(self.models) > MAX_MODELS:
            raise TooComplex(f"it has more than {MAX_MODELS} models or {MAX_PROPERTIES} properties")

    def _new_key(self, name: str) -> str:
        self._grow(1)
        key, number, taken = name, 1, {*self.models, *self._key_of.values()}
        while key in taken:
            number += 1
            key = f"{name}{number}"
        return key

    def _child_name(self, parent: str, wire: str) -> str:
        return parent + class_name(wire)

    # ── types ─────────────────────────────────────────────────────────────────────────────────

    def _type(self, node: Node, document: Document, name: str, depth: int) -> Type:
        document.spend(1)
        if depth > MAX_NESTING:
            self._say("too-deep", node, f"nested deeper than {MAX_NESTING}: typed Any")
            return ANY
        if not isinstance(node.schema, dict | bool):
            self._say(
                "not-a-schema",
                node,
                f"{json_type(node.schema)} where a schema should be: typed Any",
            )
            return ANY
        for written in unresolved(node, document):
            self._say("unresolved-reference", node, f"not found inside the schema: {written[:200]}")
        return self._of_shape(shape(node, document), node, document, name, depth)

    def _of_shape(
        self, found: Shape, node: Node, document: Document, name: str, depth: int
    ) -> Type:
        if found.never:
            return NEVER
        if found.ref is not None:
            return self._reference(found.ref, document, name, depth)
        type_ = self._branched(found, node, document, name, depth)
        return union([type_, NULL]) if found.nullable else type_

    def _branched(
        self, found: Shape, node: Node, document: Document, name: str, depth: int
    ) -> Type:
        if found.enum is not None:
            return _enum_type(found)
        if not found.branches:
            return self._plain(found, node, document, name, depth)
        base = Shape(**{**found.__dict__, "branches": (), "nullable": False})
        if not base.is_structural:
            return union(
                self._type(branch, document, _branch_name(name, branch, i, found), depth + 1)
                for i, branch in enumerate(found.branches)
            )
        if not all(_adds_types(branch, document, base) for branch in found.branches):
            return self._plain(base, node, document, name, depth)
        members = []
        for i, branch in enumerate(found.branches):
            both = meet(base, shape(branch, document, 1), document)
            at = Node(branch.schema, f"{branch.pointer}/~base")
            label = _branch_name(name, branch, i, found)
            members.append(self._of_shape(both, at, document, label, depth + 1))
        return union(members)

    def _plain(self, found: Shape, node: Node, document: Document, name: str, depth: int) -> Type:
        types = found.types
        if not types:
            if found.properties or found.patterns or found.additional is not None:
                types = ("object",)
            elif found.items is not None or found.prefix is not None:
                types = ("array",)
            else:
                return ANY
        members: list[Type] = []
        for kind in types:
            if kind == "array":
                members.append(self._array(found, document, name, depth))
            elif kind == "object":
                members.append(self._object(found, node, document, name, depth))
            else:
                members.append({"type": kind})
        return union(members)

    def _array(self, found: Shape, document: Document, name: str, depth: int) -> Type:
        name = singular(name)
        if found.prefix is not None:
            rest = found.rest
            if rest is None or rest.schema is True or rest.schema == {}:
                return {"type": "array", "items": ANY}
            items = [
                self._type(item, document, f"{name}{i + 1}", depth + 1)
                for i, item in enumerate(found.prefix)
            ]
            if rest.schema is not False:
                items.append(self._type(rest, document, name, depth + 1))
            item = union(items)
        else:
            item = self._all_of(found.items or (), document, name, depth + 1)
        return {"type": "array", "items": ANY if item == NEVER else item}

    def _all_of(self, nodes: Sequence[Node], document: Document, name: str, depth: int) -> Type:
        nodes = [node for node in nodes if node.schema is not True and node.schema != {}]
        if not nodes:
            return ANY
        if len(nodes) == 1:
            return self._type(nodes[0], document, name, depth)
        both = ANYTHING
        for node in nodes:
            both = meet(both, shape(node, document, 1), document)
        at = Node(nodes[0].schema, f"{nodes[0].pointer}/~meet")
        return self._of_shape(both, at, document, name, depth + 1)

    def _object(self, found: Shape, node: Node, document: Document, name: str, depth: int) -> Type:
        if not (found.properties or found.required or found.conditional):
            return self._map(found, document, name, depth)
        key, is_new = self._model_key(node, document, name)
        if not is_new:
            return reference(key)
        self._grow(len(found.properties) + len(found.required) + len(found.conditional))
        model = self.models[key]
        if isinstance(node.schema, dict) and isinstance(node.schema.get("description"), str):
            model.description = node.schema["description"]
        for wire, nodes in found.properties.items():
            type_ = self._all_of(nodes, document, self._child_name(model.name, wire), depth + 1)
            if type_ != NEVER:
                model.properties.append(
                    NormalisedProperty(wire, type_, wire in found.required, nodes[0].schema)
                )
        declared = found.properties.keys()
        model.properties += [
            NormalisedProperty(wire, ANY, wire in found.required)
            for wire in dict.fromkeys((*found.required, *found.conditional))
            if wire not in declared
        ]
        return reference(self._shared_inline(model))

    def _model_key(self, node: Node, document: Document, name: str) -> tuple[str, bool]:
        place = (id(document), node.pointer)
        key = self._key_of.get(place)
        if key in self.models:
            return key, False
        named = key is not None
        key = self._key_of[place] = key or self._new_key(name)
        self.models[key] = NormalisedModel(key, name, named)
        return key, True

    def _shared_inline(self, model: NormalisedModel) -> str:
        """Give equal inline models one class; returns the key to use."""
        if model.named:
            return model.key
        content = canonical(
            [model.description]
            + [[p.wire, p.type, p.required, _text(p.schema)] for p in model.properties]
        )
        first = self._inline.setdefault(content, model.key)
        if first != model.key:
            del self.models[model.key]
            for place, key in self._key_of.items():
                if key == model.key:
                    self._key_of[place] = first
        return first

    def _map(self, found: Shape, document: Document, name: str, depth: int) -> Type:
        values: list[Type] = []
        for nodes in found.patterns.values():
            values.append(self._all_of(nodes, document, singular(name), depth + 1))
        if found.additional is not None:
            values.append(self._all_of(found.additional, document, name + "Value", depth + 1))
        elif found.patterns:
            values.append(ANY)
        value = union(values)
        return {"type": "object", "additionalProperties": ANY if value == NEVER else value}

    def _reference(self, target: Node, document: Document, name: str, depth: int) -> Type:
        place = (id(document), target.pointer)
        if (key := self._key_of.get(place)) in self.models:
            return reference(str(key))
        if place in self._open:
            # A recursive type that is no object has no name to refer to.
            return ANY
        tokens = target.pointer.split("/")
        if len(tokens) == 3 and tokens[1] in _DEFINITIONS:
            name = class_name(unescape(tokens[2]))
            if place not in self._key_of:
                self._key_of[place] = self._new_key(name)
        self._open.add(place)
        try:
            return self._type(target, document, name, depth + 1)
        finally:
            self._open.discard(place)

    # ── the root of an input ──────────────────────────────────────────────────────────────────

    def _alternatives(self, found: Shape, document: Document, depth: int) -> list[Shape]:
        if depth > MAX_NESTING or not found.branches:
            return [found]
        base = Shape(**{**found.__dict__, "branches": ()})
        merged: list[Shape] = []
        for branch in found.branches:
            both = meet(base, deref(shape(branch, document, 1), document), document)
            if not both.never:
                merged += self._alternatives(both, document, depth + 1)
        return merged or [base]

    def _further(self, root: Shape, document: Document) -> Type | None:
        nodes = [node for nodes in root.patterns.values() for node in nodes]
        additional = root.additional or ()
        opened = [node for node in (*nodes, *additional) if node.schema is not False]
        if not opened:
            return None
        return union(self._type(node, document, f"{self._prefix}Value", 1) for node in opened)

    def _say(self, code: str, node: Node, message: str) -> None:
        self.messages.append((code, node.pointer, message))


def _enum_type(found: Shape) -> Type:
    values: Iterable[Any] = found.enum or ()
    if found.types:
        values = [value for value in values if kind_of(value, found.types)] or values
    return literal(values)


def _branch_name(name: str, branch: Node, index: int, found: Shape) -> str:
    schema = branch.schema if isinstance(branch.schema, dict) else {}
    title = schema.get("title")
    if isinstance(title, str) and 0 < len(class_name(title)) < 40 and title.isascii():
        return name + class_name(title) if not name.endswith(class_name(title)) else name
    properties = schema.get("properties")
    for value in properties.values() if isinstance(properties, dict) else ():
        values = _enum_values(value)
        if len(values) == 1 and isinstance(values[0], str) and values[0].isascii():
            return name + class_name(values[0])[:40]
    return name if len(found.branches) == 1 else f"{name}Option{index + 1}"


def _enum_values(schema: Any) -> list[Any]:
    if not isinstance(schema, dict):
        return []
    if "const" in schema:
        return [schema["const"]]
    return schema["enum"] if isinstance(schema.get("enum"), list) else []


def _adds_types(branch: Node, document: Document, base: Shape) -> bool:
    """Whether a branch narrows types at all, beyond asking for properties to be there."""
    found = deref(shape(branch, document, 1), document)
    if found.never:
        return True
    bare = Shape(types=found.types, required=found.required)
    return found != bare or (bool(found.types) and found.types != base.types)


def _text(schema: Any) -> Any:
    return schema.get("description") if isinstance(schema, dict) else None
