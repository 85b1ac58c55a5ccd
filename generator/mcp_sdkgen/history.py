"""The lock and what follows it: the next version of an SDK, and the names it must keep."""

from __future__ import annotations

from dataclasses import replace

from .drift import Drift, compare, label
from .lower import FIRST_VERSION
from .names import method_names
from .snapshot import Release, Snapshot

FIRST = Release(FIRST_VERSION, ("First version.",))


def advance(lock: Snapshot | None, fresh: Snapshot) -> tuple[Snapshot, Drift]:
    """`fresh` with the history of `lock`, and what changed between the two.

    Breaking changes raise the major version, compatible ones the minor, changed words the patch.
    Methods keep the names they had in the lock, where today's rules would choose others.
    """
    if lock is None:
        return fresh, Drift()
    drift = compare(lock, fresh)
    releases = lock.releases
    if drift:
        history = lock.releases or (FIRST,)
        lines = tuple(f"{c.severity}: {label(c)}: {c.message}" for c in drift.changes)
        releases = (Release(drift.bump(history[0].version), lines), *history)
    package = fresh.package or lock.package
    return replace(fresh, names=_pinned(lock, fresh), package=package, releases=releases), drift


def _pinned(lock: Snapshot, fresh: Snapshot) -> dict[str, str]:
    before = _names(lock, dict(lock.names))
    today = _names(fresh, {})
    return {w: name for w, name in before.items() if w in today and today[w] != name}


def _names(snapshot: Snapshot, pinned: dict[str, str]) -> dict[str, str]:
    wires = [tool.name for tool in snapshot.tools]
    names: dict[str, str] = {}
    for wire, name in zip(wires, method_names(wires, pinned), strict=True):
        names.setdefault(wire, name)
    return names
