"""Does one schema fit into another, for the callers of a generated SDK? A proof, or no.

`Prover.fits(sub, sup)` is true only when it is certain that whatever type-correct code could send
(`sub` is the old input) or could be given (`sub` is the new output) is what `sup` allows. That is
containment of JSON Schemas with what the static types add and take away:

- a property that the old definition names must still be named: its keyword or attribute is gone;
- a key that nobody named cannot be sent by type-correct code, so naming it now costs nothing;
- results are open: unknown keys and new `enum` values (while an old one remains) are allowed,
  and that only one branch of a `oneOf` fits is no promise to those who read a result;
- a model and a free-form object are different types, whatever JSON they allow.
"""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum
from typing import Any

from .reading import Reader, TooManyAlternativesError
from .view import EVERY_TYPE, Limit, Node, View, finite, has_door, type_of

MAX_STEPS = 20_000
MAX_DEPTH = 40
_VALUES_A_STEP = 8

_NUMERIC = frozenset({"integer", "fraction"})
_MEASURED = {"string": "length", "array": "items", "object": "properties"}


class Side(StrEnum):
    """Which way values flow."""

    INPUT = "input"
    OUTPUT = "output"


class Prover:
    """Proves containments between one old and one new document.

    With `tuples`, an array with a type for each item is a tuple to those who read a result.
    `open_values` says whether results may have new `enum` values.
    """

    def __init__(
        self, side: Side, reader: Reader, *, open_values: bool = True, tuples: bool = False
    ) -> None:
        self.side = side
        self.tuples = tuples
        self._open_values = open_values and side is Side.OUTPUT
        self.reader = reader
        self._held: dict[tuple[Node, Node, bool], None] = {}
        self._failed: set[tuple[Node, Node, bool]] = set()
        self._steps = 0
        self._depth = 0

    def fits(self, sub: Node, sup: Node, *, root: bool = False) -> bool:
        """Whether `sub` certainly fits into `sup`. `root` marks the arguments as a whole.

        A pair that is met again inside itself is taken to hold (the relation is a greatest fixed
        point); what rested on a pair that then fails is forgotten.
        """
        pair = (sub, sup, root)
        if pair in self._held:
            return True
        self._steps += 1
        if pair in self._failed or self._depth > MAX_DEPTH or self._steps > MAX_STEPS:
            return False
        before = len(self._held)
        self._held[pair] = None
        self._depth += 1
        try:
            holds = self.views_fit(self.reader.view(sub), self.reader.view(sup), root=root)
        except TooManyAlternativesError:
            holds = False
        finally:
            self._depth -= 1
        if not holds:
            while len(self._held) > before:
                self._held.popitem()
            self._failed.add(pair)
        return holds

    def views_fit(self, sub: View, sup: View, *, root: bool = False) -> bool:
        """The same for views. Raises `TooManyAlternativesError`."""
        if self.remaps(sub, sup):
            return False
        targets = self.reader.alternatives(sup)
        arguments = root and self.side is Side.INPUT
        return all(
            any(self._flat(piece, target, root) for target in targets)
            or (len(targets) > 1 and self._each_value_fits(piece, targets, root))
            for part in self.reader.alternatives(sub)
            for piece in (_by_type(part) if len(targets) > 1 or arguments else [part])
            # The arguments of a call are an object, whatever else the schema allows.
            if not arguments or "object" in piece.types
        )

    def _each_value_fits(self, piece: View, targets: list[View], root: bool) -> bool:
        """Whether each of the values that `piece` lists fits into one of the targets."""
        if piece.values is None:
            return False
        left = dict(zip(piece.keys, piece.values, strict=True))
        for target in targets:
            self._spend(len(left))
            likely = {
                text: value
                for text, value in left.items()
                if (target.values is None or text in target.key_set)
                and _admits(target, value, piece)
            }
            # Mostly all of them fit together.
            whole = replace(piece, values=tuple(likely.values()))
            if not self._flat(whole, target, root):
                likely = {
                    text: value
                    for text, value in likely.items()
                    if self._flat(replace(piece, values=(value,)), target, root)
                }
            left = {text: value for text, value in left.items() if text not in likely}
        return not left

    def _spend(self, values: int) -> None:
        """Count a step, and one for some of the values that are looked at. Raises
        `TooManyAlternativesError` where there were too many."""
        self._steps += 1 + values // _VALUES_A_STEP
        if self._steps > MAX_STEPS:
            raise TooManyAlternativesError

    def remaps(self, one: View, two: View) -> bool:
        """Whether the `discriminator` of a result gives another class for the same value."""
        if self.side is Side.INPUT:
            return False
        known = {(name, value): target for name, value, target in one.mapped}
        return any(known.get((name, value), target) != target for name, value, target in two.mapped)

    def _flat(self, sub: View, sup: View, root: bool) -> bool:
        if sub.is_never:
            return True
        if not (sub.types <= sup.types and sup.rules <= sub.rules):
            return False
        self._spend(len(sub.properties) + len(sub.values or ()))
        if self.side is Side.INPUT and not all(
            self._escapes(sub, text) for text in sup.excluded - sub.excluded
        ):
            return False
        values = finite(sub)
        if values is not None:
            return self._values_fit(values, sub, sup)
        return (
            sup.values is None
            and self._scalars_fit(sub, sup)
            and ("array" not in sub.types or self._arrays_fit(sub, sup))
            and ("object" not in sub.types or self._objects_fit(sub, sup, root))
        )

    def _escapes(self, sub: View, text: str) -> bool:
        """Whether nothing in `sub` is in the `oneOf` branch spelled `text`."""
        other = self.reader.view(self.reader.spelled[text])
        return all(self._apart(sub, branch) for branch in self.reader.alternatives(other))

    def _apart(self, one: View, two: View) -> bool:
        if not one.types & (EVERY_TYPE if two.assumed else two.types):
            return True
        self._spend(len(one.values or ()))
        if finite(one) is not None and finite(two) is not None:
            return one.key_set.isdisjoint(two.key_set)
        if one.types & two.types != {"object"}:
            return False
        # What one of them requires is in whatever is in both.
        return any(
            self._never_meet(_at(one, name), _at(two, name)) for name in one.required | two.required
        )

    def _never_meet(self, one: Node, two: Node) -> bool:
        """Whether it is plain, by types and constants, that no value is in both."""
        for mine in self.reader.alternatives(self.reader.view(one)):
            for other in self.reader.alternatives(self.reader.view(two)):
                self._spend(len(mine.values or ()))
                if finite(mine) is not None and finite(other) is not None:
                    if not mine.key_set.isdisjoint(other.key_set):
                        return False
                elif mine.assumed or other.assumed or mine.types & other.types:
                    return False
        return True

    def _values_fit(self, values: tuple[Any, ...], sub: View, sup: View) -> bool:
        if not all(_admits(sup, value, sub) for value in values):
            return False
        if sup.values is None:
            return True
        if self._open_values and not sub.key_set.isdisjoint(sup.key_set):
            return {type_of(v) for v in values} <= {type_of(v) for v in sup.values}
        return sub.key_set <= sup.key_set

    def _scalars_fit(self, sub: View, sup: View) -> bool:
        if sub.types & _NUMERIC and not _numbers_fit(sub, sup):
            return False
        if "string" in sub.types and not (
            sup.patterns <= sub.patterns and sup.formats <= sub.formats
        ):
            return False
        return all(
            _within(sub, sup, measure) for kind, measure in _MEASURED.items() if kind in sub.types
        )

    def _arrays_fit(self, sub: View, sup: View) -> bool:
        if self.retypes(sub, sup):
            return False
        longest = sub.upper.get("items", (float("inf"), True))[0]
        if sup.unique and not sub.unique and longest > 1:
            return False
        count = max(len(sub.prefix), len(sup.prefix))
        return all(
            self.fits(sub.items_at(index), sup.items_at(index))
            for index in range(count)
            if index < longest
        ) and (longest <= count or self.fits(sub.rest, sup.rest))

    def retypes(self, one: View, two: View) -> bool:
        """Whether a result is a list by one of the two, and a tuple by the other."""
        reads = self.tuples and self.side is Side.OUTPUT and "array" in one.types & two.types
        return reads and bool(one.prefix) != bool(two.prefix)

    def _objects_fit(self, sub: View, sup: View, root: bool) -> bool:
        sending = self.side is Side.INPUT
        arguments = root and sending
        if not sup.required <= sub.required:
            return False
        if not arguments and bool(sub.properties) != bool(sup.properties):
            return False
        old, new = (sub, sup) if sending else (sup, sub)
        if arguments and not old.required <= new.properties.keys() | new.required:
            return False
        gone = old.properties.keys() - new.properties.keys()
        for name in gone:
            if arguments and name in new.required:
                if not self.fits(old.properties[name], new.extra):
                    return False
            elif not self.reader.view(old.properties[name]).is_never:
                return False
        for name in sup.properties.keys() & (sub.properties.keys() | sub.required):
            if not self.fits(sub.properties.get(name, sub.extra), sup.properties[name]):
                return False
        if self._has_typed_extra(old):
            for name in new.properties.keys() - old.properties.keys():
                added = new.properties[name]
                if not (self.fits(old.extra, added) if sending else self.fits(added, old.extra)):
                    return False
        return self._keys_fit(sub, sup, arguments)

    def _keys_fit(self, sub: View, sup: View, arguments: bool) -> bool:
        """Whether what stands under keys that are not named fits."""
        everything = [*sub.properties.values(), *sub.matching.values(), sub.extra]
        for pattern, allowed in sup.matching.items():
            mine = [sub.matching[pattern]] if pattern in sub.matching else everything
            if not all(self.fits(node, allowed) for node in mine):
                return False
        room = sup.extra
        if self.side is Side.OUTPUT and sup.properties and not self._has_typed_extra(sup):
            room = ()
        for pattern in sub.matching.keys() - sup.matching.keys():
            if not self.fits(sub.matching[pattern], room):
                return False
        if arguments and not has_door(sub):
            return True
        return (has_door(sup) or not arguments) and self.fits(sub.extra, room)

    def _has_typed_extra(self, view: View) -> bool:
        extra = self.reader.view(view.extra)
        return not (extra.is_open or extra.is_never)


