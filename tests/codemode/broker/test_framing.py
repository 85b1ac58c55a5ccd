"""The reader of a hostile sandbox's bytes: what it refuses, and in which words."""

from __future__ import annotations

import json
from typing import Any

import pytest
from mcp_sdkgen_codemode.broker.framing import MAX_DEPTH, Lines, Violation, parse


def frame(**fields: Any) -> bytes:
    return json.dumps({"jsonrpc": "2.0", "method": "m", **fields}).encode()


def around(value: bytes) -> bytes:
    return b'{"jsonrpc":"2.0","method":"m","params":{"x":%s}}' % value


def nested(depth: int) -> bytes:
    # The frame and its params are two levels.
    return around(b"[" * (depth - 2) + b"]" * (depth - 2))


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"", "empty"),
        (b"  \t", "empty"),
        (b"hello", "not JSON"),
        (b'{"jsonrpc":"2.0"', "not JSON"),
        (b'{"jsonrpc":"2.0","method":"m"} {}', "not JSON"),
        (b"\xef\xbb\xbf" + frame(), "not JSON"),
        (b"\x80\x81" + frame(), "not UTF-8"),
        (around(b'"\xed\xa0\x80"'), "not UTF-8"),
        (around(b'"\xc0\xaf"'), "not UTF-8"),
        (frame() + b"\0", "null byte"),
        (around(b'"a\0b"'), "null byte"),
        (around(b'"a\tb"'), "not JSON"),
        (b"[" * 400_000 + b"]" * 400_000, "deeper than 100"),
        (b'{"a":' * 200_000 + b"1" + b"}" * 200_000, "deeper than 100"),
        (nested(MAX_DEPTH + 1), "deeper than 100"),
        (b'["' + b'\\"[' * 300_000, "not JSON"),
        (b"[" * 101 + b'"\\', "deeper than 100"),
        (around(b"NaN"), "NaN"),
        (around(b"-Infinity"), "Infinity"),
        (around(b"1e999"), "too large"),
        (around(b"-1e999"), "too large"),
        (around(b"9" * 500_000), "4300 digits"),
        (around(b"0." + b"9" * 500_000), "4300 digits"),
        (b'{"jsonrpc":"2.0","method":"a","method":"b"}', "same key twice"),
        (around(b'{"a":{"b":1,"\\u0062":2}}'), "same key twice"),
        (around(b'"\\ud800"'), "surrogate"),
        (around(b'{"\\udfff":1}'), "surrogate"),
        (b"[" + frame() + b"]", "batch"),
        (b"[]", "batch"),
        (b"1", "not an object"),
        (b"null", "not an object"),
        (b'{"method":"m"}', "jsonrpc"),
        (b'{"jsonrpc":2.0,"method":"m"}', "jsonrpc"),
        (b'{"jsonrpc":"2.0","id":1,"result":{}}', "keys other than"),
        (b'{"jsonrpc":"2.0","id":1}', "no method"),
        (b'{"jsonrpc":"2.0","method":1}', "no method"),
        (b'{"jsonrpc":"2.0","method":null}', "no method"),
        (frame(params=[1]), "not an object"),
        (frame(params=None), "not an object"),
        *[
            (frame(id=odd), "id of a frame")
            for odd in (None, True, -1, 1.0, "1", [1], {}, 2**53, 10**400)
        ],
    ],
)
def test_what_two_readers_could_take_differently_is_refused_in_one_sentence(
    line: bytes, reason: str
) -> None:
    with pytest.raises(Violation, match=reason) as caught:
        parse(line)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("line", "params"),
    [
        (frame(params={"x": [1, 2.5, None, "é\u2028"]}), {"x": [1, 2.5, None, "é\u2028"]}),
        (nested(MAX_DEPTH), None),
        (around(b'"' + b"[" * 500 + b'\\"]"'), {"x": "[" * 500 + '"]'}),
        (around(b"9" * 4000), {"x": int("9" * 4000)}),
        (around(b'"\\ud83d\\ude00"'), {"x": "😀"}),
        (around(b'"a\\u0000b"'), {"x": "a\0b"}),
        (frame() + b"\r", {}),
    ],
)
def test_what_is_right_is_read_exactly(line: bytes, params: Any) -> None:
    found = parse(line)
    assert params is None or found.params == params
    assert found.size == len(line)


@pytest.mark.parametrize("step", [1, 3, 1000])
def test_lines_are_the_same_however_the_bytes_arrive(step: int) -> None:
    data = b"one\ntwo\n\nthree" + b"x" * 90 + b"\nrest"
    lines = Lines(100)
    found = [line for at in range(0, len(data), step) for line in lines.feed(data[at : at + step])]
    assert found == [b"one", b"two", b"", b"three" + b"x" * 90]


def test_a_line_that_is_too_long_is_refused_before_its_end_has_come() -> None:
    lines = Lines(100)
    assert list(lines.feed(b"x" * 100)) == []
    with pytest.raises(Violation, match="longer than 100 bytes"):
        list(lines.feed(b"x"))
    with pytest.raises(Violation, match="longer than 100 bytes"):
        list(Lines(100).feed(b"x" * 101 + b"\n"))
