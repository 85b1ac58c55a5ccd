"""The checker's own process: requests and answers are lines of JSON on stdin and stdout.

A hostile program may take mypy down with it (its compiled code overflows the C stack), so it is
never run in the host's process. See `checker.py` for the other side.
"""

from __future__ import annotations

import contextlib
import faulthandler
import gc
import json
import os
import shutil
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..diagnostics import Diagnostic, ForeseenCall, few
from .bounds import SCRATCH
from .foreseen import foreseen
from .hints import Hints
from .imports import ALWAYS, unavailable
from .mypy_build import Engine
from .preprocess import Unreadable, read
from .rules.misused import Misused
from .rules.unawaited import Unawaited
from .surface import Surface, surface
from .triage import Judge

GARBAGE_THRESHOLD = 200_000
"""New objects after which Python looks for garbage, as in mypy's own processes."""
MEMORY_BYTES = 1 << 30
"""What checks may take beside what the warm engine has."""
CPU_S = 10
"""Of one check: of processor time, which a busy machine does not shorten."""
STACK_BYTES = 256 << 20
RECURSION_LIMIT = 2**14  # mypy's own


@dataclass(frozen=True)
class Service:
    """A warm engine and what it knows of the SDKs."""

    engine: Engine
    surface: Surface
    sdks: Sequence[str]
    others: Sequence[str]

    def check(self, program: str, earlier: Sequence[str], most: int) -> list[Diagnostic]:
        """The diagnostics of a program, in order, as `few` has them."""
        try:
            reading = read(program, earlier)
        except Unreadable as error:
            return [error.diagnostic]
        imports = unavailable(reading.tree, self.sdks, self.others)
        found = [_moved(each, reading.before) for each in imports]
        reported = {each.line for each in found}
        judge = Judge(reading.text, reading.tree, self.surface, self.engine)
        hints = Hints(self.surface, reading.tree)
        for mistake in judge.mistakes():
            each = hints.explain(mistake, reading.before)
            if each.code not in ("import-not-found", "misc") or each.line not in reported:
                found.append(each)
        known = judge.tree, judge.places, judge.origins, judge.typed
        # What mypy says of a line is enough of calls there; of results, what it says at the place.
        lines = {each.line for each in found}
        places = {(each.line, each.column) for each in found}
        calls = [_moved(each, reading.before) for each in Unawaited(*known).diagnostics()]
        found += [each for each in calls if each.line not in lines]
        misused = Misused(*known, self.surface, self.engine.attributes)
        results = [_moved(each, reading.before) for each in misused.diagnostics()]
        found += [each for each in results if (each.line, each.column) not in places]
        return few(_in_order([each for each in found if each.line > 0]), most)

    def foreseen(self, program: str, earlier: Sequence[str]) -> list[ForeseenCall]:
        """The tools that a program calls; none of one that cannot be read."""
        try:
            reading = read(program, earlier)
        except Unreadable:
            return []
        return foreseen(reading, self.surface, self.engine)


def _moved(each: Diagnostic, before: int) -> Diagnostic:
    return Diagnostic(each.line - before, each.column, each.code, each.message, each.hint)


def _in_order(found: list[Diagnostic]) -> list[Diagnostic]:
    """By line and column; what is the same on one line, once."""
    once = {(each.line, each.message): each for each in reversed(found)}.values()
    return sorted(once, key=lambda each: (each.line, each.column))


def _started(request: dict[str, Any]) -> Service:
    pages = []
    for package, path in request["surfaces"].items():
        with contextlib.suppress(OSError, UnicodeDecodeError):
            pages.append((package, Path(path).read_text(encoding="utf-8")))
    sdks, others = request["sdks"], request["others"]
    clients = [f"{name}.{part}" for name in sdks for part in ("client", "aio", "tools", "types")]
    known = surface(pages)
    modules, cache = [*ALWAYS, *sdks, *clients, *others], Path(request["cache"])
    engine = Engine(modules, request["search"], cache, known.further, once=request["once"])
    return Service(engine, known, sdks, others)


def _serve(answers: int) -> None:
    service: Service | None = None
    scratch = Path.cwd()
    for line in sys.stdin.buffer:
        request = json.loads(line)
        # Ends this process even where Python code no longer runs, and no host is left to do it.
        faulthandler.dump_traceback_later(request["time_s"] + 5, exit=True)
        try:
            if service is None:
                service = _started(request)
                _limit_memory()
                answer: dict[str, Any] = {"ready": True}
            else:
                _limit_cpu()
                found: Sequence[Diagnostic | ForeseenCall]
                if request["foresee"]:
                    found = service.foreseen(request["program"], request["earlier"])
                else:
                    found = service.check(request["program"], request["earlier"], request["most"])
                answer = {"found": [each.as_json() for each in found]}
        except BaseException as error:
            answer = {"failed": f"{type(error).__name__}: {error}"[:500]}
        faulthandler.cancel_dump_traceback_later()
        os.write(answers, json.dumps(answer).encode() + b"\n")
        if "failed" in answer:
            break
    # The host removes its folder, unless it was killed: then there is nobody else to do it.
    if scratch.name.startswith(SCRATCH):
        shutil.rmtree(scratch, ignore_errors=True)
    os._exit(0)


def _limit_memory() -> None:
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        pages = int(Path("/proc/self/statm").read_text().split()[0])
        most = pages * resource.getpagesize() + MEMORY_BYTES
        resource.setrlimit(resource.RLIMIT_AS, (most, most))


def _limit_cpu() -> None:
    """Let the kernel end this process when a check takes longer than `CPU_S`."""
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        used = resource.getrusage(resource.RUSAGE_SELF)
        most = int(used.ru_utime + used.ru_stime) + 1 + CPU_S
        resource.setrlimit(resource.RLIMIT_CPU, (most, resource.getrlimit(resource.RLIMIT_CPU)[1]))


def main() -> None:
    """Serve until stdin ends, then remove the working folder.

    The first request makes the service, the others are programs.
    """
    gc.set_threshold(GARBAGE_THRESHOLD)
    answers = os.dup(1)
    os.dup2(2, 1)  # mypy prints when it crashes
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with contextlib.suppress(OSError):
        # Where the machine's memory ends, this process ends first, and not the host.
        Path("/proc/self/oom_score_adj").write_text("1000")
    sys.setrecursionlimit(RECURSION_LIMIT)
    threading.stack_size(STACK_BYTES)
    thread = threading.Thread(target=_serve, args=(answers,))
    thread.start()
    thread.join()
