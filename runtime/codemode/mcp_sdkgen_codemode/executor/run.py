"""One program in one sandbox: hand it over, serve its calls, and end it in time."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

from ..broker.broker import OutOfTime, Run
from ..broker.channel import ChannelClosed
from ..broker.framing import Violation
from ..broker.guest_result import GuestResult
from ..broker.journal import Diverged, JournalError
from ..events import OnEvent, Output, Stream
from ..host_only import NOTHING, HostOnly
from ..outcome import Status
from ..policy.approval import Suspended
from ..program_input import FILE_BYTES
from .capture import Capture
from .pool import ReadySandbox

_GRACE_S = 1.0
_COUNTING_S = 0.1
"""Seconds between two looks at how many files there are."""


@dataclass(frozen=True, slots=True)
class RunEnd:
    """How a run ended. `result` is what the program said of itself, if it came to that; `detail`
    is what only the host is told beside `reason`.

    A `suspended` run waits for a person and can be resumed with its journal.
    """

    status: Status
    reason: str
    run_s: float
    result: GuestResult | None = None
    suspended: bool = False
    detail: HostOnly = NOTHING


async def dispatch(
    ready: ReadySandbox,
    run: Run,
    program: str,
    *,
    lasting: bool = False,
    on_event: OnEvent | None = None,
) -> RunEnd:
    """Run `program` in a ready sandbox until it ends or is ended.

    If the program told its result (`RunEnd.result`), the sandbox is still there; a `lasting` one
    waits for the next program. Else it has been killed. What becomes of it is the lease's to say.
    """
    flooded = asyncio.Event()
    for stream, capture in _streams(ready):
        capture.restart()
        capture.on_flood = flooded.set
        capture.on_text = None if on_event is None else partial(_tell, on_event, stream)
    started = time.monotonic()
    suspended, detail = False, NOTHING
    try:
        result, status, reason = await _served(ready, run, program, lasting, flooded)
    except JournalError as error:
        result, status, reason, detail = None, "killed", f"its journal: {error.what}", error.where
    except Suspended as error:
        result, status, reason, suspended = None, "refused", str(error), True
    except BaseException:
        await ready.end()
        raise
    run_s = time.monotonic() - started
    if result is not None:
        # The sandbox flushed before it told its result, so what it printed is in the pipes.
        for _, capture in _streams(ready):
            capture.drain()
            capture.on_text = capture.on_flood = None
        return RunEnd(result.status, "", run_s, result)
    if not reason:
        # The channel is closed. What closed it is most likely the end of the process.
        with suppress(TimeoutError):
            await asyncio.wait_for(ready.sandbox.wait(), _GRACE_S)
    how = await ready.end()
    return (
        RunEnd(status, reason, run_s, suspended=suspended, detail=detail)
        if reason
        else RunEnd(*_by_itself(how), run_s)
    )


def _streams(ready: ReadySandbox) -> tuple[tuple[Stream, Capture], ...]:
    return ("stdout", ready.stdout), ("stderr", ready.stderr)


def _tell(on_event: OnEvent, stream: Stream, text: str) -> None:
    on_event(Output(stream, text))


async def _served(
    ready: ReadySandbox, run: Run, program: str, lasting: bool, flooded: asyncio.Event
) -> tuple[GuestResult | None, Status, str]:
    serving = asyncio.create_task(run.serve(ready.channel, program, keep=lasting))
    flood = asyncio.create_task(flooded.wait())
    most = max(1, run.limits.tmp_bytes // FILE_BYTES)
    crowd = asyncio.create_task(_crowded(ready, most))
    try:
        await asyncio.wait({serving, flood, crowd}, return_when=asyncio.FIRST_COMPLETED)
        if crowd.done() and not serving.done():
            return None, "killed", f"limit: it made more than {most} files"
        if not serving.done():
            return None, "killed", "it printed far more than the output limit"
        return serving.result(), "killed", ""
    except OutOfTime as error:
        return None, "timed_out", str(error)
    except (Violation, Diverged) as error:
        return None, "killed", str(error)
    except ChannelClosed:
        return None, "killed", ""
    finally:
        for task in (serving, flood, crowd):
            task.cancel()
        await asyncio.gather(serving, flood, crowd, return_exceptions=True)


async def _crowded(ready: ReadySandbox, most: int) -> None:
    """Return when there are more files than `most`."""
    while True:
        if ready.sandbox.files() > most:
            return
        await asyncio.sleep(_COUNTING_S)


def _by_itself(how: str) -> tuple[Status, str]:
    """A sandbox that ended without a word: by its own exit, a signal, or a limit of the
    kernel's."""
    if "SIGXCPU" in how:
        return "timed_out", "it used up its CPU time"
    if how.startswith("exit"):
        return "failed", f"the program ended its process by itself ({how}), without a result"
    return "killed", f"the program's process died ({how})"
