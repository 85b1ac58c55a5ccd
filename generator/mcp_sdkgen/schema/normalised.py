"""What normalisation makes of objects: models with properties by wire name."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from .subset import Type


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
    `key` is unique within the tool; `name`, the wanted class name, need not be.
    """

    key: str
    name: str
    named: bool
    description: str = ""
    properties: list[NormalisedProperty] = field(default_factory=list)
