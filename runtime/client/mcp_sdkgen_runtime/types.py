"""Types of generated signatures: `OMIT` leaves an argument out, `SequenceNotStr` takes no `str`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final, Protocol, TypeVar, final, overload


@final
class Omit:
    """The type of `OMIT`, for arguments whose schema allows both `null` and absence."""

    _only: Omit | None = None

    def __new__(cls) -> Omit:
        if cls._only is None:
            cls._only = super().__new__(cls)
        return cls._only

    def __repr__(self) -> str:
        return "OMIT"

    def __bool__(self) -> bool:
        return False

    def __reduce__(self) -> tuple[Any, ...]:
        return Omit, ()


OMIT: Final = Omit()
"""Leaves an argument out, where None would send `null`."""

ItemT_co = TypeVar("ItemT_co", covariant=True)


class SequenceNotStr(Protocol[ItemT_co]):
    """Any `Sequence` but `str` and `bytes`, for type checkers.

    A `str` is a `Sequence[str]` whose `__contains__` takes only strings, and that is what tells it
    apart (the technique is from the `useful_types` package).
    """

    # `int` and no wider: a `collections.abc.Sequence` takes no more.
    @overload
    def __getitem__(self, index: int, /) -> ItemT_co: ...
    @overload
    def __getitem__(self, index: slice, /) -> Sequence[ItemT_co]: ...
    def __contains__(self, value: object, /) -> bool: ...
    def __len__(self) -> int: ...
    def __iter__(self) -> Iterator[ItemT_co]: ...
    def __reversed__(self) -> Iterator[ItemT_co]: ...

    # A mapping has none. As a method that takes `Any` it would let mypy infer `list[Any]` for
    # every list display, and find no wrong item in any.
    @property
    def index(self) -> object: ...
