"""A control group (v2) around one sandbox, where the host lets us make one."""

from __future__ import annotations

import itertools
import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from ..limits import Limits

ROOT = Path("/sys/fs/cgroup")
_NEEDED = {"memory", "pids"}
_OVERHEAD_BYTES = 64 << 20
"""Of the interpreter's own pages and of the kernel's, beside the program's memory and files."""
_OVERHEAD_TASKS = 8
_numbers = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Cgroup:
    """The folder of one sandbox's group."""

    folder: Path

    @classmethod
    def made(cls, limits: Limits, parents: list[Path] | None = None) -> Cgroup | None:
        """A new group with the limits, or None where we may not make one.

        A group with processes cannot have limited children, so the new one stands beside our own.
        """
        for parent in _parents() if parents is None else parents:
            folder = parent / f"mcp-sdkgen-{os.getpid()}-{next(_numbers)}"
            try:
                if not set((parent / "cgroup.subtree_control").read_text().split()) >= _NEEDED:
                    continue
                folder.mkdir()
            except OSError:
                continue
            group = cls(folder)
            try:
                group._limit(limits)
            except OSError:
                group.remove()
                continue
            return group
        return None

    def _limit(self, limits: Limits) -> None:
        memory = limits.memory_bytes + limits.tmp_bytes + _OVERHEAD_BYTES
        self._write("memory.max", str(memory))
        self._write("pids.max", str(limits.threads + _OVERHEAD_TASKS))
        for name, value in (
            ("memory.swap.max", "0"),  # absent where there is no swap
            ("memory.oom.group", "1"),
            ("cpu.max", "100000 100000"),  # one processor; absent without the controller
        ):
            with suppress(OSError):
                self._write(name, value)

    def _write(self, name: str, value: str) -> None:
        # Never created: in a folder that is no cgroup, this must fail.
        with (self.folder / name).open("r+") as file:
            file.write(value)

    def add(self, pid: int) -> None:
        """Put a process, and all it will start, into the group. Raises `OSError`."""
        self._write("cgroup.procs", str(pid))

    def ran_out_of_memory(self) -> bool:
        """Whether the kernel killed something in the group for its memory."""
        with suppress(OSError, ValueError):
            for line in (self.folder / "memory.events").read_text().splitlines():
                name, _, count = line.partition(" ")
                if name == "oom_kill" and int(count):
                    return True
        return False

    def remove(self) -> None:
        """Kill what is left in the group, and remove it."""
        with suppress(OSError):
            self._write("cgroup.kill", "1")
        with suppress(OSError):
            self.folder.rmdir()


def _parents() -> list[Path]:
    if not (ROOT / "cgroup.controllers").is_file():
        return []
    found = []
    with suppress(OSError):
        for line in Path("/proc/self/cgroup").read_text().splitlines():
            if line.startswith("0::/"):
                own = ROOT / line[4:].lstrip("/")
                if own != ROOT:
                    found.append(own.parent)
    if os.geteuid() == 0 and ROOT not in found:
        found.append(ROOT)
    return found
