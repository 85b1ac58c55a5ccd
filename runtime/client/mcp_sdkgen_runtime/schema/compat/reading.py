"""One place of a document → its `View`. Whatever is malformed becomes a rule, never an error."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, TypeGuard

from ..enums import meant
from .document import TEXT_KEYWORDS, Source, canonical
from .view import (
    EVERY_TYPE,
    MAX_ALTERNATIVES,
    Group,
    Limit,
    Node,
    View,
    key,
    merge,
    settle,
)

MAX_CHAIN = 40
MAX_WORK = 300_000

_TYPES = {name: frozenset({name}) for name in EVERY_TYPE - {"fraction"}} | {
    "number": frozenset({"integer", "fraction"}),
    "any": EVERY_TYPE,
}
_LENGTHS = {
    "Length": "length",
    "Items": "items",
    "Properties": "properties",
}
_RULES = (
    "not", "contains", "minContains", "maxContains", "propertyNames", "dependentRequired",
    "dependentSchemas", "dependencies", "unevaluatedProperties", "unevaluatedItems",
    "contentEncoding", "contentMediaType", "contentSchema", "disallow", "extends",
)  # fmt: skip
_NEVER = View(types=frozenset())


class TooManyAlternativesError(Exception):
    """A schema's unions multiply beyond `MAX_ALTERNATIVES`."""


class Reader:
    """Reads views, each once."""

    def __init__(self) -> None:
        self._views: dict[Source, View] = {}
        self._open: set[Source] = set()
        self._cuts = 0
        self._budget = MAX_WORK
        self._texts: dict[Node, str] = {}
        self.spelled: dict[str, Node] = {}
        """The nodes by the texts that `spell` gave them."""

    def view(self, node: Node) -> View:
        """What all places of `node` allow together."""
        whole = View()
        for index, source in enumerate(node):
            part = self._read(source)
            whole = merge(whole, part) if index else part
        return whole

    def alternatives(self, view: View) -> list[View]:
        """Views without unions that together allow what `view` allows.

        Each alternative of a `oneOf` names the others as `excluded`. Raises
        `TooManyAlternativesError`.
        """
        return self._alternatives(view, [MAX_ALTERNATIVES * 8])

    def _alternatives(self, view: View, budget: list[int]) -> list[View]:
        if view.is_never:
            return []
        if not view.groups:
            return [view]
        group, *others = view.groups
        group = self._folded(group)
        base = replace(view, groups=tuple(others))
        found: list[View] = []
        for branch in group.branches:
            budget[0] -= 1
            if budget[0] < 0 or len(found) > MAX_ALTERNATIVES:
                raise TooManyAlternativesError
            chosen = self._both(base, self.view(branch))
            if group.kind == "oneOf":
                beside = {self.spell(other) for other in group.branches if other != branch}
                chosen = replace(chosen, excluded=chosen.excluded | beside)
            found += self._alternatives(chosen, budget)
        return found

    def _folded(self, group: Group) -> Group:
        """The group with all its constants and enums as the one enum that they are typed as."""
        values = {branch: found for branch in group.branches if (found := self._listed(branch))}
        if len(values) < 2:
            return group
        listed = {key(value): value for found in values.values() for value in found}
        if group.kind == "oneOf":
            count = Counter(key(value) for found in values.values() for value in found)
            listed = {text: value for text, value in listed.items() if count[text] == 1}
        first = next(iter(values))[0]
        # The list of branches is no schema, so its place is free for the enum.
        place = first.pointer.rpartition("/")[0]
        folded = (Source(first.document, {"enum": list(listed.values())}, place),)
        rest = tuple(branch for branch in group.branches if branch not in values)
        return replace(group, branches=(folded, *rest))

    def _listed(self, branch: Node) -> tuple[Any, ...]:
        """The values that a branch lists, where it says nothing else."""
        if len(branch) != 1:
            return ()
        view = self.view(branch)
        plain = view == View(types=view.types, values=view.values)
        return view.values if plain and view.values is not None else ()

    def spell(self, node: Node) -> str:
        """A text that is equal for nodes that say the same in the same way."""
        text = self._texts.get(node)
        if text is None:
            text = self._texts[node] = json.dumps(sorted(canonical(source) for source in node))
            self.spelled[text] = node
        return text

    def _read(self, source: Source) -> View:
        if source in self._views:
            return self._views[source]
        if source in self._open:
            # what stands inside itself adds nothing to what surrounds it
            self._cuts += 1
            return View()
        if len(self._open) > MAX_CHAIN or self._budget < 0:
            # unlike any other, so that nothing is taken to be equal to what was not read
            self._cuts += 1
            return View(rules=frozenset({("$ref", f"{source.pointer} {id(source.document)}")}))
        cuts = self._cuts
        self._open.add(source)
        try:
            view = self._compose(source)
        finally:
            self._open.discard(source)
        if cuts == self._cuts or not self._open:
            self._views[source] = view
        return view

    def _both(self, one: View, two: View) -> View:
        self._budget -= 1 + len(one.properties) + len(two.properties)
        if one.values is not None and two.values is not None:
            self._budget -= len(one.values) + len(two.values)
        return merge(one, two)

    def _compose(self, source: Source) -> View:
        schema = source.schema
        if isinstance(schema, bool):
            return View() if schema else _NEVER
        if not isinstance(schema, dict):
            return View(rules=frozenset({("", json.dumps(schema, sort_keys=True))}))
        schema = meant(schema)
        source = replace(source, schema=schema)
        whole = View()
        if "$ref" not in schema or source.document.is_modern:
            whole = _keywords(source)
        for word in ("$ref", "$dynamicRef", "$recursiveRef"):
            if word in schema:
                whole = self._both(whole, self._target(source, word))
        every = schema.get("allOf")
        if isinstance(every, list):
            for index in range(len(every)):
                whole = self._both(whole, self._read(source.at("allOf", index)))
        return whole

    def _target(self, source: Source, word: str) -> View:
        target = source.find(source.schema[word])
        if target is None:
            return View(rules=frozenset({(word, json.dumps(source.schema[word]))}))
        view = self._read(target)
        return replace(view, name=target.definition_name or view.name)


