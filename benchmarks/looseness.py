"""Fields typed `Any` although the schema says what they are: models compared with their schema."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from mcp_sdkgen_runtime import Tool
from mcp_sdkgen_runtime.tool.annotations import further
from pydantic import BaseModel

from tests.drawing import Nothing, Schema, merged, target

MAX_BRANCHES = 64
MAX_HOPS = 40
KINDS = frozenset(("object", "array", "string", "number", "boolean"))


@dataclass
class Looseness:
    """How many fields the models of a tool have, and where one is looser than its schema."""

    fields: int = 0
    loose: list[str] = field(default_factory=list)


def looseness(tool: Tool[Any], arguments: Mapping[str, Any], definition: Schema) -> Looseness:
    """Compare a tool's arguments, of these types by wire name, and its result, all the way down,
    with its original schemas."""
    walk = _Walk(Looseness())
    schema = definition.get("inputSchema")
    walk.root = schema
    for wire, kind in arguments.items():
        walk.found.fields += 1
        walk.annotation(
            kind, _property(_branches(schema, schema), wire, schema), f"arguments.{wire}"
        )
    result = definition.get("outputSchema")
    if result is not None:
        walk.root = result
        branches = _branches(result, result)
        if tool.unwrap is not None:
            branches = _property(branches, tool.unwrap, result)
        walk.annotation(tool.result, branches, "result")
    return walk.found


@dataclass
class _Walk:
    found: Looseness
    root: Any = None
    seen: set[type[BaseModel]] = field(default_factory=set)

    def model(self, model: type[BaseModel], branches: list[Schema], place: str) -> None:
        if model in self.seen:
            return
        self.seen.add(model)
        for name, info in model.model_fields.items():
            inner = _property(branches, info.alias or name, self.root)
            self.found.fields += 1
            self.annotation(info.annotation, inner, f"{place}.{info.alias or name}")

    def annotation(self, annotation: Any, branches: list[Schema], place: str) -> None:
        if annotation is Any:
            if _says_a_type(branches):
                self.found.loose.append(place)
            return
        origin, parts = get_origin(annotation), get_args(annotation)
        if origin is Annotated:
            self.annotation(parts[0], branches, place)
        elif origin in (Union, UnionType):
            for part in parts:
                if part is not NoneType:
                    self.annotation(part, branches, place)
        elif origin is list:
            items = [b for branch in branches for b in _items(branch, self.root)]
            self.annotation(parts[0], items, f"{place}[]")
        elif origin is tuple:
            for at, part in enumerate(parts):
                kind = part if (rest := further(part)) is None else rest
                items = [b for branch in branches for b in _item(branch, at, self.root)]
                self.annotation(kind, items, f"{place}[{at}]")
        elif origin is dict:
            values = [b for branch in branches for b in _values(branch, self.root)]
            self.annotation(parts[1], values, f"{place}{{}}")
        elif isinstance(annotation, type) and issubclass(annotation, BaseModel):
            self.model(annotation, branches, place)


def _branches(schema: Any, root: Any, hops: int = 0) -> list[Schema]:
    """The plain schemas that `schema` is a choice of. One that says nothing is an empty schema."""
    if not isinstance(schema, dict) or hops > MAX_HOPS:
        return [{}]
    found = [{k: v for k, v in schema.items() if k not in ("$ref", "allOf", "anyOf", "oneOf")}]
    parts: list[list[Schema]] = []
    if isinstance(schema.get("$ref"), str):
        try:
            parts.append(_branches(target(root, schema["$ref"]), root, hops + 1))
        except Nothing:
            return [{}]
    parts += [_branches(part, root, hops + 1) for part in schema.get("allOf") or ()]
    for keyword in ("anyOf", "oneOf"):
        if choices := schema.get(keyword):
            parts.append([b for choice in choices for b in _branches(choice, root, hops + 1)])
    for part in parts:
        found = [merged(one, other) for one in found for other in part][:MAX_BRANCHES]
    return found


def _property(branches: Iterable[Schema], name: str, root: Any) -> list[Schema]:
    return [
        inner
        for branch in branches
        if isinstance(properties := branch.get("properties"), dict) and name in properties
        for inner in _branches(properties[name], root)
    ]


def _items(branch: Schema, root: Any) -> list[Schema]:
    if "array" not in _kinds(branch):
        return []
    items = branch.get("items", {})
    fixed = branch.get("prefixItems") or (items if isinstance(items, list) else [])
    # A closed or full tuple says nothing about further items.
    full = bool(fixed) and branch.get("maxItems", len(fixed) + 1) <= len(fixed)
    rest = [] if isinstance(items, list) or (items is False and fixed) or full else [items]
    return [b for item in [*fixed, *rest] for b in _branches(item, root)]


def _item(branch: Schema, at: int, root: Any) -> list[Schema]:
    """What a branch says of the item at an index, if it has one there."""
    items = branch.get("items", {})
    fixed = branch.get("prefixItems") or (items if isinstance(items, list) else [])
    rest = branch.get("additionalItems", {}) if isinstance(items, list) else items
    return _branches(fixed[at] if at < len(fixed) else rest, root)


def _values(branch: Schema, root: Any) -> list[Schema]:
    if "object" not in _kinds(branch):
        return []
    named = [*(branch.get("properties") or {}).values()]
    patterns = [*(branch.get("patternProperties") or {}).values()]
    others = branch.get("additionalProperties", {})
    rest = [] if others is False else [others]
    return [b for value in [*named, *patterns, *rest] for b in _branches(value, root)]


def _says_a_type(branches: list[Schema]) -> bool:
    """Whether there is something to say beyond "any JSON value"."""
    kinds = [_kinds(branch) for branch in branches]
    if not kinds or not all(kinds):
        return False
    return not set().union(*kinds) >= KINDS


def _kinds(branch: Schema) -> set[str]:
    """The JSON types a plain schema names or lists values of; empty when it allows all."""
    named = branch.get("type")
    if isinstance(named, str):
        return {"number" if named == "integer" else named}
    if isinstance(named, list):
        return {"number" if kind == "integer" else str(kind) for kind in named}
    if "const" in branch or branch.get("enum"):
        return {"value"}
    if "properties" in branch:
        return {"object"}
    return {"array"} if "items" in branch else set()
