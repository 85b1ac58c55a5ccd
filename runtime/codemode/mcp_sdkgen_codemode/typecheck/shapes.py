"""The types of a program's expressions, as far as the check's own rules ask: classes by full name.

mypy's own type objects stay where mypy is.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from .edits import Edit, original
from .positions import Places

Span = tuple[tuple[int, int], tuple[int, int]]
"""Where an expression begins, and the first place after it."""

UNION, FIXED_TUPLE, FUNCTION = "|", "()", "def"


@dataclass(frozen=True)
class Shape:
    """A type: the full name of its class, the arguments, and the names of all its base classes.

    A union, a tuple of known length and a function have names of their own; their arguments are
    the members, the items, and what is returned.
    """

    name: str
    arguments: tuple[Shape, ...] = ()
    bases: frozenset[str] = field(default=frozenset(), repr=False)

    @property
    def short(self) -> str:
        """The name of the class without its module."""
        return self.name.rpartition(".")[2]

    @property
    def members(self) -> tuple[Shape, ...]:
        """What a value may be: the members of a union, or the type itself."""
        return self.arguments if self.name == UNION else (self,)

    def within(self) -> Iterator[Shape]:
        """The type and every type that it is made of."""
        yield self
        for each in self.arguments:
            yield from each.within()


ANY, NONE, OTHER = Shape("Any"), Shape("None"), Shape("?")


def is_pending(kind: Shape) -> bool:
    """Whether a value is nothing before it is awaited: a coroutine, a future, a task."""
    return "typing.Awaitable" in kind.bases


@dataclass(frozen=True)
class Typed:
    """The types in one text by span, and what its f-strings show: line, column and type."""

    types: Mapping[Span, Shape]
    formatted: tuple[tuple[int, int, Shape], ...] = ()

    def before(self, edits: Iterable[Edit]) -> Typed:
        """The same at the places where all was before `edits` led to this text."""
        changes = sorted(edits)
        if not changes:
            return self

        def place(at: tuple[int, int]) -> tuple[int, int]:
            return at[0], original(at[1], at[0], changes)

        types = {(place(start), place(end)): kind for (start, end), kind in self.types.items()}
        shown = ((*place((line, column)), kind) for line, column, kind in self.formatted)
        return Typed(types, tuple(shown))

    def of(self, node: ast.expr, places: Places) -> Shape:
        """The type of an expression; `OTHER` where mypy has not looked at it."""
        return self.types.get(places.span(node), OTHER)
