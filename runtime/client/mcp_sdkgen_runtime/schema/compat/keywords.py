"""Two views of one place → their differences, keyword by keyword, in plain words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Any

from . import wording
from .change import Severity
from .containment import Side
from .view import EVERY_TYPE, Node, View, has_door, key, openness

CANNOT_ACCEPT = "it cannot be proved to accept everything that it accepted before"
CANNOT_GIVE = "it cannot be proved to give only what it gave before"


class Effect(Enum):
    """What a difference does to the set of allowed values."""

    NARROWER = "narrower"
    WIDER = "wider"
    OTHER = "other"
    """Neither; it breaks whichever way values flow."""
    NONE = "none"
    """Nothing that breaks callers."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference: `what` follows the name of the place, the two `why` say what breaks."""

    kind: str
    effect: Effect
    what: str
    why_input: str = ""
    why_output: str = ""
    old: Any = None
    new: Any = None
    pointer: str = ""
    otherwise: Severity = Severity.COMPATIBLE


def place(side: Side, path: str, root: bool) -> str:
    """How a message names a place: ``argument `city` ``, ``result field `days[].high` ``."""
    if root or not path:
        return "the input" if side is Side.INPUT else "the result"
    if side is Side.INPUT:
        nested = "." in path or "[" in path or "{" in path
        return f"{'input field' if nested else 'argument'} {wording.code(path)}"
    return f"result {'part' if path.startswith(('[', '{')) else 'field'} {wording.code(path)}"


def types(old: frozenset[str], new: frozenset[str]) -> Difference:
    """The set of JSON types changed."""
    gone, added = old - new, new - old
    effect = Effect.NARROWER if not added else Effect.WIDER if not gone else Effect.OTHER
    nullness = {"null"}
    kind = "null-removed" if gone == nullness else "null-added" if added == nullness else ""
    if gone and added:
        kind = "type-changed"
    return Difference(
        kind or ("type-narrowed" if gone else "type-widened"),
        effect,
        f"was {wording.types(old)}, is {wording.types(new)}",
        f"calls that pass {_in_words(gone)} are refused",
        f"code that expects {wording.types(old)} fails"
        if gone or new == EVERY_TYPE
        else f"code that does not expect {_in_words(added)} fails",
        wording.types(old),
        wording.types(new),
    )


def _in_words(kinds: frozenset[str]) -> str:
    if len(kinds) > 4:
        return "anything else"
    return wording.types(kinds).replace("fraction", "a number that is not whole")


def presence(
    side: Side, old: Node | None, new: Node | None, required: tuple[bool, bool]
) -> Difference | None:
    """A property came, went, or became required or optional; None when it did not."""
    was, now = required
    noun = "argument" if side is Side.INPUT else "field"
    node = new if new is not None else old
    pointer = node[0].pointer if node else ""
    if new is None:
        return Difference(
            f"{noun}-removed", Effect.OTHER, "is gone",
            "calls that pass it fail", "code that reads it fails", pointer=pointer,
        )  # fmt: skip
    if old is None and side is Side.OUTPUT:
        what = "is new" if now else "is new, and may be missing"
        return Difference("field-added", Effect.NARROWER, what, pointer=pointer)
    if old is None and now:
        return Difference(
            "required-argument-added", Effect.NARROWER, "is new and required",
            "calls that do not pass it fail", pointer=pointer,
        )  # fmt: skip
    if old is None:
        return Difference("argument-added", Effect.WIDER, "is new and optional", pointer=pointer)
    if was == now:
        return None
    before, after = _PRESENCE[side, now]
    return Difference(
        f"{noun}-made-{'required' if now else 'optional'}",
        Effect.NARROWER if now else Effect.WIDER,
        f"{before}, {after}",
        "calls that leave it out fail", "code that always reads it fails",
        "required" if was else "optional", "required" if now else "optional", pointer=pointer,
    )  # fmt: skip


