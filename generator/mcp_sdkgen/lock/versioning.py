"""The lock and what follows it: the next version of an SDK, and the names it must keep."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from mcp_sdkgen_runtime.schema.compat import tool_changes

from ..diagnostic import Diagnostic, Level
from ..drift import Change, Drift, Severity, compare, label
from ..lower import FIRST_VERSION, pinned_classes
from ..lower.draft import declares_shape
from ..names import method_names
from ..snapshot import Observation, Release, Snapshot

FIRST = Release(FIRST_VERSION, ("First version.",))


def advance(lock: Snapshot | None, fresh: Snapshot) -> tuple[Snapshot, Drift]:
    """`fresh` with the history of `lock`, and what changed between the two.

    Breaking changes raise the major version, compatible ones the minor, changed words the patch.
    Methods and classes keep the names they had in the lock, where today's rules would choose
    others, and the SDK keeps its edition. What was
    observed of a tool is kept as long as its definition stays the same.
    """
    if lock is None:
        return fresh, Drift()
    still_valid = {
        tool.name: observation
        for tool in fresh.tools
        if (observation := replace(fresh, observed=lock.observed).observation(tool)) is not None
    }
    observed = {**still_valid, **fresh.observed}
    changes = [*compare(lock, fresh).changes, *_observed_changes(lock, fresh, observed)]
    drift = Drift.of(changes)
    package = fresh.package or lock.package
    lost = [
        Diagnostic(Level.WARNING, c.kind, c.message, server=fresh.server, tool=c.name)
        for c in changes
        if c.kind == "observed-type-removed"
    ]
    advanced = replace(
        fresh,
        names=_pinned(lock, fresh),
        edition=lock.edition,
        package=package,
        observed=observed,
        releases=_released(lock, drift),
        diagnostics=(*fresh.diagnostics, *lost),
    )
    return replace(advanced, classes=pinned_classes(lock, advanced)), drift


def learn(lock: Snapshot, observed: Mapping[str, Observation | None]) -> tuple[Snapshot, Drift]:
    """`lock` with these observations, None for a tool that has none any more, as a new version.

    A type where there was none is compatible, since `Observed` is an `Unstructured` too, and
    `ObservedText` a `str`.
    """
    every = {**lock.observed, **observed}
    known = {name: observation for name, observation in every.items() if observation is not None}
    drift = Drift.of(list(_observed_changes(lock, lock, known)))
    learnt = replace(lock, observed=known, releases=_released(lock, drift))
    return replace(learnt, classes=pinned_classes(lock, learnt)), drift


def _released(lock: Snapshot, drift: Drift) -> tuple[Release, ...]:
    if not drift:
        return lock.releases
    history = lock.releases or (FIRST,)
    lines = tuple(f"{c.severity}: {label(c)}: {c.message}" for c in drift.worst_first())
    return (Release(drift.bump(history[0].version), lines), *history)


def _observed_changes(
    lock: Snapshot, fresh: Snapshot, observed: Mapping[str, Observation]
) -> Iterator[Change]:
    tools = {tool.name for tool in fresh.tools}
    for name in sorted({*lock.observed, *observed} & tools):
        was, now = lock.observed.get(name), observed.get(name)
        if was is None and now is not None:
            what = f"its result has a type now, inferred from recorded answers: {now.samples}"
            yield _observed_change("observed-type-added", name, Severity.COMPATIBLE, what)
        elif was is not None and now is None:
            what = f"its observed type is gone: {_reason(was, fresh, name, lock.edition)}"
            yield _observed_change("observed-type-removed", name, Severity.BREAKING, what)
        elif was is not None and now is not None and was.schema != now.schema:
            before, after = ({"name": name, "outputSchema": o.schema} for o in (was, now))
            for change in tool_changes(before, after):
                yield replace(change, part="observed", message=f"observed type: {change.message}")
        elif was != now and now is not None:
            what = f"recorded answers that its observed type rests on: {now.samples}"
            yield _observed_change("observed-samples-changed", name, Severity.TEXT, what)


def _reason(was: Observation, fresh: Snapshot, name: str, edition: int) -> str:
    now = [tool for tool in fresh.tools if tool.name == name]
    if any(declares_shape(tool.definition, edition) for tool in now):
        return "the server declares an output schema now"
    if all(tool.digest != was.digest for tool in now):
        return "the definition changed; record answers and infer it again"
    return "the answers have nothing in common"


def _observed_change(kind: str, name: str, severity: Severity, message: str) -> Change:
    return Change(kind, "tool", name, "observed", "", severity, message)


def _pinned(lock: Snapshot, fresh: Snapshot) -> dict[str, str]:
    before = _names(lock, dict(lock.names))
    today = _names(fresh, {})
    return {w: name for w, name in before.items() if w in today and today[w] != name}


def _names(snapshot: Snapshot, pinned: dict[str, str]) -> dict[str, str]:
    wires = [tool.name for tool in snapshot.tools]
    names: dict[str, str] = {}
    for wire, name in zip(wires, method_names(wires, pinned, snapshot.edition), strict=True):
        names.setdefault(wire, name)
    return names
