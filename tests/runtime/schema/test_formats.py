"""Formats are checked alike by either validator, exactly or as servers take them in practice."""

from __future__ import annotations

import sys
from datetime import UTC, date, datetime, time, timedelta
from ipaddress import ip_address
from typing import Any
from uuid import UUID

import pytest
from mcp_sdkgen_runtime.schema.formats import FORMATS
from mcp_sdkgen_runtime.schema.inputs import arguments_check
from mcp_sdkgen_runtime.schema.validation import compiled
from mcp_sdkgen_runtime.tool.codec import wire_value
from pydantic import AnyUrl

EXACT: dict[str, tuple[str, ...]] = {
    "date": ("2026-11-30", "2024-02-29", "2000-02-29", "0000-01-01", "9999-12-31"),
    "time": (
        "12:00:00Z", "12:00:00z", "00:00:00.123456+02:00", "23:59:60Z", "01:29:60+01:30",
        "23:20:50.52-08:00",
    ),
    "date-time": (
        "2026-11-30T12:00:00Z", "2026-11-30t12:00:00.5z", "1998-12-31T15:59:60-08:00",
        "2026-11-30T12:00:00+05:30",
    ),
    "duration": ("P1Y2M3D", "PT1H30M", "P4W", "P1DT12H", "PT0S", "P0D", "PT36H"),
    "uuid": (
        "123e4567-e89b-12d3-a456-426614174000", "123E4567-E89B-42D3-A456-426614174000",
        "00000000-0000-0000-0000-000000000000",
    ),
    "uri": (
        "https://example.com", "http://user:pw@example.com:8080/a/b?c=d#e", "urn:isbn:0451450523",
        "mailto:name@example.com", "file:///etc/hosts", "http://[2001:db8::1]:80/",
        "tel:+1-816-555-1212", "data:text/plain,a%20b", "x:",
        "localhost:3000/a",  # of the scheme "localhost"
    ),
    "uri-reference": ("", "/a/b", "a/b?c#d", "#part", "//example.com/a", "https://example.com"),
    "email": (
        "name@example.com", "A.b+c@Example.org", '"a b"@example.com', "a@localhost",
        "o'neil@example.com", "a@[127.0.0.1]", "a@[IPv6:::1]",
    ),
    "ipv4": ("192.0.2.1", "0.0.0.0", "255.255.255.255"),
    "ipv6": ("2001:db8::1", "::", "::1", "::ffff:192.0.2.1", "1:2:3:4:5:6:7:8"),
    "hostname": ("example.com", "localhost", "a-b.c", "1and1.com", "xn--nxasmq6b.com", "x" * 63),
}  # fmt: skip
"""What has a format by its standard."""
LENIENT: dict[str, tuple[str, ...]] = {
    "time": ("12:00", "12:00:00", "12:00:00+0200", "12:00:60Z"),
    "date-time": (
        "2026-11-30T12:00:00", "2026-11-30 12:00:00Z", "2026-11-30T12:00", "2026-11-30T12:00Z",
        "2026-11-30T12:00:00+0000", "2026-11-30 12:00:00.123456",
    ),
    "duration": ("PT1.5S", "-PT3H", "+P1D", "P1Y4D", "P1W2D", "PT1H1S", "P1Y35DT3.5S"),
    "uuid": ("123e4567e89b12d3a456426614174000",),
    "uri": (
        "example.com", "www.example.com/a?b=c", "example.com./a#b",
        "https://example.com/ä", "https://example.com/{id}", "https://example.com/a|b",
    ),
    "uri-reference": ("a:b/c{d}", "/ä", "\\a"),
    "email": ("name@exämple.com", "jörg@example.com", "a_b@c_d.example"),
    "ipv6": ("fe80::1%eth0",),
    "hostname": ("my_service", "example.com.", "exämple.com"),
}  # fmt: skip
"""What has it in the lenient reading alone."""
NEITHER: dict[str, tuple[str, ...]] = {
    "date": (
        "", "today", "2026-02-29", "1900-02-29", "2026-13-01", "2026-00-10", "2026-01-32",
        "26-01-01", "20260101", "2026-W01-1", "2026-01-01T00:00:00Z", "2026-01-01\n",
        "\N{FULLWIDTH DIGIT TWO}026-01-01", " 2026-01-01",
    ),
    "time": ("", "noon", "24:00:00Z", "12:60:00Z", "12:00:61Z", "12:00:00+24:00", "1:00:00Z"),
    "date-time": (
        "", "tomorrow", "2026-11-30", "2026-11-31T12:00:00Z", "2026-11-30T25:00:00Z",
        "2026-11-30T12:00:00PST", "1764504000", "2026-11-30T", "2026-11-30T12:00:00Z\n",
    ),
    "duration": ("", "P", "PT", "1h", "90", "P1", "P1H", "PT1D", "P1S", "P1YT", "p1d"),
    "uuid": (
        "", "me", "123e4567-e89b-12d3-a456-42661417400", "123e4567-e89b-12d3-a456-42661417400g",
        "123e4567e89b-12d3-a456-426614174000", "{123e4567-e89b-12d3-a456-426614174000}",
    ),
    "uri": ("", "no uri", "/a/b", "example", "http://a b", "<https://a.b>", "://a.b", "a\n"),
    "uri-reference": ("a b", "a\n", '"a"', "<a>"),
    "email": (
        "", "nobody", "@example.com", "a@", "a b@example.com", "a@b@c", "Name <a@example.com>",
        ".a@example.com", "a..b@example.com", "a@example.com, b@example.com",
    ),
    "ipv4": ("", "localhost", "256.0.0.1", "1.2.3", "1.2.3.4.5", "01.2.3.4", "1.2.3.4/24", "::1"),
    "ipv6": ("", "::g", "1:2:3", "12345::", "192.0.2.1", "::1/64", "1::2::3"),
    "hostname": ("", "a b", "-a.com", "a-.com", "a..b", ".", "x" * 64, "https://a.com", "a.com:80"),
}  # fmt: skip
"""What does not have it in either."""


