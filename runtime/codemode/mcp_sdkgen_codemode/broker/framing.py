"""Frames from a sandbox: bytes of a hostile program until this module has read them.

A frame is a line of JSON in UTF-8. Its length is checked before more is buffered and its depth
before it is parsed; whatever two JSON readers could take differently is refused. No I/O.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate
from typing import Any, Final, Literal, NoReturn

MAX_DEPTH: Final = 100
MAX_DIGITS: Final = 4300
"""Digits of a number: Python's own limit for converting a text in reasonable time."""
MAX_ID: Final = 2**53 - 1

_STRING = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*"?', re.DOTALL)
"""A string, or the rest of the frame when it is never closed: so scanning stays linear."""
_NO_BRACKETS: Final = bytes(set(range(256)) - set(b"[]{}"))
_STEPS: Final = bytes.maketrans(b"[]{}", b"\x01\xff\x01\xff")
_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")
_ENVELOPE: Final = {"jsonrpc", "id", "method", "params"}


class Violation(Exception):
    """The sandbox broke the protocol or a limit of its run: the run must end.

    `kind` says which of the two; the message says in one sentence what it did.
    """

    def __init__(self, reason: str, kind: Literal["protocol", "limit"] = "protocol") -> None:
        super().__init__(f"{kind}: {reason}")
        self.kind = kind
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Frame:
    """One request (`id` is a number) or notification (None) from a sandbox; `size` in bytes."""

    method: str
    params: dict[str, Any]
    id: int | None
    size: int


class Lines:
    """Cuts what comes in into lines of at most `max_bytes`, without their ends."""

    def __init__(self, max_bytes: int) -> None:
        self.max_bytes = max_bytes
        self._buffer = bytearray()

    def feed(self, data: bytes) -> Iterator[bytes]:
        """The lines that `data` completes. Raises `Violation` when one is too long."""
        start = len(self._buffer)
        self._buffer += data
        while (end := self._buffer.find(b"\n", start)) >= 0:
            line = bytes(self._buffer[:end])
            del self._buffer[: end + 1]
            start = 0
            self._check(end)
            yield line
        self._check(len(self._buffer))

    def _check(self, size: int) -> None:
        if size > self.max_bytes:
            raise Violation(f"a frame is longer than {self.max_bytes} bytes", "limit")


def parse(line: bytes) -> Frame:
    """Read one line. Raises `Violation`."""
    _check_text(line)
    check_depth(line)
    try:
        found = _decoder.decode(line.decode())
    except UnicodeDecodeError:
        raise Violation("a frame is not UTF-8") from None
    except ValueError as error:
        raise Violation(f"a frame is not JSON: {error}") from None
    if _SURROGATE.search(line):
        _check_surrogates(found)
    return _frame(found, len(line))


def _check_text(line: bytes) -> None:
    if not line.strip():
        raise Violation("a frame is empty")
    if b"\0" in line:
        raise Violation("a frame has a null byte")


def check_depth(line: bytes) -> None:
    # Strings can only add to the count, so most frames are judged without looking for them.
    if line.count(b"[") + line.count(b"{") <= MAX_DEPTH:
        return
    steps = _STRING.sub(b"", line).translate(_STEPS, _NO_BRACKETS)
    if max(accumulate(memoryview(steps).cast("b")), default=0) > MAX_DEPTH:
        raise Violation(f"a frame nests deeper than {MAX_DEPTH} levels")


def _check_surrogates(found: Any) -> None:
    try:
        json.dumps(found, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise Violation("a frame has half a surrogate pair, which is no character") from None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Violation("a frame has the same key twice in one object")
    return found


def _integer(text: str) -> int:
    if len(text) > MAX_DIGITS:
        raise Violation(f"a frame has a number of more than {MAX_DIGITS} digits")
    return int(text)


def _float(text: str) -> float:
    if len(text) > MAX_DIGITS:
        raise Violation(f"a frame has a number of more than {MAX_DIGITS} digits")
    value = float(text)
    if value in (float("inf"), float("-inf")):
        raise Violation("a frame has a number that is too large for any JSON reader")
    return value


def _constant(text: str) -> NoReturn:
    raise Violation(f"a frame has {text}, which is not JSON")


_decoder: Final = json.JSONDecoder(
    object_pairs_hook=_object,
    parse_int=_integer,
    parse_float=_float,
    parse_constant=_constant,
)


def _frame(found: Any, size: int) -> Frame:
    if isinstance(found, list):
        raise Violation("a frame is a batch; each must be one object")
    if not isinstance(found, dict):
        raise Violation("a frame is not an object")
    if found.get("jsonrpc") != "2.0":
        raise Violation('a frame does not say "jsonrpc": "2.0"')
    if found.keys() - _ENVELOPE:
        raise Violation("a frame has keys other than jsonrpc, id, method and params")
    method, params = found.get("method"), found.get("params", {})
    if not isinstance(method, str):
        raise Violation("a frame has no method")
    if not isinstance(params, dict):
        raise Violation("the params of a frame are not an object")
    number = found.get("id")
    if "id" in found and not (type(number) is int and 0 <= number <= MAX_ID):
        raise Violation(f"the id of a frame is not a whole number from 0 to {MAX_ID}")
    return Frame(method, params, number, size)
