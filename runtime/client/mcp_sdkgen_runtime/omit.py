"""The value that means "leave this argument out"."""

from __future__ import annotations

from typing import Any, Final, final


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
