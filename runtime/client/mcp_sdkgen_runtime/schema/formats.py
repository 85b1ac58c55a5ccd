"""The formats of JSON Schema that are checked, each in two readings, whatever validator is used.

The *exact* reading is that of the standard each format names. The *lenient* one adds what servers
take under that name in practice, so that no call that works is refused: times without a zone,
domains without a scheme, UUIDs without hyphens. Every other format is ignored, as the standard
says of formats that are not known.

Validator libraries disagree on several formats, and some check a format only where an optional
package is installed: so both are told these checks.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final, Literal, TypeAlias

from .references import subschemas

Judge: TypeAlias = Callable[[Any], bool]
"""Whether a value has a format. True for whatever is no text."""
Judges: TypeAlias = Mapping[str, Judge]
"""How each format is judged. Empty where none is."""


@dataclass(frozen=True, slots=True)
class Format:
    """One format: what a text must be, with an example, and both readings of it."""

    demand: str
    exact: Judge
    lenient: Judge


def _texts(judge: Callable[[str], bool]) -> Judge:
    return lambda value: judge(value) if isinstance(value, str) else True


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    """Compiled when it is first needed: that of a URI alone takes some milliseconds."""
    return re.compile(pattern, re.ASCII)


def _matching(pattern: str) -> Judge:
    return _texts(lambda text: _compiled(pattern).fullmatch(text) is not None)


_DATE: Final = re.compile(r"(\d{4})-(\d\d)-(\d\d)", re.ASCII)
_TIME: Final = re.compile(
    r"(\d\d):(\d\d)(?::(\d\d)(?:\.\d+)?)?([Zz]|([+-])(\d\d):?(\d\d))?", re.ASCII
)
_DAYS: Final = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def _is_date(text: str) -> bool:
    found = _DATE.fullmatch(text)
    if found is None:
        return False
    year, month, day = map(int, found.groups())
    if not (1 <= month <= 12 and 1 <= day <= _DAYS[month - 1]):
        return False
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    return leap or (month, day) != (2, 29)


def _lenient_time(text: str) -> bool:
    found = _TIME.fullmatch(text)
    return found is not None and _in_range(found)


def _in_range(found: re.Match[str]) -> bool:
    hour, minute, second, _, _, zone_hour, zone_minute = found.groups()
    return (
        int(hour) < 24
        and int(minute) < 60
        and int(second or 0) <= 60
        and int(zone_hour or 0) < 24
        and int(zone_minute or 0) < 60
    )


def _exact_time(text: str) -> bool:
    found = _TIME.fullmatch(text)
    if found is None or not _in_range(found):
        return False
    hour, minute, second, zone, sign, zone_hour, zone_minute = found.groups()
    if second is None or zone is None or (sign and ":" not in zone):
        return False
    if second != "60":
        return True
    # A leap second ends a day in UTC.
    offset = int(f"{sign}1") * (60 * int(zone_hour) + int(zone_minute)) if sign else 0
    return (60 * int(hour) + int(minute) - offset) % 1440 == 1439


def _moment(between: str, is_time: Callable[[str], bool]) -> Judge:
    """A date and a time with one of `between` between them."""
    return _texts(
        lambda text: (
            len(text) > 10 and text[10] in between and _is_date(text[:10]) and is_time(text[11:])
        )
    )


_CLOCK = r"T(?:\d+H(?:\d+M(?:\d+S)?)?|\d+M(?:\d+S)?|\d+S)"
_DURATION = rf"P(?:\d+W|(?:\d+Y(?:\d+M(?:\d+D)?)?|\d+M(?:\d+D)?|\d+D)(?:{_CLOCK})?|{_CLOCK})"
_PART = r"\d+(?:[.,]\d+)?"
_ANY_DURATION = (
    rf"[+-]?P(?=[\dT])(?:{_PART}Y)?(?:{_PART}M)?(?:{_PART}W)?(?:{_PART}D)?"
    rf"(?:T(?=\d)(?:{_PART}H)?(?:{_PART}M)?(?:{_PART}S)?)?"
)
_UUID = r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}"

_IN_PATH = r"(?:[\w.~!$&'()*+,;=:@-]|%[0-9A-Fa-f]{2})"
_USER = r"(?:(?:[\w.~!$&'()*+,;=:-]|%[0-9A-Fa-f]{2})*@)?"
_HOST = r"(?:\[[0-9A-Fa-fv:.]+\]|(?:[\w.~!$&'()*+,;=-]|%[0-9A-Fa-f]{2})*)"
_AUTHORITY = rf"//{_USER}{_HOST}(?::\d*)?(?:/{_IN_PATH}*)*"
_TAIL = rf"(?:\?(?:{_IN_PATH}|[/?])*)?(?:\#(?:{_IN_PATH}|[/?])*)?"
_FIRST = r"(?:[\w.~!$&'()*+,;=@-]|%[0-9A-Fa-f]{2})"
_PATH = rf"(?:/(?:{_IN_PATH}+(?:/{_IN_PATH}*)*)?)"
_SCHEME = r"[A-Za-z][A-Za-z0-9+.-]*:"
_URI = rf"{_SCHEME}(?:{_AUTHORITY}|{_PATH}|{_IN_PATH}+(?:/{_IN_PATH}*)*)?{_TAIL}"
_RELATIVE = rf"(?:{_AUTHORITY}|{_PATH}|{_FIRST}+(?:/{_IN_PATH}*)*)?{_TAIL}"
_NOT_IN_URIS: Final = re.compile(r'[\s\x00-\x1f\x7f<>"]')
_ANY_SCHEME: Final = re.compile(_SCHEME, re.ASCII)
_DOMAIN: Final = re.compile(r"(?:[\w-]+\.)+[^\W\d_]{2,}\.?(?::\d+)?(?:[/?#].*)?")


def _names_a_place(text: str) -> bool:
    """A URI, or a domain with what may follow it, as people write them in a browser."""
    if _NOT_IN_URIS.search(text):
        return False
    return bool(_ANY_SCHEME.match(text) or _DOMAIN.fullmatch(text))


_ATOM = r"[\w!#$%&'*+/=?^`{|}~-]+"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_DOTTED = rf"{_LABEL}(?:\.{_LABEL})*"
_BYTE = r"(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)"
_IPV4 = rf"{_BYTE}(?:\.{_BYTE}){{3}}"
_QUOTED = r'"[^"\\\r\n]*+(?:\\[^\r\n][^"\\\r\n]*+)*"'
_EMAIL: Final = re.compile(
    rf"(?:{_ATOM}(?:\.{_ATOM})*|{_QUOTED})@(?:({_DOTTED})|\[(.*)\])", re.ASCII
)
_ANY_EMAIL: Final = re.compile(
    rf'(?:[^\s@"<>(),:;\\\[\].]+(?:\.[^\s@"<>(),:;\\\[\].]+)*|{_QUOTED})@[^\s@"<>(),;\\]+'
)
_HOSTNAME: Final = re.compile(_DOTTED, re.ASCII)
_ANY_HOSTNAME: Final = re.compile(r"\w(?:[\w-]{0,61}\w)?(?:\.\w(?:[\w-]{0,61}\w)?)*\.?")


def _is_ipv6(text: str, zone: bool = False) -> bool:
    from ipaddress import IPv6Address  # few calls need it

    try:
        found = IPv6Address(text)
    except ValueError:
        return False
    return zone or found.scope_id is None


def _is_email(text: str) -> bool:
    found = _EMAIL.fullmatch(text)
    if found is None:
        return False
    domain, literal = found.groups()
    if domain is not None:
        return len(domain) <= 253
    return bool(re.fullmatch(_IPV4, literal)) or (
        literal.startswith("IPv6:") and _is_ipv6(literal.removeprefix("IPv6:"))
    )


FORMATS: Final[Mapping[str, Format]] = {
    "date": Format("a date such as 2026-11-30", _texts(_is_date), _texts(_is_date)),
    "time": Format("a time such as 12:00:00Z", _texts(_exact_time), _texts(_lenient_time)),
    "date-time": Format(
        "a date-time such as 2026-11-30T12:00:00Z",
        _moment("Tt", _exact_time),
        _moment("Tt ", _lenient_time),
    ),
    "duration": Format(
        "a duration such as PT1H30M", _matching(_DURATION), _matching(_ANY_DURATION)
    ),
    "uuid": Format(
        "a UUID such as 123e4567-e89b-12d3-a456-426614174000",
        _matching(_UUID),
        _matching(rf"{_UUID}|[0-9A-Fa-f]{{32}}"),
    ),
    "uri": Format("a URI such as https://example.com", _matching(_URI), _texts(_names_a_place)),
    "uri-reference": Format(
        "a URI or a path such as /a/b",
        _matching(rf"{_URI}|{_RELATIVE}"),
        _texts(lambda text: not _NOT_IN_URIS.search(text)),
    ),
    "email": Format(
        "an e-mail address such as name@example.com",
        _texts(_is_email),
        _texts(lambda text: _ANY_EMAIL.fullmatch(text) is not None),
    ),
    "ipv4": Format("an IPv4 address such as 192.0.2.1", _matching(_IPV4), _matching(_IPV4)),
    "ipv6": Format(
        "an IPv6 address such as 2001:db8::1",
        _texts(_is_ipv6),
        _texts(lambda text: _is_ipv6(text, zone=True)),
    ),
    "hostname": Format(
        "a host name such as www.example.com",
        _texts(lambda text: len(text) <= 253 and _HOSTNAME.fullmatch(text) is not None),
        _texts(lambda text: len(text) <= 254 and _ANY_HOSTNAME.fullmatch(text) is not None),
    ),
}
"""By their names in JSON Schema (draft 2020-12, section 7.3)."""

_EXCLUSIVE: Final = frozenset({"oneOf", "not", "if"})


def judges_of(schema: Any, reading: Literal["lenient", "exact"]) -> Judges:
    """How formats are judged in `schema`; what is unknown passes. Empty where it names none."""
    named = _named(schema)
    if not named:
        return {}
    known = {name: getattr(one, reading) for name, one in FORMATS.items()}
    return {**dict.fromkeys(named, _passing), **known}


def unknown_formats(schema: Any) -> frozenset[str]:
    """The formats that `schema` names and that are ignored."""
    return _named(schema) - FORMATS.keys()


def is_any_exclusive(schema: Any) -> bool:
    """Whether a text may be refused because it has a format: by a keyword such as `oneOf`.

    Where two alternatives both fit in the lenient reading, the exact one can tell them apart.
    """
    return any(_EXCLUSIVE & one.keys() for one in subschemas(schema))


def _named(schema: Any) -> frozenset[str]:
    found = (one.get("format") for one in subschemas(schema))
    return frozenset(one for one in found if isinstance(one, str))


def _passing(value: Any) -> bool:
    return True
