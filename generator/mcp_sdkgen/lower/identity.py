"""Which models of a server are one class.

Equal models are one class, whichever tools they come from: equal in their wire names, types and
what they require, and so are all that they refer to; and where the server names them, in the name.
Descriptions make no difference, so other words never make another class.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from ..names import free_class_name
from ..schema import NormalisedModel, Type
from ..schema.subset import REF, canonical, referenced

Models = Mapping[str, NormalisedModel]


def identities(models: Models, method: str, edition: int) -> dict[str, str]:
    """What each model of one tool is known by in the whole server, by the model's key.

    In edition 1, a model that neither the server nor a model with such a name refers to is the
    tool's own, and descriptions tell classes apart.
    """
    if edition > 1:
        return {key: _digest(key, models, False) for key in models}
    shared = {key for key, model in models.items() if model.named}
    shared |= {reached for key in shared for reached in reachable(key, models)}
    return {
        key: _digest(key, models, True) if key in shared else f"{method}/{key}" for key in models
    }


def reachable(start: str, models: Models) -> set[str]:
    """The keys of the models that a model refers to, directly or not."""
    reached: set[str] = set()
    todo = [start]
    while todo:
        for property_ in models[todo.pop()].properties:
            for key in referenced(property_.type):
                if key not in reached:
                    reached.add(key)
                    todo.append(key)
    return reached


def _digest(start: str, models: Models, documented: bool) -> str:
    """A digest over the model and all that it refers to, independent of keys."""
    order = [start]
    content = []
    for key in order:
        model = models[key]
        for property_ in model.properties:
            order += [k for k in dict.fromkeys(referenced(property_.type)) if k not in order]
        properties = [
            [p.wire, _numbered(p.type, order), p.required]
            + ([_documentation(p.schema)] if documented else [])
            for p in model.properties
        ]
        words = [model.description] if documented else []
        name = free_class_name(model.name) if documented or model.named else ""
        content.append([name, *words, properties])
    return hashlib.sha256(canonical(content).encode()).hexdigest()


def _numbered(type_: Type, order: list[str]) -> Type:
    numbered: dict[str, Any] = dict(type_)
    if "$ref" in type_:
        numbered["$ref"] = order.index(type_["$ref"].removeprefix(REF))
    for key in ("anyOf", "prefixItems"):
        if key in type_:
            numbered[key] = [_numbered(member, order) for member in type_[key]]
    if "discriminator" in type_:
        mapping = type_["discriminator"]["mapping"]
        numbers = {value: order.index(key) for value, key in mapping.items()}
        numbered["discriminator"] = {**type_["discriminator"], "mapping": numbers}
    for key in ("items", "additionalProperties"):
        if key in type_:
            numbered[key] = _numbered(type_[key], order)
    return numbered


def _documentation(schema: Any) -> Any:
    """What of the original schema shows in a field's documentation."""
    if not isinstance(schema, dict):
        return None
    return {k: v for k, v in schema.items() if k not in ("properties", "$defs", "definitions")}
