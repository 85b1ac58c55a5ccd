"""The alternatives of `anyOf` and `oneOf`: which of them change types, and what to call them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from ..names import class_name
from .document import Document, Node, unescape
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


def branch_name(name: str, branch: Node, index: int, choice: Sequence[Node]) -> str:
    """What to call the class of an alternative, should it need one.

    By its title, by the definition that it is, by the one value of its first tag, or by number. The
    only one that may need a class has the name of the whole.
    """
    schema = branch.schema if isinstance(branch.schema, dict) else {}
    title = schema.get("title")
    if isinstance(title, str) and 0 < len(class_name(title)) < 40 and title.isascii():
        return name + class_name(title) if not name.endswith(class_name(title)) else name
    target = schema.get("$ref")
    if isinstance(target, str) and target.startswith("#/"):
        defined = class_name(unescape(target.rpartition("/")[2]))
        if len(defined) < 40 and defined.isascii():
            return name + defined
    properties = schema.get("properties")
    for value in properties.values() if isinstance(properties, dict) else ():
        values = _enum_values(value)
        if len(values) == 1 and isinstance(values[0], str) and values[0].isascii():
            return name + class_name(values[0])[:40]
    if sum(not _needs_no_class(one.schema) for one in choice) <= 1:
        return name
    return f"{name}Option{index + 1}"


def _needs_no_class(schema: Any) -> bool:
    if not isinstance(schema, dict):
        return True
    kinds = schema.get("type")
    kinds = kinds if isinstance(kinds, list) else [kinds]
    if kinds == ["array"]:
        return _needs_no_class(schema.get("items"))
    return all(kind in SCALARS for kind in kinds)


def _enum_values(schema: Any) -> list[Any]:
    if not isinstance(schema, dict):
        return []
    if "const" in schema:
        return [schema["const"]]
    return schema["enum"] if isinstance(schema.get("enum"), list) else []
