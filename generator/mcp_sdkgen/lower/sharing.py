"""Which models several tools may share, and the module each of those lives in.

A model that the server itself names, and all that it refers to, goes into a module whose name is
made from its content. So equal definitions become one class whichever tools they come from, and
no tool's module depends on which other tools there are. Everything else stays with its tool.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..names import free_class_name, plain
from ..schema import NormalisedModel, Type
from ..schema.subset import REF, canonical, referenced


@dataclass(frozen=True)
class SharedModel:
    """Where a shared model lives. `digest` tells its whole content, references included."""

    module: str
    name: str
    digest: str


def shared_models(models: Mapping[str, NormalisedModel]) -> dict[str, SharedModel]:
    """The shared ones among one tool's models, by key."""
    below = {key: _reachable(key, models) for key in models}
    shared = {key for key, model in models.items() if model.named}
    shared |= {reached for key in shared for reached in below[key]}
    digests = {key: _digest(key, models) for key in sorted(shared)}
    placed: dict[str, SharedModel] = {}
    for key in sorted(shared):
        # Models that refer to each other can only be defined together.
        circle = {key} | {other for other in below[key] if key in below[other]}
        circle_digest = hashlib.sha256("".join(sorted(digests[k] for k in circle)).encode())
        first = min(free_class_name(models[k].name) for k in circle)
        mark = digests[key] if len(circle) == 1 else circle_digest.hexdigest()
        module = f"{plain(first, 'model', ())}_{mark[:8]}"
        placed[key] = SharedModel(module, free_class_name(models[key].name), digests[key])
    return _distinct(placed)


def _distinct(placed: dict[str, SharedModel]) -> dict[str, SharedModel]:
    """Tell apart models of one circle, in one module, that would have the same name."""
    seen: dict[tuple[str, str], str] = {}
    result = {}
    for key, model in placed.items():
        owner = seen.setdefault((model.module, model.name), model.digest)
        if owner != model.digest:
            name = f"{model.name}X{model.digest[:4].upper()}"
            model = SharedModel(model.module, name, model.digest)
        result[key] = model
    return result


def _reachable(start: str, models: Mapping[str, NormalisedModel]) -> set[str]:
    found: set[str] = set()
    todo = [start]
    while todo:
        for property_ in models[todo.pop()].properties:
            for key in referenced(property_.type):
                if key not in found:
                    found.add(key)
                    todo.append(key)
    return found


def _digest(start: str, models: Mapping[str, NormalisedModel]) -> str:
    """A digest over the model and all that it refers to, independent of keys."""
    order = [start]
    content = []
    for key in order:
        model = models[key]
        for property_ in model.properties:
            order += [k for k in dict.fromkeys(referenced(property_.type)) if k not in order]
        content.append(
            [
                free_class_name(model.name),
                model.description,
                [
                    [p.wire, _numbered(p.type, order), p.required, _documented(p.schema)]
                    for p in model.properties
                ],
            ]
        )
    return hashlib.sha256(canonical(content).encode()).hexdigest()


def _numbered(type_: Type, order: list[str]) -> Type:
    numbered: dict[str, Any] = dict(type_)
    if "$ref" in type_:
        numbered["$ref"] = order.index(type_["$ref"].removeprefix(REF))
    if "anyOf" in type_:
        numbered["anyOf"] = [_numbered(member, order) for member in type_["anyOf"]]
    for key in ("items", "additionalProperties"):
        if key in type_:
            numbered[key] = _numbered(type_[key], order)
    return numbered


def _documented(schema: Any) -> Any:
    """What of the original schema shows in a field's documentation."""
    if not isinstance(schema, dict):
        return None
    return {k: v for k, v in schema.items() if k not in ("properties", "$defs", "definitions")}