def _at(view: View, name: str) -> Node:
    """What the value under a key must be; nothing where a pattern may speak of it."""
    return view.properties.get(name, () if view.matching else view.extra)


def _by_type(view: View) -> list[View]:
    pieces = []
    for kind in sorted(view.types):
        values = view.values
        if values is not None:
            values = tuple(value for value in values if type_of(value) == kind)
        pieces.append(replace(view, types=frozenset({kind}), values=values))
    return pieces


def _admits(sup: View, value: Any, sub: View) -> bool:
    kind = type_of(value)
    if kind not in sup.types:
        return False
    if kind in ("integer", "fraction"):
        return _numbers_fit(
            View(
                types=frozenset({kind}),
                lower={"value": (value, False)},
                upper={"value": (value, True)},
                multiples=frozenset({value}),
            ),
            sup,
        )
    if kind == "string":
        exact = {"length": (len(value), False)}, {"length": (len(value), True)}
        return (
            _within(View(lower=exact[0], upper=exact[1]), sup, "length")
            and sup.patterns <= sub.patterns
            and sup.formats <= sub.formats
        )
    if kind in ("array", "object"):
        loose = replace(sup, types=EVERY_TYPE, values=None, rules=frozenset(), excluded=frozenset())
        return loose.is_open
    return True


