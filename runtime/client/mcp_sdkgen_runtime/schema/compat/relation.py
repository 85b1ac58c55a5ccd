"""Two schemas → what changed between them, each with its effect on callers.

The walk pairs the parts of both and says what is different; `containment` says whether callers
can notice. A part that fits is compatible whatever the walk finds in it, and one that cannot be
shown to fit always gets a breaking finding, if need be one that says just that.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from . import keywords, unions, wording
from .change import Severity
from .containment import Prover, Side
from .document import TEXT_KEYWORDS, Document, Source
from .reading import Reader, TooManyAlternativesError
from .view import Node, View, key, openness

MAX_PAIRS = 5_000
MAX_DEPTH = 40


@dataclass(frozen=True, slots=True)
class Finding:
    """One difference between two schemas; `why` says what it breaks, if it does."""

    kind: str
    pointer: str
    severity: Severity
    what: str
    why: str = ""
    old: Any = None
    new: Any = None

    @property
    def message(self) -> str:
        """What it was and is, and for a breaking one, why that breaks callers."""
        breaks = self.severity is Severity.BREAKING and self.why
        return f"{self.what}: {self.why}" if breaks else self.what


def relation(
    old: Source, new: Source, side: Side, *, titled: bool = False, tuples: bool = False
) -> tuple[Finding, ...]:
    """What changed from the schema at `old` to the one at `new`. Never raises.

    `titled` says that the title of the whole names its class, `tuples` that an array with a type
    for each item is a tuple in the SDK.
    """
    walk = _Walk(side, titled, tuples)
    try:
        walk.pair((old,), (new,), "", root=True)
        if walk.is_unsound((old,), (new,)):
            walk.cannot_compare((new,), "", True)
    except (RecursionError, TypeError, ValueError, ArithmeticError, LookupError, AttributeError):
        # A schema is foreign data; whatever it upsets here must not stop the comparison.
        walk.cannot_compare((new,), "", True)
    return tuple(walk.findings.values())


def whole(schema: Any, pointer: str) -> Source:
    """A schema that stands at `pointer` in a definition, with its own references."""
    return Document(schema, pointer).root


class _Walk:
    def __init__(self, side: Side, titled: bool, tuples: bool) -> None:
        self.side = side
        self.titled = titled
        self.reader = Reader()
        self.prover = Prover(side, self.reader, tuples=tuples)
        self._exact = Prover(side, self.reader, open_values=False, tuples=tuples)
        self.findings: dict[tuple[str, str], Finding] = {}
        self._places: list[tuple[str, str]] = []
        # findings that mean nothing where both schemas allow the same
        self._spellings: set[tuple[str, str]] = set()
        self._seen: set[tuple[Node, Node]] = set()
        self._met_again = 0
        self._depth = 0

    def is_unsound(self, old: Node, new: Node) -> bool:
        """Whether something breaks and nothing found says so."""
        return not self._fits(old, new, True) and not any(
            finding.severity is Severity.BREAKING for finding in self.findings.values()
        )

    def _fits(self, old: Node, new: Node, root: bool) -> bool:
        if self.side is Side.INPUT:
            return self.prover.fits(old, new, root=root)
        return self.prover.fits(new, old, root=root)

    def _mean_the_same(self, old: Node, new: Node, root: bool) -> bool:
        prover = self._exact
        return prover.fits(old, new, root=root) and prover.fits(new, old, root=root)

    def add(self, finding: Finding) -> None:
        place = finding.kind, finding.pointer
        if place not in self.findings:
            self.findings[place] = finding
            self._places.append(place)

    def effect(self, difference: keywords.Difference, node: Node, path: str, root: bool) -> None:
        """Add what a keyword comparison found at `node`."""
        place = keywords.place(self.side, path, root)
        bad = keywords.Effect.NARROWER if self.side is Side.INPUT else keywords.Effect.WIDER
        breaks = difference.effect in (bad, keywords.Effect.OTHER)
        kind, pointer = difference.kind, difference.pointer or _pointer(node)
        if difference.effect is not keywords.Effect.NONE:
            self._spellings.add((kind, pointer))
        why = difference.why_input if self.side is Side.INPUT else difference.why_output
        self.add(
            Finding(
                kind,
                pointer,
                Severity.BREAKING if breaks else difference.otherwise,
                f"{place} {difference.what}".strip(),
                why,
                wording.short(difference.old),
                wording.short(difference.new),
            )
        )

    def cannot_compare(self, node: Node, path: str, root: bool) -> None:
        """Add that `node` cannot be shown to fit."""
        is_input = self.side is Side.INPUT
        why = keywords.CANNOT_ACCEPT if is_input else keywords.CANNOT_GIVE
        what = f"{keywords.place(self.side, path, root)} changed"
        self.add(Finding("not-comparable", _pointer(node), Severity.BREAKING, what, why))

    def pair(self, old: Node, new: Node, path: str, *, root: bool = False) -> None:
        """Compare two places that correspond."""
        if (old, new) in self._seen:
            self._met_again += 1
            return
        self._seen.add((old, new))
        fits = self._fits(old, new, root)
        start, met = len(self._places), self._met_again
        if self._depth < MAX_DEPTH and len(self._seen) < MAX_PAIRS:
            self._depth += 1
            try:
                self._compare(old, new, path, root)
            except TooManyAlternativesError:
                pass
            finally:
                self._depth -= 1
        found = [place for place in self._places[start:] if place in self.findings]
        if fits and self._mean_the_same(old, new, root):
            for place in self._spellings & set(found):
                del self.findings[place]
        elif fits:
            for place in found:
                finding = self.findings[place]
                if finding.severity is Severity.BREAKING:
                    self.findings[place] = replace(finding, severity=Severity.COMPATIBLE)
            if not found and met == self._met_again:
                self._loosened(new or old, path, root)
        elif met == self._met_again and not any(
            self.findings[place].severity is Severity.BREAKING for place in found
        ):
            self.cannot_compare(new or old, path, root)

    def _loosened(self, node: Node, path: str, root: bool) -> None:
        what = "accepts more" if self.side is Side.INPUT else "promises more"
        place = keywords.place(self.side, path, root)
        self.add(
            Finding("loosened", _pointer(node), Severity.COMPATIBLE, f"{place} {what} than it did")
        )

    def _compare(self, old: Node, new: Node, path: str, root: bool) -> None:
        one, two = self.reader.view(old), self.reader.view(new)
        before = self.reader.alternatives(one)
        after = self.reader.alternatives(two)
        types = _types(before), _types(after)
        where = new or old
        if self.prover.remaps(one, two):
            self.effect(keywords.REMAPPED, where, path, root)
        if types[0] != types[1]:
            self.effect(keywords.types(*types), where, path, root)
            if any(view.is_open for view in (*before, *after)):
                self._texts(one, two, where, path, root)
                if two.is_open and not self._fits(old, new, root):
                    self.effect(keywords.UNDESCRIBED, where, path, root)
                return
        common = types[0] & types[1] - {"null"}
        before, after = _without_null(before, common), _without_null(after, common)
        single = len(before) == len(after) == 1
        self._texts(*((before[0], after[0]) if single else (one, two)), where, path, root)
        pairs, gone, added = unions.match(before, after)
        for first, second in pairs:
            for difference in keywords.differences(first, second, self.side, root):
                self.effect(difference, where, path, root)
            if self.prover.retypes(first, second):
                self.effect(keywords.retyped(bool(first.prefix)), where, path, root)
            if not keywords.has_new_shape(first, second, self.side, root):
                self._children(first, second, path, root)
        for difference in unions.members(gone, added):
            self.effect(difference, where, path, root)

    def _texts(self, old: View, new: View, node: Node, path: str, root: bool) -> None:
        place = keywords.place(self.side, path, root)
        pointer = _pointer(node)
        for word in (*TEXT_KEYWORDS, "default"):
            was, now = old.text.get(word), new.text.get(word)
            if key([was]) == key([now]) and (word in old.text) == (word in new.text):
                continue
            severity = Severity.TEXT
            what = f"{place} {wording.step(word, was, now)}".strip()
            if word == "default" and self.side is Side.INPUT:
                severity = Severity.COMPATIBLE
                what = f"{place} {_default(old.text, new.text)}"
            elif word == "title" and root and self.titled and new.properties:
                severity = Severity.COMPATIBLE
                what += "; the class of the result may have another name"
            kind = f"{word.strip('$').lower()}-changed"
            where = f"{pointer}/{word}"
            self.add(
                Finding(kind, where, severity, what, "", wording.short(was), wording.short(now))
            )

    def _children(self, old: View, new: View, path: str, root: bool) -> None:
        if "object" in old.types & new.types:
            self._properties(old, new, path, root and self.side is Side.INPUT)
            for pattern in old.matching.keys() & new.matching.keys():
                self.pair(old.matching[pattern], new.matching[pattern], f"{path}{{}}")
            if openness(old) == openness(new) == "some":
                self.pair(old.extra, new.extra, f"{path}{{}}")
        if "array" in old.types & new.types:
            for index in range(max(len(old.prefix), len(new.prefix))):
                self._items(old.items_at(index), new.items_at(index), f"{path}[{index}]")
            self._items(old.rest, new.rest, f"{path}[]")

    def _items(self, old: Node, new: Node, path: str) -> None:
        if old or new:
            self.pair(old, new, path)

    def _properties(self, old: View, new: View, path: str, arguments: bool) -> None:
        names = dict.fromkeys((*old.properties, *new.properties))
        # References last: a recursive model is then spoken of by its shortest path.
        for name in sorted(names, key=lambda name: _refers(new.properties.get(name, ()))):
            inner = f"{path}.{name}" if path else name
            was, now = old.properties.get(name), new.properties.get(name)
            if was is None and name in old.required:
                was = old.extra
            if now is None and name in new.required and arguments:
                # What is required is an argument even when nothing else is said about it.
                now = new.extra
            required = name in old.required, name in new.required
            difference = keywords.presence(self.side, was, now, required)
            if difference is not None:
                self.effect(difference, now or was or (), inner, False)
            if was is not None and now is not None:
                self.pair(was, now, inner)


def _default(old: Mapping[str, Any], new: Mapping[str, Any]) -> str:
    if "default" not in old:
        return f"now has the default {wording.value(new['default'])} when it is left out"
    if "default" not in new:
        return f"no longer has the default {wording.value(old['default'])} when it is left out"
    return (
        f"had the default {wording.value(old['default'])}, has {wording.value(new['default'])}: "
        "calls that leave it out mean something else"
    )


def _pointer(node: Node) -> str:
    return node[0].pointer if node else ""


def _refers(node: Node) -> bool:
    return any("$ref" in source.schema for source in node if isinstance(source.schema, dict))


def _types(views: list[View]) -> frozenset[str]:
    return frozenset[str]().union(*(view.types for view in views))


def _without_null(views: list[View], common: frozenset[str]) -> list[View]:
    return [replace(view, types=view.types & common) for view in views if view.types & common]
