"""Sources → snapshots with their history: which servers to ask, and what their locks say."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from mcp_sdkgen_runtime.schema.definitions import LOCK

from ..config.settings import DEFAULT_OUT, check_default_out
from ..errors import BuildError, ConfigError, SdkgenError, SnapshotError
from ..names import chosen_package, slug
from ..package.scratch import restore
from ..package.write import put, write_error
from ..snapshot import Snapshot, lock_in
from ..source import (
    BrokenSource,
    Event,
    Phase,
    Resolved,
    SavedSource,
    ServerSource,
    Source,
    Taken,
    resolve,
    run_sync,
    take_all,
)

if TYPE_CHECKING:
    from ..drift import Drift


class Stage(StrEnum):
    """Where a server is on the build line."""

    COMPARE = "compare"
    """Its tools are compared with those of an installed SDK, which is then used, or built anew."""
    SNAPSHOT = "snapshot"
    GENERATE = "generate"
    CHECK = "check"
    WRITE = "write"
    WHEEL = "wheel"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True)
class Progress:
    """One step of one server. `message` may quote foreign text: show it through `text.terminal`.

    While its message is `installing`, `installing` is the name of a package manager and what it
    does, in words.
    """

    server: str
    stage: Stage
    tools: int = 0
    message: str = ""
    installing: str = ""


OnProgress = Callable[[Progress], None]


def _no_drift() -> Drift:
    # Deferred, as in `take_snapshots`.
    from ..drift import Drift

    return Drift()


@dataclass(frozen=True)
class LockResult:
    """What became of one source: its snapshot with the history of its lock, or an error."""

    name: str
    snapshot: Snapshot | None
    drift: Drift = field(default_factory=_no_drift)
    error: SdkgenError | None = None
    seconds: float = 0.0

    @property
    def failure(self) -> SdkgenError:
        """The error; a generic one if there should be none."""
        return self.error or BuildError(f"{self.name}: no snapshot was taken")


@dataclass(frozen=True)
class Named:
    """Sources as values, with what their configuration says about all of them."""

    sources: tuple[Source, ...]
    notes: tuple[str, ...] = ()
    out: Path | None = None
    packages: Mapping[str, str] = field(default_factory=dict)
    timeout_s: float | None = None


def name_sources(wanted: Iterable[str | Path | Snapshot | Source]) -> Named:
    """Understand what a caller named. Raises `ConfigError`."""
    sources: list[Source] = []
    named = Named(())
    for one in wanted:
        if isinstance(one, Snapshot):
            sources.append(SavedSource(one.server, one, "a snapshot in memory"))
        elif isinstance(one, str | Path):
            resolved = resolve([str(one)])
            sources += resolved.sources
            named = Named(
                (),
                (*named.notes, *resolved.notes),
                named.out or resolved.out,
                {**resolved.packages, **named.packages},
                named.timeout_s or resolved.timeout_s,
            )
        else:
            sources.append(one)
    return replace(named, sources=tuple(_distinct(sources)))


async def ask(
    sources: Sequence[Source],
    out: Path | None,
    *,
    update: bool,
    packages: Mapping[str, str],
    timeout_s: float | None = None,
    on_progress: OnProgress | None = None,
    on_result: Callable[[LockResult], Awaitable[None]] | None = None,
) -> list[LockResult]:
    """The snapshot of every source, as it follows the lock in `out`, if `out` is given.

    A live server that has a lock is asked only with `update`. The result has the order of
    `sources`; what fails is in its `error`. `on_result` is called with each once there is one.
    """
    tell = on_progress or (lambda _: None)
    locks: dict[str, Snapshot] = {}
    asked: list[Source] = []
    for source in _distinct(sources):
        try:
            path = _lock_after_all(out, source.name) if out is not None else None
            lock = load_lock(path) if path is not None else None
        except SdkgenError as error:
            # With `update` a damaged lock is about to be replaced, and its history is lost anyway.
            lock, source = None, source if update else BrokenSource(source.name, error)
        if lock is not None:
            locks[source.name] = lock
            if isinstance(source, ServerSource) and not update:
                source = SavedSource(source.name, lock, "the lock")
        asked.append(source)

    locked = {source.name for source in asked if isinstance(source, SavedSource)} & locks.keys()

    def forward(event: Event) -> None:
        if event.phase is Phase.INSTALLING:
            words = str(event.phase)
            tell(Progress(event.source, Stage.SNAPSHOT, 0, words, event.message))
            return
        words = event.message or str(event.phase)
        if event.source in locked and event.phase is Phase.DONE and not update:
            words = "locked"
        tell(Progress(event.source, Stage.SNAPSHOT, event.tools, words))

    results: dict[int, LockResult] = {}

    async def follow(taken: Taken) -> None:
        name = taken.source.name
        result = _following(taken, locks.get(name), chosen_package(packages, name))
        results[id(taken.source)] = result
        if on_result is not None:
            await on_result(result)

    await take_all(asked, timeout_s=timeout_s, on_event=forward, on_taken=follow)
    return [results[id(source)] for source in asked]


def _following(taken: Taken, lock: Snapshot | None, chosen: str) -> LockResult:
    """What was taken, as it follows the lock."""
    name = taken.source.name
    if taken.snapshot is None:
        return LockResult(name, None, error=taken.error, seconds=taken.seconds)
    fresh = replace(taken.snapshot, server=name, package=chosen or taken.snapshot.package)
    # Deferred: it imports all that decides about an SDK, and most readers of locks build none.
    from .versioning import advance

    snapshot, drift = advance(lock, fresh)
    return LockResult(name, snapshot, drift, seconds=taken.seconds)


def take_snapshots(
    sources: Sequence[Source],
    out: Path | None,
    *,
    packages: Mapping[str, str] | None = None,
    timeout_s: float | None = None,
    on_progress: OnProgress | None = None,
) -> list[LockResult]:
    """`ask` every server afresh, for callers without an event loop."""
    return run_sync(
        partial(
            ask,
            sources,
            out,
            update=True,
            packages=packages or {},
            timeout_s=timeout_s,
            on_progress=on_progress,
        )
    )


def out_folder(out: Path | None, found: Resolved | None = None) -> Path:
    """The folder that SDKs are written to: the one that was typed, or that the configuration which
    was `found` names, or else the default.

    Raises `ConfigError` where the default is a link out of its folder.
    """
    if out is None and found is not None:
        out = found.out
        if out is not None and found.is_default_out:
            check_default_out(out)
    if out is None:
        check_default_out(DEFAULT_OUT)
    return out or DEFAULT_OUT


def sdk_folder(out: Path | None, server: str) -> Path:
    """The folder of a server's SDK."""
    return (out or DEFAULT_OUT) / slug(server)


