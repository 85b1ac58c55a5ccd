"""Valid instances of a JSON Schema, found by drawing and checked by a validator.

`drawing` knows the keywords that real tool lists use and is allowed to be wrong: `jsonschema_rs`
judges every instance against the original schema, and only valid ones are handed out. The same
schema and seed give the same instances. Why no library does this job: see `benchmarks/README.md`.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import jsonschema_rs

from tests.drawing import Draw, Nothing, Shape
from tests.drawing import same_json as same_json

SHAPES: tuple[Shape, ...] = ("min", "full", "random", "random")


@dataclass(frozen=True)
class Samples:
    """Valid instances of one schema; `missing` says why there are none, and is empty otherwise."""

    values: tuple[Any, ...] = ()
    missing: str = ""


@dataclass
class Survey:
    """The samples of many schemas, and the places of those for which none were found."""

    found: dict[str, Samples] = field(default_factory=dict)

    @property
    def missing(self) -> dict[str, str]:
        """Place and reason of every schema without a sample."""
        return {place: s.missing for place, s in self.found.items() if s.missing}


def survey(schemas: Iterable[tuple[str, Any]], *, count: int = 12, seed: int = 0) -> Survey:
    """Sample many schemas, each named by its place."""
    return Survey({place: sample(schema, count=count, seed=seed) for place, schema in schemas})


def sample(schema: Any, *, count: int = 12, seed: int = 0, extra_keys: bool = True) -> Samples:
    """Up to `count` different instances that are valid with `format` checked and without: smallest,
    fullest and random ones in turn.

    `extra_keys=False` adds no undeclared key at the top level: a method has no place for one.
    """
    try:
        # A server may check formats or not: `oneOf` and `not` mean another thing to each.
        validators = [
            jsonschema_rs.validator_for(
                schema, retriever=_refuse, validate_formats=formats, ignore_unknown_formats=True
            )
            for formats in (True, False)
        ]
    except Exception as error:
        return Samples(missing=f"unusable schema: {str(error).splitlines()[0][:160]}")
    found: dict[str, Any] = {}
    for attempt in range(count * 6):
        shape = SHAPES[attempt % len(SHAPES)]
        draw = Draw(schema, random.Random(f"{seed}/{attempt}"), shape, extra_keys)
        try:
            value = draw.value(schema, 0)
        except Nothing:
            continue
        text = json.dumps(value, sort_keys=True)
        if text not in found and all(each.is_valid(value) for each in validators):
            found[text] = value
        if len(found) >= count:
            break
    if not found:
        return Samples(missing="no valid instance was drawn")
    return Samples(tuple(found.values()))


def _refuse(uri: str) -> Any:
    raise ValueError(f"reference to another document: {uri}")