_PRESENCE = {
    (Side.INPUT, True): ("was optional", "is required"),
    (Side.INPUT, False): ("was required", "is optional"),
    (Side.OUTPUT, True): ("could be missing", "is always there"),
    (Side.OUTPUT, False): ("was always there", "may be missing"),
}


def differences(old: View, new: View, side: Side, root: bool) -> Iterator[Difference]:
    """How two alternatives differ, apart from their parts, texts and types."""
    common = old.types & new.types
    yield from _values(old, new, side)
    yield from _limits(old, new, common)
    if common & {"integer", "fraction"}:
        yield from _facets("multipleOf", old.multiples, new.multiples)
    if "string" in common:
        yield from _facets("pattern", old.patterns, new.patterns)
        yield from _facets("format", old.formats, new.formats)
    if "array" in common and old.unique != new.unique:
        yield Difference(
            "constraint-added" if new.unique else "constraint-removed",
            Effect.NARROWER if new.unique else Effect.WIDER,
            "must now have different items" if new.unique else "may now repeat items",
            "calls that repeat an item are refused", "code may get repeated items",
        )  # fmt: skip
    if "object" in common:
        yield from _objects(old, new, side, root)
    for word in sorted({word for word, _ in old.rules ^ new.rules}):
        yield _rule(word, old, new)


def _values(old: View, new: View, side: Side) -> Iterator[Difference]:
    if old.values is None and new.values is None:
        return
    if old.values is None or new.values is None:
        narrower = old.values is None
        listed = wording.values((new.values if narrower else old.values) or ())
        kind = wording.types(old.types if narrower else new.types)
        yield Difference(
            "enum-added" if narrower else "enum-removed",
            Effect.NARROWER if narrower else Effect.WIDER,
            f"was any {kind}, is one of {listed}" if narrower
            else f"was one of {listed}, is any {kind}",
            "calls that pass anything else are refused",
            "code that knows only these values can fail",
            list(old.values) if old.values is not None else None,
            list(new.values) if new.values is not None else None,
        )  # fmt: skip
        return
    before, after = {key(v): v for v in old.values}, {key(v): v for v in new.values}
    gone = [before[k] for k in before if k not in after]
    added = [after[k] for k in after if k not in before]
    disjoint = len(gone) == len(before) and side is Side.OUTPUT and bool(added)
    if disjoint:
        yield Difference(
            "enum-replaced", Effect.OTHER,
            f"was {wording.values(gone)}, is {wording.values(added)}",
            why_output="code that knows the old values fails", old=gone, new=added,
        )  # fmt: skip
        return
    if gone:
        # results are open to other values, so one that never comes again changes nothing
        effect = Effect.NARROWER if side is Side.INPUT else Effect.NONE
        verb = "no longer accepts" if side is Side.INPUT else "no longer gives"
        yield Difference(
            "enum-value-removed", effect, f"{verb} {wording.values(gone)}",
            "calls that pass it are refused", old=gone,
        )  # fmt: skip
    if added:
        what = f"also accepts {wording.values(added)}"
        if side is Side.OUTPUT:
            listed = wording.values(added)
            what = f"may now also be {listed}; code that lists every value should add it"
        yield Difference("enum-value-added", Effect.NONE, what, new=added)


def _limits(old: View, new: View, common: frozenset[str]) -> Iterator[Difference]:
    for measure, kinds in _MEASURES.items():
        if not common & kinds:
            continue
        for bounds, word, least in (
            ((old.lower.get(measure), new.lower.get(measure)), "minimum", True),
            ((old.upper.get(measure), new.upper.get(measure)), "maximum", False),
        ):
            was, now = bounds
            if was == now:
                continue
            tighter = now is not None and (was is None or (now > was if least else now < was))
            side = "smaller" if least else "larger"
            yield Difference(
                f"{word}-{'raised' if least == tighter else 'lowered'}"
                if was and now
                else f"{word}-{'added' if now else 'removed'}",
                Effect.NARROWER if tighter else Effect.WIDER,
                _moved(f"{word} {measure if measure != 'value' else ''}".strip(), was, now, least),
                f"{_LARGER[measure, side]} are refused",
                f"code may get {_LARGER[measure, side]}",
                was and was[0],
                now and now[0],
            )


