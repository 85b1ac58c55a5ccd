"""Runs a hostile program, and judges it by its own check line."""

from __future__ import annotations

import re
from pathlib import Path

from mcp_sdkgen_codemode.sandbox import Engine

from tests.codemode.sandbox import sandboxes


def judged(engine: Engine, path: Path) -> tuple[bool, sandboxes.Ran]:
    """Whether a program met its expectation, and what became of it."""
    source = path.read_bytes().decode(errors="surrogateescape")
    check = re.search(r"^# check: (.*)$", source, re.M)
    assert check is not None
    ran = sandboxes.run(engine, sandboxes.with_tools(source))
    return bool(eval(check[1], {"r": ran})), ran
