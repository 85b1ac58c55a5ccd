"""Whether a recorded call fits the tool as the SDK knows it now."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from functools import lru_cache
from typing import Any

from ..content.answer import read_answer
from ..content.json_text import json_readings
from ..observability.secret_set import REDACTED
from ..schema.definitions import Definition, digest, shipped_definitions
from ..schema.inputs import arguments_check
from ..schema.validation import Check, compiled
from ..types import OMIT
from .file import Interaction


@lru_cache(maxsize=64)
def definitions(package: str) -> Mapping[str, Definition]:
    """The tools' definitions in an SDK, by wire name. Empty when it has none."""
    if package:
        with suppress(ImportError, OSError, ValueError, KeyError):
            return shipped_definitions(package)
    return {}


def misfit(interaction: Interaction, definition: Definition | None) -> str:
    """Why a recorded call does not fit a tool's present definition. Empty when it does."""
    if definition is None:
        return "the SDK no longer has this tool"
    if interaction.digest == digest(definition):
        return ""
    check = arguments_check(definition.get("inputSchema"))
    wrong = _wrong(check, interaction.call.arguments)
    if wrong:
        return f"the recorded arguments no longer fit its schema: {wrong}"
    wanted = definition.get("outputSchema")
    if interaction.is_error or wanted is None:
        return ""
    found = _readings(interaction.answer)
    if not found:
        return "it now promises structured content, and none was recorded"
    promised = compiled(wanted)
    faults = [_wrong(promised, one) for one in found]
    return f"the recorded answer no longer fits its schema: {faults[0]}" if all(faults) else ""


def _readings(answer: Mapping[str, Any]) -> list[Any]:
    """Servers that declare an output schema and send only text mean that text."""
    raw = read_answer(answer)
    if raw.structured is not OMIT:
        return [raw.structured]
    return [found for _, found in json_readings(raw.content)]


def _wrong(check: Check | None, value: Any) -> str:
    broken = None if check is None else check(value)
    # A place-holder need not fit a pattern or a list of values.
    if broken is None or REDACTED in json.dumps(broken.value):
        return ""
    return str(broken)
