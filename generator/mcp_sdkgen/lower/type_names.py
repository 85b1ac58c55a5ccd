"""What the classes and long literals of a server are called: one name each, everywhere in the SDK.

In edition 2, a class that the server names has that name. Any other is named after its tool and
the way to it; where that is long, after the tool and the shortest end of the way that no other
class of the tool shares. Where two different classes would have one name, the first in the order
of tools has it, and the other is qualified. Names that an earlier version of the SDK gave are
pinned in the snapshot, and go before all others.

Edition 1 writes every way out, and tells equal names apart by a digest.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from typing import NamedTuple

from ..ir import Code, Literals, TypeRef
from ..names import MAX_CLASS_LENGTH, class_name, class_names, free_class_name
from ..schema.normalised import Path
from .annotations import Role, annotate, literals, literals_in
from .identity import identities
from .typed import TypedDraft

LONG_LITERAL = 72
"""A `Literal` that takes more characters gets a name of its own."""
LONG_NAME = 40
"""The name of a class that has more characters is shortened, if it can be."""

Pins = Mapping[str, Mapping[str, str]]
"""The wire name of a tool → the place of a class or literal in it → what that is called."""

_ITEMS = re.compile("(?:Item){2,}")


class Place(NamedTuple):
    """A model: the number of its tool, and its key there."""

    tool: int
    key: str


@dataclass(frozen=True)
class TypeNames:
    """The names of all classes and long literals that the methods of a server need.

    `identities` has, for each tool, what every model is known by in the whole server; `classes`
    the name and `places` all models of each identity, in the order of tools. `inputs` are those
    that a method takes, `results` those that it returns.
    """

    identities: tuple[dict[str, str], ...]
    classes: dict[str, str]
    places: dict[str, list[Place]]
    inputs: frozenset[str]
    results: frozenset[str]
    aliases: dict[Literals, str]
    pins: dict[str, dict[str, str]]
    """The name of everything in every tool, as `Pins`."""
    edition: int

    def of(self, tool: int, key: str, param: bool = False) -> str:
        """The name of a model of a tool, or of its `TypedDict` twin."""
        return self.classes[self.identities[tool][key]] + ("Param" if param else "")

    def annotate(self, type_: TypeRef, role: Role, tool: int, before: str = "") -> Code:
        """A type of that tool as Python source, with `before` in front of every name."""

        def model(key: str, param: bool) -> str:
            return before + self.of(tool, key, param)

        def alias(choices: Literals) -> str | None:
            return before + self.aliases[choices] if choices in self.aliases else None

        return annotate(type_, role, model, alias)

    def further(self, identity: str, tools: Sequence[TypedDraft]) -> tuple[str, ...] | None:
        """What further keys a class has, as `NormalisedModel` tells it, wherever one of the equal
        models allows them."""
        found = [tools[tool].draft.models[key].further for tool, key in self.places[identity]]
        opened = [types for types in found if types is not None]
        if not opened:
            return None
        together = dict.fromkeys(type_ for types in opened for type_ in types)
        return tuple(together) if all(opened) else ()

    @property
    def every(self) -> list[str]:
        """Every name."""
        return [*self.classes.values(), *self.aliases.values()]


def type_names(
    tools: Sequence[TypedDraft], client: str, edition: int = 2, pins: Pins | None = None
) -> TypeNames:
    """Settle the names. `client` is that of the class with the methods; its own are taken."""
    known = [identities(one.draft.models, one.draft.method, edition) for one in tools]
    used = [(one.reachable(*one.arguments, one.extra), one.reachable(one.result)) for one in tools]
    places = [
        Place(number, key)
        for number, (sent, received) in enumerate(used)
        for key in dict.fromkeys((*sent, *received))
    ]
    pinned = _pinned(tools, known, places, pins or {})
    for place, name in pinned.items():
        # Equal models that had different names keep them, and so are different classes.
        known[place.tool][place.key] += f" {name}"
    by_identity: dict[str, list[Place]] = {}
    for place in places:
        by_identity.setdefault(known[place.tool][place.key], []).append(place)
    names = {known[place.tool][place.key]: name for place, name in pinned.items()}
    own = [client, f"Async{client}"]
    if edition > 1:
        _settle(names, by_identity, tools, own)
    else:
        _settle_marked(names, by_identity, tools, own)
    type_names = TypeNames(
        tuple(known),
        {identity: names[identity] for identity in by_identity},
        by_identity,
        frozenset(known[number][key] for number, (sent, _) in enumerate(used) for key in sent),
        frozenset(known[number][key] for number, (_, back) in enumerate(used) for key in back),
        {},
        {},
        edition,
    )
    fields = list(_fields(tools, type_names))
    type_names.aliases.update(_aliases(tools, fields, [*own, *names.values()], edition, pins or {}))
    for place in places:
        wire = tools[place.tool].draft.tool.name
        type_names.pins.setdefault(wire, {})[place.key] = type_names.of(*place)
    for tool, wanted, literal in fields:
        if literal in type_names.aliases:
            wire = tools[tool].draft.tool.name
            type_names.pins.setdefault(wire, {})[_place_of(wanted)] = type_names.aliases[literal]
    return type_names


# ── pins ──────────────────────────────────────────────────────────────────────────────────────────


def _pinned(
    tools: Sequence[TypedDraft], known: list[dict[str, str]], places: list[Place], pins: Pins
) -> dict[Place, str]:
    """The pinned name of each place; what is equal to something pinned, and new, joins it."""
    owner: dict[str, str] = {}
    first: dict[str, str] = {}
    pinned: dict[Place, str] = {}
    for place in places:
        identity = known[place.tool][place.key]
        name = pins.get(tools[place.tool].draft.tool.name, {}).get(place.key, "")
        if name and free_class_name(name) == name and owner.setdefault(name, identity) == identity:
            pinned[place] = name
            first.setdefault(identity, name)
    for place in places:
        if place not in pinned and (name := first.get(known[place.tool][place.key], "")):
            pinned[place] = name
    return pinned


# ── classes ───────────────────────────────────────────────────────────────────────────────────────


def _settle(
    names: dict[str, str],
    places: dict[str, list[Place]],
    tools: Sequence[TypedDraft],
    own: Iterable[str],
) -> None:
    """Give a name to what has none, by the rules of edition 2."""
    claims = _Claims([*own, *names.values()])
    ends = _shared_ends(places, tools)
    for identity, where in places.items():
        if identity not in names:
            names[identity] = claims.first(_wanted(where, tools, ends))


class _Claims:
    """Names that are taken, each with the name of its `TypedDict` twin."""

    def __init__(self, taken: Iterable[str]) -> None:
        self._taken = {part for name in taken for part in (name, f"{name}Param")}

    def first(self, wanted: Iterable[str]) -> str:
        """Take the first free one of them, else the first of them with a number."""
        listed = [free_class_name(name) for name in dict.fromkeys(wanted)]
        numbered = (free_class_name(f"{listed[0]}{number}") for number in count(2))
        for names in (listed, numbered):
            for name in names:
                if self._taken.isdisjoint((name, f"{name}Param")):
                    self._taken |= {name, f"{name}Param"}
                    return name
        raise AssertionError("numbers do not end")


Ends = dict[tuple[int, Path], set[str]]
"""The number of a tool and the end of a way → the identities of the classes it leads to."""


def _shared_ends(places: dict[str, list[Place]], tools: Sequence[TypedDraft]) -> Ends:
    ends: Ends = {}
    for identity, where in places.items():
        for place in where:
            _, way, _ = _way(place, tools)
            for start in range(len(way)):
                ends.setdefault((place.tool, way[start:]), set()).add(identity)
    return ends


def _way(place: Place, tools: Sequence[TypedDraft]) -> tuple[str, Path, bool]:
    """What the name of a class begins with, the way from there, and whether it is in a result.

    No step of the way repeats the one before, and the result itself is no step.
    """
    draft = tools[place.tool].draft
    head, *steps = draft.models[place.key].path
    inside = len(steps) > 1 and steps[0] == "Result" and head == draft.prefix
    if inside:
        del steps[0]
    way: list[str] = []
    for step in (_ITEMS.sub("Item", step) for step in steps):
        if not way or way[-1] != step:
            way.append(step)
    return head, tuple(way), inside


def _wanted(where: list[Place], tools: Sequence[TypedDraft], ends: Ends) -> Iterator[str]:
    """The names that would fit a class, the best first."""
    ways = [_way(place, tools) for place in where]
    head, way, inside = ways[0]
    prefix = tools[where[0].tool].draft.prefix
    if not way:
        yield from (head, f"{prefix}{head}", f"{prefix}Result{head}")
        return
    if len({tools[place.tool].draft.prefix for place in where}) > 1:
        common = _common_end([way for _, way, _ in ways])
        if common:
            yield "".join(common)
    whole = head + "".join(way)
    if len(way) <= 2 and len(whole) <= LONG_NAME:
        yield whole
    for start in range(len(way) - 1, -1, -1):
        end = way[start:]
        if len(ends[where[0].tool, end]) == 1 or not start:
            yield from _fitting(head, "".join(end))
    if inside:
        yield from _fitting(head, "Result" + "".join(way[1:] if way[0] == "Result" else way))
    if not way[-1].endswith("Item"):
        yield from _fitting(head, "".join(way) + "Item")


def _fitting(head: str, end: str) -> Iterator[str]:
    if len(head + end) <= MAX_CLASS_LENGTH:
        yield head + end
    if len(head + end) > LONG_NAME:
        yield end


def _common_end(ways: Sequence[Path]) -> Path:
    common: list[str] = []
    for steps in zip(*(reversed(way) for way in ways), strict=False):
        if len(set(steps)) > 1:
            break
        common.insert(0, steps[0])
    return tuple(common)


def _settle_marked(
    names: dict[str, str],
    places: dict[str, list[Place]],
    tools: Sequence[TypedDraft],
    own: Iterable[str],
) -> None:
    """Give a name to what has none, by the rules of edition 1."""
    rest = [identity for identity in places if identity not in names]
    taken = [(name, "") for name in (*own, *names.values())]
    wanted = []
    for identity in rest:
        tool, key = places[identity][0]
        wanted.append((tools[tool].draft.models[key].name, identity))
    settled = class_names([*taken, *wanted])[len(taken) :]
    names.update(zip(rest, settled, strict=True))


# ── long literals ─────────────────────────────────────────────────────────────────────────────────


def _fields(
    tools: Sequence[TypedDraft], names: TypeNames
) -> Iterator[tuple[int, tuple[str, str], Literals]]:
    """Every long literal: the tool, the two parts of the name that it wants, and its values."""
    for number, one in enumerate(tools):
        prefix = one.draft.prefix
        own: list[tuple[str, TypeRef | None]] = [
            (class_name(argument.wire), type_)
            for argument, type_ in zip(one.draft.arguments, one.arguments, strict=True)
        ]
        for end, type_ in (*own, ("Value", one.extra), ("Result", one.result)):
            for choices in _long(type_):
                yield number, (prefix, end), choices
    for identity, where in names.places.items():
        for place in where:
            for p in tools[place.tool].models[place.key]:
                for choices in _long(p.type):
                    yield place.tool, (names.classes[identity], class_name(p.wire)), choices


def _long(type_: TypeRef | None) -> list[Literals]:
    if type_ is None:
        return []
    return [one for one in literals_in(type_) if len(literals(one.values)) > LONG_LITERAL]


def _aliases(
    tools: Sequence[TypedDraft],
    fields: list[tuple[int, tuple[str, str], Literals]],
    taken: list[str],
    edition: int,
    pins: Pins,
) -> dict[Literals, str]:
    names: dict[Literals, str] = {}
    wanted: dict[Literals, tuple[str, str]] = {}
    for tool, parts, choices in fields:
        wanted.setdefault(choices, parts)
        pin = pins.get(tools[tool].draft.tool.name, {}).get(_place_of(parts), "")
        if pin and free_class_name(pin) == pin and pin not in (*taken, *names.values()):
            names.setdefault(choices, pin)
    taken = [*taken, *names.values()]
    rest = {choices: parts for choices, parts in wanted.items() if choices not in names}
    if edition > 1:
        claims = _Claims(taken)
        names |= {choices: claims.first(_fitting(*parts)) for choices, parts in rest.items()}
    else:
        pairs = [("".join(parts), repr(choices.values)) for choices, parts in rest.items()]
        settled = class_names([(name, "") for name in taken] + pairs)[len(taken) :]
        names |= dict(zip(rest, settled, strict=True))
    return {choices: names[choices] for choices in wanted}


def _place_of(parts: tuple[str, str]) -> str:
    """The place of a long literal in `Pins`; `=` begins no key of a model."""
    return f"={''.join(parts)}"
