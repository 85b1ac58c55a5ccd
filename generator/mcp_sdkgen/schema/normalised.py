"""What normalisation makes of objects: models with properties by wire name."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from mcp_sdkgen_runtime.schema.wrapper import is_class_title

from ..names import class_name, singular
from .subset import Type, canonical

Path = tuple[str, ...]
"""The way to a model, each step in PascalCase: the tool or the definition, then properties."""


@dataclass(frozen=True)
class NormalisedProperty:
    """One property of a model, by wire name. `schema` is the original, for documentation only."""

    wire: str
    type: Type
    required: bool
    schema: Any = None


@dataclass
class NormalisedModel:
    """An object with known properties.

    `named` is true when the server itself names the model (a key of `$defs`, or a titled result).
    `key` is unique within the tool; its `path` need not be. `further` are the JSON types of what
    other properties may have: none where that is anything, `None` where the schema says nothing of
    others or forbids them.
    """

    key: str
    path: Path
    named: bool
    further: tuple[str, ...] | None = None
    description: str = ""
    properties: list[NormalisedProperty] = field(default_factory=list)

    @property
    def content(self) -> str:
        """A text that is equal for models with the same properties and words."""
        words = [
            p.schema.get("description") if isinstance(p.schema, dict) else None
            for p in self.properties
        ]
        said = zip(self.properties, words, strict=True)
        listed = [[p.wire, p.type, p.required, text] for p, text in said]
        return canonical([self.description, *listed])

    @property
    def name(self) -> str:
        """All of the path in one."""
        return "".join(self.path)


def item_path(path: Path) -> Path:
    """The path of one item of the list at `path`."""
    before = "".join(path[:-1])
    return (*path[:-1], singular(before + path[-1])[len(before) :])


def class_title(schema: Any) -> str:
    """The title of a schema where that is the name of a class, else nothing."""
    title: Any = schema.get("title") if isinstance(schema, dict) else None
    return class_name(title) if is_class_title(title) else ""
