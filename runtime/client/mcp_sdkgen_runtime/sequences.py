"""A sequence type that a lone string does not pass for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Protocol, SupportsIndex, TypeVar, overload

ItemT_co = TypeVar("ItemT_co", covariant=True)


class SequenceNotStr(Protocol[ItemT_co]):
    """Any `Sequence` but `str` and `bytes`, for type checkers.

    A `str` is a `Sequence[str]` whose `__contains__` takes only strings, and that is what tells it
    apart (the technique is from the `useful_types` package).
    """

    @overload
    def __getitem__(self, index: SupportsIndex, /) -> ItemT_co: ...
    @overload
    def __getitem__(self, index: slice, /) -> Sequence[ItemT_co]: ...
    def __contains__(self, value: object, /) -> bool: ...
    def __len__(self) -> int: ...
    def __iter__(self) -> Iterator[ItemT_co]: ...
    def index(self, value: Any, start: int = 0, stop: int = ..., /) -> int: ...
    def count(self, value: Any, /) -> int: ...
    def __reversed__(self) -> Iterator[ItemT_co]: ...
