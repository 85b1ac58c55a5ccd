"""The tool definitions that an SDK was generated from, and the digest of a definition.

They stand once in a package, in the lock that the SDK was built from: its `snapshot.json`. SDKs of
former versions have a file for each tool instead, which is read where there is no lock.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

Definition = Mapping[str, Any]

LOCK = "snapshot.json"
"""The name of the lock, in a package and beside it."""

_ENTRY = re.compile(rb'\n   "digest": "(sha256:[0-9a-f]{64})",\n   "definition": (?=\{)')
"""Where a definition begins in a lock as it is written: strings of JSON hold no line break, so only
a line at this depth can look so."""
_END = b"\n   }"


def digest(definition: Any) -> str:
    """`sha256:` and the SHA-256 of `definition` as canonical JSON, as a snapshot records it."""
    text = json.dumps(definition, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()


def with_prefix(stored: str) -> str:
    """A stored digest as `digest` writes it: what code mode kept at first has no `sha256:`."""
    return stored if stored.startswith("sha256:") else f"sha256:{stored}"


def shipped_definitions(package: str) -> dict[str, Definition]:
    """The definitions an SDK was generated from, by wire name, read from its package.

    `package` is its import name or, where it is not installed, its folder. Raises `OSError` where
    its files are gone, `ValueError` and `KeyError` where they are damaged.
    """
    return shipped_lists(package).tools


@dataclass(frozen=True)
class ShippedLists:
    """What a server offered when its SDK was generated: tools and prompts by name, resources by
    URI, and the templates of more resources."""

    tools: dict[str, Definition]
    prompts: dict[str, Definition] = field(default_factory=dict)
    resources: dict[str, Definition] = field(default_factory=dict)
    templates: Sequence[Definition] = ()


def shipped_lists(package: str) -> ShippedLists:
    """All that an SDK was generated from. `package` and what is raised are as for
    `shipped_definitions`; an SDK without a lock knows tools only."""
    folder = _folder(package)
    lock = folder.joinpath(LOCK)
    if not lock.is_file():
        return ShippedLists(_by("name", _all(folder)))
    found = json.loads(lock.read_bytes())
    return ShippedLists(
        _by("name", (entry["definition"] for entry in found["tools"])),
        _by("name", found.get("prompts", ())),
        _by("uri", found.get("resources", ())),
        found.get("resource_templates", ()),
    )


def _by(key: str, entries: Iterable[Definition]) -> dict[str, Definition]:
    """Entries by one of their values. The first of several alike counts."""
    found: dict[str, Definition] = {}
    for entry in entries:
        found.setdefault(entry[key], entry)
    return found


def only_reads(annotations: Any) -> bool:
    """Whether a tool says that it only reads, and does not call itself destructive as well."""
    return (
        isinstance(annotations, Mapping)
        and annotations.get("readOnlyHint") is True
        and annotations.get("destructiveHint") is not True
    )


ASKS = "[asks]"
"""Marks a tool of which nothing says what it does, where listings show it."""


def asks(definition: Definition) -> bool:
    """Whether a tool's annotations say neither that it reads nor that it changes something, so that
    no summary has a mark of it, and programs call it with approval all the same."""
    annotations = definition.get("annotations")
    if not isinstance(annotations, Mapping):
        return True
    says_changes = annotations.get("destructiveHint") is True
    return not (says_changes or isinstance(annotations.get("readOnlyHint"), bool))


def is_repeatable(annotations: Mapping[str, Any]) -> bool:
    """Whether a tool's annotations say that calling it twice does no more than calling it once."""
    return only_reads(annotations) or annotations.get("idempotentHint") is True


def shipped_definition(package: str, wanted: str) -> Definition:
    """The one definition with the digest `wanted`. The others are not parsed for it.

    `package` and what is raised are as for `shipped_definitions`; also `ValueError` if the SDK has
    no such definition.
    """
    folder = _folder(package)
    lock = folder.joinpath(LOCK)
    if lock.is_file() and (found := _lock(package, _stamp(lock)).definition(wanted)) is not None:
        return found
    # A lock that was written by other hands is the same lock.
    for definition in _all(folder):
        if digest(definition) == wanted:
            return definition
    raise ValueError(f"{package}: its {LOCK} has no {wanted}; run `mcp-sdkgen build` again")


@dataclass(frozen=True)
class _Lock:
    """A lock that is not parsed: its text, and where the definition of each digest begins."""

    text: bytes
    starts: Mapping[bytes, int]

    def definition(self, wanted: str) -> Definition | None:
        """The definition with that digest; None if it is not where a lock of ours has it."""
        start = self.starts.get(wanted.encode())
        if start is None:
            return None
        try:
            found = json.loads(self.text[start : self.text.index(_END, start) + len(_END)])
        except ValueError:
            return None
        return found if digest(found) == wanted else None


@lru_cache(maxsize=8)
def _lock(package: str, stamp: tuple[int, int]) -> _Lock:
    text = _folder(package).joinpath(LOCK).read_bytes()
    return _Lock(text, {found[1]: found.end() for found in _ENTRY.finditer(text)})


def _stamp(lock: Traversable) -> tuple[int, int]:
    """What tells one state of the file from another; what lies in an archive does not change."""
    if not isinstance(lock, Path):
        return 0, 0
    facts = lock.stat()
    return facts.st_mtime_ns, facts.st_size


def _folder(package: str) -> Traversable:
    return Path(package) if Path(package).is_absolute() else files(package)


def _all(folder: Traversable) -> list[dict[str, Any]]:
    lock = folder.joinpath(LOCK)
    if lock.is_file():
        return [entry["definition"] for entry in json.loads(lock.read_bytes())["tools"]]
    entries = folder.joinpath("tools").iterdir()
    return [json.loads(one.read_bytes()) for one in entries if one.name.endswith(".json")]
