"""The value of a program's last expression, as JSON."""

from __future__ import annotations

import dataclasses
import json
import math
import sys
from typing import Any, Final

ABSENT: Final = object()

_DEEPEST = 90
"""The host reads no deeper than 100, and the value is wrapped."""
_TOO_LARGE = 10**4300
"""The host reads no integers with more digits."""
_PYDANTIC_SCALARS = {
    "datetime", "date", "time", "timedelta", "Decimal", "Fraction", "UUID", "Path", "PosixPath",
    "PurePosixPath", "Url", "AnyUrl", "HttpUrl",
}  # fmt: skip


class ValueRefused(ValueError):
    """The value is JSON-like but cannot be given back."""


class _NotJson(Exception):
    pass


def as_json(value: Any, max_bytes: int) -> Any:
    """The value as plain JSON data, or `ABSENT` when it has no JSON form.

    Models, data classes and tool results become what is in them, tuples and sets lists, dates and
    the like strings, numbers and arrays of numpy those of Python, and a float that JSON does not
    know one of `"NaN"`, `"Infinity"`, `"-Infinity"`. What has no JSON form is told on stderr.
    Raises `ValueRefused` when it is too large or too deep.
    """
    if value is ABSENT:
        return ABSENT
    try:
        found = _plain(value, 0)
        size = len(json.dumps(found, ensure_ascii=False).encode())
    except ValueRefused:
        raise
    except (_NotJson, ValueError) as error:
        # The second kind: an integer too long to print.
        what = str(error) if isinstance(error, _NotJson) else type(value).__name__
        sys.stderr.write(
            "mcp-sdkgen: the value of the last expression is not returned, since JSON cannot "
            f"hold {what[:100]}; print it\n"
        )
        return ABSENT
    if size > max_bytes:
        raise ValueRefused(
            f"the value of the last expression is {size:,} bytes as JSON, more than {max_bytes:,}; "
            "give back less, or write it to a file in the current folder"
        )
    return found


def _plain(value: Any, depth: int) -> Any:
    if depth > _DEEPEST:
        raise ValueRefused(
            f"the value of the last expression is nested deeper than {_DEEPEST} levels"
        )
    kind = type(value)
    if value is None or kind is bool:
        return value
    if kind is int:
        if abs(value) >= _TOO_LARGE:
            raise _NotJson("an integer of more than 4,300 digits")
        return value
    if kind is str:
        return whole(value)
    if kind is float:
        return value if math.isfinite(value) else _named(value)
    if isinstance(value, dict):
        return {_key(key): _plain(item, depth + 1) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_plain(item, depth + 1) for item in value]
    return _plain_object(value, depth)


def _plain_object(value: Any, depth: int) -> Any:
    from mcp_sdkgen_runtime.content.results import Unstructured
    from pydantic import BaseModel
    from pydantic_core import to_jsonable_python

    if isinstance(value, BaseModel):
        return _plain(value.model_dump(), depth)
    if isinstance(value, Unstructured):
        found = value.structured
        return _plain(_read(value.text) if found is None else found, depth)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = dataclasses.fields(value)
        return {one.name: _plain(getattr(value, one.name), depth + 1) for one in fields}
    if isinstance(value, (str, int, float)):  # and enums made of them
        base = next(base for base in (str, int, float) if isinstance(value, base))
        return _plain(base(value), depth)
    if type(value).__name__ in _PYDANTIC_SCALARS:
        return whole(to_jsonable_python(value))
    import enum

    if isinstance(value, enum.Enum):
        return _plain(value.value, depth + 1)
    if type(value).__module__ == "numpy":
        return _plain(value.tolist(), depth)
    raise _NotJson(type(value).__name__)


def _read(text: str) -> Any:
    """What a tool wrote as JSON, without promising it; any other text as it is."""
    if text[:1] not in ("{", "["):
        return text
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def _key(key: Any) -> str:
    if isinstance(key, str):
        return whole(str(key))
    if key is None or isinstance(key, (bool, int, float)):
        return json.dumps(key)
    raise _NotJson(f"a key that is a {type(key).__name__}")


def whole(text: str) -> str:
    """The text with halves of surrogate pairs replaced, which UTF-8 cannot say."""
    return text.encode(errors="replace").decode()


def _named(value: float) -> str:
    if math.isnan(value):
        return "NaN"
    return "Infinity" if value > 0 else "-Infinity"
