"""Whether an installed SDK is of the server that a configuration names: the names alone may agree.

The tools decide. A server is asked once for them, and what was found is kept.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from mcp_sdkgen_codemode.catalog import Sdk
from mcp_sdkgen_runtime.files import make_private
from mcp_sdkgen_runtime.schema.definitions import digest

from ..drift import Drift, Severity, compare, label
from ..lock.lock import LockResult, OnProgress, Progress, Stage, take_snapshots
from ..snapshot import Snapshot
from ..source import Source


@dataclass(frozen=True)
class Match:
    """The installed SDK to use for a server, or None where one is to be built of `snapshot`.

    `note` tells the user what is not as they may expect. It may quote the server.
    """

    sdk: Sdk | None = None
    note: str = ""
    snapshot: Snapshot | None = None


@dataclass(frozen=True)
class Candidate:
    """A server, the SDKs that are installed for its name, and a folder to keep findings in."""

    source: Source
    sdks: tuple[Sdk, ...]
    folder: Path

    @property
    def memory(self) -> Path:
        """The file for what was found out about these very SDKs."""
        facts = [[sdk.package, sdk.version, dict(sdk.definitions)] for sdk in self.sdks]
        return self.folder / f"installed-{digest({'sdks': facts})[7:23]}.json"


def match(
    candidates: Sequence[Candidate], *, update: bool = False, on_progress: OnProgress | None = None
) -> Mapping[str, Match]:
    """What to use for each candidate, by server name.

    An SDK fits as long as programs that are right by it are right for the server. Servers are asked
    that were not asked before, or all with `update`, at the same time; where one cannot be asked,
    the installed SDK is used, and the note says so.
    """
    found = {} if update else {c.source.name: m for c in candidates if (m := _remembered(c))}
    unknown = {c.source.name: c for c in candidates if c.source.name not in found}
    if not unknown:
        return found
    tell = on_progress or (lambda _: None)
    snapshots = take_snapshots(
        [c.source for c in unknown.values()],
        None,
        on_progress=lambda step: tell(Progress(step.server, Stage.COMPARE, step.tools)),
    )
    for one in snapshots:
        candidate = unknown[one.name]
        found[one.name] = judged = _judged(candidate, one)
        if one.snapshot is not None:
            _remember(candidate, judged)
        if judged.sdk is not None:
            tell(Progress(one.name, Stage.COMPARE, len(judged.sdk.tools), "installed"))
    return found


def _judged(candidate: Candidate, asked: LockResult) -> Match:
    name, live = asked.name, asked.snapshot
    if live is None:
        sdk = candidate.sdks[0]
        note = f"{_named(sdk)} is used, though the server could not be asked whether it fits: "
        return Match(sdk, f"{name}: {note}{asked.failure}")
    drifts = [(_drift(sdk, live), sdk) for sdk in candidate.sdks]
    drift, sdk = min(drifts, key=lambda each: each[0].severity.rank if each[0].severity else -1)
    if drift.severity is Severity.BREAKING:
        why = next(c for c in drift.changes if c.severity is Severity.BREAKING)
        note = (
            f"{name}: an SDK is built for the configured server, since the installed "
            f"{_named(sdk)} does not fit it ({label(why)}: {why.message}); leave out "
            "--config to use the installed one"
        )
        return Match(None, note, live)
    note = ""
    if len(drifts) > 1:
        others = ", ".join(_named(other) for _, other in drifts if other is not sdk)
        note = f"{name}: of the installed SDKs, {_named(sdk)} is used; not {others}"
    elif drift.severity is Severity.COMPATIBLE:
        note = (
            f"{name}: {_named(sdk)} is used, though the server has changed since; build it again "
            "with `mcp-sdkgen build --update`"
        )
    return Match(sdk, note)


def _drift(sdk: Sdk, live: Snapshot) -> Drift:
    """What the server has otherwise, of tools: of all else an installed SDK keeps no record."""
    old = Snapshot.of(live.server, sdk.definitions.values())
    return compare(old, Snapshot(live.server, live.tools))


def _remembered(candidate: Candidate) -> Match | None:
    try:
        remembered = json.loads(candidate.memory.read_bytes())
        if remembered["package"] is None:
            return Match(None, str(remembered["note"]))
        [sdk] = [sdk for sdk in candidate.sdks if sdk.package == remembered["package"]]
        return Match(sdk, str(remembered["note"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _remember(candidate: Candidate, judged: Match) -> None:
    package = judged.sdk.package if judged.sdk else None
    text = json.dumps({"package": package, "note": judged.note})
    with suppress(OSError):  # the server is asked again next time
        make_private(candidate.folder)
        candidate.memory.write_text(text, encoding="utf-8")


def _named(sdk: Sdk) -> str:
    return f"{sdk.distribution} {sdk.version}".rstrip()
