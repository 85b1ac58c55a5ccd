"""How much work it is to compare numbers, for `jsonschema-rs`.

It reads a number that has a fraction or more than 63 bits from text each time it is compared, and
has no hash of a large one, so items that must be unique are then compared each with each. All of
that happens in one call, which nothing can interrupt.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from .effort import Effort

_FRACTION_STEPS: Final = 125
_LARGE_STEPS: Final = 100
_COMPARED_WITH_ALL: Final = ("enum", "const")


class Comparing:
    """Counts steps, of some nanoseconds each, of comparing the numbers in a value: with those of
    enums and constants, with divisors, and with one another. The counts are upper bounds: that
    large numbers must be unique is said of every list that holds some, and between any two numbers
    that are short there are no steps."""

    def __init__(self, effort: Effort) -> None:
        self._with = _Numbers(effort.static(_count), effort.static(_weight))
        self._unique = effort.static(_unique)

    def steps(self, value: Any) -> int:
        """How many steps it takes for `value`."""
        if not (self._with.count or self._unique):
            return 0
        mine = _Numbers.of(_numbers(value))
        steps = mine.count * self._with.weight + mine.weight * self._with.count
        # Not more than if all of them were in one list: mostly this is little.
        if self._unique and mine.large * mine.weight > _LARGE_STEPS:
            steps += self._unique * squares(value)
        return steps


@dataclass(frozen=True, slots=True)
class _Numbers:
    """How many numbers there are, how many steps each takes at a comparison, together, and how many
    of them are large."""

    count: int
    weight: int
    large: int = 0

    @classmethod
    def of(cls, numbers: Iterator[float]) -> _Numbers:
        count = weight = large = 0
        for number in numbers:
            count += 1
            weight += _steps(number)
            large += _is_large(number)
        return cls(count, weight, large)


def squares(value: Any) -> int:
    """How many steps it takes to compare the items of each list in `value` that hold large numbers
    each with each. It takes time in proportion to `value`."""
    held: list[tuple[Any, int]] = [(value, -1)]
    for place, (here, _) in enumerate(held):
        if isinstance(here, Mapping):
            held += [(part, place) for part in here.values()]
        elif isinstance(here, (list, tuple)):
            held += [(part, place) for part in here]
    items, weights = [0] * len(held), [0] * len(held)
    steps = 0
    # What holds others stands before them.
    for place in range(len(held) - 1, 0, -1):
        here, around = held[place]
        steps += _squared(here, items[place], weights[place])
        weight = _steps(here) if _is_large(here) else weights[place]
        if weight:
            items[around] += 1
            weights[around] += weight
    return steps + _squared(value, items[0], weights[0])


def _squared(here: Any, items: int, weight: int) -> int:
    # Each pair once, of which mostly only the ends of the numbers differ.
    return items * weight // 4 if isinstance(here, (list, tuple)) else 0


def _numbers(value: Any) -> Iterator[float]:
    """All numbers in a value."""
    todo = [value]
    while todo:
        here = todo.pop()
        if isinstance(here, Mapping):
            todo += here.values()
        elif isinstance(here, (list, tuple)):
            todo += here
        elif isinstance(here, (int, float)) and not isinstance(here, bool):
            yield here


def _is_large(value: Any) -> bool:
    return isinstance(value, int) and not -(2**63) <= value < 2**63


def _steps(number: float) -> int:
    if isinstance(number, float):
        return _FRACTION_STEPS
    if not _is_large(number):
        return 0
    digits = number.bit_length() * 3 // 10
    # To divide is more than to compare.
    return _LARGE_STEPS + 4 * digits + digits * digits // 80


def _compared(schema: Any) -> Iterator[float]:
    if isinstance(schema, Mapping):
        for name in _COMPARED_WITH_ALL:
            if name in schema:
                yield from _numbers(schema[name])


def _count(schema: Any) -> int:
    divides = isinstance(schema, Mapping) and "multipleOf" in schema
    return divides + sum(1 for _ in _compared(schema))


def _weight(schema: Any) -> int:
    return sum(map(_steps, _compared(schema)))


def _unique(schema: Any) -> int:
    return int(isinstance(schema, Mapping) and schema.get("uniqueItems") is True)
