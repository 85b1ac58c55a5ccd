"""The last ways out that are closed, from inside, just before a program runs."""

from __future__ import annotations

import ctypes
import math
import os
import resource
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

_STAGE_2 = "/guest/stage2.bpf"
_PR_SET_DUMPABLE, _PR_SET_NO_NEW_PRIVS, _PR_SET_SECCOMP = 4, 38, 22
_SET_MODE_FILTER, _ALL_THREADS = 1, 1
_SECCOMP_NUMBERS = {"x86_64": 317, "aarch64": 277}
_OUR_TASKS = 4
"""bubblewrap's first process, this one's main thread, the channel's thread, one to spare."""
_THREAD_STACK_BYTES = 2 << 20
"""The usual 8 MB would use up the address space of a program with many threads."""


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_void_p))


def confine(limits: Mapping[str, Any], *, count_tasks: bool = True) -> None:
    """Set the limits and the second filter, for all threads. Raises `OSError`: do not go on."""
    threading.stack_size(_THREAD_STACK_BYTES)
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_AS, int(limits["memory_bytes"]))
    _limit(resource.RLIMIT_FSIZE, int(limits["file_bytes"]))
    _limit(resource.RLIMIT_NOFILE, int(limits["open_files"]))
    if count_tasks:
        _limit(resource.RLIMIT_NPROC, int(limits["threads"]) + _OUR_TASKS)
    # The soft limit's signal names the cause; the hard one is for programs that ignore it.
    spent = math.ceil(time.process_time())
    cpu_s = spent + int(limits["cpu_s"])
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_s, cpu_s + 1))
    _filter()


def _limit(which: int, value: int) -> None:
    _, hard = resource.getrlimit(which)
    if hard != resource.RLIM_INFINITY:
        value = min(value, hard)
    resource.setrlimit(which, (value, value))


def _filter() -> None:
    raw = Path(_STAGE_2).read_bytes()
    libc = ctypes.CDLL(None, use_errno=True)
    buffer = ctypes.create_string_buffer(raw, len(raw))
    program = _Program(len(raw) // 8, ctypes.addressof(buffer))
    # A crash must not hand this process's memory to the host's crash reporter.
    _done(libc.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0))
    _done(libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
    number = _SECCOMP_NUMBERS[os.uname().machine]
    _done(libc.syscall(number, _SET_MODE_FILTER, _ALL_THREADS, ctypes.byref(program)))


def _done(result: int) -> None:
    if result != 0:
        raise OSError(ctypes.get_errno(), "the sandbox could not be locked down")
