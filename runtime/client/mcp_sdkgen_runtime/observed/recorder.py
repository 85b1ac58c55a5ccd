"""Records the shapes of answers, so that tools without an output schema can be given types.

The file has a line for each answer, and no value of any:

    {"server": "shop", "tool": "get_user", "digest": "sha256:…", "read": "json",
     "shape": {"name": "string", "orders": ["string"]}}

`read` says what the answer was read from: `structured` content, `json` in its text or in a
resource, `blocks` that are JSON each, or nothing with a structure: plain `text`, `media` or an
`empty` answer.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from ..content.json_text import json_readings
from ..content.results import RawResult
from ..files import append, encoded
from ..observability.log import logger
from ..observability.secret_set import EVERY_SECRET
from ..options import Observe
from ..schema.definitions import only_reads
from ..text import shortened
from ..tool.tool import Tool
from ..types import OMIT
from .shape import Shape, shape_of, texts_in

FILE_VARIABLE: Final = "MCP_SDKGEN_OBSERVE"
TOOLS_VARIABLE: Final = "MCP_SDKGEN_OBSERVE_TOOLS"
EVERY_TOOL: Final = "*"

MAX_FILE_BYTES: Final = 32 * 1024 * 1024
MAX_LINE_BYTES: Final = 64 * 1024

_log = logger(__name__)
_reported: set[str] = set()
_lock = threading.Lock()


def record(
    tool: Tool[Any],
    arguments: Mapping[str, Any],
    raw: RawResult,
    chosen: Observe | str | Path | None,
) -> None:
    """Record an answer of a generated SDK's tool, if it is one to be observed.

    `chosen` is the client's own option, before the environment's. Never raises: the answer is worth
    more than the recording of it. What is left out is logged once.
    """
    where = _in_force(chosen)
    if where is None or raw.is_error or not (tool.is_text or tool.output_schema is None):
        return
    named = EVERY_TOOL in where.tools or tool.name in where.tools
    if not named and (where.tools or not only_reads(tool.annotations)):
        if not where.tools:
            _tell_once(
                f"{tool!r} is not annotated as read-only, so its answers are not observed; "
                f"to have them, name it in {TOOLS_VARIABLE} or Observe(tools=…)"
            )
        return
    try:
        answer = as_text(raw, tool.unwrap) if tool.is_text else raw
        write(Path(where.path), tool.server, tool.name, tool.digest, arguments, answer)
    except (OSError, ValueError) as error:
        _tell_once(f"{tool!r}: an answer was not observed: {error}")


def as_text(raw: RawResult, unwrap: str | None) -> RawResult:
    """The answer of a tool that declares a text, with that text as its only content.

    `unwrap` is the key of structured content that holds it, if it is in an object.
    """
    found = raw.structured
    if unwrap is not None and isinstance(found, dict):
        found = found.get(unwrap)
    return RawResult([{"type": "text", "text": found}]) if isinstance(found, str) else raw


def write(
    path: Path, server: str, tool: str, digest: str, arguments: Mapping[str, Any], raw: RawResult
) -> str:
    """Add the shape of an answer to a file; returns what it was read from.

    Raises `OSError`, and `ValueError` when the file or the shape is too large.
    """
    read, shape = reading(raw, arguments)
    shape = EVERY_SECRET.cleaned(shape)  # names of fields are what a server says
    entry: dict[str, Any] = {"server": server, "tool": tool, "digest": digest, "read": read}
    line = encoded(entry if shape is None else {**entry, "shape": shape})
    if len(line) > MAX_LINE_BYTES:
        raise ValueError(f"its shape has {len(line)} bytes, more than {MAX_LINE_BYTES}")
    with _lock:
        if path.exists() and path.stat().st_size + len(line) > MAX_FILE_BYTES:
            raise ValueError(
                f"{shortened(str(path))} has {MAX_FILE_BYTES} bytes, which is enough; "
                "use `mcp-sdkgen infer`, and another file for more"
            )
        append(path, line)
    return read


def reading(raw: RawResult, arguments: Mapping[str, Any]) -> tuple[str, Shape | None]:
    """What an answer was read from, and the shape of what was found there."""
    given = texts_in(arguments)
    if raw.structured is not OMIT and raw.structured is not None:
        return "structured", shape_of(raw.structured, given)
    for read, found in json_readings(raw.content):
        # A number, or a word in quotes, is a text that happens to be JSON; several are a list.
        parts = found if read == "blocks" else [found]
        if all(isinstance(part, dict | list) for part in parts) or len(parts) > 1:
            return read, shape_of(found, given)
    if any(block.get("type") == "text" for block in raw.content):
        return "text", None
    return ("media" if raw.content else "empty"), None


def _in_force(chosen: Observe | str | Path | None) -> Observe | None:
    if chosen is not None:
        return chosen if isinstance(chosen, Observe) else Observe(chosen)
    path = os.environ.get(FILE_VARIABLE)
    if not path:
        return None
    named = os.environ.get(TOOLS_VARIABLE, "").split(",")
    return Observe(path, tuple(name.strip() for name in named if name.strip()))


def _tell_once(words: str) -> None:
    with _lock:
        if words in _reported:
            return
        _reported.add(words)
    _log.warning("%s", words)
