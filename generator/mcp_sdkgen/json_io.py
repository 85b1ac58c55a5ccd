"""Canonical, bounded JSON: reading it and writing it."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

from mcp_sdkgen_runtime.text import INVISIBLE

from .errors import SnapshotError

MAX_BYTES = 64 * 1024 * 1024
MAX_DEPTH = 200

Json = dict[str, Any]


def escape(json_text: str) -> str:
    """Write `INVISIBLE` characters as JSON escapes. The text must be JSON already."""
    return INVISIBLE.sub(lambda match: json.dumps(match[0])[1:-1], json_text)


def is_deeper(value: Any, limit: int) -> bool:
    """Whether arrays and objects stand in one another more than `limit` times."""
    level = [value]
    for _ in range(limit):
        level = [
            child
            for node in level
            for child in (node.values() if isinstance(node, dict) else node)
            if isinstance(child, dict | list)
        ]
        if not level:
            return False
    return True


def json_text(data: Any) -> str:
    """`data` as a page of JSON to print or to keep, with `INVISIBLE` characters as escapes."""
    return escape(json.dumps(data, indent=1, ensure_ascii=False)) + "\n"


def parse_json(text: str, where: str) -> Any:
    """Parse strict JSON: no NaN, bounded depth. Raises `SnapshotError` that names the line."""
    try:
        return json.loads(text, parse_constant=_no_constant, parse_float=_finite)
    except RecursionError:
        raise SnapshotError(f"{where}: nested too deep (limit {MAX_DEPTH})") from None
    except ValueError as error:
        raise SnapshotError(f"{where}: not JSON: {error}") from error


def read_bounded(path: Path) -> str:
    """The text of a file of at most `MAX_BYTES` bytes. Raises `SnapshotError`."""
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_BYTES + 1)  # what its size says does not hold for a device
        if len(raw) > MAX_BYTES:
            raise SnapshotError(f"{path}: larger than {MAX_BYTES} bytes")
        return raw.decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise SnapshotError(f"{path}: {error}") from error


def _finite(digits: str) -> float:
    value = float(digits)
    if math.isinf(value):
        raise ValueError(f"{digits[:40]} is too large a number")
    return value


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")
