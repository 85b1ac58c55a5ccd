"""The committed system call filters, one per stage and machine; `build` makes them."""

from __future__ import annotations

import platform
from pathlib import Path
from typing import Literal

FOLDER = Path(__file__).parent
MACHINES = ("x86_64", "aarch64")
STAGES = (1, 2)

_OTHER_NAMES = {"arm64": "aarch64", "amd64": "x86_64"}


def machine() -> str:
    """This machine's name among `MACHINES`, or another one that has no filter."""
    name = platform.machine().lower()
    return _OTHER_NAMES.get(name, name)


def filter_path(stage: Literal[1, 2], machine_name: str | None = None) -> Path:
    """The cBPF program of a stage: the raw array of 8-byte instructions that the kernel takes.

    Stage 1 is in force from the sandbox's first process on, stage 2 from just before the program.
    """
    return FOLDER / f"stage{stage}.{machine_name or machine()}.bpf"
