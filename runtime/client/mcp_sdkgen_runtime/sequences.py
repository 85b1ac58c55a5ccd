"""A sequence type that a lone string does not pass for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol, TypeVar, overload

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
