"""What a server asks for in `WWW-Authenticate` (RFC 9110, section 11.6.1), and how `mcp` reads it.

`mcp` looks for `name=value` anywhere in the header, so that it misses a name in capitals and spaces
around `=`, and takes what stands within another value for a parameter. It gets a header that has
only what it reads, in the form that it reads.
"""

from __future__ import annotations

import re
from collections.abc import MutableMapping
from typing import Final

_NAME: Final = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
# A value in quotes that are never closed goes on to the end: its end is looked for once.
_VALUE: Final = re.compile(
    r"""[ \t]*=[ \t]*(?:"([^"\\]*+(?:\\.[^"\\]*+)*)"?|'([^',]*+)'?|([^\s,"]+))""", re.DOTALL
)
_BEARING: Final = ("bearer", "dpop")
_READ: Final = ("error", "resource_metadata", "scope")
_UNRESERVED: Final = {"error=": "erro%72=", "scope=": "scop%65="}
"""Spellings of one and the same URL (RFC 3986, section 2.3), of which `mcp` reads the second as a
URL only."""


def auth_parameters(header: str) -> dict[str, str]:
    """The parameters of a header's challenges, by name in small letters.

    Those of a challenge for a bearer token go before all others.
    """
    challenges: list[tuple[str, dict[str, str]]] = [("", {})]
    at = 0
    while at < len(header):
        name = _NAME.match(header, at)
        if name is None:
            at += 1
            continue
        at = name.end()
        if found := _VALUE.match(header, at):
            quoted = re.sub(r"\\(.)", r"\1", found[1]) if found[1] is not None else None
            value = next(each for each in (quoted, found[2], found[3]) if each is not None)
            challenges[-1][1].setdefault(name[0].lower(), value)
            at = found.end()
        elif header[at : at + 1] in ("", " ", "\t", ","):
            challenges.append((name[0].lower(), {}))
    merged: dict[str, str] = {}
    for _, parameters in sorted(challenges, key=lambda one: one[0] not in _BEARING):
        for each, value in parameters.items():
            merged.setdefault(each, value)
    return merged


def mend_challenge(headers: MutableMapping[str, str]) -> None:
    """Write what a response asks for so that `mcp` reads it."""
    header = headers.get("www-authenticate")
    if header is None:
        return
    found = auth_parameters(header)
    given = {name: " ".join(found[name].split()) for name in _READ if name in found}
    if "=" in given.get("error", ""):
        del given["error"]
    for written, other in _UNRESERVED.items():
        if "resource_metadata" in given:
            given["resource_metadata"] = given["resource_metadata"].replace(written, other)
    scopes = given.get("scope", "").split()
    given["scope"] = " ".join(each for each in scopes if not each.startswith("resource_metadata="))
    shown = [f'{name}="{value}"' for name, value in given.items() if value and '"' not in value]
    headers["www-authenticate"] = f"Bearer {', '.join(shown)}".strip()
