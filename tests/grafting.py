"""Values of a schema in which one part is another: what chance alone seldom draws.

An alternative deep inside others is drawn once in hundreds of samples, and a limit is met exactly
by fewer. So each part of a sample is exchanged, one at a time, for samples of the subschemas that
speak of it, for values at their limits, and for one value of each kind.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator
from typing import Any

from tests.places import Place, Way, list_of, places
from tests.sampling import sample

_OF_DOCUMENT = ("$schema", "$defs", "definitions")
_KINDS: tuple[Any, ...] = (
    None, False, True, 0, 1, -1, 2, 0.5, "", "a", "abcdef", "2026-01-02", [], [None], {}, {"a": 1},
)  # fmt: skip
_SAMPLES = 12


class Grafts:
    """Makes values for `schemas`, of which the same parts are exchanged for the same values."""

    def __init__(self, *schemas: Any) -> None:
        self._schemas = schemas
        self._of_place: dict[tuple[int, str], list[Any]] = {}

    def values(self, stems: Iterable[Any]) -> Iterator[Any]:
        """Each of `stems` with one part exchanged, added or taken away; not all are valid."""
        for stem in stems:
            for number, schema in enumerate(self._schemas):
                for place in places(schema, stem):
                    for scion in self._scions(number, place):
                        yield grafted(stem, place.path, scion)
                    yield from self._with_keys(number, stem, place)

    def _scions(self, number: int, place: Place) -> list[Any]:
        """What may stand at a place; the same wherever the value has it."""
        known = self._of_place.get((number, place.at))
        if known is None:
            found = [*_KINDS, *_limits(place.schema)]
            found += sample(self._within(number, place.schema), count=_SAMPLES).values
            known = self._of_place[number, place.at] = found
        return known

    def _with_keys(self, number: int, stem: Any, place: Place) -> Iterator[Any]:
        """The stem with each key of a place taken away, and with those added that it describes."""
        if not isinstance(place.value, dict):
            return
        for name in place.value:
            rest = {key: item for key, item in place.value.items() if key != name}
            yield grafted(stem, place.path, rest)
        for name, at, schema in _described(place.schema):
            if name not in place.value and isinstance(schema, dict):
                for scion in self._scions(number, Place(f"{place.at}/{at}", schema, (), None)):
                    yield grafted(stem, place.path, {**place.value, name: scion})

    def _within(self, number: int, schema: dict[str, Any]) -> dict[str, Any]:
        root = self._schemas[number]
        return {**{key: root[key] for key in _OF_DOCUMENT if key in root}, **schema}


def grafted(stem: Any, path: Way, scion: Any) -> Any:
    """`stem` with `scion` at `path`; a copy, where anything changes."""
    if not path:
        return scion
    made = copy.copy(stem)
    made[path[0]] = grafted(stem[path[0]], path[1:], scion)
    return made


def _limits(schema: dict[str, Any]) -> list[Any]:
    """Values at the limits of a subschema, and next to them."""
    found = [*list_of(schema.get("enum")), *([schema["const"]] if "const" in schema else [])]
    for word in ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"):
        if isinstance(bound := schema.get(word), int | float):
            found += [bound, bound - 1, bound + 1, bound + 0.5]
    for word in ("minLength", "maxLength"):
        if isinstance(bound := schema.get(word), int):
            found += ["a" * size for size in (bound - 1, bound, bound + 1) if 0 <= size < 1000]
    return found


def _described(schema: dict[str, Any]) -> Iterator[tuple[str, str, Any]]:
    """Keys that an object may have by a subschema: name, where that is said, and what it says."""
    for word in ("properties", "patternProperties"):
        for name, inner in (schema[word] if isinstance(schema.get(word), dict) else {}).items():
            wire = name if word == "properties" else name.strip("^$") + "1"
            yield wire, f"{word}/{name}", inner
    yield "another", "additionalProperties", schema.get("additionalProperties", {})
