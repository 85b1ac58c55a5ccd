"""Takes snapshots of sources, one or many at a time."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import anyio
import anyio.to_thread
from mcp_sdkgen_runtime.config.display import shown_url
from mcp_sdkgen_runtime.config.targets import HttpTarget, StdioTarget
from mcp_sdkgen_runtime.session.start_limits import StartLimit
from mcp_sdkgen_runtime.transport.stderr_tail import first_and_last_lines

from ..config import bind, with_secrets
from ..diagnostic import Diagnostic, Level
from ..errors import ConfigError, SdkgenError, SourceError
from ..snapshot import Snapshot
from .bounds import admit
from .limits import DEFAULT_TIMEOUT_S as DEFAULT_TIMEOUT_S
from .limits import Starts, limit_of, more_time
from .model import BrokenSource, Event, OnEvent, Phase, SavedSource, ServerSource, Source, Taken
from .redact import Redactor
from .resolve import only

if TYPE_CHECKING:
    from .session import Answers

ResultT = TypeVar("ResultT")

MAX_INSTRUCTIONS_CHARACTERS: Final = 256 * 1024

_LOGGERS: Final = ("mcp", "client", "httpx2", "httpcore2")
_quiet_lock = threading.Lock()
_quiet_depth = 0
_quiet_before: dict[str, bool] = {}
_nowhere = logging.NullHandler()


def run_sync(work: Callable[[], Awaitable[ResultT]]) -> ResultT:
    """Run async work to its end, for callers without an event loop.

    Raises `ConfigError` for callers that have one.
    """
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return anyio.run(work)
    raise ConfigError(
        "called inside a running event loop",
        hint="await the async twin: `build_async`, `take_snapshot_async`",
    )


async def take(
    source: Source, *, timeout_s: float | None = None, on_event: OnEvent | None = None
) -> Snapshot:
    """The snapshot of one source.

    `timeout_s` bounds everything from starting the server to its last page. Without it the source's
    own limit counts, or else 120 s for one that `npx`, `uvx` or the like starts, and more as long
    as that tells that it still installs, and 30 s for any other. Ending a process may take some
    seconds more, and that of an installation 30 s, so that no cache is left damaged. Server
    and client agree on the newest protocol both speak. Raises `SourceError` with the cause in
    plain words, `ConfigError` when a variable of the configuration is not set, `SnapshotError`
    when the definitions nest too deep. Neither these nor the events hold anything secret from
    the configuration, but they may quote the server.
    """
    return await _taken(source, timeout_s, on_event, lambda: None)


async def _taken(
    source: Source,
    timeout_s: float | None,
    on_event: OnEvent | None,
    on_settled: Callable[[], None],
) -> Snapshot:
    started = time.monotonic()

    def tell(phase: Phase, tools: int = 0, message: str = "") -> None:
        if on_event is not None:
            on_event(Event(source.name, phase, time.monotonic() - started, tools, message))

    try:
        match source:
            case BrokenSource(error=error):
                raise error
            case SavedSource(snapshot=snapshot):
                pass
            case ServerSource():
                tell(Phase.CONNECTING)
                with _quiet_logs():
                    limit = limit_of(source.config, timeout_s)
                    snapshot = await _live(source, limit, tell, on_settled)
    except SdkgenError as error:
        tell(Phase.FAILED, message=str(error))
        raise
    tell(Phase.DONE, tools=len(snapshot.tools))
    return snapshot


def take_sync(
    source: Source, *, timeout_s: float | None = None, on_event: OnEvent | None = None
) -> Snapshot:
    """`take` for callers without an event loop."""
    return run_sync(partial(take, source, timeout_s=timeout_s, on_event=on_event))


async def take_all(
    sources: Sequence[Source],
    *,
    timeout_s: float | None = None,
    on_event: OnEvent | None = None,
    on_taken: Callable[[Taken], Awaitable[None]] | None = None,
) -> list[Taken]:
    """Take the snapshots of all sources, many at a time, each within its own time limit.

    Of servers that are to be started, no more start at once than there are cores for. The result
    has the order of `sources`. A source that fails costs none of the others: its `Taken` holds the
    error. `on_event` is called in the order in which things happen, `on_taken` with each result
    once there is one.
    """
    taken: dict[int, Taken] = {}
    starts = Starts()

    async def one(index: int, source: Source) -> None:
        async with starts.turn(source) as settled:
            started = time.monotonic()
            snapshot, error = None, None
            try:
                snapshot = await _taken(source, timeout_s, on_event, settled)
            except SdkgenError as failure:
                error = failure
            taken[index] = Taken(source, snapshot, error, time.monotonic() - started)
        if on_taken is not None:
            await on_taken(taken[index])

    async with anyio.create_task_group() as tasks:
        for index, source in enumerate(sources):
            tasks.start_soon(one, index, source)
    return [taken[index] for index in range(len(sources))]


def take_all_sync(
    sources: Sequence[Source],
    *,
    timeout_s: float | None = None,
    on_event: OnEvent | None = None,
) -> list[Taken]:
    """`take_all` for callers without an event loop."""
    return run_sync(partial(take_all, sources, timeout_s=timeout_s, on_event=on_event))


async def _live(
    source: ServerSource,
    limit: StartLimit,
    tell: Callable[..., None],
    on_settled: Callable[[], None],
) -> Snapshot:
    # Imported here, because `import mcp` takes about a second.
    from .session import Listener, NoAnswersError, converse

    config = source.config
    # The keyring may ask its user.
    target = await anyio.to_thread.run_sync(with_secrets, bind(config), config.name)
    redactor = Redactor(config, target)
    as_error = partial(_redacted_error, source.name, target, redactor)
    listener = Listener(
        page=partial(tell, Phase.LISTING),
        installing=partial(tell, Phase.INSTALLING, 0),
        finishing=lambda late: tell(Phase.FINISHING if late else Phase.INTERRUPTED),
        settled=on_settled,
    )
    try:
        answers = await converse(source.name, target, limit, listener)
        return _snapshot(source.name, answers, redactor)
    except RecursionError:
        raise SourceError(f"{source.name}: its answers are nested too deeply") from None
    except NoAnswersError as failure:
        cause = failure.cause
        hint = more_time(cause.late_s) if cause.late_s else cause.hint
        raise as_error(cause.what, hint, cause.stderr) from None
    except SourceError as error:
        raise as_error(str(error), error.hint or "the server is broken or hostile") from None


def _redacted_error(
    name: str,
    target: StdioTarget | HttpTarget,
    redactor: Redactor,
    what: str,
    hint: str,
    stderr: str = "",
) -> SourceError:
    """The error to show: message, hint and the last lines of stderr, all redacted."""
    address = f"{shown_url(target.url)}: " if isinstance(target, HttpTarget) else ""
    # Redacted before it is cut, so that no half of a secret stays.
    lines = first_and_last_lines(redactor.text(stderr)).splitlines()
    return SourceError(
        redactor.text(f"{name}: {address}{what}"),
        hint=redactor.text(hint),
        detail="\n".join(lines),
    )


def _snapshot(server: str, answers: Answers, redactor: Redactor) -> Snapshot:
    diagnostics = list(answers.diagnostics)
    lists: dict[str, list[Any]] = {}
    for kind in ("tools", "prompts", "resources", "resource_templates"):
        kept, found = admit(kind, answers.lists.get(kind, []), server)
        diagnostics += found
        lists[kind] = [redactor.definition(item) for item in kept]
    facts = {
        "server_info": redactor.definition(_small(answers.server_info)),
        "capabilities": redactor.definition(_small(answers.capabilities)),
        "instructions": redactor.definition(
            answers.instructions[:MAX_INSTRUCTIONS_CHARACTERS], prose=True
        ),
        "protocol_version": answers.protocol_version,
    }
    if redactor.replaced:
        diagnostics.append(
            Diagnostic(
                Level.WARNING, "redacted",
                f"the server repeats its configuration; {redactor.replaced} values were replaced",
                server=server,
            )
        )  # fmt: skip
    return Snapshot.of(
        server,
        lists["tools"],
        prompts=tuple(lists["prompts"]),
        resources=tuple(lists["resources"]),
        resource_templates=tuple(lists["resource_templates"]),
        diagnostics=[
            replace(found, message=redactor.text(found.message), tool=redactor.text(found.tool))
            for found in diagnostics
        ],
        **facts,
    )


def _small(value: dict[str, Any]) -> dict[str, Any]:
    """A server's self-description, or nothing when it is out of all proportion."""
    kept, _ = admit("tools", [{"name": "", "value": value}], "")
    return value if kept else {}


