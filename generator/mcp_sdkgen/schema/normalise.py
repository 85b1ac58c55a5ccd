"""Schemas of one tool → types and models of the typable subset."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from mcp_sdkgen_runtime.schema.enums import is_empty_enum, misfit
from mcp_sdkgen_runtime.schema.json_types import json_type

from ..names import class_name
from .alternatives import (
    MAX_COMBINATIONS,
    adds_types,
    alternatives,
    branch_paths,
    impossible,
    mentioning,
    settled,
)
from .discriminators import told_apart
from .document import Document, Node, TooComplex, unescape
from .normalised import NormalisedModel, NormalisedProperty, Path, class_title, item_path
from .shape import ANYTHING, Shape, deref, further_types, meet, shape, unresolved
from .subset import (
    ANY,
    MAX_ABSENT,
    MAX_LITERALS,
    MAX_MEMBERS,
    NEVER,
    NULL,
    Type,
    literal,
    reference,
    tuples,
    union,
)

MAX_NESTING = 60
MAX_MODELS = 300
MAX_PROPERTIES = 3_000
"""Of one tool, in all. The most that honest tools are known to have: 40 models, 208 properties."""

_DEFINITIONS = ("/$defs", "/definitions", "/components/schemas")


class Normaliser:
    """Turns the schemas of one tool into types, collecting the models they need in `models`.

    `messages` are (code, pointer, message) triples about what had to be widened. `prefix` begins
    the paths of all models that the server does not name itself; `edition` is that of the SDK
    (see `Snapshot.edition`).
    """

    def __init__(self, prefix: str, edition: int) -> None:
        self.models: dict[str, NormalisedModel] = {}
        self.messages: list[tuple[str, str, str]] = []
        self._prefix = prefix
        self._edition = edition
        self._key_of: dict[tuple[int, str], str] = {}
        self._documents: list[Document] = []
        self._inline: dict[str, str] = {}
        self._referred: set[str] = set()
        # A type is only known by name if it is a model. So what refers to itself through a model is
        # written out once more inside it, and what does so without one cannot be written.
        self._open: dict[tuple[int, str], int] = {}
        self._models_begun = 0
        self._properties = 0

    def document(self, schema: Any) -> Document:
        """Open a schema document; models are shared by pointer within it."""
        self._documents.append(Document(schema))
        return self._documents[-1]

    def type_of(
        self, node: Node, document: Document, path: Path, title_names: bool = False
    ) -> Type:
        """The type of `node`. `path` leads to its class if it turns out to be a model.

        `title_names` lets the schema's own title name the class. Raises `TooComplex`.
        """
        if title_names and (title := class_title(node.schema)):
            path = (title,)
            self._key_of.setdefault((id(document), node.pointer), self._new_key(title))
        try:
            found = self._type(node, document, path, 0)
        except RecursionError:
            raise TooComplex("its schema nests too deep") from None
        self._say_cuts(document)
        return ANY if found == NEVER else found

    def arguments(self, document: Document) -> tuple[list[NormalisedProperty], Type | None]:
        """The root of an input schema as keyword arguments, and the type of further ones.

        Alternatives at the root are merged: an argument is required when every alternative
        requires it. The second value is `None` unless the schema itself allows or needs arguments
        it does not name.
        """
        root = deref(shape(Node(document.root, ""), document), document)
        choices = alternatives(root, document, MAX_NESTING)
        properties: dict[str, list[Type]] = {}
        original: dict[str, Any] = {}
        seen: set[tuple[str, ...]] = set()
        for one in itertools.chain(*choices):
            for wire, nodes in one.properties.items():
                said = (wire, *(node.pointer for node in nodes))
                if said in seen:
                    continue
                seen.add(said)
                self._grow(1)
                type_ = self._all_of(nodes, document, (self._prefix, class_name(wire)), 1)
                if type_ != NEVER:
                    properties.setdefault(wire, []).append(type_)
                    original.setdefault(wire, nodes[0].schema)
            for wire in (*one.required, *one.conditional):
                properties.setdefault(wire, [])
        self._grow(len(properties))
        self._say_cuts(document)
        common = set[str]().union(
            *(set.intersection(*(set(one.required) for one in shapes)) for shapes in choices)
        )
        declared = [
            NormalisedProperty(wire, union(types), wire in common, original.get(wire))
            for wire, types in properties.items()
        ]
        return declared, self._further(root, document, len(declared))

    # ── names and keys ────────────────────────────────────────────────────────────────────────

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

    # ── types ─────────────────────────────────────────────────────────────────────────────────

    def _type(self, node: Node, document: Document, path: Path, depth: int) -> Type:
        document.spend(1)
        if depth > MAX_NESTING:
            self._say("too-deep", node, f"nested deeper than {MAX_NESTING}: typed Any")
            return ANY
        if not isinstance(node.schema, dict | bool):
            what = f"{json_type(node.schema)} where a schema should be: typed Any"
            self._say("not-a-schema", node, what)
            return ANY
        for written in unresolved(node, document):
            self._say("unresolved-reference", node, f"reference target not found: {written[:200]}")
        if wrong := misfit(node.schema):
            empty = isinstance(node.schema, dict) and is_empty_enum(node.schema)
            self._say("empty-enum" if empty else "enum-misfits-type", node, wrong)
        return self._of_shape(shape(node, document), node, document, path, depth)

    def _of_shape(
        self, found: Shape, node: Node, document: Document, path: Path, depth: int
    ) -> Type:
        if found.never:
            return NEVER
        if found.nullable:
            part, found = self._part(node, document), replace(found, nullable=False)
            return union([self._of_shape(found, part, document, path, depth), NULL])
        if found.ref is not None:
            return self._reference(found.ref, document, path, depth)
        return self._branched(found, node, document, path, depth)

    def _branched(
        self, found: Shape, node: Node, document: Document, path: Path, depth: int
    ) -> Type:
        if found.enum is not None:
            if len(found.enum) > MAX_LITERALS:
                self._say("too-wide", node, f"more than {MAX_LITERALS} values: typed by JSON type")
            return literal(found.fitting_values)
        if found.choices:
            found, loses = settled(found, document)
            if loses:
                message = f"over {MAX_COMBINATIONS} combinations of alternatives: the last are Any"
                self._say("too-wide", node, message)
        if not found.choices:
            return self._plain(found, node, document, path, depth)
        type_ = self._chosen(found, node, document, path, depth)
        if type_ == ANY and len(found.choices[0]) > MAX_MEMBERS:
            self._say("too-wide", node, f"more than {MAX_MEMBERS} alternatives: typed Any")
        return type_

    def _chosen(self, found: Shape, node: Node, document: Document, path: Path, depth: int) -> Type:
        choice, *others = found.choices
        base = replace(found, choices=tuple(others))
        paths = branch_paths(path, choice, self._edition)
        if not (base.is_structural or others):
            below = zip(choice, paths, strict=True)
            types = [self._type(branch, document, one, depth + 1) for branch, one in below]
            return told_apart(node, choice, types, document, self._key_of)
        members, bare = [], []
        chosen: list[Node] = []
        for i, branch in enumerate(choice):
            if not adds_types(branch, document, base):
                bare.append(branch)
                continue
            both = meet(base, shape(branch, document, 1), document)
            if impossible(both, document):
                continue
            at = Node(branch.schema, f"{node.pointer}/~{i}")
            members.append(self._of_shape(both, at, document, paths[i], depth + 1))
            chosen.append(branch)
        if bare:
            rest = mentioning(base, bare, document)
            at = self._part(node, document)
            members.append(self._of_shape(rest, at, document, path, depth + 1))
        elif members:
            return told_apart(node, chosen, members, document, self._key_of)
        return union(members) if members else NEVER

    def _plain(self, found: Shape, node: Node, document: Document, path: Path, depth: int) -> Type:
        types = found.types
        if not types:
            if found.properties or found.patterns or found.additional is not None:
                types = ("object",)
            elif found.items is not None or found.prefix is not None:
                types = ("array",)
            else:
                return ANY
        if len(types) > 1:
            node = self._part(node, document)
        members: list[Type] = []
        for kind in types:
            if kind == "array":
                members.append(self._array(found, document, path, depth))
            elif kind == "object":
                members.append(self._object(found, node, document, path, depth))
            else:
                members.append({"type": kind})
        return union(members)

    def _array(self, found: Shape, document: Document, path: Path, depth: int) -> Type:
        path = item_path(path)
        if found.prefix is not None:
            if self._edition > 2 and len(found.prefix) - found.least <= MAX_ABSENT:
                return self._tuples(found, document, path, depth)
            rest = found.rest
            if rest is None or rest.schema is True or rest.schema == {}:
                return {"type": "array", "items": ANY}
            items = [
                self._type(item, document, (*path[:-1], f"{path[-1]}{i + 1}"), depth + 1)
                for i, item in enumerate(found.prefix)
            ]
            if rest.schema is not False:
                items.append(self._type(rest, document, path, depth + 1))
            item = union(items)
        else:
            item = self._all_of(found.items or (), document, path, depth + 1)
        return {"type": "array", "items": ANY if item == NEVER else item}

    def _tuples(self, found: Shape, document: Document, path: Path, depth: int) -> Type:
        """A tuple for each length that the array may have, the longest first."""
        prefix, rest = found.prefix or (), found.rest
        items = [
            self._type(item, document, (*path[:-1], f"{path[-1]}{i + 1}"), depth + 1)
            for i, item in enumerate(prefix)
        ]
        further = ANY if rest is None else self._type(rest, document, path, depth + 1)
        return tuples(items, further, found.least)

    def _all_of(self, nodes: Sequence[Node], document: Document, path: Path, depth: int) -> Type:
        distinct = {node.pointer: node for node in nodes}.values()
        nodes = [node for node in distinct if node.schema is not True and node.schema != {}]
        if not nodes:
            return ANY
        if len(nodes) == 1:
            return self._type(nodes[0], document, path, depth)
        both = ANYTHING
        for node in nodes:
            both = meet(both, shape(node, document, 1), document)
        at = Node(nodes[0].schema, "&".join(node.pointer for node in nodes))
        return self._of_shape(both, at, document, path, depth + 1)

    def _object(self, found: Shape, node: Node, document: Document, path: Path, depth: int) -> Type:
        if not (found.properties or found.required or found.conditional):
            return self._map(found, document, path, depth)
        key, is_new = self._model_key(node, document, path)
        if not is_new:
            return reference(key)
        self._grow(len(found.properties) + len(found.required) + len(found.conditional))
        model = self.models[key]
        model.further = further_types(found, document)
        if isinstance(node.schema, dict) and isinstance(node.schema.get("description"), str):
            model.description = node.schema["description"]
        for wire, nodes in found.properties.items():
            type_ = self._all_of(nodes, document, (*model.path, class_name(wire)), depth + 1)
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

    def _model_key(self, node: Node, document: Document, path: Path) -> tuple[str, bool]:
        place = (id(document), node.pointer)
        key = self._key_of.get(place)
        if key in self.models:
            self._referred.add(key)
            return key, False
        named = key is not None
        key = self._key_of[place] = key or self._new_key("".join(path))
        self.models[key] = NormalisedModel(key, path, named)
        self._models_begun += 1
        return key, True

    def _part(self, node: Node, document: Document) -> Node:
        """A place for what is only one of the types of `node`: a reference to it means them all."""
        part = Node(node.schema, f"{node.pointer}/~")
        key = self._key_of.pop((id(document), node.pointer), None)
        if key is not None:
            self._key_of.setdefault((id(document), part.pointer), key)
        return part

    def _shared_inline(self, model: NormalisedModel) -> str:
        """Give equal inline models one class; returns the key to use.

        From edition 2 on, `lower.identity` does that for the whole server.
        """
        if self._edition > 1 or model.named or model.key in self._referred:
            # What it contains may already refer to it by its key.
            return model.key
        first = self._inline.setdefault(model.content, model.key)
        if first != model.key:
            del self.models[model.key]
            for place, key in self._key_of.items():
                if key == model.key:
                    self._key_of[place] = first
        return first

    def _map(self, found: Shape, document: Document, path: Path, depth: int) -> Type:
        values: list[Type] = []
        for nodes in found.patterns.values():
            values.append(self._all_of(nodes, document, item_path(path), depth + 1))
        if found.additional is not None:
            values.append(self._all_of(found.additional, document, (*path, "Value"), depth + 1))
        elif found.patterns:
            values.append(ANY)
        value = union(values)
        return {"type": "object", "additionalProperties": ANY if value == NEVER else value}

    def _reference(self, target: Node, document: Document, path: Path, depth: int) -> Type:
        place = (id(document), target.pointer)
        if (key := self._key_of.get(place)) in self.models:
            self._referred.add(key)
            return reference(key)
        outer = self._open.get(place)
        if outer == self._models_begun:
            self._say("recursive-type", target, "it contains itself without an object between: Any")
            return ANY
        folder, _, own_name = target.pointer.rpartition("/")
        if folder in _DEFINITIONS:
            path = (class_name(unescape(own_name)),)
            if place not in self._key_of:
                self._key_of[place] = self._new_key(path[0])
        self._open[place] = self._models_begun
        try:
            return self._type(target, document, path, depth + 1)
        finally:
            if outer is None:
                del self._open[place]
            else:
                self._open[place] = outer

    # ── the root of an input ──────────────────────────────────────────────────────────────────

    def _further(self, root: Shape, document: Document, declared: int) -> Type | None:
        nodes = [node for nodes in root.patterns.values() for node in nodes]
        additional = root.additional or ()
        opened = [node for node in (*nodes, *additional) if node.schema is not False]
        if not opened:
            least = document.root.get("minProperties")
            # Without arguments that it does not name, such a tool could not be called at all.
            needs_more = isinstance(least, int) and least > declared and not additional
            return ANY if needs_more else None
        return union(self._type(node, document, (self._prefix, "Value"), 1) for node in opened)

    def _say_cuts(self, document: Document) -> None:
        for node in document.cut:
            self._say("too-deep", node, "references and `allOf` are nested too deep: typed Any")

    def _say(self, code: str, node: Node, message: str) -> None:
        if (code, node.pointer, message) not in self.messages:
            self.messages.append((code, node.pointer, message))
