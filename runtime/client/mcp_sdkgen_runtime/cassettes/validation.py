"""Whether a recorded call fits the tool as the SDK knows it now."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from functools import lru_cache
from typing import Any

from ..observability.redaction import REDACTED
from ..schema.definitions import Definition, digest, shipped_definitions
from ..schema.validation import Check, Misfit, compiled
from ..text import shortened
from .file import Interaction


@lru_cache(maxsize=64)
def definitions(package: str) -> Mapping[str, Definition]:
    """The tools' definitions in an SDK, by wire name. Empty when it has none."""
    if package:
        with suppress(ImportError, OSError, ValueError, KeyError):
            return shipped_definitions(package)
    return {}


def misfit(take: Interaction, definition: Definition | None) -> str:
    """Why a recorded call does not fit a tool's present definition. Empty when it does."""
    if definition is None:
        return "the SDK no longer has this tool"
    if take.digest == digest(definition):
        return ""
    wrong = _wrong(definition.get("inputSchema"), take.asked.arguments)
    if wrong:
        return f"the recorded arguments no longer fit its schema: {wrong}"
    wanted = definition.get("outputSchema")
    if take.is_error or wanted is None:
        return ""
    found = take.answer.get("structuredContent", _of_text(take.answer))
    if found is _NOTHING:
        return "it now promises structured content, and none was recorded"
    wrong = _wrong(wanted, found)
    return f"the recorded answer no longer fits its schema: {wrong}" if wrong else ""


_NOTHING = object()


def _of_text(answer: Mapping[str, Any]) -> Any:
    """Servers that declare an output schema and send only text mean that text."""
    with suppress(ValueError, RecursionError):
        return json.loads("\n".join(str(b.get("text", "")) for b in answer.get("content") or ()))
    return _NOTHING


def _wrong(schema: Any, value: Any) -> str:
    check: Check | None = compiled(schema)
    broken = None if check is None else check(value)
    # A place-holder need not fit a pattern or a list of values.
    if broken is None or REDACTED in json.dumps(broken.value):
        return ""
    return _told(broken)


def _told(broken: Misfit) -> str:
    steps = (f"[{part}]" if isinstance(part, int) else f".{part}" for part in broken.path)
    place = "".join(steps).lstrip(".")
    at = f"{place}: " if place else ""
    if broken.missing is not None:
        return f"{at}{shortened(broken.missing)} is missing"
    if broken.unexpected:
        return f"{at}does not take {', '.join(map(shortened, broken.unexpected))}"
    demand = "" if broken.demand is None else f" {shortened(broken.demand, 120)}"
    return f"{at}must satisfy {broken.rule}{demand}, got {shortened(broken.value)}"