@pytest.fixture(params=["jsonschema-rs", "jsonschema"], autouse=True)
def engine(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param == "jsonschema":
        monkeypatch.setitem(sys.modules, "jsonschema_rs", None)


def _judged(name: str, text: Any) -> tuple[bool, bool]:
    exact = compiled({"format": name}, certain=True, formats="exact")
    lenient = compiled({"format": name}, certain=True, formats="lenient")
    assert exact is not None
    assert lenient is not None
    return exact(text) is None, lenient(text) is None


def test_more_than_a_hundred_values_are_compared() -> None:
    values = [value for table in (EXACT, LENIENT, NEITHER) for value in table.values()]
    assert sum(map(len, values)) > 150
    assert EXACT.keys() == NEITHER.keys() == FORMATS.keys()


@pytest.mark.parametrize("name", FORMATS)
def test_a_text_has_a_format_or_not(name: str) -> None:
    for judged, table in (((True, True), EXACT), ((False, True), LENIENT), ((False,) * 2, NEITHER)):
        for text in table.get(name, ()):
            assert (text, _judged(name, text)) == (text, judged)


@pytest.mark.parametrize("name", FORMATS)
def test_a_format_says_nothing_of_what_is_no_text(name: str) -> None:
    for value in (None, 5, True, ["x"], {"x": "y"}):
        assert _judged(name, value) == (True, True)


@pytest.mark.parametrize("name", ["regex", "iri", "json-pointer", "color", "int64", "binary"])
def test_a_format_that_is_not_checked_is_ignored(name: str) -> None:
    check = arguments_check({"type": "object", "properties": {"a": {"format": name}}})
    assert check is not None
    assert check({"a": "( no {"}) is None
    assert compiled({"format": name}, formats="exact") is None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("date", date(2026, 11, 30)),
        ("date-time", datetime(2026, 11, 30, 12, 0)),
        ("date-time", datetime(2026, 11, 30, 12, 0, 0, 5, tzinfo=UTC)),
        ("time", time(12, 0)),
        ("time", time(12, 0, 1, 5, tzinfo=UTC)),
        ("duration", timedelta(days=400, seconds=3.5)),
        ("duration", -timedelta(hours=3)),
        ("uuid", UUID(int=7)),
        ("uri", AnyUrl("https://example.com/a")),
        ("ipv4", ip_address("192.0.2.1")),
        ("ipv6", ip_address("2001:db8::1")),
    ],
)
def test_values_of_python_types_pass(name: str, value: Any) -> None:
    assert _judged(name, wire_value(value))[1]


def test_a_misfit_says_what_the_text_must_be() -> None:
    schema = {"type": "object", "properties": {"at": {"type": "string", "format": "date-time"}}}
    check = arguments_check(schema)
    assert check is not None
    misfit = check({"at": "tomorrow"})
    assert str(misfit) == "at: must be a date-time such as 2026-11-30T12:00:00Z, got 'tomorrow'"
    unchecked = arguments_check(schema, formats=False)
    assert unchecked is not None
    assert unchecked({"at": "tomorrow"}) is None


@pytest.mark.parametrize("name", FORMATS)
def test_the_example_in_a_misfit_has_the_format(name: str) -> None:
    assert _judged(name, FORMATS[name].demand.rpartition(" ")[2]) == (True, True)


def test_the_lenient_reading_refuses_nothing_that_the_exact_one_takes() -> None:
    either = compiled({"oneOf": [{"format": "uri"}, {"format": "hostname"}]}, formats="lenient")
    neither = compiled({"type": "string", "not": {"format": "date-time"}}, formats="lenient")
    assert either is not None
    assert neither is not None
    assert either("example.com") is None  # by the exact reading no URI
    assert either("no uri") is not None
    assert neither("2026-11-30T12:00") is None
    assert neither("2026-11-30T12:00:00Z") is not None


def test_alternatives_are_told_apart_by_their_formats() -> None:
    check = compiled(
        {"oneOf": [{"type": "string", "format": one} for one in ("date", "date-time")]},
        formats="lenient",
    )
    assert check is not None
    assert check("2026-11-30") is None
    assert check("2026-11-30T12:00:00Z") is None
    assert check("tomorrow") is not None
