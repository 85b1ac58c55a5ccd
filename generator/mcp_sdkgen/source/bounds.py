"""Which of a server's definitions are let in: bounds on one definition."""

from __future__ import annotations

import json
from typing import Any, Final

from ..diagnostic import Diagnostic, Level
from ..json_io import is_deeper

MAX_DEFINITION_BYTES: Final = 2 * 1024 * 1024
"""One definition as JSON. The largest seen on real servers is 112 kB."""
MAX_DEPTH: Final = 150
"""Nesting in one definition: less than a snapshot allows, so that one item costs only itself."""
MAX_NAME_CHARACTERS: Final = 1_000

_IDENTITY: Final = {
    "tools": "name",
    "prompts": "name",
    "resources": "uri",
    "resource_templates": "uriTemplate",
}


def admit(kind: str, items: list[Any], server: str) -> tuple[list[Any], list[Diagnostic]]:
    """The definitions that are within bounds, unchanged and in order, and why others are not.

    `kind` is `tools`, `prompts`, `resources` or `resource_templates`.
    """
    kept: list[Any] = []
    diagnostics: list[Diagnostic] = []
    for index, item in enumerate(items):
        reason = _refused(item, _IDENTITY[kind])
        if reason is None:
            kept.append(item)
            continue
        name = item.get("name") if kind == "tools" and isinstance(item, dict) else None
        diagnostics.append(
            Diagnostic(
                Level.ERROR,
                "not-a-tool" if kind == "tools" else "left-out",
                f"left out: {reason}",
                server=server,
                tool=name[:MAX_NAME_CHARACTERS] if isinstance(name, str) else "",
                pointer=f"/{kind}/{index}",
            )
        )
    return kept, diagnostics


def _refused(item: Any, identity: str) -> str | None:
    if not isinstance(item, dict) or not isinstance(item.get(identity), str):
        return f"it is not an object with a string `{identity}`"
    if not item[identity] and identity != "name":
        return f"its `{identity}` is empty"
    if identity == "name" and len(item[identity]) > MAX_NAME_CHARACTERS:
        return f"its name is longer than {MAX_NAME_CHARACTERS} characters"
    if is_deeper(item, MAX_DEPTH):
        return f"it is nested deeper than {MAX_DEPTH} levels"
    try:
        length = len(json.dumps(item, separators=(",", ":"), allow_nan=False))
    except ValueError:
        return "it holds a number that JSON does not have"
    if length > MAX_DEFINITION_BYTES:
        return f"it is larger than {MAX_DEFINITION_BYTES} bytes"
    return None