def _numbers_fit(sub: View, sup: View) -> bool:
    whole = "fraction" not in sub.types
    if not (_within(_whole(sub), _whole(sup), "value") if whole else _within(sub, sup, "value")):
        return False
    return all(
        (multiple == 1 and whole) or any(_divides(multiple, other) for other in sub.multiples)
        for multiple in sup.multiples - sub.multiples
    )


def _divides(multiple: float, other: float) -> bool:
    exact = isinstance(multiple, int) and isinstance(other, int)
    return exact and multiple > 0 and other % multiple == 0


def _whole(view: View) -> View:
    """The same for whole numbers, with excluded bounds written as included ones."""
    lower, upper = dict(view.lower), dict(view.upper)
    bound, excluded = lower.get("value", (0, False))
    if excluded and isinstance(bound, int):
        lower["value"] = (bound + 1, False)
    bound, included = upper.get("value", (0, True))
    if not included and isinstance(bound, int):
        upper["value"] = (bound - 1, True)
    return replace(view, lower=lower, upper=upper)


def _within(sub: View, sup: View, measure: str) -> bool:
    return _at_least(sub, sup, measure) and _at_most(sub, sup, measure)


def _at_least(sub: View, sup: View, measure: str) -> bool:
    wanted: Limit | None = sup.lower.get(measure)
    return wanted is None or (measure in sub.lower and sub.lower[measure] >= wanted)


def _at_most(sub: View, sup: View, measure: str) -> bool:
    wanted: Limit | None = sup.upper.get(measure)
    return wanted is None or (measure in sub.upper and sub.upper[measure] <= wanted)
