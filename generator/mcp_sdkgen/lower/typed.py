"""Drafts → drafts with Python types: one merged document for datamodel-code-generator."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ..ir import TypeRef
from ..schema import NormalisedProperty, Type
from .annotations import model_keys
from .draft import Draft, untyped_draft
from .python_types import python_types

CHUNK = 200
"""Tools in one merged document: keeps memory flat, and costs nothing in speed."""


@dataclass(frozen=True)
class TypedProperty:
    """A property of a model with its Python type."""

    wire: str
    type: TypeRef
    required: bool
    schema: Any


@dataclass(frozen=True)
class TypedDraft:
    """A draft with the Python types of its arguments, its result and its models.

    `ModelRef.key` in all of them is a key of `draft.models`.
    """

    draft: Draft
    arguments: tuple[TypeRef, ...]
    extra: TypeRef | None
    result: TypeRef | None
    models: dict[str, tuple[TypedProperty, ...]]

    def reachable(self, *roots: TypeRef | None) -> list[str]:
        """The keys of the models that `roots` mention, directly or not, in order."""
        keys: list[str] = []
        todo = [key for root in roots if root is not None for key in model_keys(root)]
        while todo:
            key = todo.pop(0)
            if key not in keys:
                keys.append(key)
                todo += [k for p in self.models[key] for k in model_keys(p.type)]
        return keys


def typed(drafts: Sequence[Draft], server: str) -> list[TypedDraft]:
    """Give every draft its Python types. A tool that defeats the model stage becomes untyped."""
    result: list[TypedDraft] = []
    for start in range(0, len(drafts), CHUNK):
        result += _chunk(drafts[start : start + CHUNK], server)
    return result


def _chunk(drafts: Sequence[Draft], server: str) -> list[TypedDraft]:
    try:
        return _together(drafts)
    except Exception as error:  # whatever the library raises, it may only cost the one tool
        if len(drafts) > 1:
            middle = len(drafts) // 2
            return _chunk(drafts[:middle], server) + _chunk(drafts[middle:], server)
        if drafts[0].extra_name == "arguments" and drafts[0].result is None:
            raise
        reason = f"its Python types could not be generated: {type(error).__name__}"
        draft = drafts[0]
        return _together(
            [untyped_draft(draft.tool, draft.method, server, "model-stage-failed", reason)]
        )


def _together(drafts: Sequence[Draft]) -> list[TypedDraft]:
    records: list[list[Type]] = []
    for draft in drafts:
        own = [argument.type for argument in draft.arguments]
        own += [type_ for type_ in (draft.extra, draft.result) if type_ is not None]
        records.append(own)
        records += [[p.type for p in model.properties] for model in draft.models.values()]
    types = iter(python_types(records))
    result = []
    for draft in drafts:
        own_types = next(types)
        models = {key: _properties(m.properties, next(types)) for key, m in draft.models.items()}
        count = len(draft.arguments)
        rest = own_types[count:]
        extra = rest.pop(0) if draft.extra is not None else None
        answer = rest.pop(0) if draft.result is not None else None
        result.append(TypedDraft(draft, tuple(own_types[:count]), extra, answer, models))
    return result


def _properties(
    properties: list[NormalisedProperty], types: list[TypeRef]
) -> tuple[TypedProperty, ...]:
    return tuple(
        TypedProperty(p.wire, type_, p.required, p.schema)
        for p, type_ in zip(properties, types, strict=True)
    )
