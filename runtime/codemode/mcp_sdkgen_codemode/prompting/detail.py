"""How much a prompt shows of each tool, within a budget of tokens.

Every tool is shown by its name where that fits. What is left of the budget is filled level by
level: first sentences, signatures, classes, and what arguments mean, for as many tools as fit.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property, lru_cache
from itertools import chain, zip_longest

from mcp_sdkgen_runtime.catalog.page import argument_notes
from mcp_sdkgen_runtime.catalog.surface import Method, names_in
from mcp_sdkgen_runtime.schema.definitions import ASKS, asks

from ..catalog import Sdk
from .tokens import count


class Detail(StrEnum):
    """How much of the API a prompt shows; the most first."""

    ARGUMENTS = "arguments"
    """Signatures, first sentences, every class, and what the arguments mean."""
    SURFACE = "surface"
    """Signatures, first sentences, and every class."""
    SIGNATURES = "signatures"
    """Signatures and first sentences."""
    LINES = "lines"
    """Names and first sentences."""
    NAMES = "names"
    """Names."""
    SEARCH = "search"
    """The names of the servers, and how to search."""


_RANKS = {detail: -number for number, detail in enumerate(Detail)}
_LIKELY = 20
"""Of the tools that are likely wanted, how many are shown whole before any other is."""
_MISSES = 30
"""After so many tools in a row for which there is no room, a level is full."""
_BY_NAME = "# by name alone:"


def at_least(detail: Detail, least: Detail) -> bool:
    """Whether `detail` shows all that `least` shows."""
    return _RANKS[detail] >= _RANKS[least]


@dataclass(frozen=True)
class Unit:
    """What is shown more or less of: a tool, or a method of prompts or resources, which is a part
    of the surface and has no name before that."""

    sdk: Sdk
    method: Method
    group: str = ""

    @property
    def name(self) -> str:
        """Its name in the client."""
        return f"{self.group}.{self.method.name}" if self.group else self.method.name

    def text(self, detail: Detail) -> str:
        """Its lines, each ended. None where it is shown by its name alone, or not at all."""
        least = Detail.SURFACE if self.group else Detail.LINES
        if not at_least(detail, least):
            return ""
        signature = self.method.signature if at_least(detail, Detail.SIGNATURES) else ""
        words = "" if self.group else " ".join(filter(None, (self.method.summary, self._mark)))
        mark = f"  # {words}" if words else ""
        notes = self._notes if at_least(detail, Detail.ARGUMENTS) else ""
        return f"{self.sdk.parts.instance}.{self.name}{signature}{mark}\n{notes}"

    def classes(self, detail: Detail) -> set[str]:
        """The classes that are shown with it."""
        return self._classes if at_least(detail, Detail.SURFACE) else set()

    @property
    def _mark(self) -> str:
        asking = _asking(self.sdk, self.sdk.stamp)
        return ASKS if asking.some and self.method.name in asking.some else ""

    @cached_property
    def _classes(self) -> set[str]:
        return self.sdk.parts.reached(names_in(f"def _{self.method.signature}: ..."))

    @cached_property
    def _notes(self) -> str:
        if self.group:
            return ""
        notes = argument_notes(self.sdk.folder, self.method, self.sdk.definition(self.method.name))
        return "".join(f"    {name}: {note}\n" for name, note in notes)


@dataclass(frozen=True)
class _Asking:
    """Which tools of an SDK have a mark because nothing says what they do: all, or `some` by their
    methods. Most servers say it of all their tools, or of none."""

    all: bool = False
    some: frozenset[str] = frozenset()


@lru_cache(maxsize=512)
def _asking(sdk: Sdk, stamp: int) -> _Asking:
    """`stamp` is that of the SDK: what is kept in memory depends on it."""
    found = [asks(definition) for definition in sdk.definitions.values()]
    if all(found):
        return _Asking(all=bool(found))
    if not any(found):
        return _Asking()
    names = (method.name for method in sdk.parts.methods)
    return _Asking(some=frozenset(name for name in names if asks(sdk.definition(name))))


def _units(sdk: Sdk) -> list[Unit]:
    """Everything there is to show of an SDK, in the order it is shown in."""
    tools = [Unit(sdk, method) for method in sdk.parts.methods]
    grouped = [Unit(sdk, method, group) for group, ms in sdk.parts.groups.items() for method in ms]
    return tools + grouped


class Page:
    """What is shown of each unit, and what that takes in tokens."""

    def __init__(self, sdks: Sequence[Sdk], detail: Detail) -> None:
        self._sdks = sdks
        found = [_units(sdk) for sdk in sdks]
        self._units = [unit for of_sdk in found for unit in of_sdk]
        self._places = [place for place, of_sdk in enumerate(found) for _ in of_sdk]
        self._of: list[list[int]] = [[] for _ in sdks]
        for number, place in enumerate(self._places):
            self._of[place].append(number)
        self._least = detail
        self._shown = dict.fromkeys(range(len(self._units)), detail)
        self._costs: dict[tuple[int, Detail], int] = {}
        self._classes: dict[int, set[str]] = {}
        for number, unit in enumerate(self._units if detail is not Detail.SEARCH else ()):
            self._classes.setdefault(self._places[number], set()).update(unit.classes(detail))

    @property
    def detail(self) -> Detail:
        """What is shown of every unit at least."""
        return min(self._shown.values(), key=_RANKS.__getitem__, default=self._least)

    @property
    def shown(self) -> dict[str, int]:
        """How many tools are shown at each level, of those levels that have any."""
        levels = [self._shown[n] for n, unit in enumerate(self._units) if not unit.group]
        return {str(detail): n for detail in Detail if (n := levels.count(detail))}

    def fill(self, room: int, likely: Sequence[tuple[Sdk, str]] = ()) -> None:
        """Show more for `room` tokens: the `likely` tools first, by SDK and method name."""
        first, order = self._order(likely)
        for detail in (Detail.ARGUMENTS, Detail.SIGNATURES):
            room -= self._raise(first[:_LIKELY], detail, room)
        for detail in reversed(Detail):
            if detail is not Detail.SEARCH:
                room -= self._raise(order, detail, room)

    def text(self) -> str:
        """The packages of which anything is shown, each with its classes and its tools."""
        return "\n".join(chain.from_iterable(map(self._lines, range(len(self._sdks)))))

    def _raise(self, order: Sequence[int], detail: Detail, room: int) -> int:
        """Show these units at that level, as far as there is room for; the tokens that it took."""
        taken = misses = 0
        for number in order:
            if at_least(self._shown[number], detail):
                continue
            cost = self._cost(number, detail)
            if taken + cost > room:
                misses += 1
                if misses == _MISSES:
                    break
                continue
            misses = 0
            taken += cost
            self._classes.setdefault(self._places[number], set()).update(
                self._units[number].classes(detail)
            )
            self._shown[number] = detail
        return taken

    def _cost(self, number: int, detail: Detail) -> int:
        """What it takes more to show a unit at that level."""
        unit, place = self._units[number], self._places[number]
        cost = self._tokens(number, detail) - self._tokens(number, self._shown[number])
        missing = unit.classes(detail) - self._classes.get(place, set())
        cost += sum(count(f"{unit.sdk.parts.models[name]}\n") for name in missing)
        if place not in self._classes:
            cost += count(f"{_header(unit.sdk)}\n{_BY_NAME}\n")
        return cost

    def _tokens(self, number: int, detail: Detail) -> int:
        key = number, detail
        if key not in self._costs:
            unit = self._units[number]
            by_name = detail is Detail.NAMES and not unit.group
            self._costs[key] = count(f" {unit.name}," if by_name else unit.text(detail))
        return self._costs[key]

    def _lines(self, place: int) -> Iterator[str]:
        sdk = self._sdks[place]
        having = [n for n in self._of[place] if self._shown[n] is not Detail.SEARCH]
        if not having and not at_least(self.detail, Detail.NAMES):
            return
        yield _header(sdk)
        classes = set[str]().union(*(self._units[n].classes(self._shown[n]) for n in having))
        yield from (text for name, text in sdk.parts.models.items() if name in classes)
        for number in having:
            if text := self._units[number].text(self._shown[number]):
                yield text.rstrip("\n")
        names = [
            self._units[number].name
            for number in having
            if self._shown[number] is Detail.NAMES and not self._units[number].group
        ]
        if names:
            yield f"{_BY_NAME} {', '.join(names)}"

    def _order(self, likely: Sequence[tuple[Sdk, str]]) -> tuple[list[int], list[int]]:
        """The numbers of the likely tools, the likeliest first; then those of all units: after the
        likely ones, one of each SDK in turn, so that none comes last with all it has."""
        numbers = {
            (unit.sdk, unit.name): number
            for number, unit in enumerate(self._units)
            if not unit.group
        }
        first = [numbers[each] for each in likely if each in numbers]
        turns = chain.from_iterable(zip_longest(*self._of))
        rest = (number for number in turns if number is not None)
        return first, list(dict.fromkeys([*first, *rest]))


def _header(sdk: Sdk) -> str:
    mark = f" {ASKS}" if _asking(sdk, sdk.stamp).all else ""
    return f"# from {sdk.package} import {sdk.parts.instance}  # or Async{sdk.parts.client}{mark}"