def _keywords(source: Source) -> View:
    schema: dict[str, Any] = source.schema
    lower, upper = _limits(schema)
    prefix, rest = _items(source)
    properties, required = _properties(source)
    types, typed = _types(schema)
    assumed = False
    if not typed and properties and not {"enum", "const", "anyOf", "oneOf"} & schema.keys():
        types, assumed = frozenset({"object"}), True
    values = _values(schema)
    if schema.get("nullable") is True and typed:
        types |= {"null"}
        values = (*values, None) if values is not None else None
    multiple = schema.get("multipleOf", schema.get("divisibleBy"))
    pattern, shape = schema.get("pattern"), schema.get("format")
    patterns = _map(source, "patternProperties")
    view = View(
        types=types,
        assumed=assumed,
        values=values,
        lower=lower,
        upper=upper,
        multiples=frozenset({multiple}) if _number(multiple) else frozenset(),
        patterns=frozenset({pattern}) if isinstance(pattern, str) else frozenset(),
        formats=frozenset({shape}) if isinstance(shape, str) else frozenset(),
        prefix=prefix,
        rest=rest,
        unique=schema.get("uniqueItems") is True,
        properties=properties,
        matching=patterns,
        extra=_extra(source),
        required=required,
        groups=tuple(
            Group(kind, tuple((source.at(kind, index),) for index in range(len(schema[kind]))))
            for kind in ("anyOf", "oneOf")
            if isinstance(schema.get(kind), list) and schema[kind]
        ),
        rules=_rules(source),
        mapped=_mapped(schema),
        text={word: schema[word] for word in (*TEXT_KEYWORDS, "default") if word in schema},
    )
    return settle(view)


def _mapped(schema: Mapping[str, Any]) -> frozenset[tuple[str, str, str]]:
    said = schema.get("discriminator")
    name = said.get("propertyName") if isinstance(said, dict) else None
    mapping = said.get("mapping") if isinstance(said, dict) else None
    if not isinstance(name, str) or not isinstance(mapping, dict):
        return frozenset()
    # A schema is meant by a reference or by its bare name.
    return frozenset(
        (name, value, target.rpartition("/")[2].removesuffix(".json"))
        for value, target in mapping.items()
        if isinstance(target, str)
    )


def _number(thing: Any) -> TypeGuard[float]:
    return isinstance(thing, int | float) and not isinstance(thing, bool) and thing == thing


def _types(schema: Mapping[str, Any]) -> tuple[frozenset[str], bool]:
    declared = schema.get("type")
    words = declared if isinstance(declared, list) else [declared]
    known = [_TYPES[word] for word in words if isinstance(word, str) and word in _TYPES]
    return (frozenset[str]().union(*known), True) if known else (EVERY_TYPE, False)