_MEASURES = {
    "value": frozenset({"integer", "fraction"}),
    "length": frozenset({"string"}),
    "items": frozenset({"array"}),
    "properties": frozenset({"object"}),
}
_LARGER = {
    ("value", "smaller"): "smaller values",
    ("value", "larger"): "larger values",
    ("length", "smaller"): "shorter values",
    ("length", "larger"): "longer values",
    ("items", "smaller"): "fewer items",
    ("items", "larger"): "more items",
    ("properties", "smaller"): "fewer keys",
    ("properties", "larger"): "more keys",
}


def _moved(
    word: str, was: tuple[float, bool] | None, now: tuple[float, bool] | None, least: bool
) -> str:
    word = word.replace("items", "number of items").replace("properties", "number of keys")
    if was is None:
        return f"now has the {word} {_bound(now, least)}"
    if now is None:
        return f"no longer has the {word} {_bound(was, least)}"
    return f"had the {word} {_bound(was, least)}, has {_bound(now, least)}"


def _bound(limit: tuple[float, bool] | None, least: bool) -> str:
    if limit is None:
        return "none"
    number, flag = limit
    return f"{wording.value(number)}{' (itself excluded)' if flag is least else ''}"


def _facets(word: str, old: frozenset[Any], new: frozenset[Any]) -> Iterator[Difference]:
    if old == new:
        return
    gone = sorted(old - new, key=str)
    added = sorted(new - old, key=str)
    if gone and added:
        what = f"had the {word} {wording.values(gone)}, has {wording.values(added)}"
    elif added:
        what = f"now has the {word} {wording.values(added)}"
    else:
        what = f"no longer has the {word} {wording.values(gone)}"
    effect = Effect.OTHER if gone and added else Effect.NARROWER if added else Effect.WIDER
    state = "changed" if gone and added else "added" if added else "removed"
    yield Difference(
        f"{word.lower()}-{state}", effect, what,
        "values that were accepted can be refused", "code that relies on it can fail",
        ", ".join(map(str, gone)) or None, ", ".join(map(str, added)) or None,
    )  # fmt: skip


def reshaped(was_model: bool) -> Difference:
    """A model became a free-form object, or the other way round."""
    forms = ["an object with named fields", "free-form"]
    was, now = forms if was_model else reversed(forms)
    why = "its class is gone" if was_model else "it has a class now and is no plain dict"
    return Difference("shape-changed", Effect.OTHER, f"was {was}, is {now}", why, why)


def retyped(was_tuple: bool) -> Difference:
    """A list became a tuple, or the other way round."""
    was, now = ("a tuple", "a list") if was_tuple else ("a list", "a tuple")
    what, why = f"was {was}, is {now}", f"code that takes it for {was} can fail"
    return Difference("shape-changed", Effect.OTHER, what, why, why)


REMAPPED = Difference(
    "discriminator-changed",
    Effect.OTHER,
    "has another class for the same value of its discriminator",
    why_output="code that expects the former class fails",
)
UNDESCRIBED = Difference(
    "shape-changed",
    Effect.OTHER,
    "is no longer described, so its classes are gone",
    "code that imports them fails",
)


def has_new_shape(old: View, new: View, side: Side, root: bool) -> bool:
    """Whether one is a model and the other a free-form object: two different static types."""
    arguments = root and side is Side.INPUT
    both = "object" in old.types and "object" in new.types
    return both and not arguments and bool(old.properties) != bool(new.properties)