@contextmanager
def _quiet_logs() -> Iterator[None]:
    """Keep libraries from logging: they log whole messages, addresses and headers."""
    global _quiet_depth
    with _quiet_lock:
        if _quiet_depth == 0:
            for name in _LOGGERS:
                logger = logging.getLogger(name)
                _quiet_before[name] = logger.propagate
                logger.propagate = False
                logger.addHandler(_nowhere)
        _quiet_depth += 1
    try:
        yield
    finally:
        with _quiet_lock:
            _quiet_depth -= 1
            if _quiet_depth == 0:
                for name, propagate in _quiet_before.items():
                    logging.getLogger(name).propagate = propagate
                    logging.getLogger(name).removeHandler(_nowhere)


def take_snapshot(source: str | Path, *, server: str | None = None, **options: Any) -> Snapshot:
    """Ask a server, or read a saved list: one source as `mcp-sdkgen snapshot` names it.

    `server` picks one of a configuration, or names a URL or a file. `options` are those of `take`:
    `timeout_s`, `on_event`. Raises `ConfigError`, `SourceError` and `SnapshotError`.
    """
    return take_sync(only(source, server), **options)


async def take_snapshot_async(
    source: str | Path, *, server: str | None = None, **options: Any
) -> Snapshot:
    """`take_snapshot` for callers with an event loop."""
    return await take(only(source, server), **options)
