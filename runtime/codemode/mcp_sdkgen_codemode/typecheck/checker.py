"""The host's side of the check: one warm process per checker, started again when it is lost."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import tempfile
import threading
import weakref
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from mcp_sdkgen_runtime.files import cache_folder

from ..catalog import Sdk, chosen, installed
from ..diagnostics import SHOWN, Diagnostic, ForeseenCall
from .bounds import SCRATCH
from .imports import with_requirements

START_S = 300.0
CHECK_S = 30.0
MAX_ANSWER_BYTES = 1 << 20
KEPT_CHECKERS = 4

_BOOT = "import json, sys; sys.path[:] = json.loads(sys.argv[1]); "
_BOOT += "from mcp_sdkgen_codemode.typecheck.worker import main; main()"


class Checker:
    """A warm mypy for one set of SDKs. Safe to use from several threads, one check at a time.

    `sdks` are SDKs, or names of them (a package, server or distribution, or the folder of an SDK),
    that programs may use; None for all that are installed. `packages` are names of further
    packages, `sdk_paths` folders with installed SDKs besides this environment's, `folders` further
    package folders that programs may import. `check_s` is how long one check may take, in seconds.
    With `once`, one program is expected: it is ready sooner, and more take longer.
    Raises `ValueError` for an SDK that there is not.

    The first start on a machine takes some seconds, later ones well under one: what mypy learns of
    the SDKs is kept in the user's cache folder.
    """

    def __init__(
        self,
        *,
        sdks: Iterable[str | Sdk] | None = None,
        packages: Iterable[str] = (),
        sdk_paths: Iterable[Path] = (),
        folders: Iterable[Path] = (),
        check_s: float = CHECK_S,
        once: bool = False,
    ) -> None:
        given = None if sdks is None else tuple(sdks)
        named = [one for one in given or () if isinstance(one, str)]
        if given is None or named:
            known = installed(Path(path).resolve() for path in sdk_paths)
            given = (*_sdks(known if given is None else given), *chosen(named, known))
        self._sdks = _sdks(given)
        self._folders = tuple(folders)
        names = {folder.name for folder in self._folders}
        self._packages = sorted(with_requirements(tuple(packages)) | names)
        self._check_s = check_s
        self._once = once
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._end: weakref.finalize[..., Checker] | None = None

    @property
    def sdks(self) -> tuple[Sdk, ...]:
        """The SDKs that programs may use, by server."""
        return self._sdks

    def warm(self) -> None:
        """Start the process if it does not run. Raises `RuntimeError` when it cannot start."""
        with self._lock:
            self._start()

    def check(
        self, program: str, *, earlier: Sequence[str] = (), most: int = SHOWN
    ) -> list[Diagnostic]:
        """What is wrong with a program; empty when nothing is. By line, the first `most` or two
        more; then a diagnostic of code `more` counts the rest.

        `earlier` are the programs of a stateful session so far: their top-level names are defined.
        A program that the checker cannot cope with (it crashes, or takes too long) is refused with
        a diagnostic of code `check-failed`. Raises `RuntimeError` when no check can be started.
        """
        answer, late = self._answer(program, earlier, most=most)
        if answer is None:
            why = f"took longer than {self._check_s:g} s" if late else "was too much for mypy"
            message = f"the check of this program {why}"
            return [Diagnostic(1, 1, "check-failed", message, "make it shorter and simpler")]
        return [Diagnostic(**each) for each in answer]

    def foreseen(self, program: str, *, earlier: Sequence[str] = ()) -> list[ForeseenCall]:
        """The tools that a program which passes the check calls, as far as its text tells.

        None of one that the checker cannot cope with. Raises `RuntimeError` as `check` does.
        """
        answer, _ = self._answer(program, earlier, most=0, foresee=True)
        return [ForeseenCall(**each) for each in answer or ()]

    def _answer(
        self, program: str, earlier: Sequence[str], *, most: int, foresee: bool = False
    ) -> tuple[list[dict[str, Any]] | None, bool]:
        """(what was found or None, whether time ran out)."""
        with self._lock:
            self._start()
            request = {
                "program": program,
                "earlier": list(earlier),
                "most": most,
                "foresee": foresee,
            }
            answer, late = self._ask(request, self._check_s)
        if answer is None or "failed" in answer:
            self.close()
            return None, late
        found: list[dict[str, Any]] = answer["found"]
        return found, late

    def close(self, *, at_once: bool = False) -> None:
        """End the process. The next check starts another.

        A start or a check that is under way in another thread is waited for, or fails `at_once`.
        """
        process = self._process
        if at_once and process is not None:
            process.kill()
        with self._lock:
            if self._end is not None:
                self._end()
            self._process = self._end = None

    def __enter__(self) -> Checker:
        """The checker itself, for a `with` block that closes it."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close it."""
        self.close()

    def _start(self) -> None:
        if self._process is not None and self._process.poll() is None:
            return
        if self._end is not None:
            self._end()
        work = tempfile.TemporaryDirectory(prefix=SCRATCH)
        search = [str(Path(path).resolve()) for path in sys.path]
        environment = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("MYPY", "PYTHON"))
        }
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-c", _BOOT, json.dumps(search)],
            cwd=work.name,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C is for the host, which ends it
        )
        self._end = weakref.finalize(self, _end, self._process, work)
        beside = [folder.parent for folder in (*(sdk.folder for sdk in self._sdks), *self._folders)]
        request = {
            "sdks": [sdk.package for sdk in self._sdks],
            "surfaces": {sdk.package: str(sdk.folder / "surface.pyi") for sdk in self._sdks},
            "others": self._packages,
            "search": list(dict.fromkeys([*map(str, beside), *search])),
            "cache": str(cache_folder() / "check"),
            "once": self._once,
        }
        answer, late = self._ask(request, START_S)
        if answer is None or "failed" in answer:
            self._end()
            self._process = self._end = None
            why = f"no answer in {START_S:g} s" if late else (answer or {}).get("failed", "it died")
            raise RuntimeError(f"the type checker could not start: {why}")

    def _ask(self, request: dict[str, Any], time_s: float) -> tuple[dict[str, Any] | None, bool]:
        """(the answer or None, whether time ran out)."""
        process = self._process
        assert process is not None and process.stdin is not None and process.stdout is not None
        late = threading.Event()

        def stop() -> None:
            late.set()
            process.kill()

        timer = threading.Timer(time_s, stop)
        timer.daemon = True
        timer.start()
        line = b""
        with contextlib.suppress(OSError, ValueError):
            process.stdin.write(json.dumps({**request, "time_s": time_s}).encode() + b"\n")
            process.stdin.flush()
            line = process.stdout.readline(MAX_ANSWER_BYTES)
        timer.cancel()
        try:
            answer = json.loads(line)
        except ValueError:
            return None, late.is_set()
        return (answer if isinstance(answer, dict) else None), late.is_set()


def _sdks(given: Iterable[str | Sdk]) -> tuple[Sdk, ...]:
    return tuple(one for one in given if isinstance(one, Sdk))


def typecheck(program: str, *, sdks: Iterable[str] | None = None) -> list[Diagnostic]:
    """What is wrong with a program, by a checker that this process keeps warm.

    Without `sdks`, all that are installed may be used. Raises `ValueError` for an SDK that
    there is not, and `RuntimeError` when no check can be started.
    """
    key = None if sdks is None else tuple(sorted(sdks))
    with _KEPT_LOCK:
        checker = _KEPT.pop(key, None) or Checker(sdks=key)
        _KEPT[key] = checker
        if len(_KEPT) > KEPT_CHECKERS:
            _KEPT.pop(next(iter(_KEPT))).close()
    return checker.check(program)


_KEPT: dict[tuple[str, ...] | None, Checker] = {}
_KEPT_LOCK = threading.Lock()


def _end(process: subprocess.Popen[bytes], work: tempfile.TemporaryDirectory[str]) -> None:
    process.kill()
    for pipe in (process.stdin, process.stdout):
        with contextlib.suppress(OSError):
            if pipe:
                pipe.close()
    process.wait()
    work.cleanup()