def _objects(old: View, new: View, side: Side, root: bool) -> Iterator[Difference]:
    if has_new_shape(old, new, side, root):
        yield reshaped(bool(old.properties))
        return
    if old.properties and new.properties and old.name != new.name and not root:
        was, now = (wording.code(v.name) if v.name else "a generated name" for v in (old, new))
        yield Difference(
            "class-renamed", Effect.NONE,
            f"has another class name: it was {was}, is {now}; code that imports the class "
            "must import the new name",
            old=old.name or None, new=new.name or None,
        )  # fmt: skip
    unnamed = sorted((new.required - old.required) - old.properties.keys() - new.properties.keys())
    if unnamed:
        yield Difference(
            "required-key-added", Effect.NARROWER, f"must now have {wording.names(unnamed)}",
            "calls without it are refused", new=unnamed,
        )  # fmt: skip
    unnamed = sorted((old.required - new.required) - old.properties.keys() - new.properties.keys())
    if unnamed:
        # What is required is an argument even when nothing else is said about it.
        effect = Effect.OTHER if root and side is Side.INPUT else Effect.WIDER
        yield Difference(
            "required-key-removed", effect, f"may now lack {wording.names(unnamed)}",
            "calls that pass it fail", "code that always reads it fails", old=unnamed,
        )  # fmt: skip
    yield from _other_keys(old, new, side, root)


def _other_keys(old: View, new: View, side: Side, root: bool) -> Iterator[Difference]:
    was, now = openness(old), openness(new)
    if root and side is Side.INPUT and (has_door(old), has_door(new)) == (True, False):
        yield Difference(
            "other-keys-closed", Effect.NARROWER, "no longer takes keys that it does not name",
            "calls that pass such keys fail",
        )  # fmt: skip
    elif was != now and "some" not in (was, now):
        harmless = root if side is Side.INPUT else bool(old.properties)
        effect = Effect.NARROWER if now == "none" else Effect.WIDER
        verb = "allows" if now == "all" else "no longer allows"
        yield Difference(
            "other-keys-opened" if now == "all" else "other-keys-closed",
            Effect.NONE if harmless else effect,
            f"{verb} keys that it does not name",
            "calls that pass such keys are refused", "code may meet keys it does not know",
        )  # fmt: skip
    elif was != now and not (root and side is Side.INPUT and not has_door(old)):
        effect = Effect.NARROWER if was == "all" or now == "none" else Effect.WIDER
        yield Difference(
            "other-keys-changed", effect,
            _OTHER_KEYS[was, now],
            "values under such keys can be refused", "code may meet values it does not know",
        )  # fmt: skip
    for pattern in sorted(old.matching.keys() ^ new.matching.keys()):
        added = pattern in new.matching
        verb = "now has" if added else "no longer has"
        yield Difference(
            "key-pattern-added" if added else "key-pattern-removed", Effect.OTHER,
            f"{verb} a rule for keys that match {wording.code(pattern)}",
            "values under such keys can be refused", "code may meet values it does not know",
        )  # fmt: skip


_OTHER_KEYS = {
    ("all", "some"): "allowed any value under keys that it does not name, is stricter now",
    ("none", "some"): "did not allow keys that it does not name, allows some",
    ("some", "all"): "allowed some values under keys that it does not name, allows any",
    ("some", "none"): "no longer allows keys that it does not name",
}


_RULE_STATES = {
    Effect.NARROWER: ("added", "has a new"),
    Effect.WIDER: ("removed", "has lost a"),
}


def _rule(word: str, old: View, new: View) -> Difference:
    before = {text for name, text in old.rules if name == word}
    after = {text for name, text in new.rules if name == word}
    effect = Effect.NARROWER if before < after else Effect.WIDER if after < before else Effect.OTHER
    state, verb = _RULE_STATES.get(effect, ("changed", "has a changed"))
    return Difference(
        f"rule-{state}",
        effect,
        f"{verb} {wording.code(word or 'schema')} rule",
        CANNOT_ACCEPT,
        CANNOT_GIVE,
    )
