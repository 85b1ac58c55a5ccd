"""What the type of a result cannot say to pydantic by itself."""

from __future__ import annotations

from collections.abc import Mapping
from types import GenericAlias
from typing import Any, Unpack, get_args, get_origin

from pydantic import BaseModel, GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema


def further(part: Any) -> Any:
    """The `C` of `*tuple[C, ...]`, a part of an open tuple; None for any other part.

    It comes as it is written, and as `Unpack[tuple[C, ...]]` where it was read from a string.
    """
    if get_origin(part) is Unpack:
        return get_args(get_args(part)[0])[0]
    return get_args(part)[0] if getattr(part, "__unpacked__", False) else None


class OpenTuple:
    """Reads `tuple[A, B, *tuple[C, ...]]`, which pydantic takes for a tuple in a tuple."""

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler, /
    ) -> CoreSchema:
        *first, last = get_args(source)
        kinds = (*first, further(last))
        items = [handler.generate_schema(kind) for kind in kinds]
        return core_schema.tuple_schema(items, variadic_item_index=len(first))


class Discriminated:
    """Reads a union of models by the value of one property (OpenAPI's `discriminator`).

    `property` is its wire name, `classes` has the name of the model that each value means. What
    has another value, as a newer server may send, or none, is read as what fits it best.
    """

    def __init__(self, property: str, classes: Mapping[str, str]) -> None:
        self.property = property
        self.classes = classes

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler, /
    ) -> CoreSchema:
        members = get_args(source)
        choices = {str(at): handler.generate_schema(one) for at, one in enumerate(members)}

        def chosen(value: Any) -> str:
            return next((str(at) for at, one in enumerate(members) if one is type(value)), "") or (
                str(members.index(one)) if (one := self.meant(value, source)) is not None else ""
            )

        return core_schema.tagged_union_schema({**choices, "": handler(source)}, chosen)

    def meant(self, value: Any, union: Any) -> Any:
        """The member of `union` that `value` says it is; None where it says nothing known."""
        tag = value.get(self.property) if isinstance(value, Mapping) else None
        name = self.classes.get(tag) if isinstance(tag, str) else None
        return next((one for one in get_args(union) if name in _names(one)), None)


def _names(kind: Any) -> set[str]:
    """The names of the models that a member of a union may be."""
    if isinstance(kind, type) and not isinstance(kind, GenericAlias):
        return {kind.__name__} if issubclass(kind, BaseModel) else set()
    return {name for part in get_args(kind) for name in _names(part)}
