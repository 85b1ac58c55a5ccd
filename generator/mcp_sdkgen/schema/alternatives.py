"""The alternatives of `anyOf` and `oneOf`: which of them change types, and what to call them."""

from __future__ import annotations

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


def branch_path(path: Path, branch: Node, index: int, choice: Sequence[Node], edition: int) -> Path:
    """The path to the class of an alternative, should it need one, from that of them all.

    The last step is its title, the definition that it is, the one value of its first tag, or a
    property that it alone has; in edition 1 its number instead. The only one that may need a class
    has the path of them all.
    """
    label = _branch_label("".join(path), branch, index, choice, edition == 1)
    return (*path, label) if label else path


def _branch_label(
    name: str, branch: Node, index: int, choice: Sequence[Node], numbered: bool
) -> str:
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
    needy = [one for one in choice if not _needs_no_class(one.schema)]
    if len(needy) <= 1:
        return ""
    if numbered:
        return f"Option{index + 1}"
    if sum(not _is_map(one.schema) for one in needy) <= 1:
        return ""
    own = class_name(next(_own_properties(schema, index, choice), ""))
    return f"With{own}" if own and len(own) < 40 else ""


def _own_properties(schema: Any, index: int, choice: Sequence[Node]) -> Iterator[str]:
    """The properties that this alternative requires, then those that it has, and no other has."""
    listed = schema.get("required")
    required = listed if isinstance(listed, list) else []
    others = [node.schema for number, node in enumerate(choice) if number != index]
    for key, mine in (("required", required), ("properties", schema.get("properties") or ())):
        theirs: set[str] = set()
        for other in others:
            said = other.get(key) if isinstance(other, dict) else None
            theirs.update(word for word in said or () if isinstance(word, str))
        yield from (word for word in mine if isinstance(word, str) and word not in theirs)


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
