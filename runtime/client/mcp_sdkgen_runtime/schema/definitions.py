"""The tool definitions that an SDK was generated from, and the digest of a definition."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

Definition = Mapping[str, Any]


def digest(definition: Any) -> str:
    """`sha256:` and the SHA-256 of `definition` as canonical JSON, as a snapshot records it."""
    text = json.dumps(definition, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()


def with_prefix(stored: str) -> str:
    """A stored digest as `digest` writes it: what code mode kept at first has no `sha256:`."""
    return stored if stored.startswith("sha256:") else f"sha256:{stored}"


def shipped_definitions(package: str) -> dict[str, Definition]:
    """The definitions an SDK was generated from, by wire name, read from its package.

    `package` is its import name or, where it is not installed, its folder.
    """
    found: dict[str, Definition] = {}
    folder = Path(package) if Path(package).is_absolute() else files(package)
    for entry in folder.joinpath("tools").iterdir():
        if entry.name.endswith(".json"):
            definition = json.loads(entry.read_bytes())
            found[definition["name"]] = definition
    return found


def is_repeatable(annotations: Mapping[str, Any]) -> bool:
    """Whether a tool's annotations say that calling it twice does no more than calling it once."""
    return annotations.get("readOnlyHint") is True or annotations.get("idempotentHint") is True
