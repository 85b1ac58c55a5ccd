"""Sources in, typed wheels out: the whole line, many servers at a time.

A server that fails costs only itself; a tool that fails its check becomes untyped, and the rest
of its server is as it was.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, TypedDict, Unpack

import anyio.to_thread

from .diagnostic import Diagnostic, Level
from .drift import Drift
from .emit.generate import Generated, generate
from .errors import BuildError, ConfigError, SdkgenError
from .lock.lock import LockResult, OnProgress, Progress, Stage, ask, name_sources, out_folder
from .names import slug
from .package.verify import Failure, check
from .package.wheel import check_dist, remove_older, runtime_wheel, wheel
from .package.write import check_folder, write
from .report import Report, ServerReport, tool_reports
from .snapshot import Snapshot
from .source import Source, run_sync

CHECK_ROUNDS = 3
WORTH_PROCESSES = 300
"""Tools of several servers from which on worker processes save more time than they cost."""
SAFE_PATH = {"PYTHONSAFEPATH": "1"}
"""Workers are started with `-m` and `-c`, and must import nothing of the current folder."""


@dataclass
class _Job:
    """One server on its way."""

    name: str
    snapshot: Snapshot | None = None
    drift: Drift = field(default_factory=Drift)
    generated: Generated | None = None
    untyped: set[str] = field(default_factory=set)
    findings: list[Diagnostic] = field(default_factory=list)
    error: SdkgenError | None = None
    changed: tuple[str, ...] = ()
    wheel: str = ""
    seconds: dict[str, float] = field(default_factory=dict)


class BuildOptions(TypedDict, total=False):
    """What may be said of a build."""

    out: Path | str | None
    """Where SDKs are built; where the configuration says if unset, else in `generated`."""
    packages: Mapping[str, str] | None
    """Import names of your choice, by server."""
    make_wheels: bool
    """Whether wheels are made too; true if unset."""
    run_check: bool
    """Whether every package is imported and type-checked; true if unset."""
    update: bool
    """Whether live servers that have a snapshot in `out` are asked again; false if unset."""
    jobs: int | None
    """How many processes work at a time; as many as there are cores if unset."""
    timeout_s: float | None
    """Seconds that each server has to answer."""
    on_progress: OnProgress | None
    """Called with each step of each server."""


def build(
    sources: str | Path | Snapshot | Iterable[str | Path | Snapshot | Source],
    **options: Unpack[BuildOptions],
) -> Report:
    """Build an SDK for every source, below `out`: `<server>/` with its source, and `dist/*.whl`.

    A source is anything that `resolve` understands, a `Snapshot`, or a resolved source. A live
    server is asked only with `update`, or when `out` has no snapshot of it yet. What fails is in
    the report. Raises `ConfigError` when a source cannot be understood.
    """
    return run_sync(partial(build_async, sources, **options))


async def build_async(
    sources: str | Path | Snapshot | Iterable[str | Path | Snapshot | Source],
    *,
    out: Path | str | None = None,
    packages: Mapping[str, str] | None = None,
    make_wheels: bool = True,
    run_check: bool = True,
    update: bool = False,
    jobs: int | None = None,
    timeout_s: float | None = None,
    on_progress: OnProgress | None = None,
) -> Report:
    """`build` for callers with an event loop."""
    started = time.monotonic()
    named = name_sources([sources] if isinstance(sources, str | Path | Snapshot) else sources)
    folder = Path(out) if out is not None else named.out or out_folder(None)
    try:
        check_folder(folder)
        if make_wheels:
            check_dist(folder / "dist")
    except BuildError as error:
        raise ConfigError(str(error), hint=error.hint) from None
    tell = on_progress or (lambda _: None)
    asked = await ask(
        named.sources,
        folder,
        update=update,
        packages={**named.packages, **(packages or {})},
        timeout_s=timeout_s or named.timeout_s,
        on_progress=tell,
    )
    line = _Pipeline(folder, jobs or os.cpu_count() or 1, tell, [_job(one) for one in asked])
    await anyio.to_thread.run_sync(partial(line.run, run_check=run_check, wheels=make_wheels))
    servers = tuple(_report(job, folder) for job in line.jobs)
    return Report(servers, named.notes, str(folder), time.monotonic() - started)


def _job(asked: LockResult) -> _Job:
    job = _Job(asked.name, asked.snapshot, asked.drift, error=asked.error)
    job.seconds["snapshot"] = asked.seconds
    return job


class _Pipeline:
    """The part of a build that needs processors: generate, check, write, pack."""

    def __init__(self, out: Path, workers: int, tell: OnProgress, jobs: list[_Job]) -> None:
        self.out = out
        self.workers = workers
        self.tell = tell
        self.jobs = jobs

    def run(self, *, run_check: bool, wheels: bool) -> None:
        # Deferred: verbs that build nothing need not load it.
        from loky import ProcessPoolExecutor  # type: ignore[import-untyped]

        alive = self._alive()
        size = sum(len(job.snapshot.tools) for job in alive if job.snapshot)
        if min(self.workers, len(alive)) > 1 and size > WORTH_PROCESSES:
            with (
                _safe_path(),
                ProcessPoolExecutor(max_workers=self.workers, env=SAFE_PATH) as pool,
            ):
                self._stages(pool.map, run_check, wheels)
        else:
            self._stages(map, run_check, wheels)

    def _stages(self, spread: Any, run_check: bool, wheels: bool) -> None:
        self._generate(self._alive(), spread)
        if run_check:
            self._check(spread)
        for job in self._alive():
            self._write(job)
        if wheels and self._alive():
            self._wheels(spread)
        for job in self.jobs:
            stage = Stage.FAILED if job.error else Stage.DONE
            count = len(job.snapshot.tools) if job.snapshot else 0
            self.tell(Progress(job.name, stage, count, str(job.error or "")))

    def _alive(self) -> list[_Job]:
        return [job for job in self.jobs if job.error is None]

    def _generate(self, jobs: list[_Job], spread: Any) -> None:
        for job in jobs:
            self.tell(
                Progress(job.name, Stage.GENERATE, len(job.snapshot.tools) if job.snapshot else 0)
            )
        made = spread(_generated, [(job.snapshot, job.untyped) for job in jobs])
        for job, (result, seconds) in zip(jobs, made, strict=True):
            job.seconds["generate"] = job.seconds.get("generate", 0.0) + seconds
            if isinstance(result, Generated):
                job.generated = result
            else:
                job.error = result

    def _check(self, spread: Any) -> None:
        for _ in range(CHECK_ROUNDS):
            alive = self._alive()
            for job in alive:
                self.tell(Progress(job.name, Stage.CHECK))
            started = time.monotonic()
            try:
                failures = check([job.generated for job in alive if job.generated])
            except BuildError as error:
                for job in alive:
                    job.error = error
                return
            for job in alive:
                share = (time.monotonic() - started) / max(len(alive), 1)
                job.seconds["check"] = job.seconds.get("check", 0.0) + share
            again = [job for job in alive if self._degrade(job, failures)]
            if not again:
                return
            self._generate(again, spread)
        for job in again:
            job.error = BuildError(
                "the generated package still fails its check", detail=_last_messages(job)
            )

    def _degrade(self, job: _Job, failures: list[Failure]) -> bool:
        package = job.generated.package if job.generated else ""
        mine = [failure for failure in failures if failure.package == package]
        fresh = {f.method for f in mine if f.method} - job.untyped
        for failure in mine:
            finding = Diagnostic(Level.ERROR, "check-failed", failure.message, job.name)
            job.findings.append(finding)
        if mine and not fresh:
            job.error = BuildError(
                "the generated package fails its check outside the code of its tools",
                detail=_last_messages(job),
                hint="please report this with the snapshot",
            )
        job.untyped |= fresh
        return bool(fresh)

    def _write(self, job: _Job) -> None:
        self.tell(Progress(job.name, Stage.WRITE))
        started = time.monotonic()
        try:
            if job.generated is not None:
                folder = self.out / job.generated.slug
                job.changed = tuple(write(job.generated.files, folder, job.generated.package))
        except SdkgenError as error:
            job.error = error
        job.seconds["write"] = time.monotonic() - started

    def _wheels(self, spread: Any) -> None:
        jobs = self._alive()
        for job in jobs:
            self.tell(Progress(job.name, Stage.WHEEL))
        dist = self.out / "dist"
        pairs = [(self.out / slug(job.name), dist) for job in jobs]
        for job, (result, seconds) in zip(jobs, spread(_wheel, pairs), strict=True):
            job.seconds["wheel"] = seconds
            if isinstance(result, Path):
                job.wheel = result.name
                remove_older(result)
            else:
                job.error = result
        try:
            runtime_wheel(dist)
        except BuildError as error:
            for job in self._alive():
                job.error = error


@contextmanager
def _safe_path() -> Iterator[None]:
    """`SAFE_PATH` in this process's environment: the processes that watch over a pool's workers
    take it from there alone."""
    before = {name: os.environ.get(name) for name in SAFE_PATH}
    os.environ.update(SAFE_PATH)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def _generated(
    given: tuple[Snapshot | None, set[str]],
) -> tuple[Generated | SdkgenError, float]:
    started = time.monotonic()
    snapshot, untyped = given
    try:
        result: Generated | SdkgenError = (
            generate(snapshot, untyped=untyped)
            if snapshot is not None
            else BuildError("there is no snapshot")
        )
    except SdkgenError as error:
        result = error
    return result, time.monotonic() - started


def _wheel(given: tuple[Path, Path]) -> tuple[Path | SdkgenError, float]:
    started = time.monotonic()
    try:
        result: Path | SdkgenError = wheel(*given)
    except SdkgenError as error:
        result = error
    return result, time.monotonic() - started


def _last_messages(job: _Job) -> str:
    return "\n".join(found.message for found in job.findings[-5:])


def _report(job: _Job, out: Path) -> ServerReport:
    common: Mapping[str, Any] = {
        "server": job.name,
        "slug": slug(job.name),
        "seconds": {stage: round(seconds, 3) for stage, seconds in job.seconds.items()},
    }
    if job.error is not None or job.generated is None or job.snapshot is None:
        error = job.error or BuildError("nothing was generated")
        return ServerReport(
            **common,
            status="failed",
            error=str(error),
            hint=error.hint,
            detail=error.detail,
            diagnostics=tuple(job.findings),
        )
    made = job.generated
    return ServerReport(
        **common,
        status="built",
        package=made.package,
        version=made.version,
        folder=str(out / made.slug),
        wheel=job.wheel,
        changed=job.changed,
        drift=job.drift.to_json() if job.drift else {},
        tools=tool_reports(made),
        prompts=len(made.lowered.server.prompts),
        resource_templates=len(made.lowered.server.templates),
        resources=len(made.lowered.server.resources),
        diagnostics=(*made.diagnostics, *job.findings),
    )
