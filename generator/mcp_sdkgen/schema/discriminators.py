"""OpenAPI's `discriminator`: the property of an object that tells which alternative it is.

OpenAPI 3.1.1, section 4.8.25: `mapping` has a schema for each value, by its name or by a reference;
besides, each alternative that is a reference is meant by the name of what it refers to. A constant
that an alternative has for the property means it too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from mcp_sdkgen_runtime.text import is_unicode

from .document import Document, Node, unescape
from .shape import deref, shape
from .subset import ANY, NEVER, NULL, Type, referenced, union

Keys = Mapping[tuple[int, str], str]
"""The document and pointer of a schema → the key of its model, where it is one."""


def told_apart(
    node: Node, choice: Sequence[Node], types: Sequence[Type], document: Document, keys: Keys
) -> Type:
    """Any of `types`, those of the alternatives in `choice`, with the property that tells which
    where the `discriminator` of `node` says so. Raises nothing for what it cannot read."""
    objects = [type_ for type_ in types if type_ not in (NULL, NEVER)]
    found = _discriminated(node, choice, types, document, keys)
    if found is None or len(objects) < 2 or ANY in objects:
        return union(types)
    alike = [type_["anyOf"] if _is_like(type_, found) else [type_] for type_ in objects]
    flat = [one for members in alike for one in members]
    tagged = {"anyOf": flat, "discriminator": found}
    return union([tagged, NULL]) if NULL in types else tagged


def _is_like(type_: Type, discriminator: Type) -> bool:
    """Whether the same property tells the alternatives of `type_` apart."""
    own = type_.get("discriminator", {}).get("propertyName")
    return own is not None and own == discriminator["propertyName"]


def _discriminated(
    node: Node, choice: Sequence[Node], types: Sequence[Type], document: Document, keys: Keys
) -> dict[str, Any] | None:
    """The discriminator of a union of `types`, those of the alternatives in `choice`, with the key
    of the model that each value means. `None` where `node` has none that could be read."""
    said = node.schema.get("discriminator") if isinstance(node.schema, dict) else None
    name = said.get("propertyName") if isinstance(said, dict) else None
    if not isinstance(said, dict) or not isinstance(name, str) or not is_unicode(name):
        return None
    if not _is_of(node, choice):
        return None
    meant: dict[str, str] = {}
    known = {key for type_ in types for key in referenced(type_)}
    mapping = said.get("mapping")
    for value, target in mapping.items() if isinstance(mapping, dict) else ():
        if isinstance(target, str) and is_unicode(value):
            key = _target(target, node, choice, types, document, keys)
            if key in known:
                meant.setdefault(value, key)
    for branch, type_ in zip(choice, types, strict=True):
        for value, key in _implied(branch, type_, name, document):
            meant.setdefault(value, key)
    return {"propertyName": name, "mapping": meant} if meant else None


def _is_of(node: Node, choice: Sequence[Node]) -> bool:
    """Whether the choice is the one that stands beside the discriminator."""
    own = [
        branch
        for key in ("oneOf", "anyOf")
        if isinstance(listed := node.schema.get(key), list)
        for branch in listed
    ]
    return all(any(branch.schema is one for one in own) for branch in choice)


def _target(
    target: str,
    node: Node,
    choice: Sequence[Node],
    types: Sequence[Type],
    document: Document,
    keys: Keys,
) -> str:
    """The key of the model that a mapping names: by a reference, or by the name of a schema."""
    found = document.resolve(target, node.pointer) if "#" in target else None
    if found is not None and (key := keys.get((id(document), found.pointer))):
        return key
    name = unescape(target.rpartition("/")[2]).removesuffix(".json")
    for branch, type_ in zip(choice, types, strict=True):
        own = referenced(type_)
        if own and name == _name(branch, document):
            return own[0]
    return ""


def _implied(
    branch: Node, type_: Type, property_: str, document: Document
) -> Iterator[tuple[str, str]]:
    """The values that mean an alternative without a mapping, each with the key of its model."""
    if "discriminator" in type_:
        if type_["discriminator"]["propertyName"] == property_:
            yield from type_["discriminator"]["mapping"].items()
        return
    keys = referenced(type_)
    if "$ref" not in type_:
        return
    found = deref(shape(branch, document, 1), document)
    for place in found.properties.get(property_, ()):
        for value in deref(shape(place, document, 1), document).enum or ():
            if isinstance(value, str) and is_unicode(value):
                yield value, keys[0]
    if name := _name(branch, document):
        yield name, keys[0]


def _name(branch: Node, document: Document) -> str:
    """The name of the definition that an alternative refers to; empty where it refers to none."""
    reference = branch.schema.get("$ref") if isinstance(branch.schema, dict) else None
    found = document.resolve(reference, branch.pointer) if isinstance(reference, str) else None
    name = unescape(found.pointer.rpartition("/")[2]) if found is not None else ""
    return name if is_unicode(name) else ""
