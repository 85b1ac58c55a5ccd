"""Runs a hostile program, and judges it by its own check line."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

from mcp_sdkgen_codemode.sandbox import Engine

from tests.codemode.sandbox import sandboxes
from tests.patience import HANG_S


def judged(engine: Engine, path: Path) -> tuple[bool, sandboxes.Ran]:
    """Whether a program met its expectation, and what became of it."""
    source = path.read_bytes().decode(errors="surrogateescape")
    check = re.search(r"^# check: (.*)$", source, re.M)
    assert check is not None
    # Only what may be killed may end by the clock: any other program may be slow.
    limits = sandboxes.LIMITS
    if "'ok'" in check[1] and "killed" not in check[1]:
        limits = replace(limits, time_s=HANG_S)
    ran = sandboxes.run(engine, sandboxes.with_tools(source), sandboxes.spec(limits=limits))
    return bool(eval(check[1], {"r": ran})), ran