def _values(schema: Mapping[str, Any]) -> tuple[Any, ...] | None:
    values: tuple[Any, ...] | None = None
    if isinstance(schema.get("enum"), list):
        values = tuple({key(value): value for value in schema["enum"]}.values())
    if "const" in schema:
        const = key(schema["const"])
        fits = values is None or any(key(value) == const for value in values)
        values = (schema["const"],) if fits else ()
    return values


def _limits(schema: Mapping[str, Any]) -> tuple[Mapping[str, Limit], Mapping[str, Limit]]:
    lower: dict[str, Limit] = {}
    upper: dict[str, Limit] = {}
    for suffix, name in _LENGTHS.items():
        least, most = schema.get(f"min{suffix}"), schema.get(f"max{suffix}")
        if _number(least) and least > 0:
            lower[name] = (least, False)
        if _number(most):
            upper[name] = (most, True)
    bounds: list[Limit] = []
    if _number(least := schema.get("minimum")):
        bounds.append((least, schema.get("exclusiveMinimum") is True))
    if _number(above := schema.get("exclusiveMinimum")):
        bounds.append((above, True))
    if bounds:
        lower["value"] = max(bounds)
    bounds = []
    if _number(most := schema.get("maximum")):
        bounds.append((most, schema.get("exclusiveMaximum") is not True))
    if _number(below := schema.get("exclusiveMaximum")):
        bounds.append((below, False))
    if bounds:
        upper["value"] = min(bounds)
    return lower, upper


def _child(source: Source, *path: str | int) -> Node:
    schema = source.schema
    for step in path:
        if isinstance(step, str) and step not in schema:
            return ()
        schema = schema[step]
    if schema is True or schema == {} or not isinstance(schema, dict | bool):
        return ()
    return (source.at(*path),)


def _extra(source: Source) -> Node:
    # `true` is kept: said aloud, it gives the method a parameter for further arguments
    said = source.schema.get("additionalProperties")
    return (source.at("additionalProperties"),) if isinstance(said, dict | bool) else ()


def _map(source: Source, word: str) -> dict[str, Node]:
    found = source.schema.get(word)
    if not isinstance(found, dict):
        return {}
    return {name: (source.at(word, name),) for name in found}


def _properties(source: Source) -> tuple[dict[str, Node], frozenset[str]]:
    listed = source.schema.get("required")
    required = {name for name in listed if isinstance(name, str)} if _is_list(listed) else set()
    properties = _map(source, "properties")
    for name, (place,) in properties.items():
        # draft-03 said it inside the property
        if isinstance(place.schema, dict) and place.schema.get("required") is True:
            required.add(name)
    return properties, frozenset(required)


def _is_list(thing: Any) -> bool:
    return isinstance(thing, list)


def _items(source: Source) -> tuple[tuple[Node, ...], Node]:
    schema, document = source.schema, source.document
    if isinstance(schema.get("items"), list):
        prefix = tuple(_child(source, "items", index) for index in range(len(schema["items"])))
        return prefix, _child(source, "additionalItems")
    if isinstance(schema.get("prefixItems"), list) and document.has_prefix_items:
        prefix = tuple(
            _child(source, "prefixItems", index) for index in range(len(schema["prefixItems"]))
        )
        return prefix, _child(source, "items")
    return (), _child(source, "items")


def _rules(source: Source) -> frozenset[tuple[str, str]]:
    schema = source.schema
    rules = {(word, canonical(source.at(word))) for word in _RULES if word in schema}
    if "if" in schema:
        parts = [canonical(source.at(word)) for word in ("if", "then", "else") if word in schema]
        rules.add(("if", json.dumps(parts)))
    for word in _malformed(schema):
        rules.add((word, json.dumps(schema[word], sort_keys=True)))
    return frozenset(rules)


def _malformed(schema: Mapping[str, Any]) -> Iterable[str]:
    for word in ("anyOf", "oneOf", "allOf", "enum"):
        if word in schema and not isinstance(schema[word], list):
            yield word
    for word in ("properties", "patternProperties"):
        if word in schema and not isinstance(schema[word], dict):
            yield word
    for word in ("pattern", "format"):
        if word in schema and not isinstance(schema[word], str):
            yield word
    for word in ("items", "additionalItems", "additionalProperties"):
        if word in schema and not isinstance(schema[word], dict | bool | list):
            yield word
    if "type" in schema and not _types(schema)[1]:
        yield "type"
    for side in ("min", "max"):
        for word in (side + "Length", side + "Items", side + "Properties", side + "imum"):
            if word in schema and not _number(schema[word]):
                yield word
    if "required" in schema and not isinstance(schema["required"], list | bool):
        yield "required"
