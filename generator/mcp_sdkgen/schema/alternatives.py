"""The alternatives of `anyOf` and `oneOf`: which of them change types, and what to call them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from ..names import class_name
from .document import Document, Node, unescape
from .normalised import Path
from .shape import ANYTHING, Nodes, Shape, deref, meet, shape
from .subset import SCALARS

MAX_COMBINATIONS = 16
"""Of several choices that all hold at once. Beyond, the later choices only name properties."""


def settled(found: Shape, document: Document) -> tuple[Shape, bool]:
    """`found` with those choices only that are worth a type for each alternative.

    A choice whose alternatives add nothing to what stands beside them but ask for properties goes,
    and so does one that would make too many combinations; the second value tells of these. What
    they name becomes conditional.
    """
    base = replace(found, choices=())
    if not (base.is_structural or len(found.choices) > 1):
        return found, False
    kept: list[Nodes] = []
    loses = False
    gone: list[Node] = []
    combinations = 1
    for choice in found.choices:
        combined = combinations * len(choice)
        adds = any(adds_types(branch, document, base) for branch in choice)
        if adds and (not kept or combined <= MAX_COMBINATIONS):
            kept.append(choice)
            combinations = combined
        else:
            gone += choice
            loses = loses or adds
    return replace(mentioning(found, gone, document), choices=tuple(kept)), loses


def mentioning(found: Shape, branches: Iterable[Node], document: Document) -> Shape:
    """`found` with the names of the branches' properties: they may be there, and may be anything.

    A map stays one, because it takes any name already.
    """
    if not (found.properties or found.required):
        return found
    names: list[str] = [*found.conditional]
    for branch in branches:
        one = deref(shape(branch, document, 1), document)
        names += [*one.properties, *one.required, *one.conditional]
    return replace(found, conditional=tuple(dict.fromkeys(names)))


def impossible(found: Shape, document: Document) -> bool:
    """Whether nothing fits: a property that must be there is asked to be two things at once."""
    return found.never or any(
        _all_of(nodes, document).never
        for wire in found.required
        if len(nodes := found.properties.get(wire, ())) > 1
    )


def _all_of(nodes: Nodes, document: Document) -> Shape:
    both = ANYTHING
    for node in nodes:
        both = meet(both, shape(node, document, 1), document)
    return both


def adds_types(branch: Node, document: Document, base: Shape) -> bool:
    """Whether a branch narrows types at all, beyond asking for properties to be there."""
    found = deref(shape(branch, document, 1), document)
    if found.never:
        return True
    bare = Shape(types=found.types, required=found.required)
    return found != bare or (bool(found.types) and found.types != base.types)


def alternatives(found: Shape, document: Document, depth: int) -> list[list[Shape]]:
    """For each choice, what stands beside it together with each of its alternatives.

    Alternatives of alternatives are listed with them. A shape without choices has one alternative,
    itself.
    """
    base = replace(found, choices=())
    listed: list[list[Shape]] = []
    for choice in found.choices if depth else ():
        merged: list[Shape] = []
        for branch in choice:
            both = meet(base, deref(shape(branch, document, 1), document), document)
            if not impossible(both, document):
                merged += [one for some in alternatives(both, document, depth - 1) for one in some]
        if merged:
            listed.append(merged)
    return listed or [[base]]


def branch_paths(path: Path, choice: Sequence[Node], edition: int) -> list[Path]:
    """The path to the class of each alternative, should it need one, from that of them all.

    The last step is its title, the definition that it is, the one value of its first tag, or a
    property that it alone has; in edition 1 its number instead. The only one that may need a class
    has the path of them all.
    """
    names = _Names(choice, numbered=edition == 1)
    labels = (names.label("".join(path), branch, i) for i, branch in enumerate(choice))
    return [(*path, label) if label else path for label in labels]


class _Names:
    """What tells the alternatives of a choice apart. They are looked through once."""

    def __init__(self, choice: Sequence[Node], *, numbered: bool) -> None:
        needy = [node.schema for node in choice if not _needs_no_class(node.schema)]
        self._one_is_needy = len(needy) <= 1
        self._one_has_names = sum(not _is_map(schema) for schema in needy) <= 1
        self._numbered = numbered
        self._holders = {
            key: Counter(word for node in choice for word in set(_words(node.schema, key)))
            for key in ("required", "properties")
        }

    def label(self, name: str, branch: Node, index: int) -> str:
        """The last step for an alternative; empty when it needs none."""
        schema = branch.schema if isinstance(branch.schema, dict) else {}
        title = schema.get("title")
        if isinstance(title, str) and 0 < len(class_name(title)) < 40 and title.isascii():
            return class_name(title) if not name.endswith(class_name(title)) else ""
        target = schema.get("$ref")
        if isinstance(target, str) and target.startswith("#/"):
            defined = class_name(unescape(target.rpartition("/")[2]))
            if len(defined) < 40 and defined.isascii():
                return defined
        properties = schema.get("properties")
        for value in properties.values() if isinstance(properties, dict) else ():
            values = _enum_values(value)
            if len(values) == 1 and isinstance(values[0], str) and values[0].isascii():
                return class_name(values[0])[:40]
        if self._one_is_needy:
            return ""
        if self._numbered:
            return f"Option{index + 1}"
        if self._one_has_names:
            return ""
        own = class_name(next(self._own_properties(schema), ""))
        return f"With{own}" if own and len(own) < 40 else ""

    def _own_properties(self, schema: Any) -> Iterator[str]:
        """The properties that this alternative requires, then those it has, and no other has."""
        for key, holders in self._holders.items():
            yield from (word for word in _words(schema, key) if holders[word] == 1)


def _words(schema: Any, key: str) -> list[str]:
    said = schema.get(key) if isinstance(schema, dict) else None
    listed = said if isinstance(said, list | dict) else ()
    return [word for word in listed if isinstance(word, str)]


def _needs_no_class(schema: Any) -> bool:
    if not isinstance(schema, dict):
        return True
    kinds = schema.get("type")
    kinds = kinds if isinstance(kinds, list) else [kinds]
    if kinds == ["array"]:
        return _needs_no_class(schema.get("items"))
    return all(kind in SCALARS for kind in kinds)


def _is_map(schema: Any) -> bool:
    """Whether it is an object that names no property, which is a dict and no class."""
    said = schema if isinstance(schema, dict) else {}
    names = ("properties", "required", "$ref", "allOf", "anyOf", "oneOf")
    return said.get("type") == "object" and not any(said.get(key) for key in names)


def _enum_values(schema: Any) -> list[Any]:
    if not isinstance(schema, dict):
        return []
    if "const" in schema:
        return [schema["const"]]
    return schema["enum"] if isinstance(schema.get("enum"), list) else []