def lock_path(out: Path | None, server: str) -> Path:
    """Where the lock of a server is: in the package that was built from it, or else beside that.

    There a newer one waits for the next build, so that the package keeps what it was built from.
    """
    folder = sdk_folder(out, server)
    return lock_in(folder) or folder / LOCK


def load_lock(path: Path) -> Snapshot:
    """Read a lock. Raises `SnapshotError`."""
    if not path.is_file():
        raise SnapshotError(
            f"{path}: there is no lock", hint="make one with `mcp-sdkgen build` or `snapshot`"
        )
    return Snapshot.load(path)


def write_lock(folder: Path, snapshot: Snapshot) -> Path:
    """Write a lock for the next build of the SDK in `folder`; returns its path.

    Raises `BuildError`.
    """
    try:
        put(folder.parent, f"{folder.name}/{LOCK}", snapshot.dumps())
    except OSError as error:
        raise write_error("the lock", error) from error
    return folder / LOCK


def _lock_after_all(out: Path, server: str) -> Path | None:
    """The lock of a server, also of one whose last build was killed. Raises `BuildError`."""
    folder = sdk_folder(out, server)
    try:
        restore(folder)
    except OSError as error:
        raise write_error("the SDK", error) from error
    return lock_in(folder)


def _distinct(sources: Iterable[Source]) -> list[Source]:
    first: dict[str, str] = {}
    distinct: list[Source] = []
    for source in sources:
        owner = first.get(slug(source.name))
        if owner is not None and not isinstance(source, BrokenSource):
            error = ConfigError(
                f"{source.name!r} and {owner!r} would both become {slug(owner)}-sdk",
                hint="rename one of them, or build them in two runs with --name and --out",
            )
            source = BrokenSource(source.name, error)
        first.setdefault(slug(source.name), source.name)
        distinct.append(source)
    return distinct
